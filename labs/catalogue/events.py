"""What happened to the catalogue."""

from dataclasses import dataclass

from kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class RentalOffered(Event):
    """An instrument has its rental in the catalogue, as a draft."""

    offering_id: int
    instrument_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferingStateSet(Event):
    """A rental or a service is published, suspended, retired, or a draft again."""

    offering_id: int
    state: str
