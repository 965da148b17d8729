"""BK-25: the starts that availability offers are exactly those for which the hold succeeds."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bookings.availability import queries as availability
from bookings.models import Occupancy, Rental
from bookings.rentals import operations as rentals
from kernel.periods import Period
from kernel.refusals import Refusal
from labs.hours.operations import rebuild_open_time
from labs.models import CalibrationRecord, DateException, HolidayDate, OpeningWindow, Outage
from tests.factories.bookings import MONDAY_9, buyer
from tests.factories.labs import InstrumentFactory, LabFactory, RoomFactory

ZONE = ZoneInfo("Asia/Shanghai")
FIRST_DAY = date(2026, 11, 23)
DAYS = 3

minutes_of_day = st.integers(0, 23).flatmap(
    lambda opens: st.tuples(st.just(opens * 60), st.integers(opens + 1, 24).map(lambda closes: closes * 60))
)
hours_of_week = st.dictionaries(st.integers(0, 7), minutes_of_day, min_size=2, max_size=8)
stretches = st.lists(
    st.tuples(st.integers(0, DAYS * 24 * 4), st.integers(1, 40)).map(
        lambda slot: (15 * slot[0], 15 * (slot[0] + slot[1]))
    ),
    max_size=4,
)


@st.composite
def worlds(draw):
    """A lab's hours, holidays and exceptions, an instrument's policy, outages and certificate, and other bookings."""
    grid = draw(st.sampled_from([30, 60, 120]))
    return {
        "hours": draw(hours_of_week),
        "makeup_policy": draw(st.sampled_from(["workday", "as_weekday", "closed"])),
        "holidays": draw(st.dictionaries(st.integers(0, DAYS), st.sampled_from(["holiday", "makeup_workday"]))),
        "exceptions": draw(st.dictionaries(st.integers(0, DAYS), st.lists(minutes_of_day, max_size=1), max_size=2)),
        "outages": draw(stretches),
        "calibrated": draw(st.tuples(st.integers(-2, 2), st.integers(0, 5))),
        "capacity": draw(st.integers(1, 2)),
        "span_closed": draw(st.booleans()),
        "unattended_buffers": draw(st.booleans()),
        "in_room": draw(st.booleans()),
        "policy": {
            "slot_grid_min": grid,
            "min_minutes": grid,
            "max_minutes": 1440,
            "pre_buffer_min": draw(st.sampled_from([0, 15, 30])),
            "post_buffer_min": draw(st.sampled_from([0, 20])),
            "lead_time_min": draw(st.sampled_from([0, 90, 1440])),
            "advance_days": draw(st.sampled_from([2, 5, 60])),
        },
        "bookings": draw(st.lists(st.tuples(st.integers(0, DAYS * 24), st.integers(1, 6), st.booleans()), max_size=6)),
        "minutes": grid * draw(st.integers(1, 6)),
        "now": MONDAY_9 + timedelta(minutes=draw(st.integers(0, 24 * 60))),
    }


def built(world):
    lab = LabFactory(
        weekly={day: (window,) for day, window in world["hours"].items()}, makeup_policy=world["makeup_policy"]
    )
    instrument = InstrumentFactory(
        lab=lab,
        capacity=world["capacity"],
        span_closed=world["span_closed"],
        unattended_buffers=world["unattended_buffers"],
        room=RoomFactory(lab=lab, capacity=2) if world["in_room"] else None,
        calibration=False,
        open_time=False,
        **{f"policy__{name}": value for name, value in world["policy"].items()},
    )
    for day, kind in world["holidays"].items():
        HolidayDate.objects.create(date=FIRST_DAY + timedelta(days=day), kind=kind, name_zh="示例假日")
    for day, windows in world["exceptions"].items():
        DateException.objects.create(lab=lab, date=FIRST_DAY + timedelta(days=day), windows=[list(w) for w in windows])
    midnight = datetime.combine(FIRST_DAY, time(), ZONE)
    for begins, ends in world["outages"]:
        period = Period(midnight + timedelta(minutes=begins), midnight + timedelta(minutes=ends))
        Outage.objects.create(instrument=instrument, kind="maintenance", period=period.as_range())
    first, days = world["calibrated"]
    CalibrationRecord.objects.create(
        instrument=instrument,
        certificate_no="示例",
        calibrated_on=FIRST_DAY + timedelta(days=first),
        valid_from=FIRST_DAY + timedelta(days=first),
        valid_to=FIRST_DAY + timedelta(days=first + days),
    )
    rebuild_open_time([instrument], MONDAY_9)
    member = buyer()
    for hour, length, lapses in world["bookings"]:
        period = Period.starting(midnight + timedelta(hours=hour), 60 * length)
        placed = world["now"] - timedelta(minutes=30 if lapses else 0)
        try:
            rentals.place_hold(instrument=instrument, period=period, mode="assisted", by=member, now=placed)
        except Refusal:
            continue
    return instrument, member


def forget():
    for table in (Occupancy, Rental, DateException, OpeningWindow, Outage, CalibrationRecord, HolidayDate):
        table.objects.all().delete()


@pytest.mark.django_db
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(world=worlds())
def test_the_offered_starts_are_exactly_those_for_which_the_hold_succeeds(world, db):
    forget()
    instrument, member = built(world)
    now, minutes, grid = world["now"], world["minutes"], world["policy"]["slot_grid_min"]
    midnight = datetime.combine(FIRST_DAY, time(), ZONE)
    within = Period(midnight, midnight + timedelta(days=DAYS))

    offered = availability.starts(
        instrument.pk, within=within, minutes=minutes, mode="assisted", member=member, now=now
    )

    candidates = [within.start + timedelta(minutes=grid * slot) for slot in range(DAYS * 24 * 60 // grid)]
    possible = set(availability_by_hold(instrument, candidates, minutes, member, now))
    assert offered == sorted(possible)
    found = availability.free_instruments(
        [instrument.pk], within=within, minutes=minutes, mode="assisted", member=member, now=now, most=1
    )
    assert found == [(instrument.pk, start) for start in offered[:1]]


def availability_by_hold(instrument, candidates, minutes, member, now):
    """Place every candidate hold for real, and take it back."""
    for start in candidates:
        try:
            rental = rentals.place_hold(
                instrument=instrument, period=Period.starting(start, minutes), mode="assisted", by=member, now=now
            )
        except Refusal:
            continue
        yield rental.time.start
        rentals.cancel(rental=rental, by=member, now=now)
