"""The lab's answer to a series in one act, with exceptions by date."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from accounts.models import Membership
from bookings.rentals import operations as rentals
from bookings.rentals import rules
from bookings.rentals.models import Rental
from bookings.series import events, queries
from bookings.series.models import Series
from bookings.series.operations import steps
from kernel.refusals import Busy, Refusal


@dataclass(frozen=True, slots=True)
class Answered:
    """What an answer did: the rentals it reached, and those that the rules refused meanwhile, which still wait."""

    done: tuple[Rental, ...]
    refused: tuple[tuple[Rental, Refusal], ...]


def approve(*, series: Series, by: Membership, now: datetime, numbers: Collection[str] | None = None) -> Answered:
    """
    Agree to the dates of a series that wait for the lab: to all, or only to those of these numbers.

    The others still wait. So does a date that the rules refuse by now; the answer names it.

    Raises:
        NothingToDo: none of them waits for approval.
        Busy: others kept the instrument locked for too long.
    """
    with steps.act(series) as locked:
        waiting = _waiting(locked, now)
        done: list[Rental] = []
        refused: list[tuple[Rental, Refusal]] = []
        for rental in _named(waiting, numbers):
            try:
                done.append(rentals.approve(rental=rental, by=by, now=now))
            except Busy:
                raise
            except Refusal as refusal:
                refused.append((rental, refusal))
        if done:
            left = len(waiting) - len(done)
            steps.tell(events.SeriesApproved, locked, by=by, now=now, dates=len(done), left=left)
    return Answered(tuple(done), tuple(refused))


def reject(
    *, series: Series, reason: str, by: Membership, now: datetime, numbers: Collection[str] | None = None
) -> Answered:
    """
    Decline the dates of a series that wait for the lab, all or those of these numbers, with a reason.

    Raises:
        ReasonMissing: no reason was given.
        NothingToDo: none of them waits for approval.
        Busy: others kept the instrument locked for too long.
    """
    if not reason.strip():
        raise rentals.ReasonMissing
    with steps.act(series) as locked:
        wanted = _named(_waiting(locked, now), numbers)
        done = [rentals.reject(rental=rental, reason=reason.strip(), by=by, now=now) for rental in wanted]
        steps.tell(events.SeriesRejected, locked, by=by, now=now, dates=len(done), reason=reason.strip())
    return Answered(tuple(done), ())


def _waiting(series: Series, now: datetime) -> list[Rental]:
    return [one.rental for one in queries.dated(series, now) if one.rental and one.state in rules.MOVES["approve"]]


def _named(waiting: list[Rental], numbers: Collection[str] | None) -> list[Rental]:
    wanted = [rental for rental in waiting if numbers is None or rental.number in numbers]
    if not wanted:
        raise steps.NothingToDo
    return wanted
