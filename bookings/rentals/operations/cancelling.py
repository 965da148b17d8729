"""Cancelling, by the customer and by the lab."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from accounts.models import Membership
from billing.bills import operations as bills
from bookings.rentals import events, rules
from bookings.rentals.models import MoveOffer, Rental
from bookings.rentals.operations.steps import RENTAL, PlaceLost, PriceChanged, ReasonMissing, locked, move, save, tell
from bookings.schedule import operations as schedule
from kernel.money import Money


@transaction.atomic
def cancel(*, rental: Rental, by: Membership | None, now: datetime, expected_fee: Money | None = None) -> Rental:
    """
    Cancel a rental as the customer; a confirmed one costs what the ladder of its policy says (BL-20).

    `by` is None where the clock lets go what it held on the customer's behalf. `expected_fee` is the fee the person saw
    before agreeing; without it any fee is accepted.

    Raises:
        NotPossibleNow: it is over, in use, or cancelled already.
        PriceChanged: the fee is no longer the expected one.
    """
    rental = locked(rental)
    before = rental.status
    fee = fee_of_cancelling(rental, now=now)
    move(rental, "cancel", now)
    if expected_fee is not None and expected_fee != fee:
        raise PriceChanged(expected=str(expected_fee), total=str(fee))
    return _end(rental, fee=fee, before=before, by=by, by_lab=False, reason="", now=now)


@transaction.atomic
def cancel_by_lab(*, rental: Rental, reason: str, by: Membership, now: datetime) -> Rental:
    """
    Cancel a rental as the lab, with a reason; the customer owes nothing (BL-21).

    Raises:
        ReasonMissing: no reason was given.
        NotPossibleNow: it is over, in use, or cancelled already.
    """
    if not reason.strip():
        raise ReasonMissing
    rental = locked(rental)
    before = rental.status
    move(rental, "cancel_by_lab", now)
    return _end(rental, fee=Money(0), before=before, by=by, by_lab=True, reason=reason.strip(), now=now)


def fee_of_cancelling(rental: Rental, *, now: datetime) -> Money:
    """
    Return what cancelling would cost the customer now: nothing before it is confirmed, then by BL-20.

    Nothing either where it cannot take place as booked: that is the lab's doing (BL-21).
    """
    if rental.status != rules.CONFIRMED or rental.needs_rebooking is not None:
        return Money(0)
    return rules.cancellation_fee(
        price=rental.total,
        start=rental.time.start,
        cancelled_at=now,
        ladder=rules.ladder_of(rental.policy.cancellation),
    )


def _end(
    rental: Rental, *, fee: Money, before: str, by: Membership | None, by_lab: bool, reason: str, now: datetime
) -> Rental:
    rental.cancelled_at = now
    rental.fee_fen = fee.fen
    rental.reason = reason
    save(rental, now)
    schedule.release(holder_kind=RENTAL, holder_ids=[rental.pk])
    was_confirmed = before == rules.CONFIRMED
    if was_confirmed:
        bills.cancel_charge(order_number=rental.number, fee=fee, now=now)
    MoveOffer.objects.filter(rental=rental, outcome=MoveOffer.Outcome.OPEN).update(
        outcome=MoveOffer.Outcome.WITHDRAWN, answered_at=now
    )
    told: dict[str, Any] = {"by_lab": by_lab, "fee_fen": fee.fen, "was_asked_for": before != rules.HELD}
    tell(events.RentalCancelled, rental, by=by, now=now, reason=reason, **told)
    if by_lab and was_confirmed and rules.is_short_notice(start=rental.time.start, now=now):
        note_short_notice(rental, by=by, now=now)
    return rental


def note_short_notice(rental: Rental, *, by: Membership | None, now: datetime) -> None:
    """Keep in the lab's history that it let a customer down (requirements 3.1)."""
    notice = max(rental.time.start - now, timedelta(0))
    tell(
        events.LabCancelledLate,
        rental,
        by=by,
        now=now,
        lab_id=rental.instrument.lab_id,
        notice_minutes=notice // timedelta(minutes=1),
    )


@transaction.atomic
def call_off_missed(*, now: datetime, limit: int = 500) -> int:
    """
    Call off, as of the lab and for nothing, what could not take place and whose time is over; for the clock's job.

    Those are confirmed rentals that still need rebooking, or whose instrument is not calibrated. Returns how many. Safe
    to run late or twice.
    """
    could_not = Q(needs_rebooking_since__isnull=False) | Q(at_risk_since__isnull=False)
    missed = Rental.objects.filter(could_not, status=rules.CONFIRMED, period__endswith__lte=now)
    rows = missed.select_related("policy", "instrument__lab").order_by("pk")
    found = list(rows.select_for_update(skip_locked=True, of=("self",))[:limit])
    for rental in found:
        move(rental, "cancel_by_lab", now)
        reason = str(PlaceLost(number=rental.number))
        _end(rental, fee=Money(0), before=rules.CONFIRMED, by=None, by_lab=True, reason=reason, now=now)
    return len(found)
