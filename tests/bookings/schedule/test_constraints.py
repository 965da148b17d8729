"""What the database itself holds of the schedule, whoever writes (style guide, rule 5)."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from bookings.models import Occupancy, Rental, Resource
from bookings.schedule import operations as schedule
from kernel.refusals import violated
from tests.factories.bookings import MONDAY_9, TUESDAY_9, confirmed, held, hours
from tests.factories.labs import InstrumentFactory, OperatorFactory, RoomFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def resource() -> Resource:
    return Resource.objects.create(kind="instrument", instrument=InstrumentFactory())


def occupancy(resource: Resource, **changed) -> Occupancy:
    period = hours(0, 2).as_range()
    fields = {"resource": resource, "period": period, "usage": period, "holder_kind": "rental", "holder_id": 1}
    return Occupancy.objects.create(**{**fields, **changed})


def violates(name: str, act) -> None:
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        act()
    assert violated(caught.value) == name


def test_one_unit_of_a_resource_is_never_taken_twice(resource):
    occupancy(resource)

    violates(
        "occupancy_no_overlap", lambda: occupancy(resource, period=hours(1, 3).as_range(), usage=hours(1, 3).as_range())
    )
    occupancy(resource, unit=2)
    occupancy(resource, period=hours(2, 3).as_range(), usage=hours(2, 3).as_range())
    assert Occupancy.objects.count() == 3


def test_the_constraint_is_immediate_and_can_arbitrate():
    with connection.cursor() as cursor:
        cursor.execute("SELECT contype, condeferrable FROM pg_constraint WHERE conname = 'occupancy_no_overlap'")
        assert cursor.fetchone() == ("x", False)


def test_an_occupancy_is_never_empty_or_endless(resource):
    empty = (TUESDAY_9, TUESDAY_9)

    violates("occupancy_is_bounded", lambda: occupancy(resource, period=empty, usage=empty))
    violates("occupancy_is_bounded", lambda: occupancy(resource, period=(TUESDAY_9, None)))


def test_the_time_taken_covers_the_time_used(resource):
    violates("occupancy_covers_its_usage", lambda: occupancy(resource, usage=hours(1, 3).as_range()))


def test_units_count_from_one(resource):
    violates("occupancy_unit_counts_from_one", lambda: occupancy(resource, unit=0))


def test_a_resource_is_one_thing():
    instrument, room = InstrumentFactory(), RoomFactory()

    violates("resource_is_one_thing", lambda: Resource.objects.create(kind="room", instrument=instrument))
    violates(
        "resource_is_one_thing", lambda: Resource.objects.create(kind="instrument", instrument=instrument, room=room)
    )


def test_taking_several_places_says_whether_all_were_free(resource):
    other = Resource.objects.create(kind="instrument", instrument=InstrumentFactory())
    occupancy(other)

    def take(*resources: Resource) -> bool:
        return schedule.occupy(
            [schedule.Want(each.pk, hours(1, 3), hours(1, 3)) for each in resources],
            holder_kind=Occupancy.Holder.RENTAL,
            holder_id=2,
            lapses_at=None,
            now=TUESDAY_9,
        )

    assert take(resource, other) is False
    Occupancy.objects.filter(holder_id=2).delete()
    assert take(resource) is True


def test_missing_resources_are_made_once():
    """An instrument, its room, and its operator."""
    InstrumentFactory(room=RoomFactory(), operator=OperatorFactory())

    assert (schedule.add_missing_resources(), schedule.add_missing_resources()) == (3, 0)


@pytest.mark.parametrize(
    ("constraint", "change"),
    [
        ("rental_total_is_not_negative", {"total_fen": -1}),
        ("rental_fee_within_total", {"fee_fen": 10**9}),
        ("rental_that_may_lapse_says_when", {"held_until": None}),
        ("rental_cancelled_says_when", {"status": "cancelled"}),
        ("rental_confirmed_says_when", {"status": "confirmed"}),
        ("rental_period_is_bounded", {"period": (TUESDAY_9, None)}),
    ],
)
def test_a_rental_is_never_in_a_state_that_contradicts_itself(constraint, change):
    rental = held()

    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        Rental.objects.filter(pk=rental.pk).update(**change)

    both = ("rental_total_is_not_negative", "rental_fee_within_total")  # a negative total has no fee within it
    assert violated(caught.value) in (both if constraint in both else (constraint,))


def test_a_bill_is_charged_once_and_its_fee_stays_within_its_total():
    rental = confirmed()
    bill = rental.organisation.bills.get()

    violates("bill_fee_within_total", lambda: type(bill).objects.filter(pk=bill.pk).update(fee_fen=bill.total_fen + 1))
    violates(
        "billing_bill_order_number_key",
        lambda: type(bill).objects.create(
            order_number=bill.order_number,
            organisation=bill.organisation,
            lab=bill.lab,
            lines=[],
            total_fen=0,
            way="account",
            tax_category="rental_assisted",
            served_on=MONDAY_9.date(),
            created_at=MONDAY_9 + timedelta(hours=1),
            changed_at=MONDAY_9,
        ),
    )
