"""When operators work, and when they are away (BK-10)."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from kernel.events import announce
from kernel.locks import lock
from kernel.periods import Period
from kernel.refusals import Refusal
from labs.catalogue.editing import changes
from labs.hours import rules
from labs.staff.events import LeaveAnnounced, LeaveTakenBack, OperatorHoursSet
from labs.staff.models import Operator, OperatorHours, OperatorLeave
from labs.staff.operations.people import look_again
from labs.staff.queries import week_of


class HoursInvalid(Refusal):
    code = "operator_hours_invalid"
    message = _("{field}: working hours must be whole minutes of one day, end after they begin, and not overlap.")
    status = 422


class LeaveEndsBeforeItBegins(Refusal):
    code = "leave_ends_before_it_begins"
    message = _("A leave must end after it begins.")
    status = 422


@transaction.atomic
def set_hours(
    *, operator: Operator, weekly: Mapping[int, Sequence[rules.Window]], by: Membership | None, now: datetime
) -> Operator:
    """
    Give an operator their week: windows in minutes by day, 0 Monday to 6 Sunday and 7 for holidays.

    None at all means that they keep the lab's hours; a day left out beside others, that they do not work then.

    Raises:
        HoursInvalid: a day that does not exist, or windows that are no windows; `field` names the day.
        Busy: others held the operator, or the instruments, for too long.
    """
    for day, windows in weekly.items():
        problem = rules.window_problem(windows) if 0 <= day <= rules.HOLIDAY_HOURS else "out_of_range"
        if problem:
            raise HoursInvalid(field=f"hours.{day}", problem=problem)
    [current] = lock(Operator.objects.filter(pk=operator.pk))
    before = week_of(current)
    OperatorHours.objects.filter(operator=current).delete()
    OperatorHours.objects.bulk_create(
        OperatorHours(operator=current, day=day, begins_minute=begins, ends_minute=ends)
        for day, windows in weekly.items()
        for begins, ends in rules.joined((window[0], window[1]) for window in windows)
    )
    found = rules.week_changes(before, week_of(current))
    if not found:
        return current
    look_again(current, now)
    announce(OperatorHoursSet(changes=found, **_told(current, by, now)))
    return current


@transaction.atomic
def announce_leave(
    *,
    operator: Operator,
    start: datetime,
    end: datetime,
    by: Membership | None,
    now: datetime,
    reason_zh: str = "",
    reason_en: str = "",
) -> OperatorLeave:
    """
    Say that an operator is away for a time; what they are assigned to then goes to others, if it can.

    Raises:
        LeaveEndsBeforeItBegins: the time is empty or backwards.
        Busy: bookings held the instruments for too long.
    """
    if start >= end:
        raise LeaveEndsBeforeItBegins
    leave = OperatorLeave.objects.create(
        operator=operator, period=Period(start, end).as_range(), reason_zh=reason_zh, reason_en=reason_en
    )
    look_again(operator, now)
    announce(LeaveAnnounced(**_of_leave(leave, operator, Period(start, end), by, now)))
    return leave


@transaction.atomic
def take_back(*, leave: OperatorLeave, by: Membership | None, now: datetime) -> None:
    """
    Say that an operator is there after all.

    Raises:
        Busy: bookings held the instruments for too long.
    """
    told = _of_leave(leave, leave.operator, Period.from_range(leave.period), by, now)
    leave.delete()
    look_again(leave.operator, now)
    announce(LeaveTakenBack(**told))


def _of_leave(
    leave: OperatorLeave, operator: Operator, period: Period, by: Membership | None, now: datetime
) -> dict[str, Any]:
    tz = operator.lab.tz
    when = {
        "starts_at": period.start.isoformat(),
        "ends_at": period.end.isoformat(),
        "first_on": period.start.astimezone(tz).date().isoformat(),
        "last_on": (period.end - timedelta(microseconds=1)).astimezone(tz).date().isoformat(),
    }
    return {"leave_id": leave.pk, **when, **_told(operator, by, now)}


def _told(operator: Operator, by: Membership | None, now: datetime) -> dict[str, Any]:
    return {"operator_id": operator.pk, "lab_id": operator.lab_id, **changes.whose(by, now)}
