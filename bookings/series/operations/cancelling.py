"""Cancelling dates of a series, by the customer and by the lab; what is past or in use stays."""

from datetime import date, datetime

from accounts.models import Membership
from bookings.rentals import operations as rentals
from bookings.series import events, queries
from bookings.series.models import Series
from bookings.series.operations import steps
from kernel.money import Money


def cancel(
    *,
    series: Series,
    which: str,
    by: Membership,
    now: datetime,
    on: date | None = None,
    expected_fee: Money | None = None,
) -> Series:
    """
    Cancel future dates of a series as the customer, each by its own step of the ladder (BL-20), in one transaction.

    `which` is `this`, `following` or `all`, as seen from the local date `on`. `expected_fee` is the sum the person saw;
    without it any is accepted.

    Raises:
        NothingToDo: none of these dates can be cancelled.
        PriceChanged: the sum is no longer the expected one; nothing is cancelled.
        Busy: others kept the instrument locked for too long.
    """
    with steps.act(series) as locked:
        found = queries.cancelling(locked, which=which, on=on, now=now)
        if not found.costs:
            raise steps.NothingToDo
        done = rentals.cancel_many([each.rental for each in found.costs], by=by, now=now)
        fee = Money(sum(rental.fee_fen for rental in done))
        if expected_fee is not None and expected_fee != fee:
            raise rentals.PriceChanged(expected=str(expected_fee), total=str(fee))
        steps.tell(events.SeriesCancelled, locked, by=by, now=now, dates=len(done), fee_fen=fee.fen, by_lab=False)
    return locked


def cancel_by_lab(
    *, series: Series, which: str, reason: str, by: Membership, now: datetime, on: date | None = None
) -> Series:
    """
    Cancel future dates of a series as the lab, with a reason; the customer owes nothing (BL-21).

    Raises:
        ReasonMissing: no reason was given.
        NothingToDo: none of these dates can be cancelled.
        Busy: others kept the instrument locked for too long.
    """
    if not reason.strip():
        raise rentals.ReasonMissing
    with steps.act(series) as locked:
        found = queries.cancelling(locked, which=which, on=on, now=now)
        if not found.costs:
            raise steps.NothingToDo
        theirs = [each.rental for each in found.costs]
        rentals.cancel_many(theirs, by_lab=True, reason=reason.strip(), by=by, now=now)
        steps.tell(
            events.SeriesCancelled,
            locked,
            by=by,
            now=now,
            dates=len(found.costs),
            fee_fen=0,
            by_lab=True,
            reason=reason.strip(),
        )
    return locked
