"""Making a series binding in one act: on the monthly account, or through the lab's approval."""

from datetime import datetime

from accounts.models import Membership
from bookings.rentals import operations as rentals
from bookings.rentals import rules
from bookings.rentals.models import Rental
from bookings.series import events, queries
from bookings.series.models import Series
from bookings.series.operations import steps


def finished(held: list[Rental], *, needs_approval: bool, by: Membership, now: datetime) -> list[Rental]:
    """Confirm held rentals on the monthly account, or send them to the lab where that approves first."""
    act = rentals.submit_many if needs_approval else rentals.confirm_many_on_account
    return act(held, by=by, now=now)


def confirm(*, series: Series, by: Membership, now: datetime) -> Series:
    """
    Confirm all dates of a series that are held or approved, in one transaction, each with a bill of its own.

    Held dates that the lab approves first are sent to it.

    Raises:
        NothingToDo: no date is held or approved.
        NoMonthlyAccount, CreditExceeded: the account does not allow all of it; nothing is confirmed.
        Busy: others kept the instrument locked for too long.
    """
    with steps.act(series) as locked:
        states = rules.MOVES["confirm"]
        waiting = [one.rental for one in queries.dated(locked, now) if one.rental and one.state in states]
        if not waiting:
            raise steps.NothingToDo
        done: list[Rental] = []
        for needs_approval in (False, True):
            of_them = [rental for rental in waiting if _asks(rental) == needs_approval]
            done += finished(of_them, needs_approval=needs_approval, by=by, now=now) if of_them else []
        tell_finished(locked, done, by=by, now=now)
    return locked


def _asks(rental: Rental) -> bool:
    """Whether a rental has to be approved before it is confirmed."""
    return rental.status == rules.HELD and rental.needs_approval


def tell_finished(series: Series, done: list[Rental], *, by: Membership, now: datetime) -> None:
    """Announce what was confirmed, and what waits for the lab."""
    confirmed = [rental for rental in done if rental.status == rules.CONFIRMED]
    if confirmed:
        total = sum(rental.total_fen for rental in confirmed)
        steps.tell(events.SeriesConfirmed, series, by=by, now=now, dates=len(confirmed), total_fen=total)
    if sent := len(done) - len(confirmed):
        steps.tell(events.SeriesSubmitted, series, by=by, now=now, dates=sent)
