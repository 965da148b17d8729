"""
The week of a lab, and other hours on one date.

Each says what happened before open time follows (`follow_hours`): the bookings in that time are kept still first, see
Note [Outages and bookings].
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from kernel import events
from kernel.refusals import Refusal, bounded_wait, refusing
from labs.catalogue.models import Instrument, Lab
from labs.hours import rules
from labs.hours.events import DateExceptionAdded, DateExceptionRemoved, OpeningHoursSet
from labs.hours.models import DateException, OpeningWindow
from labs.hours.operations.steps import owner, told
from labs.hours.queries import week_of, week_seen


class WindowsInvalid(Refusal):
    code = "windows_invalid"
    message = _("{field}: opening windows must be whole minutes of one day, end after they begin, and not overlap.")
    status = 422


class MakeupPolicyUnknown(Refusal):
    code = "makeup_policy_unknown"
    message = _("There is no policy for make-up workdays called '{policy}'.")
    status = 422


class HoursSetMeanwhile(Refusal):
    code = "hours_set_meanwhile"
    message = _("Somebody changed the week while you were writing. Look at it, then send yours if it still holds.")


class DateExceptionExists(Refusal):
    code = "date_exception_exists"
    message = _("There are other hours on {date} already.")


@transaction.atomic
def set_opening_hours(
    *,
    lab: Lab,
    weekly: Mapping[int, Sequence[rules.Window]],
    by: Membership | None,
    now: datetime,
    makeup_policy: str | None = None,
    seen: str | None = None,
) -> Lab:
    """
    Give a lab its week: windows in minutes by day, 0 Monday to 6 Sunday and 7 for holidays; days left out are closed.

    `makeup_policy` says which hours a make-up workday has (BK-3); without it, that stays as it is. `seen` is the week
    that its writer saw (`queries.week_seen`); without it, whatever week there is gives way.

    Raises:
        WindowsInvalid: a day that does not exist, or windows that are no windows; `field` names the day.
        MakeupPolicyUnknown: there is no such policy.
        HoursSetMeanwhile: the week is no longer the one that the writer saw.
        Busy: others held the lab for too long.
    """
    if makeup_policy is not None and makeup_policy not in Lab.MakeupPolicy.values:
        raise MakeupPolicyUnknown(policy=makeup_policy)
    for day, windows in weekly.items():
        problem = rules.window_problem(windows) if 0 <= day <= rules.HOLIDAY_HOURS else "out_of_range"
        if problem:
            raise WindowsInvalid(field=f"opening_hours.{day}", problem=problem)
    with bounded_wait():  # no key: bookings that only name the lab do not wait for its hours
        current = Lab.objects.select_for_update(of=("self",), no_key=True).get(pk=lab.pk)
    before = week_of(current)
    if seen is not None and seen != week_seen(before):
        raise HoursSetMeanwhile
    if makeup_policy is not None:
        lab.makeup_policy = makeup_policy
        lab.save(update_fields=["makeup_policy"])
    OpeningWindow.objects.filter(lab=lab).delete()
    OpeningWindow.objects.bulk_create(
        OpeningWindow(lab=lab, day=day, opens_minute=opens, closes_minute=closes)
        for day, windows in weekly.items()
        for opens, closes in rules.joined((window[0], window[1]) for window in windows)
    )
    changes = rules.week_changes(before, week_of(lab))
    events.announce(OpeningHoursSet(lab_id=lab.pk, changes=changes, **told(by, now)))
    return lab


@transaction.atomic
def add_date_exception(
    *,
    of: Lab | Instrument,
    date: date,
    windows: Sequence[rules.Window],
    by: Membership | None,
    now: datetime,
    reason_zh: str = "",
    reason_en: str = "",
) -> DateException:
    """
    Set other hours on one date, for a lab or one instrument; no windows mean closed.

    Raises:
        WindowsInvalid: the windows are no windows.
        DateExceptionExists: that date has its exception; remove it first.
    """
    if problem := rules.window_problem(windows):
        raise WindowsInvalid(field="windows", problem=problem)
    lab, instrument = owner(of)
    exists = DateExceptionExists(date=date.isoformat())
    with refusing(date_exception_of_lab_is_unique=exists, date_exception_of_instrument_is_unique=exists):
        made = DateException.objects.create(
            lab=lab,
            instrument=instrument,
            date=date,
            windows=[list(window) for window in rules.joined((w[0], w[1]) for w in windows)],
            reason_zh=reason_zh,
            reason_en=reason_en,
        )
    events.announce(
        DateExceptionAdded(
            date_exception_id=made.pk,
            lab_id=made.lab_id,
            instrument_id=made.instrument_id,
            date=date.isoformat(),
            windows=tuple((opens, closes) for opens, closes in made.windows),
            **{**told(by, now), "reason": reason_zh or reason_en},
        )
    )
    return made


@transaction.atomic
def remove_date_exception(*, exception: DateException, by: Membership | None, now: datetime) -> None:
    """Let the usual hours hold again on that date."""
    removed = DateExceptionRemoved(
        lab_id=exception.lab_id,
        instrument_id=exception.instrument_id,
        date=exception.date.isoformat(),
        **told(by, now),
    )
    exception.delete()
    events.announce(removed)
