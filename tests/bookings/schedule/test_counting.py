"""BK-6 over time: whatever comes, begins, ends early or is out, a plain count decides, and nobody in use is moved."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bookings.availability.rules import CapacityExceeded
from bookings.models import Occupancy, UsageRecord
from bookings.rentals import operations as rentals
from bookings.schedule.rules import has_room, most_at_once
from kernel.periods import Period
from kernel.refusals import Refusal
from labs.hours import operations as hours_of
from tests.factories.accounts import MembershipFactory
from tests.factories.bookings import MONDAY_9, TUESDAY_9, buyer, confirmed, hours
from tests.factories.labs import ALWAYS, InstrumentFactory, LabFactory

SLOT = timedelta(minutes=30)
slots = st.integers(0, 12)
events = st.one_of(
    st.tuples(st.just("arrive"), slots, st.integers(1, 6), st.integers(1, 2)),
    st.tuples(st.just("arrive"), slots, st.integers(1, 6), st.just(1)),
    st.tuples(st.just("leave"), st.integers(0, 9)),
    st.tuples(st.just("check in"), st.integers(0, 9)),
    st.tuples(st.just("check in"), st.integers(0, 9)),
    st.tuples(st.just("check out"), st.integers(0, 9)),
    st.tuples(st.just("out"), slots, st.integers(1, 6), st.integers(1, 2)),
    st.tuples(st.just("wait"), st.integers(1, 3)),
)


class Undone(Exception):  # noqa: N818 -- nothing went wrong
    """Rolls back what an example did."""


class World:
    """An instrument of several units, who has booked it, what is out, and what time it is."""

    def __init__(self, capacity: int, after: int) -> None:
        self.instrument = InstrumentFactory(
            lab=LabFactory(weekly=ALWAYS), capacity=capacity, operator=False, policy__post_buffer_min=after
        )
        self.capacity, self.after, self.now = capacity, after, TUESDAY_9 - SLOT / 2
        self.member = buyer(monthly_credit_fen=10**12)
        self.operator = MembershipFactory(role="lab_operator", organisation=self.instrument.lab.organisation)
        self.booked: list = []
        self.inside: list = []
        self.out: list[Period] = []

    def taken(self) -> list[Period]:
        """What is taken of the instrument, a period a unit, and what is out of it."""
        rows = Occupancy.objects.filter(resource__instrument=self.instrument)
        return [*(Period.from_range(row.period) for row in rows), *self.out]

    def arrive(self, slot: int, length: int, units: int) -> None:
        period = Period.starting(TUESDAY_9 + slot * SLOT, 30 * length)
        if period.start < self.now or units > self.capacity:
            return
        occupied = period.widened(before=0, after=self.after)
        fits = has_room(self.taken(), occupied, units=units, capacity=self.capacity)
        try:
            rental = confirmed(
                instrument=self.instrument, by=self.member, now=self.now, period=period, mode="self", units=units
            )
        except CapacityExceeded:
            assert not fits
        else:
            assert fits
            self.booked.append(rental)

    def out_of(self, slot: int, length: int, units: int) -> None:
        period = Period.starting(TUESDAY_9 + slot * SLOT, 30 * length)
        if units < self.capacity:  # else all of it is out, and another rule refuses
            hours_of.announce_outage(
                of=self.instrument,
                kind="maintenance",
                start=period.start,
                end=period.end,
                units=units,
                by=None,
                now=self.now,
            )
            self.out += [period] * units

    def of(self, number: int, rentals_: list, act) -> None:
        """Do something with one of the bookings, if it can be done."""
        if rentals_:
            with suppress(Refusal):
                act(rentals_[number % len(rentals_)])

    def at_the_door(self) -> list:
        """Bookings whose customer may come now; a quarter of an hour before the start is early enough."""
        return [one for one in self.booked if one.time.start - SLOT / 2 <= self.now < one.time.end]

    def happens(self, what: str, *told: int) -> None:
        if what == "arrive":
            self.arrive(*told)
        elif what == "out":
            self.out_of(*told)
        elif what == "wait":
            self.now += told[0] * SLOT
        elif what == "leave":
            self.of(told[0], self.booked, lambda rental: rentals.cancel(rental=rental, by=self.member, now=self.now))
        elif what == "check in":
            self.of(told[0], self.at_the_door(), self.let_in)
        else:
            self.of(told[0], self.inside, self.let_out)

    def let_in(self, rental) -> None:
        rentals.check_in(rental=rental, by=self.operator, now=self.now)
        self.inside.append(rental)

    def let_out(self, rental) -> None:
        usage = rentals.UsageGiven(condition="good")
        rentals.check_out(rental=rental, usage=usage, by=self.operator, now=self.now)
        self.inside.remove(rental)

    def is_sound(self) -> None:
        """No unit is taken twice, none is made up, and whoever is in use sits where they were let in."""
        by_unit: dict[int, list[Period]] = {}
        for row in Occupancy.objects.filter(resource__instrument=self.instrument):
            by_unit.setdefault(row.unit, []).append(Period.from_range(row.period))
        assert set(by_unit) <= set(range(1, self.capacity + 1))
        assert all(most_at_once(periods) == 1 for periods in by_unit.values())
        for used in UsageRecord.objects.filter(rental__instrument=self.instrument, rental__status="checked_in"):
            held = Occupancy.objects.filter(holder_id=used.rental_id, resource__instrument=self.instrument)
            assert sorted(held.values_list("unit", flat=True)) == used.positions


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    capacity=st.integers(2, 4),
    after=st.sampled_from([0, 30]),
    happened=st.lists(events, min_size=12, max_size=30),
)
def test_whatever_comes_begins_ends_or_is_out_a_hold_is_refused_exactly_where_the_count_is_exceeded(
    capacity, after, happened, db
):
    with pytest.raises(Undone), transaction.atomic():
        world = World(capacity, after)
        for event in happened:
            world.happens(*event)
            world.is_sound()
        raise Undone


@pytest.mark.django_db
def test_of_two_who_may_change_places_the_one_let_in_stays_and_the_other_makes_way():
    world = World(2, 0)
    for slot, length in ((0, 2), (2, 2), (0, 6)):
        world.arrive(slot, length, 1)
    early, late, long = world.booked
    world.now = TUESDAY_9
    rentals.check_in(rental=long, by=world.operator, now=world.now)
    rentals.cancel(rental=early, by=world.member, now=MONDAY_9)

    world.arrive(0, 2, 1)

    world.is_sound()
    assert UsageRecord.objects.get(rental=long).positions == [2]
    units = Occupancy.objects.filter(holder_id=late.pk, resource__instrument=world.instrument)
    assert list(units.values_list("unit", flat=True)) == [1]
    assert hours(0, 1) in world.taken()
