"""What a booking's customer could have instead: later on the same instrument, or then on a comparable one."""

from datetime import datetime

from accounts.models import Membership
from bookings.availability import queries as availability
from bookings.availability.rules import Wish
from bookings.rentals.models import Rental


def customer_of(rental: Rental) -> Membership:
    """Return for whom the rules are asked: the rental's organisation, and who is to use the instrument."""
    return Membership(organisation=rental.organisation, user_id=rental.used_by_id or rental.placed_by_id)


def alternatives(rental: Rental, now: datetime) -> availability.Alternatives:
    """Return what could be booked now instead of a rental, by the rules as its customer meets them."""
    wish = Wish(
        period=rental.time,
        mode=rental.mode,
        units=rental.units,
        profile=rental.profile,
        materials=tuple(rental.materials),
    )
    return availability.alternatives(rental.instrument, wish=wish, member=customer_of(rental), now=now)
