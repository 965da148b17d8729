"""
VTIMEZONE: what a zone's clock does, for calendars that do not know its name.

Note [Zones by hand]: libraries write the summer time of 1986-1991 into Asia/Shanghai, and some calendars then apply
+09:00 to today. So China's zone is one standard time, written here. Other zones are read off the zone data from
`FIRST_YEAR` on: yearly rules where the same rule gives every change, else every change by itself.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

FIRST_YEAR, LAST_YEAR = 2025, 2037

SHANGHAI = """\
BEGIN:VTIMEZONE
TZID:Asia/Shanghai
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+0800
TZOFFSETTO:+0800
TZNAME:CST
END:STANDARD
END:VTIMEZONE"""

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True, slots=True)
class _Change:
    """One turn of a zone's clock: the wall time at which it comes, before it is turned."""

    wall: datetime
    before: timedelta
    after: timedelta
    name: str
    is_summer: bool


@cache
def vtimezone(name: str) -> str:
    """
    Return the VTIMEZONE of an IANA zone as lines.

    Raises:
        zoneinfo.ZoneInfoNotFoundError: there is no such zone.
    """
    if name == "Asia/Shanghai":
        return SHANGHAI
    observances = _observances(ZoneInfo(name))
    return "\n".join([f"BEGIN:VTIMEZONE\nTZID:{name}", *observances, "END:VTIMEZONE"])


def _observances(zone: ZoneInfo) -> list[str]:
    changes = _changes(zone)
    if not changes:
        start = datetime(FIRST_YEAR, 1, 1, tzinfo=zone)
        offset = start.utcoffset() or timedelta()
        always = _Change(datetime(1970, 1, 1), offset, offset, start.tzname() or "", is_summer=False)  # noqa: DTZ001 -- a wall time
        return [_observance(always)]
    kinds: dict[tuple[object, ...], list[_Change]] = {}
    for change in changes:
        kinds.setdefault((change.is_summer, change.before, change.after, change.name), []).append(change)
    rules = [(same[0], _yearly_rule(same)) for same in kinds.values()]
    if len(rules) == 2 and all(rule for _, rule in rules):
        return [_observance(first, rule) for first, rule in rules]
    return [_observance(change) for change in changes]


def _changes(zone: ZoneInfo) -> list[_Change]:
    """Return every turn of the zone's clock in the years looked at, in order."""
    changes = []
    day = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
    while day.year <= LAST_YEAR:
        early, late = day, day + timedelta(days=1)
        if _offset(early, zone) != _offset(late, zone):
            while late - early > timedelta(seconds=1):
                middle = early + (late - early) // 2
                early, late = (early, middle) if _offset(middle, zone) != _offset(early, zone) else (middle, late)
            turned = late.replace(microsecond=0)
            after = turned.astimezone(zone)
            before = _offset(early, zone)
            changes.append(
                _Change(
                    wall=turned.replace(tzinfo=None) + before,
                    before=before,
                    after=_offset(turned, zone),
                    name=after.tzname() or "",
                    is_summer=_offset(turned, zone) > before,
                )
            )
        day += timedelta(days=1)
    return changes


def _offset(instant: datetime, zone: ZoneInfo) -> timedelta:
    return instant.astimezone(zone).utcoffset() or timedelta()


def _yearly_rule(changes: list[_Change]) -> str:
    """Return the RRULE that gives all these changes, one a year, or an empty text where none does."""
    walls = [change.wall for change in changes]
    if [wall.year for wall in walls] != list(range(FIRST_YEAR, LAST_YEAR + 1)):
        return ""
    if len({(wall.month, wall.weekday(), wall.time()) for wall in walls}) != 1:
        return ""
    first = walls[0]
    weekday = WEEKDAYS[first.weekday()]
    in_month = f"FREQ=YEARLY;BYMONTH={first.month};"
    if all((wall + timedelta(days=7)).month != wall.month for wall in walls):
        return f"{in_month}BYDAY=-1{weekday}"
    earliest = min(wall.day for wall in walls)
    if max(wall.day for wall in walls) - earliest > 6:
        return ""
    if earliest % 7 == 1:
        return f"{in_month}BYDAY={earliest // 7 + 1}{weekday}"
    days = ",".join(str(day) for day in range(earliest, earliest + 7))
    return f"{in_month}BYMONTHDAY={days};BYDAY={weekday}"


def _observance(change: _Change, rule: str = "") -> str:
    kind = "DAYLIGHT" if change.is_summer else "STANDARD"
    lines = [
        f"BEGIN:{kind}",
        f"DTSTART:{change.wall:%Y%m%dT%H%M%S}",
        *([f"RRULE:{rule}"] if rule else []),
        f"TZOFFSETFROM:{_signed(change.before)}",
        f"TZOFFSETTO:{_signed(change.after)}",
        *([f"TZNAME:{change.name}"] if change.name else []),
        f"END:{kind}",
    ]
    return "\n".join(lines)


def _signed(offset: timedelta) -> str:
    minutes = round(offset.total_seconds() / 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}{abs(minutes) % 60:02}"
