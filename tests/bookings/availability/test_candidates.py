"""The filter over many instruments loses nothing (BK-25), whatever happens to hours, bookings and instruments."""

from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from procrastinate.contrib.django import app
from structlog.testing import capture_logs

from bookings.availability import jobs, operations, rules
from bookings.availability import queries as availability
from bookings.availability.models import InstrumentWeek
from bookings.availability.operations import Mended
from bookings.availability.rules import quarters
from bookings.models import Occupancy, Resource
from bookings.rentals import operations as rentals
from bookings.schedule import operations as schedule
from kernel.periods import Period
from labs.calibration.models import CalibrationRecord
from labs.hours import operations as hours
from labs.models import Instrument, Offering
from tests.factories.bookings import MONDAY_9, buyer, confirmed, held
from tests.factories.bookings import hours as after_tuesday_9
from tests.factories.labs import ALWAYS, InstrumentFactory, LabFactory

pytestmark = pytest.mark.django_db

ZONES = ("Asia/Shanghai", "Asia/Kathmandu", "America/St_Johns")
RENTAL = Occupancy.Holder.RENTAL
DAYS = 9
"""From Monday past the next Monday, so that two borders of the weeks counted in UTC lie inside."""

instants = st.integers(0, DAYS * 24 * 60).map(lambda minute: MONDAY_9 + timedelta(minutes=minute))
windows = st.tuples(st.integers(0, 1380), st.integers(1, 1440)).filter(lambda window: window[0] < window[1])
weekly = st.dictionaries(st.integers(0, 7), windows.map(lambda window: (window,)), min_size=4, max_size=8)
stretches = st.tuples(instants, st.integers(1, 3000)).map(lambda drawn: Period.starting(*drawn))
changes = st.one_of(
    st.tuples(st.just("occupy"), stretches, st.integers(1, 2), st.sampled_from([None, -1, 600])),
    st.tuples(st.just("keep"), st.integers(0, 9), st.sampled_from([None, 600])),
    st.tuples(st.just("release"), st.integers(0, 9)),
    st.tuples(st.just("outage"), stretches),
    st.tuples(st.just("hours"), weekly),
    st.tuples(st.just("capacity"), st.integers(1, 2)),
    st.tuples(st.just("span_closed"), st.booleans()),
    st.tuples(st.just("certificate"), st.integers(-3, DAYS), st.integers(0, DAYS)),
)


@st.composite
def policies(draw):
    grid = draw(st.sampled_from([7, 15, 20, 30, 45, 60, 100]))
    return {
        "slot_grid_min": grid,
        "min_minutes": 1,
        "max_minutes": 5000,
        "pre_buffer_min": draw(st.sampled_from([0, 10, 15])),
        "post_buffer_min": draw(st.sampled_from([0, 5, 45])),
        "lead_time_min": draw(st.sampled_from([0, 200])),
    }


def changed(instrument, what, *told, now=MONDAY_9):
    """Do one thing to the world of an instrument, as the platform does it."""
    if what == "occupy":
        period, capacity, lapses = told
        resource = Resource.objects.get(instrument=instrument)
        schedule.occupy(
            [schedule.Want(resource.pk, period, period, 1, capacity)],
            holder_kind=RENTAL,
            holder_id=Occupancy.objects.count(),
            lapses_at=None if lapses is None else now + timedelta(minutes=lapses),
            now=now,
        )
    elif what == "keep":
        lapses_at = None if told[1] is None else now + timedelta(minutes=told[1])
        schedule.keep(holder_kind=RENTAL, holder_id=told[0], lapses_at=lapses_at)
    elif what == "release":
        schedule.release(holder_kind=RENTAL, holder_ids=[told[0]])
    elif what == "outage":
        period = told[0]
        hours.announce_outage(of=instrument, kind="maintenance", start=period.start, end=period.end, by=None, now=now)
    elif what == "hours":
        hours.set_opening_hours(lab=instrument.lab, weekly=told[0], by=None, now=now)
    elif what == "certificate":
        begins = now.date() + timedelta(days=told[0])
        CalibrationRecord.objects.create(
            instrument=instrument,
            certificate_no=f"示例{CalibrationRecord.objects.count()}",
            calibrated_on=begins,
            valid_from=begins,
            valid_to=begins + timedelta(days=told[1]),
        )
        hours.rebuild_open_time([instrument], now)
    else:
        Instrument.objects.filter(pk=instrument.pk).update(**{what: told[0]})


