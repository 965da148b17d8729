"""Rooms and operators that instruments share, and limits that span instruments, with real connections at once."""

from collections import Counter
from datetime import date, timedelta
from random import Random

import pytest
from django.db import DatabaseError

from bookings.models import Occupancy, Rental
from bookings.rentals import operations as rentals
from bookings.schedule.rules import most_at_once
from kernel.periods import Period
from kernel.refusals import Busy, Refusal
from labs.models import OperatorQualification
from tests.factories.bookings import MONDAY_9, buyer, held, hours
from tests.factories.labs import ALWAYS, InstrumentFactory, LabFactory, OperatorFactory, RoomFactory
from tests.factories.racing import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

THREADS = 10


def codes(results: list[object]) -> Counter[str]:
    """How often each answer was given: a rental, or the first code of a refusal; a fault is no answer."""
    faults = [one for one in results if not isinstance(one, (Rental, Refusal))]
    assert faults == []
    return Counter(one.code if isinstance(one, Refusal) else "held" for one in results)


def test_bk_12_of_one_organisation_that_wants_many_instruments_at_once_exactly_three_are_held():
    member = buyer(most_holds=None, most_bookings_ahead=None)
    instruments = InstrumentFactory.create_batch(THREADS)
    for instrument in instruments:
        held(instrument=instrument, period=hours(5, 6))  # its operators are in the schedule

    results = at_once(*[lambda each=each: held(instrument=each, by=member) for each in instruments])

    assert codes(results) == {"held": 3, "QUOTA_EXCEEDED": THREADS - 3}
    assert Rental.objects.filter(organisation=member.organisation).count() == 3


def test_bk_12_the_hours_of_a_week_are_never_exceeded_by_asking_at_once():
    member = buyer()
    instrument = InstrumentFactory(policy__week_max_minutes=180, capacity=8)
    held(instrument=instrument, period=hours(24, 25))

    results = at_once(
        *[lambda at=at: held(instrument=instrument, by=member, period=hours(at, at + 1)) for at in range(8)]
    )

    assert codes(results) == {"held": 3, "QUOTA_EXCEEDED": 5}


def test_bk_13_what_the_reserve_leaves_of_a_day_is_never_exceeded_by_asking_at_once():
    """570 minutes of three units, 50 % kept: 855 unit-minutes, fourteen hours of others than SMEs."""
    instrument = InstrumentFactory(policy__sme_reserve_bp=5_000, capacity=3)
    held(instrument=instrument, period=hours(0, 1))
    members = [buyer(size="large") for _ in range(16)]

    def ask(member, start: int) -> Rental:
        return held(instrument=instrument, by=member, period=hours(start, start + 1), units=2)

    results = at_once(*[lambda who=who, n=n: ask(who, 48 + n % 8) for n, who in enumerate(members)])

    assert codes(results)["held"] == 7
    assert set(codes(results)) <= {"held", "SME_RESERVE", "CAPACITY_EXCEEDED"}


def test_bk_10_as_many_instruments_as_there_are_operators_are_held_at_once():
    """Ten instruments want the same hour; three people may run any of them."""
    lab = LabFactory()
    instruments = InstrumentFactory.create_batch(THREADS, lab=lab, operator=False)
    for _ in range(3):
        operator = OperatorFactory(lab=lab)
        OperatorQualification.objects.bulk_create(
            OperatorQualification(operator=operator, instrument=each, valid_to=date(2028, 12, 31))
            for each in instruments
        )
    held(instrument=instruments[0], period=hours(5, 6))

    for round_ in range(3):
        period = hours(round_, round_ + 1)
        results = at_once(
            *[lambda each=each, period=period: held(instrument=each, by=buyer(), period=period) for each in instruments]
        )
        told = codes(results)
        assert told["held"] == 3
        assert set(told) <= {"held", "NO_QUALIFIED_OPERATOR", "CAPACITY_EXCEEDED"}
    nobody_is_in_two_places()


