"""What else open time follows: an instrument's status, the year's holidays, certificates."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from kernel import events
from kernel.refusals import Refusal
from labs.calibration.events import CalibrationAmended, CalibrationRecorded
from labs.catalogue.models import Instrument
from labs.hours.events import HolidaysImported, HoursEvent, InstrumentStatusSet
from labs.hours.models import HolidayDate
from labs.hours.open_time import rebuild_open_time
from labs.hours.operations.steps import told
from labs.hours.queries import touched_by_hours


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

    What is booked until then stays; those above this layer mark the bookings. Open time follows (`follow_status`).

    Raises:
        StatusNeedsNoReturn: a time of return was given for a status that does not pass.
    """
    if expected_back_at is not None and status not in Instrument.AWAY:
        raise StatusNeedsNoReturn
    instrument.status, instrument.expected_back_at = status, expected_back_at
    instrument.save(update_fields=["status", "expected_back_at"])
    events.announce(
        InstrumentStatusSet(
            instrument_id=instrument.pk,
            status=status,
            expected_back_at=expected_back_at.isoformat() if expected_back_at else None,
            **{**told(by, now), "reason": reason},
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
    announce_holidays(changed, by=by, now=now)
    return changed


def announce_holidays(changed: Iterable[date], *, by: Membership | None, now: datetime) -> None:
    """Say that the arrangement of some dates has changed, all written already; part of the caller's transaction."""
    days = sorted(changed)
    if days:
        years = tuple(sorted({day.year for day in days}))
        events.announce(
            HolidaysImported(years=years, changed_dates=tuple(day.isoformat() for day in days), **told(by, now))
        )


def follow_status(event: InstrumentStatusSet) -> None:
    """React to an instrument's state: its open time follows, in the same transaction; bookings look again."""
    rebuild_open_time(Instrument.objects.filter(pk=event.instrument_id), event.occurred_at, moved=True)


def follow_hours(event: HoursEvent) -> None:
    """React to other hours: the open time of whatever they touch follows, in the same transaction."""
    rebuild_open_time(Instrument.objects.filter(pk__in=touched_by_hours(event)), event.occurred_at)


def follow_calibration(event: CalibrationRecorded | CalibrationAmended) -> None:
    """React to a certificate: the instrument's open time follows, in the same transaction."""
    rebuild_open_time(Instrument.objects.filter(pk=event.instrument_id), event.occurred_at)