@contextmanager
def forgotten():
    """Undo at the end what an example did."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    zone=st.sampled_from(ZONES),
    week=weekly,
    policy=policies(),
    happened=st.lists(changes, max_size=14),
    within=st.tuples(instants, st.integers(1, 6_000)).map(lambda drawn: Period.starting(*drawn)),
    slots=st.integers(1, 40),
)
def test_whatever_the_rules_offer_is_among_the_candidates(zone, week, policy, happened, within, slots, db):
    with forgotten():
        instrument = InstrumentFactory(
            lab=LabFactory(weekly=week, timezone=zone),
            calibration__valid_to=date(2026, 11, 27),
            **{f"policy__{name}": value for name, value in policy.items()},
        )
        schedule.add_missing_resources()
        for one in happened:
            changed(instrument, *one)
        minutes = slots * policy["slot_grid_min"]

        facts = availability.terms([instrument.pk], within=within, member=None, now=MONDAY_9)[instrument.pk].facts
        offered = rules.starts(facts, within=within, minutes=minutes, mode=rules.ASSISTED, units=1, now=MONDAY_9)
        can_be_booked = next(offered, None) is not None
        maybe = availability.maybe_free_of([instrument.pk], within=within, minutes=minutes)
        mended = operations.repair_weeks(now=MONDAY_9, instrument_ids=[instrument.pk])

    assert maybe or not can_be_booked
    assert mended == Mended(hid=0, showed=0)


@given(
    start=st.integers(-100_000, 20_000_000).map(lambda minute: quarters.FIRST_MONDAY + timedelta(minutes=minute)),
    minutes=st.integers(1, 20_000),
    before=st.integers(0, 20_000),
    after=st.integers(1, 20_000),
)
def test_a_use_has_the_whole_run_of_quarters_for_its_own(start, minutes, before, after):
    within = Period(start - timedelta(minutes=before), start + timedelta(minutes=after))
    wanted = quarters.search(within=within, minutes=minutes)
    first = (start - quarters.FIRST_MONDAY) // quarters.QUARTER
    of_week = first - wanted.first_week * quarters.QUARTERS_A_WEEK

    begins = quarters.FIRST_MONDAY + first * quarters.QUARTER
    last = begins + (wanted.run - 1) * quarters.QUARTER
    assert begins <= start
    assert last < start + timedelta(minutes=minutes)
    assert wanted.first_start <= of_week < wanted.first_start + wanted.starts
    assert of_week + wanted.run <= wanted.weeks * quarters.QUARTERS_A_WEEK


@given(run=st.integers(1, 3000))
def test_doubling_sees_every_quarter_of_the_run_and_no_other(run):
    length = 1
    for step in quarters.doublings(run):
        assert step <= length
        length += step

    assert length == run


def busy_days(instrument, *, days, but=None, lapses_at=None):
    """Take whole days from Monday 09:00, all but one period."""
    schedule.add_missing_resources()
    resource = Resource.objects.get(instrument=instrument)
    whole = Period(MONDAY_9, MONDAY_9 + timedelta(days=days))
    parts = [Period(whole.start, but.start), Period(but.end, whole.end)] if but else [whole]
    for number, part in enumerate(parts):
        schedule.occupy(
            [schedule.Want(resource.pk, part, part)],
            holder_kind=RENTAL,
            holder_id=number,
            lapses_at=lapses_at,
            now=MONDAY_9,
        )


def around_the_clock(**how):
    return InstrumentFactory(lab=LabFactory(weekly=ALWAYS), policy__max_minutes=10_000, **how)


def is_candidate(instrument, minutes, *, days=14):
    within = Period(MONDAY_9, MONDAY_9 + timedelta(days=days))
    return instrument.pk in availability.maybe_free(within=within, minutes=minutes)


def test_a_gap_over_the_border_of_two_weeks_is_found_and_no_longer_one():
    """Monday 00:00 UTC parts the weeks; the gap is from Sunday 22:00 to Monday 02:00."""
    monday = datetime(2026, 11, 30, tzinfo=UTC)
    instrument = around_the_clock()
    busy_days(instrument, days=30, but=Period(monday - timedelta(hours=2), monday + timedelta(hours=2)))

    assert is_candidate(instrument, 240)
    assert not is_candidate(instrument, 255)


def test_a_use_may_end_after_the_window_in_which_it_starts():
    instrument = around_the_clock()

    assert is_candidate(instrument, 9_000, days=1)


def test_a_hold_that_may_lapse_hides_nothing():
    """BK-18: whether it has lapsed is a question of the clock, and the bits have none."""
    instrument = around_the_clock()
    busy_days(instrument, days=30, lapses_at=MONDAY_9 + timedelta(minutes=30))

    assert is_candidate(instrument, 60)


def test_an_instrument_of_two_units_is_not_hidden_by_one_taken():
    instrument = around_the_clock(capacity=2)
    busy_days(instrument, days=30)

    assert is_candidate(instrument, 60)


def test_confirming_takes_and_cancelling_frees():
    tight = InstrumentFactory(lab=LabFactory(weekly={1: ((540, 660),)}))  # Tuesdays from nine to eleven
    member = buyer()
    hold = held(instrument=tight, period=after_tuesday_9(0, 2), by=member)
    within = Period(MONDAY_9, MONDAY_9 + timedelta(days=6))

    def found():
        return availability.maybe_free_of([tight.pk], within=within, minutes=60)

    assert found() == [tight.pk]
    rental = rentals.confirm_on_account(rental=hold, by=member, now=MONDAY_9)
    assert found() == []
    rentals.cancel(rental=rental, by=member, now=MONDAY_9)
    assert found() == [tight.pk]


def test_emptying_the_schedule_frees_everything():
    instrument = around_the_clock()
    busy_days(instrument, days=30)
    assert not is_candidate(instrument, 60)

    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("TRUNCATE bookings_occupancy")

    assert is_candidate(instrument, 60)


def test_other_rows_are_narrowed_by_the_instruments_that_may_be_free():
    free, full = around_the_clock(), around_the_clock()
    busy_days(full, days=30)
    within = Period(MONDAY_9, MONDAY_9 + timedelta(days=7))

    found = Offering.objects.filter(instrument__in=availability.maybe_free(within=within, minutes=60))

    assert [offering.instrument_id for offering in found] == [free.pk]


def test_a_repair_mends_what_hides_and_what_shows_too_much_and_forgets_the_past():
    instrument = around_the_clock()
    busy_days(instrument, days=3)
    this = quarters.week_of(MONDAY_9)
    weeks = InstrumentWeek.objects.filter(instrument=instrument)
    weeks.filter(week=this).update(untaken="0" * 672)
    weeks.filter(week=this + 1).update(open="1" * 671 + "0")
    InstrumentWeek.objects.create(instrument=instrument, week=this - 9, alone=True, open="0" * 672, untaken="1" * 672)

    assert operations.repair_weeks(now=MONDAY_9) == Mended(hid=1, showed=1)
    assert operations.repair_weeks(now=MONDAY_9) == Mended(hid=0, showed=0)
    assert not weeks.filter(week__lt=this - 1).exists()


def test_the_worker_looks_the_weeks_over_every_day_and_tells_of_those_that_hid_something(clock):
    app.perform_import_paths()
    periodic = {task.task.name: task.cron for task in app.periodic_registry.periodic_tasks.values()}
    assert periodic["availability.repair_weeks"] == "35 16 * * *"
    instrument = around_the_clock()
    instrument.weeks.filter(week=quarters.week_of(MONDAY_9)).update(untaken="0" * 672)

    with capture_logs() as told:
        jobs.repair_weeks_daily(timestamp=0)
        jobs.repair_weeks_daily(timestamp=0)

    assert [(one["log_level"], one["weeks"]) for one in told] == [("error", 1)]
    assert is_candidate(instrument, 60)


def test_weeks_go_with_their_instrument():
    instrument = around_the_clock()
    assert instrument.weeks.count() > 30

    Instrument.objects.filter(pk=instrument.pk).delete()

    assert InstrumentWeek.objects.count() == 0


def test_free_instruments_come_in_the_order_asked_with_their_first_start_and_no_more_than_wanted(
    django_assert_max_num_queries,
):
    full, one, two, three = (around_the_clock() for _ in range(4))
    busy_days(full, days=30)
    confirmed(instrument=two, period=after_tuesday_9(-24, -22))
    within = Period(MONDAY_9, MONDAY_9 + timedelta(days=7))

    with django_assert_max_num_queries(2):
        found = availability.free_instruments(
            [full.pk, three.pk, two.pk, one.pk],
            within=within,
            minutes=60,
            mode=rules.ASSISTED,
            member=None,
            now=MONDAY_9,
            most=2,
        )

    assert found == [(three.pk, MONDAY_9), (two.pk, MONDAY_9 + timedelta(hours=2))]
