"""Which unit of a resource takes which time (BK-6): capacity is a count, and units are interchangeable until used."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from kernel.periods import Period


@dataclass(frozen=True, slots=True, order=True)
class Want:
    """
    So many units of one resource, which has `capacity` of them, for a period with its buffers and the usage inside.

    `at` are the units it already sits on and keeps, because its use has begun; else whichever are free.
    """

    resource_id: int
    period: Period
    usage: Period
    units: int = 1
    capacity: int = 1
    at: tuple[int, ...] = ()

    @property
    def decides_alone(self) -> bool:
        """Whether there is one unit: then the constraint alone decides who comes first."""
        return self.capacity == 1


@dataclass(frozen=True, slots=True)
class Share:
    """
    The time one unit of a resource is taken, buffers included; `key` names the row, `unit` is None for a new one.

    `is_fixed`: its use has begun, and whoever uses it stays where they are.
    """

    key: int
    period: Period
    unit: int | None
    is_fixed: bool = False


def most_at_once(periods: Iterable[Period]) -> int:
    """Return how many of the periods share an instant at most; touching periods share none."""
    edges = sorted(edge for one in periods for edge in ((one.start, 1), (one.end, -1)))
    return max(accumulate(step for _, step in edges), default=0)  # at one instant -1 sorts before 1


def has_room(taken: Iterable[Period], wanted: Period, *, units: int, capacity: int) -> bool:
    """Whether so many units more fit into the wanted time, whoever sits where (BK-6)."""
    clipped = [part for one in taken if (part := one.clipped(wanted)) is not None]
    return most_at_once(clipped) + units <= capacity


def arranged(shares: Sequence[Share], *, capacity: int) -> dict[int, int] | None:
    """
    Return a unit for every share, by its key, so that none overlap; None where there is no such arrangement.

    Interval colouring in the order of starts: whoever begins takes a unit that is free then, its own where it can.
    Where all fixed shares have begun, there is an arrangement if and only if no instant holds more than that. Who sits
    on a unit that is no more (there were more of them once) comes last, the lowest first, and stays if nothing is free.
    """
    standing: dict[int, list[Period]] = {unit: [] for unit in range(1, capacity + 1)}
    found: dict[int, int] = {}
    for share in shares:
        if share.is_fixed and share.unit is not None:
            found[share.key] = share.unit
            standing.setdefault(share.unit, []).append(share.period)
    movable = [share for share in shares if share.key not in found]
    for share in sorted(
        movable,
        key=lambda one: (_beyond(one, capacity), one.period.start, one.unit is None, one.period.end, one.key),
    ):
        unit = _unit_for(share, standing, capacity)
        if unit is None:
            return None
        found[share.key] = unit
        standing.setdefault(unit, []).append(share.period)
    return found


def _unit_for(share: Share, standing: dict[int, list[Period]], capacity: int) -> int | None:
    """Return its own unit where that is free, else the first that is; one that is no more only where none is."""
    free = [unit for unit in range(1, capacity + 1) if not _meets(standing[unit], share.period)]
    if not free:
        return share.unit if _beyond(share, capacity) else None
    return share.unit if share.unit in free else free[0]


def _beyond(share: Share, capacity: int) -> int:
    """Return how far beyond the units that there are a share sits; 0 for all others."""
    return max((share.unit or 0) - capacity, 0)


def _meets(periods: Iterable[Period], wanted: Period) -> bool:
    return any(one.overlaps(wanted) for one in periods)
