"""What must be true of the schedule, by a sweep line over all occupancies that knows nothing of the constraint."""

from kernel.invariants import Invariant

CAPACITY = """
WITH ahead AS (
    SELECT o.resource_id, o.period FROM bookings_occupancy o
    WHERE upper(o.period) > %(now)s AND NOT EXISTS (SELECT FROM bookings_rental l
        WHERE o.holder_kind = 'rental' AND l.id = o.holder_id AND l.needs_rebooking_since IS NOT NULL)
)
SELECT r.id AS key, format('%%s: %%s taken of %%s at %%s', r.kind, max(swept.taken), least.capacity,
    to_char(min(swept.at) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI"Z"')) AS told
FROM (
    SELECT resource_id, at,
        sum(step) OVER (PARTITION BY resource_id ORDER BY at, step ROWS UNBOUNDED PRECEDING) AS taken
    FROM (
        SELECT resource_id, lower(period) AS at, 1 AS step FROM ahead
        UNION ALL SELECT resource_id, upper(period), -1 FROM ahead
    ) AS edges
) AS swept
JOIN bookings_resource r ON r.id = swept.resource_id
LEFT JOIN labs_instrument i ON i.id = r.instrument_id
LEFT JOIN labs_room room ON room.id = r.room_id
CROSS JOIN LATERAL (SELECT coalesce(i.capacity, room.capacity, 1) AS capacity) AS least
WHERE swept.taken > least.capacity
GROUP BY r.id, r.kind, least.capacity ORDER BY r.id
"""
"""What is ahead: there may have been more units once. Who was told that their place is lost does not count."""

OVERLAP = """
SELECT id AS key, format('resource %%s unit %%s: %%s begins before %%s', resource_id, unit, period,
    to_char(until AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI"Z"')) AS told
FROM (
    SELECT id, resource_id, unit, period, max(upper(period)) OVER (
        PARTITION BY resource_id, unit ORDER BY lower(period), id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS until
    FROM bookings_occupancy
) AS swept
WHERE until > lower(period) ORDER BY id
"""

UNITS = """
SELECT o.id AS key, format('%%s unit %%s of %%s', r.kind, o.unit, coalesce(i.capacity, room.capacity, 1)) AS told
FROM bookings_occupancy o
JOIN bookings_resource r ON r.id = o.resource_id
LEFT JOIN labs_instrument i ON i.id = r.instrument_id
LEFT JOIN labs_room room ON room.id = r.room_id
WHERE o.unit > coalesce(i.capacity, room.capacity, 1) AND lower(o.period) > %(now)s
    AND NOT EXISTS (SELECT FROM bookings_rental l
        WHERE o.holder_kind = 'rental' AND l.id = o.holder_id AND l.needs_rebooking_since IS NOT NULL)
ORDER BY o.id
"""

SCHEDULE = (
    Invariant(
        "occupancy_within_capacity", "At no instant ahead is more of a resource taken than there is (BK-6).", CAPACITY
    ),
    Invariant("occupancy_no_overlap", "No unit of a resource is taken twice at an instant (BK-6).", OVERLAP),
    Invariant("occupancy_unit_exists", "Whoever has time ahead sits on a unit that there is (BK-6).", UNITS),
)
