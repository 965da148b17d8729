"""Cancelling, by the customer and by the lab."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from accounts.models import Membership
from billing.bills import operations as bills
from billing.vouchers import operations as vouchers
from bookings.rentals import events, rules
from bookings.rentals.models import MoveOffer, Rental
from bookings.rentals.operations.steps import (
    RENTAL,
    NotPossibleNow,
    PlaceLost,
    PriceChanged,
    ReasonMissing,
    locked,
    move,
    save,
    tell,
)
from bookings.schedule import operations as schedule
from kernel.money import Money
from kernel.refusals import Busy


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
    bills.lock_account(rental.organisation_id)  # before the rental: money and voucher go back
    rental = locked(rental)
    before = rental.status
    fee = fee_of_cancelling(rental, now=now)
    move(rental, "cancel", now)
    if expected_fee is not None and expected_fee != fee:
        raise PriceChanged(expected=str(expected_fee), total=str(fee))
    give_voucher_back(rental, before, by=by, now=now)
    return _end(rental, fee=fee, before=before, by=by, by_lab=False, reason="", now=now)


@transaction.atomic
def let_go(*, rental: Rental, by: Membership | None, now: datetime) -> Rental:
    """
    Let a hold go that nobody has agreed to yet; no money moves, so the organisation is not locked (docs/adr/0014).

    A voucher that was chosen for it is given back by the clock.

    Raises:
        NotPossibleNow: it is not held any more.
    """
    rental = locked(rental)
    if rental.status != rules.HELD:
        raise NotPossibleNow(number=rental.number, status=str(rental.get_status_display()))
    move(rental, "cancel", now)
    return _end(rental, fee=Money(0), before=rules.HELD, by=by, by_lab=False, reason="", now=now)


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
    bills.lock_account(rental.organisation_id)  # before the rental: money and voucher go back
    rental = locked(rental)
    before = rental.status
    move(rental, "cancel_by_lab", now)
    give_voucher_back(rental, before, by=by, now=now)
    return _end(rental, fee=Money(0), before=before, by=by, by_lab=True, reason=reason.strip(), now=now)


def fee_of_cancelling(rental: Rental, *, now: datetime) -> Money:
    """
    Return what cancelling would cost the customer now: nothing before it is confirmed, then by BL-20.

    Nothing either where it cannot take place as booked: that is the lab's doing (BL-21).
    """
    if rental.status != rules.CONFIRMED or rental.needs_rebooking is not None:
        return Money(0)
    return fee_by_ladder(rental, now=now)


def fee_by_ladder(rental: Rental, *, now: datetime) -> Money:
    """Return what the ladder of a rental's policy keeps of it: never more than the customer's own money (BL-20)."""
    fee = rules.cancellation_fee(
        price=rental.total,
        start=rental.time.start,
        cancelled_at=now,
        ladder=rules.ladder_of(rental.policy.cancellation),
    )
    return min(fee, rental.own)


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
        bills.cancel(order_number=rental.number, fee=fee, by_lab=by_lab, now=now)
    MoveOffer.objects.filter(rental=rental, outcome=MoveOffer.Outcome.OPEN).update(
        outcome=MoveOffer.Outcome.WITHDRAWN, answered_at=now
    )
    told: dict[str, Any] = {"by_lab": by_lab, "fee_fen": fee.fen, "was_asked_for": before != rules.HELD}
    tell(events.RentalCancelled, rental, by=by, now=now, reason=reason, **told)
    if by_lab and was_confirmed and rules.is_short_notice(start=rental.time.start, now=now):
        note_short_notice(rental, by=by, now=now)
    return rental


def give_voucher_back(rental: Rental, before: str, *, by: Membership | None, now: datetime) -> None:
    """Release what a voucher would have paid of a rental that was not confirmed; a bill restores its own."""
    if rental.voucher_fen and before != rules.CONFIRMED:
        vouchers.release(order_number=rental.number, now=now, by=by)
        rental.voucher_fen = 0


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


def call_off_missed(*, now: datetime, limit: int = 500) -> int:
    """
    Call off, as of the lab and for nothing, what could not take place and whose time is over; for the clock's job.

    Those are confirmed rentals that still need rebooking, or whose instrument is not calibrated, each in a transaction
    of its own. Returns how many. Safe to run late, twice, or at once: what somebody holds is left for the next time.
    """
    could_not = Q(needs_rebooking_since__isnull=False) | Q(at_risk_since__isnull=False)
    missed = Rental.objects.filter(could_not, status=rules.CONFIRMED, period__endswith__lte=now)
    called_off = 0
    for rental in missed.order_by("pk")[:limit]:
        try:
            called_off += _call_off(rental, now=now)
        except Busy:
            continue
    return called_off


@transaction.atomic
def _call_off(rental: Rental, *, now: datetime) -> int:
    bills.lock_account(rental.organisation_id)
    rental = locked(rental)
    could_come = rental.needs_rebooking is None and rental.at_risk is None
    if rental.status != rules.CONFIRMED or could_come or rental.time.end > now:
        return 0
    move(rental, "cancel_by_lab", now)
    reason = str(PlaceLost(number=rental.number))
    _end(rental, fee=Money(0), before=rules.CONFIRMED, by=None, by_lab=True, reason=reason, now=now)
    return 1
