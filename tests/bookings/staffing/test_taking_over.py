"""Where an operator is away, a colleague takes over; where there is none, the lab has a task (BK-10)."""

from datetime import timedelta

import pytest

from audit.models import AuditEvent
from bookings.models import Occupancy, Rental, Task
from bookings.rentals import operations as rentals
from kernel.periods import Period
from labs.models import OperatorQualification
from labs.staff import operations as staff
from tests.factories.bookings import MONDAY_9, buyer, confirmed, held, hours
from tests.factories.labs import InstrumentFactory, LabFactory, OperatorFactory
from tests.factories.racing import at_once

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def lab():
    return LabFactory()


@pytest.fixture
def first(lab):
    return OperatorFactory(lab=lab, code="A")


@pytest.fixture
def instrument(lab, first):
    return InstrumentFactory(lab=lab, operator=first)


def colleague(instrument, code="B"):
    made = OperatorFactory(lab=instrument.lab, code=code)
    OperatorQualification.objects.create(operator=made, instrument=instrument, valid_to=(MONDAY_9 + 400 * DAY).date())
    return made


def away(operator, period=None):
    period = period or hours(-2, 12)
    return staff.announce_leave(operator=operator, start=period.start, end=period.end, by=None, now=MONDAY_9)


def at_work(rental) -> list[tuple[int, Period]]:
    rows = Occupancy.objects.filter(holder_id=rental.pk, resource__operator__isnull=False)
    return [(row.resource.operator_id, Period.from_range(row.period)) for row in rows.select_related("resource")]


def open_tasks() -> list[str]:
    return list(Task.objects.open().values_list("rental__number", flat=True))


def test_a_colleague_who_is_qualified_and_free_takes_over(instrument, first):
    rental = confirmed(instrument=instrument)
    second = colleague(instrument)

    away(first)

    rental.refresh_from_db()
    assert (rental.operator_id, at_work(rental), open_tasks()) == (second.pk, [(second.pk, hours(0, 2))], [])
    told = AuditEvent.objects.get(name="rental_reassigned")
    assert (told.facts["before_id"], told.facts["operator_id"]) == (first.pk, second.pk)


def test_a_hold_that_may_lapse_keeps_its_end_when_somebody_takes_over(instrument, first):
    rental = held(instrument=instrument)
    colleague(instrument)

    away(first)

    assert set(Occupancy.objects.filter(holder_id=rental.pk).values_list("lapses_at", flat=True)) == {rental.held_until}


def test_what_nobody_can_take_over_stays_and_is_a_task_until_somebody_can(instrument, first):
    rental = confirmed(instrument=instrument)

    leave = away(first)

    rental.refresh_from_db()
    assert (rental.operator_id, at_work(rental)) == (first.pk, [(first.pk, hours(0, 2))])
    assert open_tasks() == [rental.number]

    staff.take_back(leave=leave, by=None, now=MONDAY_9)

    assert open_tasks() == []
    assert Task.objects.get().closed_by is None


def test_whoever_is_qualified_later_is_assigned_to_what_waits(instrument, first):
    rental = confirmed(instrument=instrument)
    away(first)
    second = OperatorFactory(lab=instrument.lab)

    staff.qualify_operator(
        operator=second, instrument=instrument, valid_to=(MONDAY_9 + 9 * DAY).date(), by=None, now=MONDAY_9
    )

    rental.refresh_from_db()
    assert (rental.operator_id, open_tasks()) == (second.pk, [])


@pytest.mark.parametrize("change", ["hours", "gone", "unqualified"])
def test_other_hours_leaving_the_lab_and_losing_the_qualification_are_like_a_leave(instrument, first, change):
    rental = confirmed(instrument=instrument)
    second = colleague(instrument)

    if change == "hours":
        staff.set_hours(operator=first, weekly={0: [(0, 1440)]}, by=None, now=MONDAY_9)
    elif change == "gone":
        staff.edit_operator(operator=first, is_active=False, by=None, now=MONDAY_9)
    else:
        staff.unqualify_operator(qualification=first.qualifications.get(), by=None, now=MONDAY_9)

    rental.refresh_from_db()
    assert rental.operator_id == second.pk


def test_what_is_before_after_or_in_use_is_left_alone(instrument, first):
    before, after = (
        confirmed(instrument=instrument, period=hours(0, 1)),
        confirmed(instrument=instrument, period=hours(5, 6)),
    )
    colleague(instrument)

    away(first, hours(2, 5))

    assert {one.operator_id for one in Rental.objects.all()} == {first.pk}
    assert not AuditEvent.objects.filter(name__in=["rental_reassigned", "rental_lacks_operator"]).exists()
    assert {before.pk, after.pk} == set(Rental.objects.values_list("pk", flat=True))


def test_of_several_bookings_each_goes_to_whoever_has_least_to_do_that_day(instrument, first):
    one = confirmed(instrument=instrument, period=hours(0, 3))
    two = confirmed(instrument=instrument, period=hours(3, 5))
    three = confirmed(instrument=instrument, period=hours(5, 6))
    busy, idle = colleague(instrument, "B"), colleague(instrument, "C")

    away(first)

    found = dict(Rental.objects.values_list("pk", "operator_id"))
    assert (found[one.pk], found[two.pk], found[three.pk]) == (busy.pk, idle.pk, idle.pk)


def test_a_cancelled_booking_needs_nobody_any_more(instrument, first):
    member = buyer()
    rental = confirmed(instrument=instrument, by=member)
    away(first)

    rentals.cancel(rental=rental, by=member, now=MONDAY_9)

    assert open_tasks() == []


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_leave_and_bookings_at_once_leave_nobody_with_an_operator_who_is_away(lab):
    """Whoever was faster is reassigned or a task; whoever comes after is judged by the leave."""
    first, second = OperatorFactory(lab=lab, code="A"), OperatorFactory(lab=lab, code="B")
    instruments = InstrumentFactory.create_batch(6, lab=lab, operator=first)
    for each in instruments:
        OperatorQualification.objects.create(operator=second, instrument=each, valid_to=(MONDAY_9 + 400 * DAY).date())
    held(instrument=instruments[0], period=hours(26, 27))
    for round_ in range(4):
        period = hours(round_, round_ + 1)
        acts = [lambda each=each, period=period: held(instrument=each, period=period) for each in instruments]

        results = at_once(*acts, lambda period=period: away(first, period))

        faults = [one for one in results if isinstance(one, Exception) and not hasattr(one, "code")]
        assert faults == []
        on_leave = Rental.objects.filter(operator=first, period__overlap=period.as_range())
        assert set(on_leave.values_list("number", flat=True)) <= set(open_tasks())
        assert Occupancy.objects.filter(resource__operator=second, period__overlap=period.as_range()).count() <= 1
