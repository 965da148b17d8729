"""Nobody came (BK-15)."""

from datetime import datetime

from django.db import transaction

from accounts.organisations import suspending
from billing.bills import operations as bills
from bookings.rentals import events, rules
from bookings.rentals.models import Rental
from bookings.rentals.operations.cancelling import fee_by_ladder
from bookings.rentals.operations.steps import RENTAL, locked, move, save, tell
from bookings.schedule import operations as schedule


def mark_no_shows(*, now: datetime, limit: int = 500) -> int:
    """
    Mark the confirmed rentals to which nobody came within the policy's grace, each in a transaction of its own.

    The whole step of the ladder is owed; what is left of the time is free. A third within 90 days suspends the
    organisation from new bookings for 30 days (BK-15). Nobody is blamed for what could not take place. Returns how
    many. Safe to run late, twice, or at once: whoever has checked in meanwhile stays.
    """
    begun = Rental.objects.filter(
        status=rules.CONFIRMED,
        period__startswith__lte=now,
        needs_rebooking_since__isnull=True,
        at_risk_since__isnull=True,
    )
    marked = 0
    for rental in begun.select_related("policy").order_by("period", "pk")[:limit]:
        if now >= rules.no_show_at(start=rental.time.start, grace_min=rental.policy.no_show_grace_min):
            marked += _mark(rental, now)
    return marked


@transaction.atomic
def _mark(rental: Rental, now: datetime) -> int:
    """Mark one, unless somebody came or called it off meanwhile; the organisation's row first, as every booking."""
    suspending.lock_organisation(rental.organisation_id)
    rental = locked(rental)
    due = rules.no_show_at(start=rental.time.start, grace_min=rental.policy.no_show_grace_min)
    could_come = rental.needs_rebooking is None and rental.at_risk is None
    if rental.status != rules.CONFIRMED or not could_come or now < due:
        return 0
    move(rental, "no_show", now)
    fee = fee_by_ladder(rental, now=now)
    rental.fee_fen, rental.no_show_at = fee.fen, now
    save(rental, now)
    schedule.release(holder_kind=RENTAL, holder_ids=[rental.pk])
    bills.cancel(order_number=rental.number, fee=fee, by_lab=False, now=now)
    tell(events.RentalNoShow, rental, by=None, now=now, fee_fen=fee.fen)
    others = Rental.objects.filter(organisation_id=rental.organisation_id, no_show_at__gt=now - rules.NO_SHOWS_WITHIN)
    missed = others.filter(status=rules.NO_SHOW).values_list("no_show_at", flat=True)
    until = rules.suspended_until([at for at in missed if at is not None], now=now)
    if until is not None:
        suspending.suspend(organisation_id=rental.organisation_id, until=until, because="no_shows", now=now)
    return 1
