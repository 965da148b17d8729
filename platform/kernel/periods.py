"""A stretch of time, half-open, aware, UTC inside."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """
    A stretch of time [start, end): the end belongs to whoever comes next.

    Both ends are aware and kept in UTC, whatever zone they came in.

    Raises:
        ValueError: an end without a zone, or a period that does not end after it starts.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("a period needs aware datetimes")
        if self.start.tzinfo is not UTC or self.end.tzinfo is not UTC:  # what the database gives is in UTC
            object.__setattr__(self, "start", self.start.astimezone(UTC))
            object.__setattr__(self, "end", self.end.astimezone(UTC))
        if self.start >= self.end:
            raise ValueError("a period must end after it starts")

    @classmethod
    def from_range(cls, value: DateTimeTZRange) -> Self:
        """Read a bounded PostgreSQL range."""
        return cls(value.lower, value.upper)

    @classmethod
    def starting(cls, start: datetime, minutes: int) -> Self:
        """Return the period of so many minutes from a start."""
        return cls(start, start + timedelta(minutes=minutes))

    @property
    def minutes(self) -> int:
        """Whole minutes of its length; seconds beyond are dropped."""
        return int((self.end - self.start).total_seconds() // 60)

    def as_range(self) -> DateTimeTZRange:
        """Return the period as PostgreSQL writes it: tstzrange '[)'."""
        return DateTimeTZRange(self.start, self.end, "[)")

    def overlaps(self, other: "Period") -> bool:
        """Whether they share an instant; touching periods do not."""
        return self.start < other.end and other.start < self.end

    def contains(self, other: "Period") -> bool:
        """Whether the other lies wholly inside this one."""
        return self.start <= other.start and other.end <= self.end

    def holds(self, instant: datetime) -> bool:
        """Whether the instant lies in it; the end does not."""
        return self.start <= instant < self.end

    def widened(self, *, before: int, after: int) -> "Period":
        """Return the period with so many minutes added before and after."""
        return Period(self.start - timedelta(minutes=before), self.end + timedelta(minutes=after))

    def clipped(self, other: "Period") -> "Period | None":
        """Return the part inside the other, or None where they share nothing."""
        if self.start >= other.end or other.start >= self.end:
            return None  # asked of many that are elsewhere
        return Period(max(self.start, other.start), min(self.end, other.end))


def merged(periods: Iterable[Period]) -> list[Period]:
    """Return the periods in order, touching and overlapping ones joined."""
    joined: list[Period] = []
    for period in sorted(periods):
        if joined and period.start <= joined[-1].end:
            joined[-1] = Period(joined[-1].start, max(joined[-1].end, period.end))
        else:
            joined.append(period)
    return joined


def without(periods: Iterable[Period], taken: Iterable[Period]) -> list[Period]:
    """Return what is left of the periods once the taken ones are cut out, in order."""
    cuts = merged(taken)
    left: list[Period] = []
    for period in merged(periods):
        start = period.start
        for cut in cuts:
            if cut.end <= start:
                continue
            if cut.start >= period.end:
                break
            if cut.start > start:
                left.append(Period(start, cut.start))
            start = max(start, cut.end)
        if start < period.end:
            left.append(Period(start, period.end))
    return left
