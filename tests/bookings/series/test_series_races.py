"""Series and single bookings at the same instant, with real connections: no deadlock, nothing half done."""

from datetime import date, time, timedelta

import pytest

from bookings.models import Occupancy, Rental, Series, SeriesDate
from bookings.series import operations, rules
from bookings.series.operations import Change
from kernel.refusals import Refusal
from tests.factories.bookings import MONDAY_9, TUESDAY_9, buyer, held, hours
from tests.factories.labs import InstrumentFactory, LabFactory, RoomFactory
from tests.factories.racing import at_once
from tests.factories.series import book_series

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

DAY = timedelta(days=1)


def whole(results: list[object]) -> None:
    """Every act ended with what it made or with a refusal."""
    assert [one for one in results if isinstance(one, Exception) and not isinstance(one, Refusal)] == []


def test_two_series_for_the_same_dates_and_single_bookings_among_them_share_out_the_dates_without_deadlock():
    room = RoomFactory(lab=LabFactory())
    one, other = InstrumentFactory.create_batch(2, lab=room.lab, room=room)
    members = [buyer() for _ in range(3)]

    acts = [
        lambda instrument=instrument, member=member: book_series(
            instrument=instrument, by=member, rule="FREQ=DAILY;COUNT=4", mode="self"
        )
        for instrument in (one, other)
        for member in members[:2]
    ] + [
        lambda number=number: held(
            instrument=one, period=hours(0, 2, of=TUESDAY_9 + number * DAY), by=members[2], mode="self"
        )
        for number in range(4)
    ]
    results = at_once(*acts)

    whole(results)
    assert Occupancy.objects.filter(resource__room=room).count() == Rental.objects.count() == 4
    made = [result for result in results if isinstance(result, Series)]
    assert SeriesDate.objects.filter(series__in=made).count() == 4 * len(made)


def test_all_or_nothing_is_all_or_nothing_also_when_somebody_takes_a_date_at_that_instant():
    for number in range(5):
        instrument = InstrumentFactory()
        wanted = TUESDAY_9 + 2 * DAY

        series, single = at_once(
            lambda instrument=instrument: book_series(
                instrument=instrument, rule="FREQ=DAILY;COUNT=4", policy=rules.ALL_OR_NOTHING, mode="self"
            ),
            lambda instrument=instrument, wanted=wanted: held(
                instrument=instrument, period=hours(1, 3, of=wanted), mode="self"
            ),
        )

        whole([series, single])
        taken = Rental.objects.filter(instrument=instrument).count()
        assert taken == (4 if isinstance(series, Series) else 1), number


def test_acts_on_one_series_come_one_after_the_other():
    member = buyer()
    series = book_series(by=member, rule="FREQ=DAILY;COUNT=5", first=date(2026, 12, 1), mode="self")

    results = at_once(
        lambda: operations.move(
            series=series, which=rules.ALL, change=Change(starts_at=time(14), days=1), by=member, now=MONDAY_9
        ),
        lambda: operations.cancel(series=series, which=rules.FOLLOWING, on=date(2026, 12, 3), by=member, now=MONDAY_9),
        lambda: operations.extend(series=series, count=7, by=member, now=MONDAY_9),
        lambda: operations.cancel(series=series, which=rules.ALL, by=member, now=MONDAY_9),
    )

    whole(results)
    alive = Rental.objects.filter(status="confirmed").count()
    assert Occupancy.objects.filter(resource__instrument=series.instrument).count() == alive


def test_one_organisation_that_books_two_series_at_once_stays_within_its_quota():
    member = buyer(most_bookings_ahead=5)
    instruments = InstrumentFactory.create_batch(2)

    results = at_once(
        *[
            lambda each=each: book_series(instrument=each, by=member, rule="FREQ=DAILY;COUNT=4", mode="self")
            for each in instruments
        ]
    )

    whole(results)
    assert Rental.objects.count() == 5
