"""The end of a rental's life: its price is final."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from billing.bills import operations as bills
from bookings.rentals import events, rules
from bookings.rentals.models import Interruption, Rental
from bookings.rentals.operations import charging
from bookings.rentals.operations.steps import locked, move, save, tell
from kernel.refusals import Busy, Refusal
from labs.hours.workdays import due_after

SOONEST = timedelta(days=rules.SETTLE_WORKDAYS)
"""Working days are no shorter than days: nothing is due before."""


class SettlementOpen(Refusal):
    """The customer said that a run was of no use, and the lab may still object."""

    code = "SETTLEMENT_OPEN"
    message = _("The price of {number} is not final before {until}: until then the lab may object.")


@transaction.atomic
def settle(*, rental: Rental, by: Membership | None, now: datetime) -> Rental:
    """
    Make the price of a used rental final, as its customer or (`by` None) as the clock; its bill follows.

    A run that the customer declared of no use costs nothing where the lab did not object in its two working days.
    The voucher is used, what was paid too much goes back, and the rest is the lab's less the platform's fee (E6, E7).

    Raises:
        SettlementOpen: the lab may still object.
        NotPossibleNow: it is not used, or settled already.
        Busy: others held the organisation for too long.
    """
    bills.lock_account(rental.organisation_id)  # before the rental: money moves between its accounts
    rental = locked(rental)
    move(rental, "settle", now)
    interruption = Interruption.objects.filter(rental=rental).order_by("-began_at").first()
    until = _objections_until(rental, interruption)
    if until is not None and now < until:
        raise SettlementOpen(number=rental.number, until=f"{until.astimezone(rental.instrument.lab.tz):%Y-%m-%d %H:%M}")
    if charging.is_of_no_use(interruption):
        charging.freeze(rental, charging.of_no_use(rental))
    rental.settled_at = now
    charging.settle_bill(rental, now=now)
    save(rental, now)
    tell(events.RentalSettled, rental, by=by, now=now, total_fen=rental.total_fen)
    return rental


def settles_at(rental: Rental) -> datetime:
    """Return when the price of a used rental becomes final: two working days after check-out, or after objections."""
    assert rental.checked_out_at is not None  # noqa: S101 -- the constraint rental_used_up_says_when
    due = due_after(rental.checked_out_at, rules.SETTLE_WORKDAYS, rental.instrument.lab.tz)
    if rental.interrupted_at is None:
        return due
    interruption = Interruption.objects.filter(rental=rental).order_by("-began_at").first()
    return max(due, _objections_until(rental, interruption) or due)


def _objections_until(rental: Rental, interruption: Interruption | None) -> datetime | None:
    """Return until when the lab may object to what the customer said, or None where there is nothing to object to."""
    if interruption is None or interruption.unusable_at is None or interruption.objected_at is not None:
        return None
    return due_after(interruption.unusable_at, rules.OBJECTION_WORKDAYS, rental.instrument.lab.tz)


def settle_due(*, now: datetime, limit: int = 500) -> int:
    """
    Settle what was used two working days ago, the oldest first, each in a transaction of its own; for the clock's job.

    Returns how many. Safe to run late, twice, or at once: what somebody else settles meanwhile is left alone.
    """
    used = Rental.objects.filter(status=rules.CHECKED_OUT, checked_out_at__lte=now - SOONEST)
    settled = 0
    for rental in used.select_related("instrument__lab").order_by("checked_out_at", "pk")[:limit]:
        if settles_at(rental) <= now:
            try:
                settle(rental=rental, by=None, now=now)
            except (SettlementOpen, Busy):
                continue
            except Refusal:  # somebody else was faster
                continue
            settled += 1
    return settled
