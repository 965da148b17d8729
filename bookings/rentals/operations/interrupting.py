"""A breakdown during a use, and what its customer chooses (BL-24)."""

from datetime import datetime

from accounts.models import Membership
from bookings.rentals.models import Rental
from kernel.periods import Period
from labs.models import Instrument


def interrupt(
    *, rental: Rental, fault: str, by: Membership, now: datetime, expected_back_at: datetime | None = None
) -> Rental:
    raise NotImplementedError


def resume(*, rental: Rental, by: Membership, now: datetime) -> Rental:
    raise NotImplementedError


def rebook(*, rental: Rental, instrument: Instrument, period: Period, by: Membership, now: datetime) -> Rental:
    raise NotImplementedError


def abandon(*, rental: Rental, by: Membership, now: datetime, unusable: bool = False) -> Rental:
    raise NotImplementedError


def declare_unusable(*, rental: Rental, by: Membership, now: datetime) -> Rental:
    raise NotImplementedError


def object_to_unusable(*, rental: Rental, reason: str, by: Membership, now: datetime) -> Rental:
    raise NotImplementedError


def abandon_unanswered(*, now: datetime, limit: int = 500) -> int:
    raise NotImplementedError
