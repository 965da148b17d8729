"""What a rental asks for and for whom, as the rules of a booking ask it."""

from dataclasses import dataclass

from bookings.availability.rules import Wish
from bookings.rentals.models import Rental
from kernel.periods import Period


@dataclass(frozen=True, slots=True)
class Customer:
    """For whom a rental is: an organisation, and the person whose quotas and qualifications count."""

    organisation_id: int
    user_id: int


def customer_of(rental: Rental) -> Customer:
    """Return the organisation a rental is for, and the person who placed it."""
    return Customer(rental.organisation_id, rental.placed_by_id)


def wish_of(rental: Rental, period: Period | None = None) -> Wish:
    """Return what a rental asks for, at its time or at another."""
    return Wish(period or rental.time, rental.mode, rental.units, rental.profile, tuple(rental.materials))
