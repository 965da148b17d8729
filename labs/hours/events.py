"""What happened to the hours of labs and instruments."""

from dataclasses import dataclass, field
from typing import Any

from kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningHoursSet(Event):
    """
    A lab keeps other hours from now on; `before` and `after` are what changed.

    Windows are minutes by day, 0 Monday to 6 Sunday and 7 for holidays, with the policy of make-up workdays.
    """

    lab_id: int
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DateExceptionAdded(Event):
    """On one date other hours hold, for a lab or an instrument."""

    date_exception_id: int
    lab_id: int | None
    instrument_id: int | None
    date: str
    windows: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DateExceptionRemoved(Event):
    """On one date the usual hours hold again."""

    lab_id: int | None
    instrument_id: int | None
    date: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentOutageAnnounced(Event):
    """Instruments are out for a time (BK-8): whoever booked into it must hear of it."""

    outage_id: int
    instrument_ids: tuple[int, ...]
    starts_at: str
    ends_at: str
    lab_id: int | None = None
    kind: str = ""
    units: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutageLifted(Event):
    """An outage is no more, or never was."""

    outage_id: int
    instrument_ids: tuple[int, ...]
    lab_id: int | None = None
    starts_at: str = ""
    ends_at: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentStatusSet(Event):
    """An instrument has another status."""

    instrument_id: int
    status: str
    expected_back_at: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HolidaysImported(Event):
    """The holiday arrangement of a year is known, or has changed (BK-23)."""

    years: tuple[int, ...]
    changed_dates: tuple[str, ...]