def nobody_is_in_two_places() -> None:
    """Count what each resource has at once, without the database's help."""
    by_resource: dict[int, list[Period]] = {}
    for row in Occupancy.objects.select_related("resource__instrument", "resource__room"):
        by_resource.setdefault(row.resource_id, []).append(Period.from_range(row.period))
    for resource in {
        row.resource for row in Occupancy.objects.select_related("resource__instrument", "resource__room")
    }:
        thing = resource.instrument or resource.room
        assert most_at_once(by_resource[resource.pk]) <= (thing.capacity if thing else 1)


@pytest.mark.parametrize("seed", range(3))
def test_mixed_bookings_of_instruments_that_share_room_and_operators_never_deadlock(seed):
    """Several modes, lengths, units, runs through the night; holds, cancellations and moves, by ten people at once."""
    lab = LabFactory(weekly=ALWAYS)
    room = RoomFactory(lab=lab, capacity=3)
    night = LabFactory(weekly=dict.fromkeys(range(7), ((480, 1080),)))
    instruments = [
        InstrumentFactory(lab=lab, room=room, operator=False),
        InstrumentFactory(lab=lab, room=room, operator=False, capacity=2),
        InstrumentFactory(lab=lab, operator=False, policy__pre_buffer_min=30, policy__post_buffer_min=30),
        InstrumentFactory(lab=night, operator=False, span_closed=True, policy__max_minutes=2880),
    ]
    for number in range(3):
        operator = OperatorFactory(lab=lab, code=f"R{seed}-{number}")
        OperatorQualification.objects.bulk_create(
            OperatorQualification(operator=operator, instrument=each, valid_to=date(2028, 12, 31))
            for each in instruments
        )
    members = [buyer(monthly_credit_fen=10**12) for _ in range(THREADS)]

    def live(member, seed: int) -> Counter[str]:
        random, told, mine = Random(seed), Counter[str](), []
        for _ in range(15):
            instrument = random.choice(instruments)
            start = random.randrange(16) / 2
            length = 20 if instrument.span_closed and random.random() < 0.3 else random.randrange(1, 6) / 2
            try:
                if mine and random.random() < 0.3:
                    rental = mine.pop(random.randrange(len(mine)))
                    rentals.cancel(rental=rental, by=member, now=MONDAY_9)
                    told["cancelled"] += 1
                    continue
                rental = held(
                    instrument=instrument,
                    by=member,
                    period=hours(start, start + length),
                    mode=random.choice(["assisted", "assisted", "self"]),
                    units=random.randrange(1, instrument.capacity + 1),
                )
                mine.append(rentals.confirm_on_account(rental=rental, by=member, now=MONDAY_9))
                told["held"] += 1
            except Busy:
                told["busy"] += 1
            except Refusal:
                told["refused"] += 1
            except DatabaseError as fault:
                told[f"{type(fault).__name__}: {fault}"] += 1
        return told

    results = at_once(*[lambda member=member, n=n: live(member, 100 * seed + n) for n, member in enumerate(members)])

    told = sum((one for one in results if isinstance(one, Counter)), Counter())
    assert set(told) <= {"held", "cancelled", "refused"}, (told, results)
    assert told["held"] >= 10
    nobody_is_in_two_places()
    standing = set(Rental.objects.filter(status="confirmed").values_list("pk", flat=True))
    assert standing == set(Occupancy.objects.values_list("holder_id", flat=True))
    for rental in Rental.objects.filter(status="confirmed").exclude(mode="self"):
        assert Occupancy.objects.filter(holder_id=rental.pk, resource__operator=rental.operator_id).exists()


def test_a_hold_and_a_confirmation_of_one_organisation_at_the_instant_a_hold_lapses_do_not_wait_for_each_other():
    """Both lock the organisation before the rental: were it the other way round for one, both would hang."""
    for _ in range(5):
        member = buyer()
        rental = held(by=member)
        on_time, late = rental.held_until - timedelta(microseconds=1), rental.held_until

        results = at_once(
            lambda rental=rental, member=member, on_time=on_time: rentals.confirm_on_account(
                rental=rental, by=member, now=on_time
            ),
            lambda rental=rental, member=member, late=late: held(instrument=rental.instrument, by=member, now=late),
        )

        codes(results)
        assert Occupancy.objects.filter(resource__instrument=rental.instrument).count() == 1
