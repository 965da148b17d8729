"""A breakdown during a use, and what its customer chooses: go on, use the rest another time, or end there (BL-24)."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from billing.bills import operations as bills
from bookings.rentals import events, rules
from bookings.rentals.models import Interruption, Rental, UsageRecord, UsageRun
from bookings.rentals.operations import charging, judging
from bookings.rentals.operations.contesting import declare_unusable
from bookings.rentals.operations.steps import RENTAL, ReasonMissing, locked, move, save, tell
from bookings.schedule import operations as schedule
from bookings.schedule.models import Occupancy
from kernel.locks import lock
from kernel.periods import Period
from kernel.refusals import Refusal
from labs.hours import operations as hours
from labs.hours.workdays import due_after
from labs.models import OpenTime, Outage


class ReturnNotLater(Refusal):
    """An instrument that broke down is expected back later than now."""

    code = "RETURN_NOT_LATER"
    message = _("The instrument must be expected back later than now.")
    status = 422


class StillOutOfService(Refusal):
    """The use goes on when the instrument is mended."""

    code = "STILL_OUT_OF_SERVICE"
    message = _("{instrument} is still out of service, as far as is known until {until}.")
    cure = _("Use the rest another time, or end here.")


class NoTimeLeft(Refusal):
    """The booked time is over, and the time after it is taken."""

    code = "NO_TIME_LEFT"
    message = _("The time of {number} is over, and the instrument is not free after it.")
    cure = _("Use the rest another time, or end here.")


@transaction.atomic
def interrupt(
    *, rental: Rental, fault: str, by: Membership, now: datetime, expected_back_at: datetime | None = None
) -> Rental:
    """
    Report, as the lab, that the instrument broke down while it was used; the customer chooses within five working days.

    The units that were used are out of service until the instrument is expected back, or where nobody knows, until the
    choice is due; the bookings in that time are marked (BK-8) and told what is comparable. The rental keeps its time,
    see Note [Broken units].

    Raises:
        ReasonMissing: the fault was not described.
        ReturnNotLater: it is expected back before now.
        NotPossibleNow: it is not in use.
        Busy: others held the instrument for too long.
    """
    if not fault.strip():
        raise ReasonMissing
    if expected_back_at is not None and expected_back_at <= now:
        raise ReturnNotLater
    lock_open_time(rental.instrument_id)
    rental = locked(rental)
    move(rental, "interrupt", now)
    instrument = rental.instrument
    due = due_after(now, rules.CHOICE_WORKDAYS, instrument.lab.tz)
    UsageRun.objects.filter(rental=rental, ended_at__isnull=True).update(ended_at=now)
    rental.interrupted_at = now
    save(rental, now)
    interruption = Interruption(
        rental=rental,
        began_at=now,
        fault=fault.strip(),
        reported_by_id=by.user_id,
        expected_back_at=expected_back_at,
        choice_due_at=due,
    )
    interruption.outage = _take_out(rental, interruption, start=_outlasts(rental) or now, by=by, now=now)
    interruption.save()
    back = expected_back_at.isoformat() if expected_back_at else None
    tell(events.RentalInterrupted, rental, by=by, now=now, fault=fault.strip(), expected_back_at=back)
    return rental


def _outlasts(rental: Rental) -> datetime | None:
    """
    Return until when a rental itself keeps the units that broke out of everybody's reach; None where all are out.

    Note [Broken units]: where the instrument has more units than broke, an outage counts them, and so does the time the
    rental holds. The outage therefore begins where that time ends; when the time is given back before, the outage
    takes its place.
    """
    if rental.units >= rental.instrument.capacity:
        return None
    own = Occupancy.objects.filter(holder_kind=RENTAL, holder_id=rental.pk)
    return own.aggregate(ends=Max("period__endswith"))["ends"] or None


def _take_out(
    rental: Rental, interruption: Interruption, *, start: datetime, by: Membership | None, now: datetime
) -> Outage | None:
    """Take the units that broke out of service until they are expected back; None where they are back before."""
    end = interruption.expected_back_at or interruption.choice_due_at
    if start >= end:
        return None
    instrument = rental.instrument
    return hours.announce_outage(
        of=instrument,
        kind=Outage.Kind.MAINTENANCE,
        start=start,
        end=end,
        units=rental.units if rental.units < instrument.capacity else None,
        reason_zh=interruption.fault[:200],
        by=by,
        now=now,
    )


def lock_open_time(*instrument_ids: int) -> None:
    """Open time before rentals: see Note [Outages and bookings]; several in key order."""
    lock(OpenTime.objects.filter(instrument_id__in=instrument_ids).only("pk"))


@transaction.atomic
def resume(*, rental: Rental, by: Membership, now: datetime) -> Rental:
    """
    Let an interrupted use go on, as the customer or the lab; the lab thereby brings the instrument back into service.

    The time that was lost is added at the end where the rules let it, and costs nothing more.

    Raises:
        StillOutOfService: the customer cannot go on before the instrument is mended.
        NoTimeLeft: the booked time is over, and the time after it is taken.
        NotPossibleNow: it is not interrupted.
        Busy: others held the instrument for too long.
    """
    bills.lock_account(rental.organisation_id)
    lock_open_time(rental.instrument_id)
    judging.lock_for(rental)
    rental = locked(rental)
    move(rental, "resume", now)
    interruption = open_interruption(rental)
    _back_in_service(rental, interruption, by=by, now=now)
    record = UsageRecord.objects.get(rental=rental)
    lost = now - interruption.began_at
    whole = Period(rental.time.start, max(rental.time.end + lost, now))
    if whole.end > rental.time.end and not _lengthened(rental, record, whole, now) and rental.time.end <= now:
        raise NoTimeLeft(number=rental.number)
    answered(interruption, Interruption.Choice.RESUME, by=by, now=now)
    UsageRun.objects.create(rental=rental, began_at=now)
    save(rental, now)
    tell(events.RentalResumed, rental, by=by, now=now)
    return rental


def _back_in_service(rental: Rental, interruption: Interruption, *, by: Membership, now: datetime) -> None:
    outage = interruption.outage
    end = outage.stretch.end if outage else interruption.expected_back_at or interruption.choice_due_at
    if end <= now:
        return
    if by.organisation_id != rental.instrument.lab.organisation_id:
        until = end.astimezone(rental.instrument.lab.tz)
        raise StillOutOfService(instrument=rental.instrument.name, until=f"{until:%Y-%m-%d %H:%M}")
    if outage is None:
        return
    if outage.stretch.start < now:
        hours.change_outage(outage=outage, start=outage.stretch.start, end=now, units=outage.units, by=by, now=now)
    else:
        hours.lift_outage(outage=outage, by=by, now=now)


def _lengthened(rental: Rental, record: UsageRecord, whole: Period, now: datetime) -> bool:
    """Give a rental the time it lost, where the rules let it; say whether they did."""
    rest = judging.wish_of(rental, Period(now, whole.end))
    try:
        with transaction.atomic():
            terms = judging.terms_of(rental, period=whole, now=now)
            judging.demand(judging.without_pre_buffer(terms), rest, now=now, waived=judging.TERMS_OF_THEN)
            wish = judging.wish_of(rental, whole)
            judging.retake(rental, terms, wish, now=now, at=tuple(record.positions), from_=record.started_at)
    except Refusal:
        return False
    rental.period = whole.as_range()
    return True


@transaction.atomic
def abandon(*, rental: Rental, by: Membership | None, now: datetime, unusable: bool = False) -> Rental:
    """
    End an interrupted use where it stopped, as the customer or (`by` None) as the clock; only its minutes are owed.

    With `unusable` the customer also declares that the run was of no use: see `declare_unusable`.

    Raises:
        NotPossibleNow: it is not interrupted.
    """
    lock_open_time(rental.instrument_id)
    rental = locked(rental)
    move(rental, "abandon", now)
    interruption = open_interruption(rental)
    answered(interruption, Interruption.Choice.ABANDON, by=by, now=now)
    end_use(rental, interruption, by=by, now=now)
    tell(events.RentalAbandoned, rental, by=by, now=now)
    if unusable and by is not None:
        return declare_unusable(rental=rental, by=by, now=now)
    return rental


def abandon_unanswered(*, now: datetime, limit: int = 500) -> int:
    """
    End the interrupted uses whose customers did not choose in time, each by itself; for the clock's job.

    Returns how many. Safe to run late, twice, or at once: whoever has chosen meanwhile is left alone.
    """
    due = Interruption.objects.filter(choice="", choice_due_at__lte=now, rental__status=rules.INTERRUPTED)
    ended = 0
    for interruption in due.select_related("rental").order_by("choice_due_at", "pk")[:limit]:
        try:
            abandon(rental=interruption.rental, by=None, now=now)
        except Refusal:  # they have chosen in this very moment, or somebody holds the row: the next run looks again
            continue
        ended += 1
    return ended


def end_use(rental: Rental, interruption: Interruption, *, by: Membership | None, now: datetime) -> None:
    """Close the record of an interrupted use where it stopped, give its time back, work out what is owed (BL-24)."""
    record = UsageRecord.objects.get(rental=rental)
    record.ended_at, record.condition = interruption.began_at, UsageRecord.Condition.BROKEN_DOWN
    record.anomalies = "\n".join(filter(None, (record.anomalies, interruption.fault)))
    record.save(update_fields=["ended_at", "condition", "anomalies"])
    charging.freeze(rental, charging.final_price(rental, record, left=interruption.began_at))
    rental.checked_out_at = now
    save(rental, now)
    outlasts = _outlasts(rental)
    schedule.release(holder_kind=RENTAL, holder_ids=[rental.pk])
    if outlasts is not None and outlasts > now:
        _take_place(rental, interruption, by=by, now=now)


def _take_place(rental: Rental, interruption: Interruption, *, by: Membership | None, now: datetime) -> None:
    """Let the outage begin now, where the rental kept the broken units until now; see Note [Broken units]."""
    outage = interruption.outage
    if outage is None:
        interruption.outage = _take_out(rental, interruption, start=now, by=by, now=now)
        interruption.save(update_fields=["outage"])
    elif outage.stretch.start > now:
        hours.change_outage(outage=outage, start=now, end=outage.stretch.end, units=outage.units, by=by, now=now)


def open_interruption(rental: Rental) -> Interruption:
    """Return what interrupted a rental whose row is locked."""
    (interruption,) = lock(Interruption.objects.filter(rental=rental, ended_at__isnull=True).select_related("outage"))
    return interruption


def answered(interruption: Interruption, choice: str, *, by: Membership | None, now: datetime) -> None:
    """Keep what was chosen, by whom (None: nobody chose in time), and that the interruption is over."""
    chosen: dict[str, Any] = {"choice": choice, "chosen_at": now, "chosen_by_id": by.user_id if by else None}
    for name, value in {**chosen, "ended_at": now}.items():
        setattr(interruption, name, value)
    interruption.save(update_fields=["choice", "chosen_at", "chosen_by", "ended_at"])
