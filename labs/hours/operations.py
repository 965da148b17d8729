"""Changes of hours; each keeps the open time of the instruments it touches in step, in its transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from kernel import events
from kernel.periods import Period
from kernel.refusals import Refusal, bounded_wait, refusing
from labs.calibration.events import CalibrationAmended, CalibrationRecorded
from labs.catalogue.models import Instrument, Lab
from labs.hours import rules
from labs.hours.events import (
    DateExceptionAdded,
    DateExceptionRemoved,
    HolidaysImported,
    InstrumentOutageAnnounced,
    InstrumentStatusSet,
    OpeningHoursSet,
    OutageLifted,
)
from labs.hours.models import DateException, HolidayDate, OpeningWindow, Outage
from labs.hours.open_time import HORIZON_DAYS, horizon, rebuild_open_time
from labs.hours.queries import week_of, week_seen

__all__ = [
    "HORIZON_DAYS",
    "Announced",
    "DateExceptionExists",
    "HolidayKindUnknown",
    "HoursSetMeanwhile",
    "MakeupPolicyUnknown",
    "OutageEndsBeforeItBegins",
    "OutageTakesTooMany",
    "StatusNeedsNoReturn",
    "WindowsInvalid",
    "add_date_exception",
    "announce_outage",
    "follow_calibration",
    "horizon",
    "import_holidays",
    "lift_outage",
    "rebuild_open_time",
    "remove_date_exception",
    "set_opening_hours",
    "set_status",
]


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


class OutageEndsBeforeItBegins(Refusal):
    code = "outage_ends_before_it_begins"
    message = _("An outage must end after it begins.")
    status = 422


class OutageTakesTooMany(Refusal):
    code = "outage_takes_too_many"
    message = _("An outage takes between one unit and all {capacity}.")
    status = 422


class DateExceptionExists(Refusal):
    code = "date_exception_exists"
    message = _("There are other hours on {date} already.")


class StatusNeedsNoReturn(Refusal):
    code = "status_needs_no_return"
    message = _("Only an instrument that is away can be expected back.")
    status = 422


class HolidayKindUnknown(Refusal):
    code = "holiday_kind_unknown"
    message = _("{date}: a date is a holiday or a make-up workday, not '{kind}'.")
    status = 422


@dataclass(frozen=True, slots=True)
class Announced:
    """One line of a year's holiday arrangement."""

    date: date
    kind: str
    name_zh: str
    name_en: str = ""


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
    rebuild_open_time(lab.instruments.all(), now)
    changes = rules.week_changes(before, week_of(lab))
    events.announce(OpeningHoursSet(lab_id=lab.pk, changes=changes, **_told(by, now)))
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
    lab, instrument = _owner(of)
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
    rebuild_open_time(_touched_by(of), now)
    events.announce(
        DateExceptionAdded(
            date_exception_id=made.pk,
            lab_id=made.lab_id,
            instrument_id=made.instrument_id,
            date=date.isoformat(),
            windows=tuple((opens, closes) for opens, closes in made.windows),
            **{**_told(by, now), "reason": reason_zh or reason_en},
        )
    )
    return made


@transaction.atomic
def remove_date_exception(*, exception: DateException, by: Membership | None, now: datetime) -> None:
    """Let the usual hours hold again on that date."""
    of = exception.instrument or exception.lab
    assert of is not None  # noqa: S101 -- the constraint date_exception_is_of_a_lab_or_an_instrument
    told = DateExceptionRemoved(
        lab_id=exception.lab_id,
        instrument_id=exception.instrument_id,
        date=exception.date.isoformat(),
        **_told(by, now),
    )
    exception.delete()
    rebuild_open_time(_touched_by(of), now)
    events.announce(told)


@transaction.atomic
def announce_outage(
    *,
    of: Lab | Instrument,
    kind: str,
    start: datetime,
    end: datetime,
    by: Membership | None,
    now: datetime,
    units: int | None = None,
    reason_zh: str = "",
    reason_en: str = "",
) -> Outage:
    """
    Take a lab or an instrument out for a time, all its units or a number of them (BK-8).

    What is booked into that time stays; `InstrumentOutageAnnounced` names the instruments, and those above this
    layer list the bookings.

    Raises:
        OutageEndsBeforeItBegins: the period is empty or backwards.
        OutageTakesTooMany: no unit, or more units than there are.
    """
    if start >= end:
        raise OutageEndsBeforeItBegins
    lab, instrument = _owner(of)
    if units is not None and not 1 <= units <= (instrument.capacity if instrument else 0):
        raise OutageTakesTooMany(capacity=instrument.capacity if instrument else 0)
    outage = Outage.objects.create(
        lab=lab,
        instrument=instrument,
        kind=kind,
        period=Period(start, end).as_range(),
        units=None if instrument and units == instrument.capacity else units,
        reason_zh=reason_zh,
        reason_en=reason_en,
        created_by=by.user if by else None,
    )
    touched = rebuild_open_time(_touched_by(of), now)
    events.announce(
        InstrumentOutageAnnounced(
            outage_id=outage.pk,
            instrument_ids=tuple(touched),
            starts_at=outage.stretch.start.isoformat(),
            ends_at=outage.stretch.end.isoformat(),
            lab_id=outage.lab_id,
            kind=kind,
            units=outage.units,
            **{**_told(by, now), "reason": reason_zh or reason_en},
        )
    )
    return outage


