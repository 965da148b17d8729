"""What must be true between rentals, their state, and the time they hold in the schedule (requirements 3.1)."""

from bookings.rentals import rules
from kernel.invariants import Invariant


def _listed(states: tuple[str, ...]) -> str:
    return ", ".join(f"'{state}'" for state in states)


HOLDER = """
SELECT o.id AS key, format('rental %%s is not there', o.holder_id) AS told
FROM bookings_occupancy o LEFT JOIN bookings_rental r ON r.id = o.holder_id
WHERE o.holder_kind = 'rental' AND r.id IS NULL ORDER BY o.id
"""

ENDED = f"""
SELECT o.id AS key, format('%%s is %%s', r.number, r.status) AS told
FROM bookings_occupancy o JOIN bookings_rental r ON r.id = o.holder_id
WHERE o.holder_kind = 'rental' AND r.status IN ({_listed((rules.EXPIRED, rules.REJECTED, rules.CANCELLED))})
ORDER BY o.id
"""  # noqa: S608 -- our own names

LASTING = f"""
SELECT r.id AS key, format('%%s is %%s, held until %%s, its time until %%s', r.number, r.status,
    coalesce(r.held_until::text, 'for good'), coalesce(o.lapses_at::text, 'for good')) AS told
FROM bookings_rental r JOIN bookings_occupancy o ON o.holder_kind = 'rental' AND o.holder_id = r.id
WHERE r.status IN ({_listed(rules.BLOCKING)}) AND o.lapses_at IS DISTINCT FROM
    CASE WHEN r.status IN ({_listed(rules.LAPSING)}) THEN r.held_until END
ORDER BY r.id
"""  # noqa: S608 -- our own names

TIME = f"""
SELECT r.id AS key, format('%%s is %%s and holds %%s of %%s', r.number, r.status, held.units, r.units) AS told
FROM bookings_rental r
JOIN bookings_resource thing ON thing.instrument_id = r.instrument_id
CROSS JOIN LATERAL (
    SELECT count(*) AS units FROM bookings_occupancy o
    WHERE o.holder_kind = 'rental' AND o.holder_id = r.id AND o.resource_id = thing.id
) AS held
WHERE r.status IN ({_listed(rules.BLOCKING)}) AND r.status <> '{rules.INTERRUPTED}'
    AND NOT (r.status IN ({_listed(rules.LAPSING)}) AND r.held_until <= %(now)s) AND held.units <> r.units
ORDER BY r.id
"""  # noqa: S608 -- our own names

BOOKED = f"""
SELECT r.id AS key, format('%%s is booked %%s and holds %%s', r.number, r.period, o.usage) AS told
FROM bookings_rental r
JOIN bookings_resource thing ON thing.instrument_id = r.instrument_id
JOIN bookings_occupancy o ON o.resource_id = thing.id AND o.holder_kind = 'rental' AND o.holder_id = r.id
WHERE r.status IN ({_listed((*rules.LAPSING, rules.CONFIRMED))}) AND o.usage <> r.period
ORDER BY r.id
"""  # noqa: S608 -- our own names

LAPSED = f"""
SELECT id AS key, format('%%s is %%s since %%s', number, status, held_until) AS told
FROM bookings_rental
WHERE status IN ({_listed(rules.LAPSING)}) AND held_until < %(now)s - interval '1 hour'
ORDER BY held_until, id
"""  # noqa: S608 -- our own names

RUNS = f"""
SELECT r.id AS key, format('%%s is %%s with %%s open runs', r.number, r.status, open.runs) AS told
FROM bookings_rental r
CROSS JOIN LATERAL (
    SELECT count(*) AS runs FROM bookings_usagerun u WHERE u.rental_id = r.id AND u.ended_at IS NULL
) AS open
WHERE r.status = '{rules.CHECKED_IN}' AND open.runs <> 1
UNION ALL
SELECT r.id, format('%%s is %%s with an open run', r.number, r.status)
FROM bookings_usagerun u JOIN bookings_rental r ON r.id = u.rental_id
WHERE u.ended_at IS NULL AND r.status <> '{rules.CHECKED_IN}'
ORDER BY 1
"""  # noqa: S608 -- our own names

RENTALS = (
    Invariant("occupancy_has_its_holder", "Whoever holds time is there.", HOLDER),
    Invariant("ended_rental_holds_no_time", "A rental that expired, was declined or cancelled holds no time.", ENDED),
    Invariant(
        "time_lasts_as_its_rental", "Time lapses when its rental's hold does, and lasts once confirmed.", LASTING
    ),
    Invariant("rental_holds_its_units", "A rental that keeps others out holds all of its units.", TIME),
    Invariant("rental_holds_its_time", "Until it is used, a rental holds the time it is booked for.", BOOKED),
    Invariant("lapsed_hold_is_expired", "A hold that ran out is expired within the hour (BK-18).", LAPSED),
    Invariant("use_is_running", "A rental in use has one run under way, and no other rental has.", RUNS),
)
