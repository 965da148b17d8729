"""What labs changed in the catalogue; `changes` tell it field by field, as `editing.changes` keeps them."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from kernel.events import Event

type Changes = list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentAdded(Event):
    """A lab has an instrument more; nobody outside sees it yet."""

    ABOUT: ClassVar[tuple[str, ...]] = ("instrument_id", "lab_id")
    instrument_id: int
    lab_id: int
    row: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentEdited(Event):
    """What is said of an instrument has changed; `fields` name what, for those who react."""

    ABOUT: ClassVar[tuple[str, ...]] = ("instrument_id",)
    instrument_id: int
    fields: list[str]
    changes: Changes


@dataclass(frozen=True, slots=True, kw_only=True)
class AbilitiesEdited(Event):
    """What an instrument measures is stated otherwise: parameters, capabilities."""

    ABOUT: ClassVar[tuple[str, ...]] = ("instrument_id",)
    instrument_id: int
    changes: Changes


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoAdded(Event):
    """An instrument has a picture more."""

    ABOUT: ClassVar[tuple[str, ...]] = ("instrument_id",)
    instrument_id: int
    photo_id: int
    row: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoRemoved(Event):
    """A picture of an instrument is no more."""

    ABOUT: ClassVar[tuple[str, ...]] = ("instrument_id",)
    instrument_id: int
    photo_id: int
    row: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoMoved(Event):
    """A picture of an instrument is the first of all now."""

    ABOUT: ClassVar[tuple[str, ...]] = ("instrument_id",)
    instrument_id: int
    photo_id: int
    row: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceAdded(Event):
    """A lab has written a service more, as a draft."""

    ABOUT: ClassVar[tuple[str, ...]] = ("offering_id", "lab_id")
    offering_id: int
    lab_id: int
    row: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferingEdited(Event):
    """What is said of a rental or a service has changed."""

    ABOUT: ClassVar[tuple[str, ...]] = ("offering_id", "instrument_id")
    offering_id: int
    instrument_id: int | None
    changes: Changes


@dataclass(frozen=True, slots=True, kw_only=True)
class LabEdited(Event):
    """What a lab says of itself has changed; `fields` name what, for those who react."""

    ABOUT: ClassVar[tuple[str, ...]] = ("lab_id",)
    lab_id: int
    fields: list[str]
    changes: Changes


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognitionAdded(Event):
    """A lab has an accreditation, an honour or a measurement standard more; `kind` says which."""

    ABOUT: ClassVar[tuple[str, ...]] = ("lab_id",)
    lab_id: int
    kind: str
    row_id: int
    row: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognitionEdited(Event):
    """What a lab is recognised for is stated otherwise."""

    ABOUT: ClassVar[tuple[str, ...]] = ("lab_id",)
    lab_id: int
    kind: str
    row_id: int
    row: dict[str, str]
    changes: Changes = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognitionRemoved(Event):
    """A lab took an accreditation, an honour or a measurement standard back, as one entered by mistake."""

    ABOUT: ClassVar[tuple[str, ...]] = ("lab_id",)
    lab_id: int
    kind: str
    row_id: int
    row: dict[str, str]
