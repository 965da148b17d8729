"""Requirements 3.1: every event in every state; what is not drawn is refused and changes nothing."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import Membership
from audit.models import AuditEvent
from billing.models import Bill
from bookings.models import Interruption, MoveOffer, Occupancy, Rental, UsageRecord, UsageRun
from bookings.rentals import operations as rentals
from bookings.rentals import rules
from kernel.refusals import Refusal
from tests.factories.accounts import MembershipFactory
from tests.factories.bookings import (
    MONDAY_9,
    TUESDAY_9,
    buyer,
    checked_in,
    checked_out,
    confirmed,
    held,
    hours,
    interrupted,
    lab_of,
)
from tests.factories.labs import InstrumentFactory

pytestmark = pytest.mark.django_db

WEDNESDAY = hours(24, 26)
THURSDAY = hours(48, 50)
REST = hours(48, 49.5)
BACK = TUESDAY_9 + timedelta(hours=2)


def pending(**how: Any) -> Rental:
    """A rental that waits for the lab."""
    member = how.pop("by")
    return rentals.submit_for_approval(rental=held(by=member, **how), by=member, now=MONDAY_9)


def awaiting(**how: Any) -> Rental:
    """A rental that the lab has approved."""
    rental = pending(**how)
    return rentals.approve(rental=rental, by=lab_of(rental), now=MONDAY_9)


def expired(**how: Any) -> Rental:
    rental = held(**how)
    rentals.expire_lapsed(now=MONDAY_9 + timedelta(minutes=30))
    return rental


def rejected(**how: Any) -> Rental:
    rental = pending(**how)
    return rentals.reject(rental=rental, reason="夹具不合适", by=lab_of(rental), now=MONDAY_9)


def cancelled(**how: Any) -> Rental:
    return rentals.cancel(rental=held(**how), by=how["by"], now=MONDAY_9)


def not_shown_up(**how: Any) -> Rental:
    rental = confirmed(**how)
    rentals.mark_no_shows(now=rental.time.start + timedelta(hours=1))
    return rental


def broken_off(**how: Any) -> Rental:
    rental = interrupted(back_at=BACK, **how)
    return rentals.abandon(rental=rental, by=how["by"], now=TUESDAY_9 + timedelta(hours=1))


def settled(**how: Any) -> Rental:
    return rentals.settle(rental=checked_out(**how), by=how["by"], now=TUESDAY_9 + timedelta(hours=3))


IN: dict[str, Callable[..., Rental]] = {
    rules.HELD: held,
    rules.PENDING: pending,
    rules.AWAITING: awaiting,
    rules.CONFIRMED: confirmed,
    rules.CHECKED_IN: checked_in,
    rules.INTERRUPTED: lambda **how: interrupted(back_at=BACK, **how),
    rules.CHECKED_OUT: broken_off,
    rules.SETTLED: settled,
    rules.EXPIRED: expired,
    rules.REJECTED: rejected,
    rules.CANCELLED: cancelled,
    rules.NO_SHOW: not_shown_up,
}
"""How a rental comes into each state, through the operations."""

BEFORE = MONDAY_9 + timedelta(minutes=5)
NOW = {
    **dict.fromkeys(rules.LAPSING, BEFORE),
    rules.CONFIRMED: MONDAY_9,
    rules.CHECKED_IN: TUESDAY_9 + timedelta(hours=1),
    rules.INTERRUPTED: TUESDAY_9 + timedelta(hours=1),
    rules.CHECKED_OUT: TUESDAY_9 + timedelta(hours=1),
    rules.SETTLED: TUESDAY_9 + timedelta(hours=4),
    rules.EXPIRED: MONDAY_9 + timedelta(hours=1),
    rules.REJECTED: BEFORE,
    rules.CANCELLED: BEFORE,
    rules.NO_SHOW: TUESDAY_9 + timedelta(hours=1),
}
"""When something is tried in each state."""


def colleague(rental: Rental) -> Any:
    return MembershipFactory(organisation=rental.organisation).user


def contested(rental: Rental, by: Membership, now: datetime) -> Rental:
    """Object to what the customer says: said here first, where it can be."""
    if rental.status == rules.CHECKED_OUT:
        rental = rentals.declare_unusable(rental=rental, by=by, now=now)
    return rentals.object_to_unusable(rental=rental, reason="数据完整", by=lab_of(rental), now=now)


def check_in(rental: Rental, by: Membership, now: datetime) -> Rental:
    at = now if rental.status in rules.LAPSING else max(now, TUESDAY_9)
    return rentals.check_in(rental=rental, by=lab_of(rental), now=at)


DO: dict[str, Callable[[Rental, Membership, datetime], Any]] = {
    "submit": lambda r, by, now: rentals.submit_for_approval(rental=r, by=by, now=now),
    "approve": lambda r, by, now: rentals.approve(rental=r, by=lab_of(r), now=now),
    "reject": lambda r, by, now: rentals.reject(rental=r, reason="维护", by=lab_of(r), now=now),
    "await_payment": lambda r, by, now: rentals.await_payment(rental=r, pays_by="online", by=by, now=now),
    "start_checkout": lambda r, by, now: rentals.start_checkout(rental=r, by=by, now=now),
    "confirm": lambda r, by, now: rentals.confirm_on_account(rental=r, by=by, now=now),
    "pay": lambda r, by, now: rentals.confirm_paid(rental_id=r.pk, amount_fen=r.total_fen, now=now),
    "late_pay": lambda r, by, now: rentals.confirm_paid(rental_id=r.pk, amount_fen=r.total_fen, now=now),
    "cancel": lambda r, by, now: rentals.cancel(rental=r, by=by, now=now),
    "cancel_by_lab": lambda r, by, now: rentals.cancel_by_lab(rental=r, reason="维护", by=lab_of(r), now=now),
    "hand_over": lambda r, by, now: rentals.hand_over(rental=r, to=colleague(r), by=by, now=now),
    "reschedule": lambda r, by, now: rentals.reschedule(rental=r, period=THURSDAY, by=by, now=now),
    "reschedule_by_lab": lambda r, by, now: rentals.reschedule_by_lab(
        rental=r, period=THURSDAY, reason="维护", consent=True, by=lab_of(r), now=now
    ),
    "check_in": check_in,
    "extend": lambda r, by, now: rentals.extend(rental=r, until=TUESDAY_9 + timedelta(hours=4), by=by, now=now),
    "interrupt": lambda r, by, now: rentals.interrupt(rental=r, fault="异响", by=lab_of(r), now=now),
    "resume": lambda r, by, now: rentals.resume(rental=r, by=lab_of(r), now=now),
    "rebook": lambda r, by, now: rentals.rebook(rental=r, instrument=r.instrument, period=REST, by=by, now=now),
    "abandon": lambda r, by, now: rentals.abandon(rental=r, by=by, now=now),
    "check_out": lambda r, by, now: rentals.check_out(
        rental=r, usage=rentals.UsageGiven(condition="good"), by=lab_of(r), now=now
    ),
    "declare_unusable": lambda r, by, now: rentals.declare_unusable(rental=r, by=by, now=now),
    "object_to_unusable": contested,
    "settle": lambda r, by, now: rentals.settle(rental=r, by=by, now=now),
}
"""Every event that somebody can bring about with an operation of its own."""

BY_THE_CLOCK = {"expire": rentals.expire_lapsed, "no_show": rentals.mark_no_shows}


def everything(rental: Rental) -> dict[str, Any]:
    """All that a refused event must leave as it was."""
    row = Rental.objects.filter(pk=rental.pk).values().get()
    mine = {"rental_id": rental.pk}
    return {
        "row": row,
        "time": list(Occupancy.objects.order_by("pk").values()),
        "audit": AuditEvent.objects.count(),
        "bills": list(Bill.objects.order_by("pk").values()),
        "usage": list(UsageRecord.objects.filter(**mine).values()),
        "runs": list(UsageRun.objects.filter(**mine).order_by("pk").values()),
        "faults": list(Interruption.objects.filter(**mine).order_by("pk").values()),
        "offers": list(MoveOffer.objects.filter(**mine).order_by("pk").values()),
    }


def test_every_event_has_an_act_and_every_state_a_way_there():
    assert {*DO, *BY_THE_CLOCK} == set(rules.MOVES)
    assert set(IN) == set(NOW) == set(Rental.Status.values)
    assert set(rules.BY) == set(rules.MOVES)
    assert {to for moves in rules.MOVES.values() for to in moves.values()} | {rules.HELD} == set(Rental.Status.values)


NEED_APPROVAL = (rules.PENDING, rules.AWAITING, rules.REJECTED)


def of_state(state: str, event: str = "") -> tuple[Rental, Membership]:
    member = buyer()
    needs_approval = state in NEED_APPROVAL or (state, event) == (rules.HELD, "submit")
    instrument = InstrumentFactory(policy__requires_approval=needs_approval)
    rental = IN[state](instrument=instrument, by=member, period=hours(0, 2))
    rental.refresh_from_db()
    assert rental.status == state
    return rental, member


DRAWN = [(state, event) for event, moves in rules.MOVES.items() for state in moves if event in DO]
NOT_DRAWN = [(state, event) for event in DO for state in IN if state not in rules.MOVES[event]]
SHARED = {("pay", rules.EXPIRED), *(("late_pay", state) for state in rules.MOVES["pay"])}
"""Money that arrives asks for one of two events; the state says which."""


@pytest.mark.parametrize(("state", "event"), DRAWN)
def test_an_event_that_is_drawn_leads_where_it_says(state, event):
    rental, member = of_state(state, event)

    done = DO[event](rental, member, NOW[state])

    rental.refresh_from_db()
    assert rental.status == rules.MOVES[event][state]
    assert isinstance(done, Rental)


@pytest.mark.parametrize(
    ("state", "event"), [(state, event) for state, event in NOT_DRAWN if (event, state) not in SHARED]
)
def test_an_event_that_is_not_drawn_is_refused_and_changes_nothing(state, event):
    rental, member = of_state(state)
    lab_of(rental)
    before = everything(rental)

    with pytest.raises(rentals.NotPossibleNow) as caught:
        DO[event](rental, member, NOW[state])

    assert caught.value.code == "ILLEGAL_TRANSITION"
    assert everything(rental) == before


@pytest.mark.parametrize("state", [state for state in IN if state not in (*rules.LAPSING, rules.CONFIRMED)])
def test_the_clock_leaves_alone_what_does_not_wait_for_it(state):
    rental, _ = of_state(state)
    before = everything(rental)
    late = TUESDAY_9 + timedelta(hours=5)

    for job in BY_THE_CLOCK.values():
        job(now=late)

    assert everything(rental) == before


@pytest.mark.parametrize("event", ["submit", "await_payment", "confirm", "cancel", "hand_over"])
def test_a_hold_that_ran_out_says_so_instead(event):
    rental, member = of_state(rules.HELD)
    before = everything(rental)

    with pytest.raises(rentals.HoldLapsed):
        DO[event](rental, member, MONDAY_9 + timedelta(minutes=30))

    assert everything(rental) == before


@pytest.mark.parametrize(("state", "event"), DRAWN)
def test_an_event_twice_happens_once_or_is_refused(state, event):
    """Whoever repeats without a key is told what has become of it: nothing is made twice."""
    rental, member = of_state(state, event)
    DO[event](rental, member, NOW[state])
    events = AuditEvent.objects.count()

    try:
        DO[event](rental, member, NOW[state])
    except Refusal:
        assert AuditEvent.objects.count() == events
    else:
        assert rules.MOVES[event][state] in rules.MOVES[event]
