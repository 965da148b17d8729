"""Keeping a rental's time until it is paid, and what a payment does to it (issue 7 brings the money)."""

from datetime import datetime

from accounts.models import Membership
from bookings.rentals.models import Rental


def await_payment(*, rental: Rental, pays_by: str, by: Membership, now: datetime) -> Rental:
    raise NotImplementedError


def start_checkout(*, rental: Rental, by: Membership, now: datetime) -> Rental:
    raise NotImplementedError


def confirm_paid(*, rental_id: int, amount_fen: int, now: datetime) -> Rental:
    raise NotImplementedError
