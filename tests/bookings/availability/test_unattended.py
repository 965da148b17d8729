"""BK-4: an unattended run begins and ends where somebody is there, its buffers too where they may not lie outside."""

import pytest

from bookings.availability import queries as availability
from bookings.availability.rules import OutsideOpeningHours
from tests.factories.bookings import MONDAY_9, buyer, held, hours
from tests.factories.labs import InstrumentFactory

pytestmark = pytest.mark.django_db


def test_a_run_may_begin_at_closing_time_and_not_after_it_though_its_buffer_begins_there():
    instrument = InstrumentFactory(
        span_closed=True, unattended_buffers=False, policy__pre_buffer_min=30, policy__max_minutes=1440
    )
    night, late = hours(9, 24), hours(9.5, 24)  # from closing time at 18:00, and from 18:30, to 09:00

    with pytest.raises(OutsideOpeningHours):
        held(instrument=instrument, period=late)
    offered = availability.starts(
        instrument.pk, within=hours(8.5, 10), minutes=night.minutes, mode="assisted", member=buyer(), now=MONDAY_9
    )

    assert offered == [hours(8.5, 9).start, night.start]
    assert held(instrument=instrument, period=night).status == "held"
