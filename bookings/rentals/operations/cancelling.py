"""Cancelling, by the customer and by the lab."""

from datetime import datetime

from django.db import transaction

from accounts.models import Membership
from billing.bills import operations as bills
from bookings.rentals import events, rules
from bookings.rentals.models import Rental
from bookings.rentals.operations.steps import RENTAL, PriceChanged, ReasonMissing, locked, move, save, tell
from bookings.schedule import operations as schedule
from kernel.money import Money


@transaction.atomic
def cancel(*, rental: Rental, by: Membership, now: datetime, expected_fee: Money | None = None) -> Rental:
    """
    Cancel a rental as the customer; a confirmed one costs what the ladder of its policy says (BL-20).

    `expected_fee` is the fee the person saw before agreeing; without it any fee is accepted.

    Raises:
        NotPossibleNow: it is over, in use, or cancelled already.
        PriceChanged: the fee is no longer the expected one.
    """
    rental = locked(rental)
    was_confirmed = rental.status == rules.CONFIRMED
    fee = fee_of_cancelling(rental, now=now)
    move(rental, "cancel", now)
    if expected_fee is not None and expected_fee != fee:
        raise PriceChanged(expected=str(expected_fee), total=str(fee))
    return _end(rental, fee=fee, was_confirmed=was_confirmed, by=by, by_lab=False, reason="", now=now)


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
    was_confirmed = rental.status == rules.CONFIRMED
    move(rental, "cancel_by_lab", now)
    return _end(rental, fee=Money(0), was_confirmed=was_confirmed, by=by, by_lab=True, reason=reason.strip(), now=now)


def fee_of_cancelling(rental: Rental, *, now: datetime) -> Money:
    """Return what cancelling would cost the customer now: nothing before it is confirmed, then by BL-20."""
    if rental.status != rules.CONFIRMED:
        return Money(0)
    return rules.cancellation_fee(
        price=rental.total,
        start=rental.time.start,
        cancelled_at=now,
        ladder=rules.ladder_of(rental.policy.cancellation),
    )


def _end(
    rental: Rental, *, fee: Money, was_confirmed: bool, by: Membership, by_lab: bool, reason: str, now: datetime
) -> Rental:
    rental.cancelled_at = now
    rental.fee_fen = fee.fen
    rental.reason = reason
    save(rental, now)
    schedule.release(holder_kind=RENTAL, holder_ids=[rental.pk])
    if was_confirmed:
        bills.cancel_charge(order_number=rental.number, fee=fee, now=now)
    tell(events.RentalCancelled, rental, by=by, now=now, reason=reason, by_lab=by_lab, fee_fen=fee.fen)
    return rental
