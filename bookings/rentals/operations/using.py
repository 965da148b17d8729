"""Using an instrument: check-in, longer than booked, check-out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from accounts.models import Membership
from bookings.rentals.models import Rental


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageGiven:
    """
    What the usage record says at check-out; counters in hours.

    `consumables` are {name, quantity, unit_price_fen}, `data_files` {name, sha256}. Damage is described.
    """

    condition: str
    counter_end: Decimal | None = None
    samples: int | None = None
    conditions: str = ""
    anomalies: str = ""
    damage: str = ""
    consumables: Sequence[Mapping[str, Any]] = ()
    data_files: Sequence[Mapping[str, Any]] = ()


def check_in(*, rental: Rental, by: Membership, now: datetime, counter: Decimal | None = None) -> Rental:
    raise NotImplementedError


def extend(*, rental: Rental, until: datetime, by: Membership, now: datetime) -> Rental:
    raise NotImplementedError


def check_out(*, rental: Rental, usage: UsageGiven, by: Membership, now: datetime) -> Rental:
    raise NotImplementedError
