"""What happened to the catalogue."""

from dataclasses import dataclass
from typing import ClassVar

from kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class RentalOffered(Event):
    """An instrument has its rental in the catalogue, as a draft."""

    ABOUT: ClassVar[tuple[str, ...]] = ("offering_id",)
    offering_id: int
    instrument_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferingStateSet(Event):
    """A rental or a service is published, suspended, retired, or a draft again; `before` is what it was."""

    ABOUT: ClassVar[tuple[str, ...]] = ("offering_id", "instrument_id")
    offering_id: int
    state: str
    before: str = ""
    instrument_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferingRepublished(Event):
    """What a published offering says has changed; what it said before stays as a version."""

    ABOUT: ClassVar[tuple[str, ...]] = ("offering_id",)
    offering_id: int
    version: int
    changed: list[str]
