"""What happened to the hours of labs and instruments."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningHoursSet(Event):
    """A lab keeps other hours from now on; `changes` tell how, by day: `hours_0` Monday to `hours_7` holidays."""

    ABOUT: ClassVar[tuple[str, ...]] = ("lab_id",)
    lab_id: int
    changes: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class DateExceptionAdded(Event):
    """On one date other hours hold, for a lab or an instrument."""

    ABOUT: ClassVar[tuple[str, ...]] = ("lab_id", "instrument_id")
    date_exception_id: int
    lab_id: int | None
    instrument_id: int | None
    date: str
    windows: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DateExceptionRemoved(Event):
    """On one date the usual hours hold again."""

    ABOUT: ClassVar[tuple[str, ...]] = ("lab_id", "instrument_id")
    lab_id: int | None
    instrument_id: int | None
    date: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HolidaysImported(Event):
    """The holiday arrangement of a year is known, or has changed (BK-23)."""

    years: tuple[int, ...]
    changed_dates: tuple[str, ...]


type HoursEvent = OpeningHoursSet | DateExceptionAdded | DateExceptionRemoved | HolidaysImported
"""What gives labs or instruments other hours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentOutageAnnounced(Event):
    """Instruments are out for a time (BK-8): whoever booked into it must hear of it."""

    ABOUT: ClassVar[tuple[str, ...]] = ("lab_id", "instrument_ids")
    outage_id: int
    instrument_ids: tuple[int, ...]
    starts_at: str
    ends_at: str
    lab_id: int | None = None
    kind: str = ""
    units: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutageChanged(Event):
    """An outage begins or ends at another time, or takes another number of units; `began_at` and `ended_at` were so."""

    ABOUT: ClassVar[tuple[str, ...]] = ("lab_id", "instrument_ids")
    outage_id: int
    instrument_ids: tuple[int, ...]
    starts_at: str
    ends_at: str
    began_at: str
    ended_at: str
    lab_id: int | None = None
    kind: str = ""
    units: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutageLifted(Event):
    """An outage is no more, or never was."""

    ABOUT: ClassVar[tuple[str, ...]] = ("lab_id", "instrument_ids")
    outage_id: int
    instrument_ids: tuple[int, ...]
    lab_id: int | None = None
    starts_at: str = ""
    ends_at: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentStatusSet(Event):
    """An instrument has another status."""

    ABOUT: ClassVar[tuple[str, ...]] = ("instrument_id",)
    instrument_id: int
    status: str
    expected_back_at: str | None


type OutageEvent = InstrumentOutageAnnounced | OutageChanged | OutageLifted
"""What takes instruments out, or brings them back."""
