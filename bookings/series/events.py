"""What happens to a series as a whole; what happens to its rentals they say themselves."""

from dataclasses import dataclass

from kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesEvent(Event):
    """A fact about one series."""

    series_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesBooked(SeriesEvent):
    """Dates of a series are held; `skipped` ones could not be booked, and the series says why."""

    booked: int
    skipped: int
    total_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesExtended(SeriesBooked):
    """A series goes on: further dates of it are held."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesSubmitted(SeriesEvent):
    """Dates of a series wait for the lab's approval."""

    dates: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesConfirmed(SeriesEvent):
    """Dates of a series are binding for both sides."""

    dates: int
    total_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesApproved(SeriesEvent):
    """The lab agrees to dates of a series; `left` still wait for its answer."""

    dates: int
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesRejected(SeriesEvent):
    """The lab declines dates of a series, with a reason."""

    dates: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesCancelled(SeriesEvent):
    """Dates of a series will not take place; `fee_fen` is what the customer still owes for them together."""

    dates: int
    fee_fen: int
    by_lab: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesMoved(SeriesEvent):
    """Dates of a series take place at other times; `kept` ones could not be moved and stay where they were."""

    dates: int
    kept: int
