"""When a rule that refuses would let pass instead: the next start in opening hours, for what is said to people."""

from collections.abc import Callable, Iterable
from datetime import datetime

from bookings.availability.rules.facts import Facts, Wish
from bookings.availability.rules.judging import saying
from bookings.availability.rules.judging.timing import is_open, next_on_grid
from kernel.periods import Period

TRIED = 24
"""How many later starts are looked at."""


def later_start(facts: Facts, wish: Wish, edges: Iterable[datetime], *, passes: Callable[[Period], bool]) -> str:
    """
    Return the first later start that is open and `passes` for as long as wished; empty where the facts show none.

    Only starts at the edges, instants at which something ends or begins, and at openings are looked at.
    """
    opens = (window.start for window in facts.open)
    after = sorted({edge for edge in (*edges, *opens) if edge > wish.period.start})
    for edge in after[:TRIED]:
        period = Period.starting(next_on_grid(edge, facts), wish.period.minutes)
        if is_open(facts, period) and passes(period):
            return saying.near(period.start, wish.period.start, facts)
    return ""
