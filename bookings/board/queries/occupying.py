"""
Who has which instrument when, for a board of many instruments: one statement, and a mark of all that it shows.

Note [The board asks the schedule]
    What takes time stands in the schedule, indexed by resource and time: a week of two hundred instruments is found
    there in one sweep, and each holder's row by its key. PostgreSQL writes the JSON that is sent. The mark asks the
    same rows for nothing but their keys and `xmin`, which another version of a row never has; what the clock alone
    changes (a hold that ran out, a late customer, a use that runs over) is part of both.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils.translation import get_language

from accounts.models import Membership
from bookings.rentals import rules
from kernel.periods import Period

SHOWN = """
shown AS MATERIALIZED (
    SELECT i.id, i.lab_id, i.code, i.xmin FROM labs_instrument i JOIN labs_lab l ON l.id = i.lab_id
    WHERE l.organisation_id = %(organisation)s AND i.status <> 'retired'
)
"""

PLACED = """
placed AS MATERIALIZED (
    SELECT DISTINCT taken.holder_id, shown.code
    FROM shown JOIN bookings_resource e ON e.instrument_id = shown.id
    CROSS JOIN LATERAL (
        SELECT o.holder_id FROM bookings_occupancy o
        WHERE o.resource_id = e.id AND o.period && tstzrange(%(start)s, %(end)s) AND o.holder_kind = 'rental'
            AND (o.lapses_at IS NULL OR o.lapses_at > %(now)s) OFFSET 0
    ) taken
)
"""
RENTALS = """
placed CROSS JOIN LATERAL (
    SELECT x.*, x.xmin AS written FROM bookings_rental x
    WHERE x.id = placed.holder_id AND x.period && tstzrange(%(start)s, %(end)s) OFFSET 0
) r
"""
"""`OFFSET 0`: each by its index, one instrument and one rental after the other, however large the tables are."""

LATE = "r.status = 'confirmed' AND lower(r.period) <= %(now)s"
OVER = "r.status = 'checked_in' AND upper(r.period) <= %(now)s"
FLAGS = f"({LATE})::int + 2 * ({OVER})::int"

MARK = f"""
WITH {SHOWN}, {PLACED}
SELECT concat_ws('.',
    (SELECT concat_ws('.', count(*), sum(hashint8extended(r.id, r.written::text::bigint * 4 + {FLAGS})))
        FROM {RENTALS}),
    (SELECT concat_ws('.', count(*), sum(hashint8extended(x.id, x.xmin::text::bigint))) FROM labs_outage x
        WHERE x.period && tstzrange(%(start)s, %(end)s)
            AND (x.instrument_id IN (SELECT id FROM shown) OR x.lab_id IN (SELECT lab_id FROM shown))),
    (SELECT sum(t.version) FROM labs_opentime t WHERE t.instrument_id IN (SELECT id FROM shown)),
    (SELECT concat_ws('.', count(*), sum(hashint8extended(id, xmin::text::bigint))) FROM shown))
"""  # noqa: S608 -- composed of constants

BOOKINGS = f"""
WITH {SHOWN}, {PLACED}
SELECT r.number, placed.code, lower(r.period), upper(r.period), r.status, r.mode, r.units,
    CASE WHEN %(english)s AND c.name_en <> '' THEN c.name_en ELSE c.name_zh END,
    CASE WHEN %(english)s AND p.name_en <> '' THEN p.name_en ELSE p.name_zh END,
    {LATE}, {OVER}, r.at_risk_since IS NOT NULL, r.needs_rebooking_since IS NOT NULL, d.series_id
FROM {RENTALS}
JOIN accounts_organisation c ON c.id = r.organisation_id
LEFT JOIN labs_operator p ON p.id = r.operator_id
LEFT JOIN bookings_seriesdate d ON d.rental_id = r.id
"""  # noqa: S608 -- composed of constants

DRAWN = f"""
WITH drawn (number, code, starts, ends, state, mode, units, customer, operator, late, over, risk, rebook, series)
    AS ({BOOKINGS})
SELECT coalesce(json_agg(json_build_array(
        number, code, (extract(epoch FROM starts AT TIME ZONE %(zone)s) / 60)::int,
        (extract(epoch FROM ends AT TIME ZONE %(zone)s) / 60)::int, state, mode, units, customer,
        coalesce(operator, ''),
        late::int + 2 * over::int + 4 * risk::int + 8 * rebook::int + 16 * (series IS NOT NULL)::int
    ) ORDER BY starts, number), '[]')::text FROM drawn
"""  # noqa: S608 -- composed of constants

LISTED = f"{BOOKINGS} ORDER BY 3, 1 LIMIT %(most)s"


@dataclass(frozen=True, slots=True)
class Placed:
    """A booking on the board: who has which instrument when, and what the lab should see about it."""

    number: str
    instrument: str
    period: Period
    state: str
    mode: str
    units: int
    customer: str
    operator: str
    is_late: bool
    runs_over: bool
    is_at_risk: bool
    needs_rebooking: bool
    series_id: int | None

    @property
    def is_movable(self) -> bool:
        """Whether the lab may move it, or extend it while it is in use."""
        return self.state in (*rules.MOVES["reschedule_by_lab"], *rules.MOVES["extend"])


def mark(member: Membership, within: Period, now: datetime) -> str:
    """Return a mark of what the lab's board shows of a window: another whenever any of it changes; one statement."""
    found: str = _asked(MARK, _asking(member, within, now))[0][0]
    return f"{found}.{(get_language() or '')[:2]}"


def drawn(member: Membership, within: Period, zone: ZoneInfo, now: datetime) -> str:
    """
    Return the bookings inside a window as JSON, ready to be sent, in order of time; one statement.

    Each is [number, instrument, start, end, state, mode, units, customer, operator, flags]. Instants are minutes of
    the zone's own clock since 1970; flags add up: 1 late, 2 runs over, 4 at risk, 8 needs rebooking, 16 of a series.
    """
    text: str = _asked(DRAWN, {**_asking(member, within, now), "zone": zone.key})[0][0]
    return text


def placed(member: Membership, within: Period, now: datetime, *, most: int) -> list[Placed]:
    """Return the bookings inside a window, in order of time, at most so many; one statement."""
    rows = _asked(LISTED, {**_asking(member, within, now), "most": most})
    return [
        Placed(number, code, Period(start, end), state, mode, units, customer, operator or "", *flags)
        for number, code, start, end, state, mode, units, customer, operator, *flags in rows
    ]


def _asking(member: Membership, within: Period, now: datetime) -> dict[str, Any]:
    return {
        "organisation": member.organisation_id,
        "start": within.start,
        "end": within.end,
        "now": now,
        "english": (get_language() or "").startswith("en"),
    }


def _asked(statement: str, asking: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, asking)
        rows: Iterable[Any] = cursor.fetchall()
    return list(rows)
