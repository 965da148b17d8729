"""What every step of a rental does: lock its row, move its state or refuse, save it, say so."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from bookings.rentals import events, rules
from bookings.rentals.models import Rental
from bookings.schedule.models import Occupancy
from kernel.events import announce, announce_all
from kernel.locks import lock
from kernel.refusals import Refusal

RENTAL = Occupancy.Holder.RENTAL

_series: ContextVar[int | None] = ContextVar("series", default=None)


@contextmanager
def part_of_series(series_id: int) -> Iterator[None]:
    """
    Mark what happens to rentals inside as part of one act on a series (BK-21).

    Their events carry the series: people are told of the act once, by the series, not of each of its rentals.
    """
    before = _series.set(series_id)
    try:
        yield
    finally:
        _series.reset(before)


class NotPossibleNow(Refusal):
    """The rental's state does not allow it; nothing was changed."""

    code = "ILLEGAL_TRANSITION"
    message = _("That is not possible: the rental {number} is {status}.")


class HoldLapsed(Refusal):
    """The hold ran out before it was confirmed (BK-18)."""

    code = "HOLD_LAPSED"
    message = _("The hold of {number} has run out. Please choose the time again.")


class ReasonMissing(Refusal):
    """A lab that declines or cancels says why."""

    code = "REASON_MISSING"
    message = _("Please give the reason.")
    status = 422


class PriceChanged(Refusal):
    """The price is not the one the person saw and agreed to."""

    code = "PRICE_CHANGED"
    message = _("The price has changed from {expected} to {total}. Please look at it again.")


class PlaceLost(Refusal):
    """It cannot take place as booked (BK-8): choose another time or instrument, or call it off; that costs nothing."""

    code = "PLACE_LOST"
    message = _("{number} cannot take place as booked: the instrument is not available then.")
    cure = _("Choose another time or a comparable instrument.")


def demand_place(rental: Rental) -> None:
    """
    Let a rental pass that can take place as booked.

    Raises:
        PlaceLost: it cannot.
    """
    if rental.needs_rebooking is not None:
        raise PlaceLost(number=rental.number)


def locked(rental: Rental) -> Rental:
    """
    Lock a rental's row and return it as it is now.

    Note [Locked and joined]: who waits for a row that another transaction gives another instrument is given no row,
    for it does not join any more with what was read before. It is locked all the same, and asked for once more.
    """
    rows = Rental.objects.filter(pk=rental.pk).select_related("policy", "tariff", "instrument__lab")
    return (lock(rows) or lock(rows))[0]


def locked_all(rentals: Sequence[Rental]) -> list[Rental]:
    """Lock rentals' rows in key order and return them as they are now, in the order given."""
    rows = Rental.objects.filter(pk__in=[rental.pk for rental in rentals])
    found = {rental.pk: rental for rental in lock(rows.select_related("policy", "tariff", "instrument__lab"))}
    return [found[rental.pk] for rental in rentals]


def move(rental: Rental, event: str, now: datetime) -> None:
    """Set the state an event leads to, or refuse and leave everything as it is."""
    if event != "expire" and rental.status_at(now) == rules.EXPIRED != rental.status:
        raise HoldLapsed(number=rental.number)
    following = rules.MOVES[event].get(rental.status)
    if following is None:
        raise NotPossibleNow(number=rental.number, status=str(rental.get_status_display()))
    rental.status = following


def mark_changed(rental: Rental, now: datetime) -> None:
    """Let calendar programs look at a rental again (CA-5), once it is saved."""
    rental.changed_at = now
    rental.sequence += 1


def save(rental: Rental, now: datetime) -> None:
    """Save a rental that calendar programs must look at again (CA-5)."""
    mark_changed(rental, now)
    rental.save()


def tell_all(
    kind: type[events.RentalEvent], rentals: Iterable[Rental], *, by: Membership | None, now: datetime
) -> None:
    """Announce what happened to many rentals in one act."""
    announce_all([event_of(kind, rental, by=by, now=now) for rental in rentals])


def tell(kind: type[events.RentalEvent], rental: Rental, *, by: Membership | None, now: datetime, **facts: Any) -> None:
    """Announce what happened to a rental."""
    announce(event_of(kind, rental, by=by, now=now, **facts))


def event_of(
    kind: type[events.RentalEvent], rental: Rental, *, by: Membership | None, now: datetime, **facts: Any
) -> events.RentalEvent:
    """Return what happened to a rental, as part of an act on a series where there is one."""
    told = {"series_id": _series.get(), **facts}
    return kind(
        occurred_at=now,
        actor_id=by.user_id if by else None,
        organisation_id=by.organisation_id if by else None,
        is_offer=rental.is_offer,
        rental_id=rental.pk,
        number=rental.number,
        **told,
    )
