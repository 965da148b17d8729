"""A hold that lasts longer than it was placed for: an offer of the waitlist that was taken."""

from datetime import datetime

from django.db import transaction

from bookings.rentals import rules
from bookings.rentals.models import Rental
from bookings.rentals.operations.steps import RENTAL, HoldLapsed, NotPossibleNow, locked, save
from bookings.schedule import operations as schedule


@transaction.atomic
def prolong_hold(*, rental: Rental, until: datetime, now: datetime) -> Rental:
    """
    Let a hold last until an instant; one that lasts longer anyway stays as it is.

    Raises:
        NotPossibleNow: the rental is not held.
        HoldLapsed: the hold has run out (BK-18).
    """
    rental = locked(rental)
    if rental.status_at(now) == rules.EXPIRED != rental.status:
        raise HoldLapsed(number=rental.number)
    if rental.status != rules.HELD or rental.held_until is None:
        raise NotPossibleNow(number=rental.number, status=str(rental.get_status_display()))
    if until > rental.held_until:
        rental.held_until = until
        save(rental, now)
        schedule.keep(holder_kind=RENTAL, holder_id=rental.pk, lapses_at=until)
    return rental
