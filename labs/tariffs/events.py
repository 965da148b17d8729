"""What happened to prices and terms."""

from dataclasses import dataclass
from typing import ClassVar

from kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class TariffPublished(Event):
    """An instrument has a new price list from an instant on; what was promised keeps its own."""

    ABOUT: ClassVar[tuple[str, ...]] = ("instrument_id",)
    tariff_id: int
    instrument_id: int
    version: int
    valid_from: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingPolicyPublished(Event):
    """An instrument has new terms of booking from an instant on; what was promised keeps its own."""

    ABOUT: ClassVar[tuple[str, ...]] = ("instrument_id",)
    booking_policy_id: int
    instrument_id: int
    version: int
    valid_from: str
