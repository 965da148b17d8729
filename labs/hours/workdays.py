"""Working-day arithmetic (BK-20): when so many working days after something are over."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from labs.hours.models import HolidayDate
from labs.hours.rules import ONE_DAY, HolidayKind, day_type, midnight

CUT_OFF = time(16)
"""What happens after this time of a working day counts as of the next one."""

LONGEST_BREAK = timedelta(days=30)
"""More days than are ever free in a row; holidays are read so far beyond what is counted."""


def end_of_workday(
    since: datetime,
    workdays: int,
    *,
    holidays: Mapping[date, HolidayKind],
    tz: ZoneInfo,
    cut_off: time = CUT_OFF,
) -> datetime:
    """
    Return the local midnight at which the n-th working day after something is over.

    Day 0 is the local date of what happened, if that is a working day and not later than the cut-off (inclusive), else
    the next working day. Holidays and make-up workdays are those of the State Council's arrangement.
    """
    local = since.astimezone(tz)
    day = local.date()
    if day_type(day, holidays) != "workday" or local.time() > cut_off:
        day = _next_workday(day, holidays)
    for _ in range(workdays):
        day = _next_workday(day, holidays)
    return midnight(day + ONE_DAY, tz)


def _next_workday(day: date, holidays: Mapping[date, HolidayKind]) -> date:
    day += ONE_DAY
    while day_type(day, holidays) != "workday":
        day += ONE_DAY
    return day


def due_after(since: datetime, workdays: int, tz: ZoneInfo) -> datetime:
    """Return when so many working days after something are over, by the announced holidays; one statement."""
    first = since.astimezone(tz).date()
    until = first + timedelta(days=2 * workdays) + LONGEST_BREAK
    known = HolidayDate.objects.filter(date__gte=first, date__lte=until).values_list("date", "kind")
    return end_of_workday(since, workdays, holidays=dict(known), tz=tz)
