"""Two people do what excludes each other to one rental at the same instant: exactly one of them wins."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from audit.models import AuditEvent
from billing.models import Bill
from bookings.models import Occupancy, Rental
from bookings.rentals import operations as rentals
from kernel.refusals import Refusal
from tests.factories.bookings import MONDAY_9, TUESDAY_9, buyer, checked_in, confirmed, held, hours, lab_of, places
from tests.factories.labs import InstrumentFactory
from tests.factories.racing import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
ROUNDS = 4


def outcomes(results: list[object]) -> list[str]:
    """Return who won: a rental, or the code of a refusal; whatever else happened shows itself."""
    return [one.code if isinstance(one, Refusal) else type(one).__name__ for one in results]


def both(first: Callable[[], object], second: Callable[[], object]) -> list[str]:
    return outcomes(at_once(first, second))


def state(rental: Rental) -> str:
    rental.refresh_from_db()
    return rental.status


def test_of_cancelling_and_checking_in_exactly_one_happens():
    for _ in range(ROUNDS):
        member = buyer()
        rental = confirmed(by=member)
        lab = lab_of(rental)

        told = both(
            lambda rental=rental, member=member: rentals.cancel(rental=rental, by=member, now=TUESDAY_9),
            lambda rental=rental, lab=lab: rentals.check_in(rental=rental, by=lab, now=TUESDAY_9),
        )

        assert sorted(told) == ["ILLEGAL_TRANSITION", "Rental"], told
        cancelled = told[0] == "Rental"
        assert state(rental) == ("cancelled" if cancelled else "checked_in")
        assert places(rental).exists() is not cancelled
        assert Bill.objects.get(order_number=rental.number).state == ("cancelled" if cancelled else "open")


def test_of_approving_and_expiring_at_the_deadline_exactly_one_happens():
    for _ in range(ROUNDS):
        member = buyer()
        instrument = InstrumentFactory(policy__requires_approval=True)
        rental = held(by=member, instrument=instrument, period=hours(24, 26))
        rental = rentals.submit_for_approval(rental=rental, by=member, now=MONDAY_9)
        lab, until = lab_of(rental), rental.held_until
        in_time = until - timedelta(microseconds=1)

        results = at_once(
            lambda rental=rental, lab=lab, in_time=in_time: rentals.approve(rental=rental, by=lab, now=in_time),
            lambda until=until: rentals.expire_lapsed(now=until),
        )

        approved = isinstance(results[0], Rental)
        assert state(rental) == ("awaiting_payment" if approved else "expired"), results
        assert results[1] in ((0, 1) if approved else (1,))
        assert places(rental).exists() is approved


def test_of_going_on_and_a_new_hold_after_it_exactly_one_gets_the_time():
    for _ in range(ROUNDS):
        rental, rival = checked_in(period=hours(0, 1)), buyer()
        lab, now = lab_of(rental), TUESDAY_9 + timedelta(minutes=30)

        told = both(
            lambda rental=rental, lab=lab, now=now: rentals.extend(
                rental=rental, until=hours(0, 2).end, by=lab, now=now
            ),
            lambda rental=rental, rival=rival, now=now: held(
                instrument=rental.instrument, period=hours(1, 2), by=rival, now=now
            ),
        )

        assert sorted(told) == ["CAPACITY_EXCEEDED", "Rental"], told
        taken = Occupancy.objects.filter(resource__instrument=rental.instrument)
        assert taken.count() == (1 if told[0] == "Rental" else 2)


def test_of_moving_and_a_hold_on_the_target_exactly_one_gets_the_time():
    for _ in range(ROUNDS):
        member, rival = buyer(), buyer()
        rental = confirmed(by=member, period=hours(0, 2))

        told = both(
            lambda rental=rental, member=member: rentals.reschedule(
                rental=rental, period=hours(24, 26), by=member, now=MONDAY_9
            ),
            lambda rental=rental, rival=rival: held(instrument=rental.instrument, period=hours(25, 27), by=rival),
        )

        assert sorted(told) == ["CAPACITY_EXCEEDED", "Rental"], told
        rental.refresh_from_db()
        assert rental.time == (hours(24, 26) if told[0] == "Rental" else hours(0, 2))
        assert places(rental).get().usage == rental.period


def test_two_rentals_that_swap_their_times_never_deadlock():
    for _ in range(ROUNDS):
        member = buyer()
        one = confirmed(by=member, period=hours(0, 2))
        other = confirmed(by=member, period=hours(24, 26), instrument=one.instrument)

        told = both(
            lambda one=one, member=member: rentals.reschedule(
                rental=one, period=hours(25, 27), by=member, now=MONDAY_9
            ),
            lambda other=other, member=member: rentals.reschedule(
                rental=other, period=hours(1, 3), by=member, now=MONDAY_9
            ),
        )

        assert set(told) <= {"CAPACITY_EXCEEDED", "Rental"}, told


def test_of_a_no_show_and_checking_in_at_the_last_moment_exactly_one_happens():
    for _ in range(ROUNDS):
        rental = confirmed()
        lab, now = lab_of(rental), TUESDAY_9 + timedelta(minutes=30)

        results = at_once(
            lambda now=now: rentals.mark_no_shows(now=now),
            lambda rental=rental, lab=lab, now=now: rentals.check_in(rental=rental, by=lab, now=now),
        )

        came = isinstance(results[1], Rental)
        assert (state(rental), results[0]) == (("checked_in", 0) if came else ("no_show", 1)), results


def test_what_many_settle_check_out_or_answer_at_once_happens_once():
    member = buyer()
    rental = checked_in(by=member)
    lab, later = lab_of(rental), TUESDAY_9 + timedelta(days=9)
    usage = rentals.UsageGiven(condition="good")

    out = at_once(*[lambda: rentals.check_out(rental=rental, usage=usage, by=lab, now=rental.time.end)] * 4)
    settled = at_once(
        *[lambda: rentals.settle_due(now=later)] * 3, lambda: rentals.settle(rental=rental, by=member, now=later)
    )

    assert sorted(outcomes(out)) == ["ILLEGAL_TRANSITION"] * 3 + ["Rental"]
    assert state(rental) == "settled", settled
    for name in ("rental_checked_out", "rental_settled"):
        assert AuditEvent.objects.filter(name=name, facts__rental_id=rental.pk).count() == 1
