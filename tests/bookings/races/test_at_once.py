"""What two people can do to one rental or one account at the same instant, with real connections."""

from datetime import timedelta
from random import Random
from threading import Event

import pytest
from django.db import transaction

from billing.bills.operations import CreditExceeded
from billing.ledger.chart import Account
from billing.ledger.queries import balance
from billing.models import Bill
from bookings.models import Occupancy, Rental
from bookings.rentals import operations as rentals
from kernel.money import Money
from kernel.refusals import Refusal
from tests.factories.bookings import MONDAY_9, buyer, confirmed, held, hours
from tests.factories.labs import ALWAYS, InstrumentFactory, LabFactory, RoomFactory
from tests.factories.racing import at_once, wait_until_somebody_waits

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


def outcomes(results: list[object]) -> list[str]:
    return sorted(one.code if isinstance(one, Refusal) else type(one).__name__ for one in results)


def places():
    """What is taken of instruments; each has its operator's time beside it."""
    return Occupancy.objects.filter(resource__kind="instrument")


def test_bk_17_of_two_buyers_at_the_operation_exactly_one_gets_the_slot():
    instrument = InstrumentFactory()
    members = [buyer() for _ in range(8)]

    results = at_once(*[lambda member=member: held(instrument=instrument, by=member) for member in members])

    assert outcomes(results) == [*["CAPACITY_EXCEEDED"] * 7, "Rental"]
    assert places().count() == Rental.objects.filter(status="held").count() == 1


def test_as_many_buyers_as_there_are_units_get_one():
    instrument = InstrumentFactory(capacity=3)
    members = [buyer() for _ in range(8)]

    results = at_once(*[lambda member=member: held(instrument=instrument, by=member) for member in members])

    assert outcomes(results) == [*["CAPACITY_EXCEEDED"] * 5, *["Rental"] * 3]
    assert sorted(places().values_list("unit", flat=True)) == [1, 2, 3]


def test_two_instruments_in_one_room_never_deadlock_and_never_share_it():
    room = RoomFactory(lab=LabFactory())
    pair = InstrumentFactory.create_batch(2, room=room, lab=room.lab)
    member = buyer()

    for round_ in range(5):
        period = hours(round_, round_ + 1)
        acts = [lambda each=each, period=period: held(instrument=each, period=period, by=member) for each in pair * 3]
        results = at_once(*acts)

        assert outcomes(results).count("Rental") == 1
        assert all(isinstance(one, (Rental, Refusal)) for one in results)


def test_bk_18_a_hold_confirmed_and_overbooked_at_the_instant_it_lapses_is_one_or_the_other():
    for _ in range(5):
        member, rival = buyer(), buyer()
        rental = held(by=member)
        on_time = rental.held_until - timedelta(microseconds=1)
        late = rental.held_until

        results = at_once(
            lambda rental=rental, member=member, on_time=on_time: rentals.confirm_on_account(
                rental=rental, by=member, now=on_time
            ),
            lambda rental=rental, rival=rival, late=late: held(instrument=rental.instrument, by=rival, now=late),
            lambda late=late: rentals.expire_lapsed(now=late),
        )

        states = sorted(Rental.objects.filter(instrument=rental.instrument).values_list("status", flat=True))
        assert states in (["confirmed"], ["expired", "held"]), results
        assert Occupancy.objects.filter(resource__instrument=rental.instrument).count() == 1


def test_of_a_cancellation_and_a_confirmation_at_once_the_books_follow_the_rental():
    for _ in range(5):
        member = buyer()
        rental = held(by=member)

        at_once(
            lambda rental=rental, member=member: rentals.cancel(rental=rental, by=member, now=MONDAY_9),
            lambda rental=rental, member=member: rentals.confirm_on_account(rental=rental, by=member, now=MONDAY_9),
        )

        rental.refresh_from_db()
        assert rental.status == "cancelled"
        assert not Occupancy.objects.filter(holder_id=rental.pk).exists()
        assert not Bill.objects.filter(order_number=rental.number, state="open").exists()


@pytest.mark.parametrize("act", [rentals.confirm_on_account, rentals.cancel])
def test_whoever_waits_for_a_rental_that_is_given_another_instrument_finds_it_there(act):
    member = buyer()
    rental = held(by=member)
    other = InstrumentFactory(lab=rental.instrument.lab)
    is_locked = Event()

    def move() -> None:
        with transaction.atomic():
            Rental.objects.filter(pk=rental.pk).update(instrument=other)
            is_locked.set()
            wait_until_somebody_waits()

    def wait_and_act() -> Rental:
        assert is_locked.wait(10)
        return act(rental=rental, by=member, now=MONDAY_9)

    _, done = at_once(move, wait_and_act)

    assert done.instrument == other


def test_a_rental_cancelled_twice_at_once_is_cancelled_once():
    member = buyer()
    rental = confirmed(by=member)

    results = at_once(*[lambda: rentals.cancel(rental=rental, by=member, now=MONDAY_9)] * 4)

    assert outcomes(results) == ["ILLEGAL_TRANSITION"] * 3 + ["Rental"]
    rental.refresh_from_db()
    assert rental.sequence == 2


def test_two_orders_that_together_pass_the_limit_are_not_both_charged():
    member = buyer(monthly_credit_fen=100_000)
    holds = [held(by=member) for _ in range(4)]

    results = at_once(
        *[lambda rental=rental: rentals.confirm_on_account(rental=rental, by=member, now=MONDAY_9) for rental in holds]
    )

    assert outcomes(results) == ["Rental"] + [CreditExceeded.code] * 3
    assert balance(Account.RECEIVABLE) == Money(60_000)


def test_bk_6_units_change_hands_while_others_confirm_and_cancel_and_nobody_loses_a_place():
    instrument = InstrumentFactory(capacity=3, lab=LabFactory(weekly=ALWAYS))
    members = [buyer(monthly_credit_fen=10**12) for _ in range(6)]

    def live(member, seed: int) -> list[str]:
        random = Random(seed)
        told = []
        for _ in range(12):
            start = random.randrange(20) / 2
            try:
                rental = held(instrument=instrument, period=hours(start, start + random.choice([1, 2, 3])), by=member)
                rentals.confirm_on_account(rental=rental, by=member, now=MONDAY_9)
                if random.random() < 0.5:
                    rentals.cancel(rental=rental, by=member, now=MONDAY_9)
                told.append("done")
            except Refusal as refusal:
                told.append(refusal.code)
        return told

    results = at_once(*[lambda member=member, seed=seed: live(member, seed) for seed, member in enumerate(members)])

    assert all(isinstance(one, list) for one in results), results
    assert {code for one in results for code in one} <= {"done", "CAPACITY_EXCEEDED"}
    standing = Rental.objects.filter(status="confirmed")
    assert sorted(standing.values_list("pk", flat=True)) == sorted(places().values_list("holder_id", flat=True))
    assert not Occupancy.objects.exclude(lapses_at=None).exists()
    assert set(Occupancy.objects.values_list("unit", flat=True)) <= {1, 2, 3}
