"""Two changes of hours at once: the second sees the first, and a booking sees neither half done."""

from datetime import timedelta
from threading import Event

import pytest
from django.db import connection, transaction

from kernel.periods import Period
from kernel.refusals import Busy
from labs.hours import operations as hours
from labs.models import OpenTime
from tests.conftest import MONDAY_9
from tests.factories.labs import InstrumentFactory
from tests.factories.racing import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
HOUR = timedelta(hours=1)


def test_outages_announced_at_once_are_all_in_the_open_time():
    instrument = InstrumentFactory()

    def announce(number):
        return hours.announce_outage(
            of=instrument,
            kind="maintenance",
            start=MONDAY_9 + number * 2 * HOUR,
            end=MONDAY_9 + (number * 2 + 1) * HOUR,
            by=None,
            now=MONDAY_9,
        )

    outages = at_once(*(lambda number=number: announce(number) for number in range(8)))

    assert OpenTime.objects.get(instrument=instrument).blocked == [outage.stretch for outage in outages]


def test_a_change_waits_for_the_booking_that_holds_the_open_time_and_gives_up_in_time():
    instrument = InstrumentFactory()
    locked, tried = Event(), Event()

    def book():
        with transaction.atomic():
            OpenTime.objects.select_for_update().get(instrument=instrument)
            locked.set()
            assert tried.wait(20)

    def announce():
        assert locked.wait(20)
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '100ms'")
            return hours.announce_outage(
                of=instrument, kind="closure", start=MONDAY_9, end=MONDAY_9 + HOUR, by=None, now=MONDAY_9
            )
        finally:
            tried.set()

    _, refused = at_once(book, announce)

    assert isinstance(refused, Busy)
    assert OpenTime.objects.get(instrument=instrument).blocked == []


def test_two_first_builds_of_one_row_make_one_row():
    instrument = InstrumentFactory(open_time=False)

    built = at_once(*[lambda: hours.rebuild_open_time([instrument], MONDAY_9)] * 4)

    assert built == [[instrument.pk]] * 4
    row = OpenTime.objects.get(instrument=instrument)
    assert row.version == 1
    assert Period(MONDAY_9, MONDAY_9 + HOUR).start < row.open[0].end
