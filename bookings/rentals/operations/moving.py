"""Another time, or another person."""

from datetime import datetime

from accounts.models import Membership, User
from bookings.rentals.models import MoveOffer, Rental
from kernel.money import Money
from kernel.periods import Period
from labs.models import Instrument


def reschedule(
    *,
    rental: Rental,
    period: Period,
    by: Membership,
    now: datetime,
    expected: Money | None = None,
    instrument: Instrument | None = None,
) -> Rental:
    raise NotImplementedError


def reschedule_by_lab(
    *,
    rental: Rental,
    period: Period,
    by: Membership,
    now: datetime,
    reason: str,
    consent: bool = False,
    instrument: Instrument | None = None,
) -> Rental:
    """`instrument`: another of the same category, which the board drags it to; with the customer's consent only."""
    raise NotImplementedError


def accept_move(*, offer: MoveOffer, by: Membership, now: datetime) -> Rental:
    raise NotImplementedError


def decline_move(*, offer: MoveOffer, by: Membership, now: datetime) -> Rental:
    raise NotImplementedError


def hand_over(*, rental: Rental, to: User, by: Membership, now: datetime) -> Rental:
    raise NotImplementedError
