"""When instruments are free, as range algebra in SQL: where a use is looked for before the rules say when it is."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection

from kernel.multiranges import as_periods
from kernel.periods import Period

FREE = """
SELECT i.id, (CASE WHEN i.span_closed THEN w.during ELSE o.open * w.during END
        * o.calibrated - o.blocked - taken.whole)
    * CASE WHEN %(attended)s AND NOT i.span_closed THEN staff.there ELSE w.during END
FROM labs_instrument i
CROSS JOIN (SELECT tstzmultirange(tstzrange(%(start)s, %(end)s)) AS during) w
JOIN labs_lab l ON l.id = i.lab_id
JOIN labs_opentime o ON o.instrument_id = i.id
LEFT JOIN labs_room room ON room.id = i.room_id
CROSS JOIN LATERAL (
    SELECT coalesce(range_agg(c.period), '{}') AS whole FROM bookings_resource r
    JOIN bookings_occupancy c ON c.resource_id = r.id AND c.period && tstzrange(%(start)s, %(end)s)
        AND (c.lapses_at IS NULL OR c.lapses_at > %(now)s)
    WHERE r.instrument_id = i.id AND i.capacity = 1 OR r.room_id = i.room_id AND room.capacity = 1
) taken
CROSS JOIN LATERAL (
    SELECT coalesce(range_agg(
        labs_working_time(s.id, tstzrange(%(start)s, %(end)s))
        * tstzmultirange(tstzrange(NULL, timezone(l.timezone, (q.valid_to + 1)::timestamp)))
        - coalesce((
            SELECT range_agg(c.period) FROM bookings_resource r
            JOIN bookings_occupancy c ON c.resource_id = r.id AND c.period && tstzrange(%(start)s, %(end)s)
                AND (c.lapses_at IS NULL OR c.lapses_at > %(now)s)
            WHERE r.operator_id = s.id
        ), '{}')
    ), '{}') AS there
    FROM labs_operatorqualification q JOIN labs_operator s ON s.id = q.operator_id AND s.is_active
    WHERE %(attended)s AND q.instrument_id = i.id
) staff
WHERE i.id = ANY(%(instruments)s)
"""
"""(open * calibrated - out - taken of instrument and room) * union over operators of (hours - leaves - work)."""


def free_stretches(
    instrument_ids: Iterable[int], *, within: Period, now: datetime, attended: bool
) -> dict[int, list[Period]]:
    """
    Return the stretches in which instruments, their rooms and (where attended) an operator are free; one statement.

    No use can be booked that does not lie in one of them from its start to its end; inside, the rules decide. Where
    there are several units or places nothing is cut out, for counts decide there; nor are closed hours and operators
    where an instrument may run on while the lab is closed.
    """
    asked: dict[str, Any] = {
        "instruments": list(instrument_ids),
        "start": within.start,
        "end": within.end,
        "now": now,
        "attended": attended,
    }
    with connection.cursor() as cursor:
        cursor.execute(FREE, asked)
        return {pk: as_periods(free) for pk, free in cursor.fetchall()}
