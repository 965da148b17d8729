"""Calling many rentals off in one act, by the customer or by the lab; as `cancelling` does for one (BK-21)."""

from collections.abc import Sequence
from datetime import datetime

from accounts.models import Membership
from billing.bills import operations as bills
from bookings.rentals import events, rules
from bookings.rentals.models import MoveOffer, Rental
from bookings.rentals.operations.cancelling import fee_of_cancelling, give_voucher_back, note_short_notice
from bookings.rentals.operations.steps import RENTAL, event_of, locked_all, move
from bookings.schedule import operations as schedule
from kernel.events import announce_all
from kernel.money import Money

CHANGED = ("status", "cancelled_at", "fee_fen", "voucher_fen", "reason", "changed_at", "sequence")


def cancel_many(
    rentals: Sequence[Rental], *, by: Membership, now: datetime, by_lab: bool = False, reason: str = ""
) -> list[Rental]:
    """
    Call rentals off, all or none: each for the fee of its own step of the ladder (BL-20), or as the lab for nothing.

    Part of the caller's transaction, which undoes it where the fees are not those that were agreed to.

    Raises:
        NotPossibleNow: one of them is over, in use, or cancelled already.
        HoldLapsed: the hold of one of them has run out.
        Busy: others held a rental for too long.
    """
    bills.lock_account(rentals[0].organisation_id)  # before the rentals: money and vouchers go back
    ours = locked_all(rentals)
    before = {rental.pk: rental.status for rental in ours}
    fees = {rental.pk: Money(0) if by_lab else fee_of_cancelling(rental, now=now) for rental in ours}
    for rental in ours:
        move(rental, "cancel_by_lab" if by_lab else "cancel", now)
        rental.cancelled_at, rental.fee_fen, rental.reason = now, fees[rental.pk].fen, reason
        rental.changed_at, rental.sequence = now, rental.sequence + 1
        give_voucher_back(rental, before[rental.pk], by=by, now=now)
    Rental.objects.bulk_update(ours, CHANGED)
    schedule.release(holder_kind=RENTAL, holder_ids=[rental.pk for rental in ours])
    bound = [rental for rental in ours if before[rental.pk] == rules.CONFIRMED]
    if bound:
        bills.cancel_all(fees={rental.number: fees[rental.pk] for rental in bound}, by_lab=by_lab, now=now)
    MoveOffer.objects.filter(rental__in=ours, outcome=MoveOffer.Outcome.OPEN).update(
        outcome=MoveOffer.Outcome.WITHDRAWN, answered_at=now
    )
    announce_all(
        [
            event_of(
                events.RentalCancelled,
                rental,
                by=by,
                now=now,
                reason=reason,
                by_lab=by_lab,
                fee_fen=rental.fee_fen,
                was_asked_for=before[rental.pk] != rules.HELD,
            )
            for rental in ours
        ]
    )
    for rental in bound:
        if by_lab and rules.is_short_notice(start=rental.time.start, now=now):
            note_short_notice(rental, by=by, now=now)
    return ours
