"""Rentals that cannot take place as booked (BK-8): marked, never deleted."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from bookings.rentals.models import Rental


def mark_needs_rebooking(
    *, rental_ids: Iterable[int], why: dict[str, Any], now: datetime, actor_id: int | None, organisation_id: int | None
) -> list[Rental]:
    raise NotImplementedError


def restore_places(
    *, rental_ids: Iterable[int], now: datetime, actor_id: int | None, organisation_id: int | None
) -> list[Rental]:
    raise NotImplementedError
