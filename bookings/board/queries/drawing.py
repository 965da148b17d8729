"""The board as its page draws it: instruments, bookings, closed and lost time, on the lab's own clock."""

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import Membership
from bookings.board.queries import occupying
from bookings.board.queries.desk import window
from bookings.board.queries.instruments import Rows, rows
from kernel.periods import Period


def board(member: Membership, first: date, days: int, now: datetime) -> str:
    """
    Return a board as JSON: its instruments, what is booked (`occupying.drawn`), when who is closed or out of service.

    Times are minutes of the clock of the organisation's zone since 1970; four statements, whatever there is to show.
    """
    zone = member.organisation.tz
    within = window(first, days, zone)
    lines = rows(member, within)
    around = {
        "instruments": [
            {
                "code": one.code,
                "name": one.name,
                "room": one.room.name if one.room else "",
                "category": one.category.code,
                "units": one.capacity,
            }
            for one in lines.instruments
        ],
        "closed": [{"on": codes, "times": _clocks(times, zone)} for codes, times in lines.closed if times],
        "outages": list(_outages(lines, within, zone)),
    }
    told = json.dumps(around, ensure_ascii=False, separators=(",", ":"))
    return f'{told[:-1]},"bookings":{occupying.drawn(member, within, zone, now)}}}'


def _outages(lines: Rows, within: Period, zone: ZoneInfo) -> Iterable[dict[str, Any]]:
    for outage in lines.outages:
        (times,) = _clocks([outage.stretch.clipped(within) or within], zone)
        reason = outage.reason or str(outage.get_kind_display())
        yield {"id": outage.pk, "on": lines.codes_of(outage), "times": times, "units": outage.units, "reason": reason}


def _clocks(periods: Iterable[Period], zone: ZoneInfo) -> list[tuple[int, int]]:
    return [(_clock(period.start, zone), _clock(period.end, zone)) for period in periods]


def _clock(instant: datetime, zone: ZoneInfo) -> int:
    """Return the minutes that a zone's clock has counted since 1970, as if it were UTC."""
    return int(instant.astimezone(zone).replace(tzinfo=UTC).timestamp()) // 60
