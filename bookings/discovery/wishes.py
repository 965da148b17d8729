"""What a person looks for beside words and facets: a time that is free, a use to be priced, a place to be near."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bookings.availability import queries as availability
from kernel.periods import Period

USUAL_MINUTES = 60
"""The length of a use that prices are compared by where none is asked for."""
MODES = availability.MODES
"""Of two modes that are free at once, the first is offered."""
MOST_COMPARED = 240
"""How many instruments are looked at to find the earliest starts: the best matches, where there are more."""
YEARS = range(2001, 2200)
"""Years that are looked at; beyond, there is no calendar to show."""


@dataclass(frozen=True, slots=True)
class FreeWish:
    """So many minutes wholly inside a stretch of time, in one mode of use, or in whichever is free first (None)."""

    within: Period
    minutes: int
    mode: str | None = None

    @property
    def starting(self) -> Period:
        """When the use may start so that it ends in time; the last such minute is included."""
        last = self.within.end - timedelta(minutes=self.minutes)
        return Period(self.within.start, last + timedelta(minutes=1))


@dataclass(frozen=True, slots=True)
class Offered:
    """The first start that a hold placed now would get, its length in minutes, and the mode of use."""

    at: datetime
    minutes: int
    mode: str

    @property
    def period(self) -> Period:
        """The time of the use."""
        return Period.starting(self.at, self.minutes)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where distances are measured from: WGS-84 degrees, and how that place is called (empty: a point given)."""

    lat: float
    lon: float
    name: str = ""
