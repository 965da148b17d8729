"""Which bookings an outage displaces (BK-8): all of them, or those that came last, where some units remain."""

from collections.abc import Iterable
from dataclasses import dataclass

from bookings.schedule.rules import has_room
from kernel.periods import Period


@dataclass(frozen=True, slots=True)
class Claim:
    """
    A booking of one instrument: the time it occupies, buffers included, and how many units.

    `is_fixed`: it is in use, and whoever uses it stays, even where an outage takes its place.
    """

    key: int
    period: Period
    units: int
    is_fixed: bool = False


@dataclass(frozen=True, slots=True)
class Loss:
    """An outage of the instrument: so many units are out for a time, or (None) all."""

    key: int
    period: Period
    units: int | None


def displaced(claims: Iterable[Claim], losses: Iterable[Loss], *, capacity: int) -> dict[int, Loss]:
    """
    Return the loss that displaces each booking that has no place any more, by the booking's key.

    Claims are given in the order in which they keep their place: whoever was first stays where the units that remain
    allow it at every instant, and who has a place is never displaced by who comes after. Those that are fixed are named
    too; they keep their units all the same.
    """
    known = sorted(losses, key=lambda loss: (loss.period, loss.key))
    kept: list[Period] = []
    lost: dict[int, Loss] = {}
    for claim in claims:
        hits = [loss for loss in known if loss.period.overlaps(claim.period)]
        whole = next((loss for loss in hits if loss.units is None or loss.units >= capacity), None)
        out = [loss.period for loss in hits for _ in range(loss.units or 0)]
        if whole is not None:
            lost[claim.key] = whole
        elif hits and not has_room([*kept, *out], claim.period, units=claim.units, capacity=capacity):
            lost[claim.key] = hits[0]
        if claim.is_fixed or claim.key not in lost:
            kept += [claim.period] * claim.units
    return lost
