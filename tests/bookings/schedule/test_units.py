"""BK-6 in the database: the count alone refuses, units change where they must, and what is in use stays."""

from datetime import timedelta
from random import Random

import pytest

from bookings.availability.rules import CapacityExceeded
from bookings.models import Occupancy
from bookings.rentals import operations as rentals
from bookings.schedule.rules import has_room
from kernel.periods import Period
from kernel.refusals import Refusal
from labs.models import Instrument
from tests.factories.bookings import MONDAY_9, TUESDAY_9, buyer, checked_in, confirmed, held, hours, lab_of
from tests.factories.labs import ALWAYS, InstrumentFactory, LabFactory, RoomFactory

pytestmark = pytest.mark.django_db


def units_of(rental) -> list[int]:
    taken = Occupancy.objects.filter(holder_id=rental.pk, resource__instrument=rental.instrument_id)
    return sorted(taken.values_list("unit", flat=True))


@pytest.fixture
def pair():
    return InstrumentFactory(capacity=2)


def test_a_booking_is_taken_though_no_single_unit_is_free_throughout(pair):
    early = held(instrument=pair, period=hours(0, 2))
    late = held(instrument=pair, period=hours(1, 2))
    rentals.cancel(rental=early, by=buyer(), now=MONDAY_9)
    first = held(instrument=pair, period=hours(0, 1))
    assert (units_of(first), units_of(late)) == ([1], [2])

    throughout = held(instrument=pair, period=hours(0, 2))

    assert (units_of(first), units_of(late), units_of(throughout)) == ([1], [1], [2])


def test_whose_use_has_begun_keeps_the_unit(pair):
    now = TUESDAY_9 + timedelta(minutes=30)
    held(instrument=pair, period=hours(0, 3))
    begun = confirmed(instrument=pair, period=hours(0, 2))
    assert units_of(begun) == [2]

    held(instrument=pair, period=hours(2, 4), now=now)

    assert units_of(begun) == [2]


def test_a_buffer_that_reaches_back_takes_a_unit_that_nobody_has_just_left():
    pair = InstrumentFactory(capacity=2, policy__pre_buffer_min=30)
    left = checked_in(instrument=pair, period=hours(0, 1), mode="self")
    rentals.check_out(rental=left, usage=rentals.UsageGiven(condition="good"), by=lab_of(left), now=hours(1, 2).start)
    assert units_of(left) == [1]

    assert units_of(held(instrument=pair, period=hours(1, 2), now=hours(1, 2).start)) == [2]


def test_fewer_units_than_are_booked_one_day_refuse_nobody_on_another():
    instrument = InstrumentFactory(capacity=3)
    for _ in range(3):
        held(instrument=instrument, period=hours(24, 26))
    Instrument.objects.update(capacity=2)
    instrument.refresh_from_db()
    first, other = held(instrument=instrument, period=hours(0, 1)), held(instrument=instrument, period=hours(0.5, 2))
    assert (units_of(first), units_of(other)) == ([1], [2])

    held(instrument=instrument, period=hours(2, 4))
    held(instrument=instrument, period=hours(1, 3))
    held(instrument=instrument, period=hours(3, 5))

    assert held(instrument=instrument, period=hours(4, 5)).status == "held"


def test_several_units_are_taken_at_once_or_none(pair):
    both = held(instrument=pair, period=hours(0, 2), units=2)
    assert (both.units, units_of(both)) == (2, [1, 2])

    with pytest.raises(Refusal) as caught:
        held(instrument=pair, period=hours(1, 3), units=1)
    assert caught.value.code == "CAPACITY_EXCEEDED"
    assert units_of(held(instrument=pair, period=hours(2, 3), units=2)) == [1, 2]


def test_more_units_than_there_are_cannot_be_asked_for(pair):
    with pytest.raises(Refusal) as caught:
        held(instrument=pair, units=3)

    assert caught.value.code == "UNITS_OUT_OF_RANGE"


def test_units_of_an_instrument_take_one_place_in_its_room(pair):
    room = RoomFactory(lab=pair.lab, capacity=2)
    pair.room = room
    pair.save()

    held(instrument=pair, units=2)

    assert Occupancy.objects.filter(resource__room=room).count() == 1


@pytest.mark.parametrize("seed", range(4))
def test_whatever_comes_and_goes_a_hold_is_refused_exactly_where_the_count_is_exceeded(seed):
    random = Random(seed)
    capacity = random.randrange(2, 5)
    lab = LabFactory(weekly=ALWAYS)
    instrument = InstrumentFactory(
        lab=lab, capacity=capacity, policy__pre_buffer_min=15, policy__post_buffer_min=random.choice([0, 30])
    )
    after = instrument.booking_policies.get().post_buffer_min
    member, standing = buyer(monthly_credit_fen=10**12), {}
    for _ in range(60):
        if standing and random.random() < 0.3:
            gone = random.choice(sorted(standing))
            rentals.cancel(rental=standing.pop(gone)[0], by=member, now=MONDAY_9)
            continue
        start = random.randrange(24)
        wish, units = hours(start / 2, start / 2 + random.randrange(1, 7) / 2), random.randrange(1, 3)
        occupied = wish.widened(before=15, after=after)
        taken: list[Period] = [one for _, period, count in standing.values() for one in [period] * count]
        fits = has_room(taken, occupied, units=units, capacity=capacity)
        if not fits:
            with pytest.raises(CapacityExceeded):
                held(instrument=instrument, period=wish, by=member, units=units)
            continue
        rental = held(instrument=instrument, period=wish, by=member, units=units)
        standing[rental.pk] = (rental, occupied, units)
    assert Occupancy.objects.filter(resource__kind="instrument").count() == sum(
        count for _, _, count in standing.values()
    )
