"""Where instrument, room and an operator are free at once, worked out by the database; and the next time that fits."""

from datetime import date, timedelta

import pytest

from bookings.availability import queries as availability
from kernel.periods import Period
from labs.hours import operations as lab_hours
from labs.models import HolidayDate, OperatorHours, OperatorLeave, OperatorQualification
from tests.factories.bookings import MONDAY_9, TUESDAY_9, buyer, confirmed, held, hours
from tests.factories.labs import InstrumentFactory, OperatorFactory, OutageFactory, RoomFactory

pytestmark = pytest.mark.django_db

TUESDAY = Period(TUESDAY_9 - timedelta(hours=9), TUESDAY_9 + timedelta(hours=15))
"""From midnight to midnight in Guangzhou; the lab is open from half an hour before nine to 18:00."""


def free(instrument, *, attended=True, within=TUESDAY, now=MONDAY_9):
    return availability.free_stretches([instrument.pk], within=within, now=now, attended=attended)[instrument.pk]


@pytest.fixture
def alone():
    """An instrument with one operator."""
    operator = OperatorFactory()
    return InstrumentFactory(lab=operator.lab, operator=operator)


def operator_of(instrument):
    return instrument.operator_qualifications.get().operator


def works(operator, *days, begins=9 * 60, ends=17 * 60):
    for day in days:
        OperatorHours.objects.create(operator=operator, day=day, begins_minute=begins, ends_minute=ends)


def test_outages_and_bookings_of_the_instrument_are_cut_out_of_its_open_hours(alone):
    OutageFactory(instrument=alone, period=hours(1, 2).as_range())
    held(instrument=alone, period=hours(4, 5))

    assert free(alone, attended=False) == [hours(-0.5, 1), hours(2, 4), hours(5, 9)]
    assert free(alone, attended=False, now=MONDAY_9 + timedelta(hours=1)) == [hours(-0.5, 1), hours(2, 9)]


def test_a_room_with_one_place_is_cut_out_and_one_with_two_is_not():
    room = RoomFactory()
    one, other = InstrumentFactory.create_batch(2, room=room, lab=room.lab)
    held(instrument=other, period=hours(0, 2))
    assert free(one) == [hours(-0.5, 0), hours(2, 9)]

    room.capacity = 2
    room.save()

    assert free(one) == [hours(-0.5, 9)]


def test_an_operator_counts_in_their_own_hours_less_leaves_and_work_elsewhere(alone):
    operator = operator_of(alone)
    works(operator, 1)
    OperatorLeave.objects.create(operator=operator, period=hours(2, 3).as_range())
    held(instrument=InstrumentFactory(lab=alone.lab, operator=operator), period=hours(5, 6))

    assert free(alone) == [hours(0, 2), hours(3, 5), hours(6, 8)]
    assert free(alone, attended=False) == [hours(-0.5, 9)]


def test_one_operator_may_take_over_where_another_leaves(alone):
    works(operator_of(alone), 1, ends=12 * 60)
    afternoon = OperatorFactory(lab=alone.lab)
    works(afternoon, 1, begins=13 * 60)
    OperatorQualification.objects.create(operator=afternoon, instrument=alone, valid_to=date(2028, 12, 31))

    assert free(alone) == [hours(0, 3), hours(4, 8)]


def test_a_qualification_ends_with_its_last_day_and_so_does_an_operator_who_has_left(alone):
    qualification = alone.operator_qualifications.get()
    two_days = Period(TUESDAY.start, TUESDAY.end + timedelta(days=1))
    qualification.valid_to = TUESDAY_9.date()
    qualification.save()
    assert free(alone, within=two_days) == [hours(-0.5, 9)]

    qualification.operator.is_active = False
    qualification.operator.save()

    assert free(alone, within=two_days) == []


@pytest.mark.parametrize(
    ("kind", "policy", "expected"),
    [
        ("holiday", "workday", [hours(3, 4)]),
        ("makeup_workday", "workday", [hours(0, 1)]),
        ("makeup_workday", "as_weekday", [hours(1, 2)]),
        ("makeup_workday", "closed", []),
    ],
)
def test_an_operators_hours_follow_the_kind_of_the_day(alone, kind, policy, expected):
    """Monday from nine, Tuesday from ten, holidays from noon: an hour each."""
    HolidayDate.objects.create(date=TUESDAY_9.date(), kind=kind, name_zh="示例假日")
    for day, begins in ((0, 9), (1, 10), (7, 12)):
        works(operator_of(alone), day, begins=60 * begins, ends=60 * (begins + 1))
    always = dict.fromkeys(range(8), ((0, 1440),))
    lab_hours.set_opening_hours(lab=alone.lab, weekly=always, makeup_policy=policy, by=None, now=MONDAY_9)

    assert free(alone) == expected


def test_a_run_that_goes_on_while_the_lab_is_closed_is_looked_for_through_the_night():
    overnight = InstrumentFactory(span_closed=True, operator=False)

    assert free(overnight) == [TUESDAY]


def test_the_next_fit_is_found_weeks_ahead_in_as_many_statements_as_fortnights_that_offer_hope(
    django_assert_max_num_queries,
):
    """The operator is away for five weeks; what is free before is too short."""
    instrument = InstrumentFactory(operator=OperatorFactory(), policy__max_minutes=600)
    away = Period(TUESDAY_9 + timedelta(hours=1), TUESDAY_9 + timedelta(days=35))
    OperatorLeave.objects.create(operator=operator_of(instrument), period=away.as_range())
    member = buyer()
    asked = {"within": Period(TUESDAY_9, TUESDAY_9 + timedelta(days=50)), "mode": "assisted", "now": TUESDAY_9}

    with django_assert_max_num_queries(2):  # the stretches, the facts of one fortnight
        (fit,) = availability.next_fit([instrument.pk], minutes=240, member=member, **asked)
    with django_assert_max_num_queries(1):
        assert availability.next_fit([instrument.pk], minutes=600, member=member, **asked) == []

    assert (fit.instrument_id, fit.start) == (instrument.pk, TUESDAY_9 + timedelta(days=35))


def test_of_several_instruments_the_next_fits_come_in_order_of_time_one_a_start():
    one, two = InstrumentFactory.create_batch(2)
    member = buyer()
    confirmed(instrument=one, period=hours(0, 1))
    within = Period(TUESDAY_9, TUESDAY_9 + timedelta(days=1))

    fits = availability.next_fit(
        [one.pk, two.pk], within=within, minutes=60, mode="assisted", member=member, now=MONDAY_9, count=3
    )

    assert [(fit.start - TUESDAY_9, fit.instrument_id) for fit in fits] == [
        (timedelta(0), two.pk),
        (timedelta(minutes=30), two.pk),
        (timedelta(hours=1), one.pk),
    ]
