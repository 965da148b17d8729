"""
Time counted in quarter-hours, as the weeks of `InstrumentWeek` count it.

Quarters are counted from Monday 1 January 2001, 00:00 UTC; a week has 672 of them.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from kernel.periods import Period

QUARTER = timedelta(minutes=15)
QUARTERS_A_WEEK = 7 * 24 * 4
FIRST_MONDAY = datetime(2001, 1, 1, tzinfo=UTC)


def week_of(instant: datetime) -> int:
    """Return the number of the week that an instant lies in."""
    return int((instant - FIRST_MONDAY) // (QUARTER * QUARTERS_A_WEEK))


@dataclass(frozen=True, slots=True)
class Search:
    """
    A search for a run of quarters: in which weeks, how long, and where in the first week's count it may begin.

    `first_start` and `starts` say: one of so many quarters, from that one, counted from the beginning of `first_week`.
    """

    first_week: int
    weeks: int
    run: int
    first_start: int
    starts: int

    @property
    def quarters(self) -> int:
        """How many quarters are looked at: those it may begin in, and those that the last of them needs."""
        return self.starts + self.run - 1

    def of_week(self, number: int) -> tuple[int, int]:
        """Return which of these lie in one of the weeks: the first by that week's count, and how many."""
        begins = number * QUARTERS_A_WEEK
        first = max(self.first_start, begins)
        end = min(self.first_start + self.quarters, begins + QUARTERS_A_WEEK)
        return first - begins, end - first


def search(*, within: Period, minutes: int) -> Search:
    """
    Return the run of quarters that every use of so many minutes, begun inside `within`, has for its own.

    Note [What a use leaves visible]
        A use of n minutes shares an instant with at least n/15 (rounded up) quarters in a row, wherever it begins and
        whatever the grid, and the first of them is the one its start lies in. A quarter is marked only where it is
        closed or taken from end to end, so none of these is marked. Hence: whoever has no such run has no such use.
    """
    run = -(-minutes // 15)
    first = (within.start - FIRST_MONDAY) // QUARTER
    end = -((FIRST_MONDAY - within.end) // QUARTER)
    first_week = first // QUARTERS_A_WEEK
    last_week = (end + run - 2) // QUARTERS_A_WEEK
    return Search(
        first_week=first_week,
        weeks=last_week - first_week + 1,
        run=run,
        first_start=first - first_week * QUARTERS_A_WEEK,
        starts=end - first,
    )


def doublings(run: int) -> list[int]:
    """
    Return by how much a string of free quarters is shifted, step by step, until a yes means: free for the whole run.

    Each step lets both halves be free: 16 quarters are found in four steps.
    """
    steps, length = [], 1
    while length < run:
        steps.append(min(length, run - length))
        length += steps[-1]
    return steps
