"""
When a lab is open on a date, and why (BK-3); the open time that follows.

A date's windows are decided by the first of these that speaks: the instrument's exception, the lab's exception, a
holiday, a make-up workday, the weekday. Windows are minutes of the lab's local day, from 0 to 1440 (24:00).

Note [Local days]
    Windows are built on the lab's own calendar and only then turned into instants, so that a day of 23 or 25 hours
    (a lab outside China) opens when its door does. A minute that the clock skips there is taken an hour later; one
    that it repeats is taken the first time.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any, Literal
from zoneinfo import ZoneInfo

from kernel.periods import Period

MINUTES_A_DAY = 24 * 60
ONE_DAY = timedelta(days=1)
HOLIDAY_HOURS = 7
"""The 'day' of the opening windows that a lab keeps on holidays."""

type Window = tuple[int, int]
type DayType = Literal["workday", "restday", "holiday"]
type HolidayKind = str
type Because = Literal["instrument_exception", "lab_exception", "holiday", "makeup_workday", "weekday"]


@dataclass(frozen=True, slots=True)
class Hours:
    """A lab's rules of opening: windows by day (0 Monday ... 6 Sunday, 7 holidays), policy, exceptions by date."""

    weekly: Mapping[int, tuple[Window, ...]]
    makeup_policy: str = "workday"
    exceptions: Mapping[date, tuple[Window, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Day:
    """What holds on a date: its windows, joined and in order, and which rule said so."""

    windows: tuple[Window, ...]
    because: Because


def day_type(day: date, holidays: Mapping[date, HolidayKind]) -> DayType:
    """Return whether a date is a holiday, a workday (make-up workdays too) or a rest day."""
    announced = holidays.get(day)
    if announced == "holiday":
        return "holiday"
    return "workday" if announced == "makeup_workday" or day.weekday() < 5 else "restday"


def joined(windows: Iterable[Window]) -> tuple[Window, ...]:
    """Return windows in order, touching and overlapping ones as one."""
    done: list[Window] = []
    for opens, closes in sorted(windows):
        if done and opens <= done[-1][1]:
            done[-1] = (done[-1][0], max(done[-1][1], closes))
        else:
            done.append((opens, closes))
    return tuple(done)


def windows_of(
    day: date,
    hours: Hours,
    holidays: Mapping[date, HolidayKind],
    instrument_exceptions: Mapping[date, tuple[Window, ...]] | None = None,
) -> Day:
    """Return the windows of a date, and the rule that decided (BK-3)."""
    if instrument_exceptions and day in instrument_exceptions:
        return Day(joined(instrument_exceptions[day]), "instrument_exception")
    if day in hours.exceptions:
        return Day(joined(hours.exceptions[day]), "lab_exception")
    announced = holidays.get(day)
    if announced == "holiday":
        return Day(joined(hours.weekly.get(HOLIDAY_HOURS, ())), "holiday")
    if announced == "makeup_workday":
        followed = {"workday": (0,), "as_weekday": (day.weekday(),), "closed": ()}[hours.makeup_policy]
        return Day(joined(window for key in followed for window in hours.weekly.get(key, ())), "makeup_workday")
    return Day(joined(hours.weekly.get(day.weekday(), ())), "weekday")


def instant(day: date, minute: int, tz: ZoneInfo) -> datetime:
    """Return the instant of a minute of a local day, in UTC; 1440 is the next day's midnight. See Note [Local days]."""
    days, minutes = divmod(minute, MINUTES_A_DAY)
    local = datetime.combine(day + timedelta(days=days), time(minutes // 60, minutes % 60), tz)
    return local.astimezone(UTC)


def midnight(day: date, tz: ZoneInfo) -> datetime:
    """Return the instant at which a local day begins, in UTC."""
    return instant(day, 0, tz)


def dates(first: date, end: date) -> Iterator[date]:
    """Yield the dates [first, end)."""
    for after in range((end - first).days):
        yield first + timedelta(days=after)


def open_periods(
    first: date,
    end: date,
    hours: Hours,
    holidays: Mapping[date, HolidayKind],
    tz: ZoneInfo,
    instrument_exceptions: Mapping[date, tuple[Window, ...]] | None = None,
) -> list[Period]:
    """Return when it is open on the dates [first, end), in order; a window to 24:00 joins one from 00:00."""
    found: list[Period] = []
    begins = midnight(first, tz)
    for day in dates(first, end):
        begin, begins = begins, midnight(day + ONE_DAY, tz)
        plain = begins - begin == ONE_DAY  # a day whose clock is not moved: its minutes can be counted
        for opens, closes in windows_of(day, hours, holidays, instrument_exceptions).windows:
            if plain:
                start, stop = begin + timedelta(minutes=opens), begin + timedelta(minutes=closes)
            else:
                start, stop = instant(day, opens, tz), instant(day, closes, tz)
            if found and start <= found[-1].end:
                found[-1] = Period(found[-1].start, max(stop, found[-1].end))
            elif start < stop:
                found.append(Period(start, stop))
    return found


def window_problem(windows: Any) -> str:
    """
    Return what is wrong with windows as they were given, or an empty text.

    `out_of_range`: not two whole minutes from 0 to 1440; `empty`: no later end; `overlap`: two share a minute.
    """
    if not isinstance(windows, (list, tuple)):
        return "out_of_range"
    for window in windows:
        if not isinstance(window, (list, tuple)) or len(window) != 2:
            return "out_of_range"
        if not all(type(minute) is int and 0 <= minute <= MINUTES_A_DAY for minute in window):
            return "out_of_range"
        if window[0] >= window[1]:
            return "empty"
    ordered = sorted(windows)
    if any(later[0] < earlier[1] for earlier, later in pairwise(ordered)):
        return "overlap"
    return ""


def lies_open(used: Period, kept: Period, windows: Sequence[Period], *, runs_unattended: bool) -> bool:
    """
    Say whether a use lies in opening hours (BK-3, BK-4): `kept` is the use, or with its buffers where they must lie so.

    It lies in one opening window; one that runs unattended only begins and ends in one or at its edge.
    """
    if runs_unattended:
        edges = {used.start, used.end, kept.start, kept.end}
        return all(any(window.start <= edge <= window.end for window in windows) for edge in edges)
    return any(window.contains(kept) for window in windows)


def told(windows: Iterable[Iterable[int]]) -> str:
    """Return windows as a history keeps them: `08:30–12:00, 13:30–18:00`; nothing for a closed day."""
    return ", ".join("–".join(f"{minute // 60:02d}:{minute % 60:02d}" for minute in window) for window in windows)


def week_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what differs between two weeks, day by day: windows by `0` to `7`, and the policy of make-up workdays."""
    changed = [key for key in after if before.get(key) != after[key]]
    return [
        {"field": key, "before": before.get(key), "after": after[key]}
        if key == "makeup_policy"
        else {"field": f"hours_{key}", "before": told(before.get(key, ())), "after": told(after[key])}
        for key in changed
    ]