@transaction.atomic
def lift_outage(*, outage: Outage, by: Membership | None, now: datetime) -> None:
    """End an outage as if it had not been announced, for what lies ahead and for what has passed."""
    of = outage.instrument or outage.lab
    assert of is not None  # noqa: S101 -- the constraint outage_is_of_a_lab_or_an_instrument
    key, stretch = outage.pk, outage.stretch
    outage.delete()
    touched = rebuild_open_time(_touched_by(of), now)
    events.announce(
        OutageLifted(
            outage_id=key,
            instrument_ids=tuple(touched),
            lab_id=outage.lab_id,
            starts_at=stretch.start.isoformat(),
            ends_at=stretch.end.isoformat(),
            kind=outage.kind,
            **_told(by, now),
        )
    )


@transaction.atomic
def set_status(
    *,
    instrument: Instrument,
    status: str,
    by: Membership | None,
    now: datetime,
    expected_back_at: datetime | None = None,
    reason: str = "",
) -> Instrument:
    """
    Say what state an instrument is in; one that is away may be expected back, and is bookable from then on.

    Raises:
        StatusNeedsNoReturn: a time of return was given for a status that does not pass.
    """
    if expected_back_at is not None and status not in Instrument.AWAY:
        raise StatusNeedsNoReturn
    instrument.status, instrument.expected_back_at = status, expected_back_at
    instrument.save(update_fields=["status", "expected_back_at"])
    rebuild_open_time([instrument], now)
    events.announce(
        InstrumentStatusSet(
            instrument_id=instrument.pk,
            status=status,
            expected_back_at=expected_back_at.isoformat() if expected_back_at else None,
            **{**_told(by, now), "reason": reason},
        )
    )
    return instrument


@transaction.atomic
def import_holidays(*, announced: Iterable[Announced], by: Membership | None, now: datetime) -> list[date]:
    """
    Take in the holiday arrangement of whole years (BK-23) and return the dates that differ from what was known.

    The given years are replaced: a date no longer announced is an ordinary date again.

    Raises:
        HolidayKindUnknown: a date that is neither a holiday nor a make-up workday.
    """
    given = {line.date: line for line in announced}
    for line in given.values():
        if line.kind not in HolidayDate.Kind.values:
            raise HolidayKindUnknown(date=line.date.isoformat(), kind=line.kind)
    years = sorted({day.year for day in given})
    known = {row.date: row for row in HolidayDate.objects.filter(date__year__in=years)}
    changed = sorted(
        day
        for day in given.keys() | known.keys()
        if day not in given or day not in known or given[day].kind != known[day].kind
    )
    HolidayDate.objects.filter(date__in=known.keys() - given.keys()).delete()
    HolidayDate.objects.bulk_create(
        [HolidayDate(date=day, kind=x.kind, name_zh=x.name_zh, name_en=x.name_en) for day, x in given.items()],
        update_conflicts=True,
        unique_fields=["date"],
        update_fields=["kind", "name_zh", "name_en"],
    )
    if changed:
        rebuild_open_time(Instrument.objects.all(), now)
        events.announce(
            HolidaysImported(
                years=tuple(years), changed_dates=tuple(day.isoformat() for day in changed), **_told(by, now)
            )
        )
    return changed


def follow_calibration(event: CalibrationRecorded | CalibrationAmended) -> None:
    """React to a certificate: the instrument's open time follows, in the same transaction."""
    rebuild_open_time(Instrument.objects.filter(pk=event.instrument_id), event.occurred_at)


# --- What the changes have in common ---------------------------------------------------------------------------------


def _owner(of: Lab | Instrument) -> tuple[Lab | None, Instrument | None]:
    return (of, None) if isinstance(of, Lab) else (None, of)


def _touched_by(of: Lab | Instrument) -> Iterable[Instrument]:
    return of.instruments.all() if isinstance(of, Lab) else [of]


def _told(by: Membership | None, now: datetime) -> dict[str, Any]:
    """Return what every event says: when, by whom, for whom."""
    return {
        "occurred_at": now,
        "actor_id": by.user_id if by else None,
        "organisation_id": by.organisation_id if by else None,
    }
