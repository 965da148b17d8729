"""The end of a rental's life: nobody came, or it is used and its price is final."""

from datetime import datetime

from accounts.models import Membership
from bookings.rentals.models import Rental


def mark_no_shows(*, now: datetime, limit: int = 500) -> int:
    raise NotImplementedError


def settle(*, rental: Rental, by: Membership | None, now: datetime) -> Rental:
    raise NotImplementedError


def settle_due(*, now: datetime, limit: int = 500) -> int:
    raise NotImplementedError
