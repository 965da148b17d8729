"""Who operates (BK-10): of those who are qualified, there, and free, the one with the fewest minutes that day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from kernel.periods import Period


@dataclass(frozen=True, slots=True)
class Operator:
    """
    An operator who is qualified for the instrument until an instant.

    `works` is when they may be asked, inside the window: their own hours (or any, where they keep the lab's), less
    their leaves; None where that is all of it. `busy` is what they have been assigned to.
    """

    key: int
    code: str
    resource_id: int
    qualified_until: datetime
    works: tuple[Period, ...] | None
    busy: tuple[Period, ...]

    def can_attend(self, presence: Sequence[Period], *, until: datetime) -> bool:
        """Whether they are qualified through the end, there throughout, and not booked twice."""
        return (
            until <= self.qualified_until
            and (self.works is None or all(any(one.contains(part) for one in self.works) for part in presence))
            and not any(busy.overlaps(part) for busy in self.busy for part in presence)
        )

    def minutes_on(self, day: Period) -> int:
        """How many minutes of a day they are assigned already."""
        return sum(part.minutes for busy in self.busy if (part := busy.clipped(day)) is not None)


def chosen(
    operators: Iterable[Operator], *, presence: Sequence[Period], until: datetime, day: Period
) -> Operator | None:
    """Return who is assigned: of those who can attend, the fewest assigned minutes that day, then the first code."""
    able = (operator for operator in operators if operator.can_attend(presence, until=until))
    return min(able, key=lambda operator: (operator.minutes_on(day), operator.code), default=None)
