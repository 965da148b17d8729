"""Open time follows from its inputs, whatever changes them."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.models import AuditEvent
from kernel.periods import Period
from labs.hours import operations as hours
from labs.hours.jobs import extend_horizon
from labs.hours.open_time import HORIZON_DAYS
from labs.models import DateException, Instrument, OpenTime, Outage
from tests.conftest import MONDAY_9
from tests.factories.accounts import LabMembershipFactory
from tests.factories.labs import ALWAYS, InstrumentFactory, LabFactory, OutageFactory

pytestmark = pytest.mark.django_db
CHINA = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 11, 23)


def at(hour, minute=0, day=23):
    return datetime(2026, 11, day, hour, minute, tzinfo=CHINA).astimezone(UTC)


def opens_on(instrument, day=MONDAY):
    midnight = datetime.combine(day, time.min, CHINA)
    whole = Period(midnight, midnight + timedelta(days=1))
    return [part for period in OpenTime.objects.get(instrument=instrument).open if (part := period.clipped(whole))]


def test_open_time_reaches_from_yesterday_to_the_horizon():
    row = OpenTime.objects.get(instrument=InstrumentFactory(lab=LabFactory(weekly=ALWAYS)))

    end = MONDAY + timedelta(days=HORIZON_DAYS)
    assert (row.horizon_from, row.horizon_to) == (date(2026, 11, 22), end)
    assert row.open == [
        Period(datetime(2026, 11, 22, tzinfo=CHINA), datetime(end.year, end.month, end.day, tzinfo=CHINA))
    ]
    assert (row.blocked, row.version, row.built_at) == ([], 1, MONDAY_9)


def test_new_opening_hours_hold_at_once_for_every_instrument_of_the_lab():
    lab, member = LabFactory(), LabMembershipFactory()
    one, other = InstrumentFactory(lab=lab), InstrumentFactory(lab=lab)
    elsewhere = InstrumentFactory()

    hours.set_opening_hours(lab=lab, weekly={0: [(540, 720), (720, 780), (840, 1020)]}, by=member, now=MONDAY_9)

    assert opens_on(one) == opens_on(other) == [Period(at(9), at(13)), Period(at(14), at(17))]
    assert opens_on(one, date(2026, 11, 24)) == []
    assert opens_on(elsewhere) == [Period(at(8, 30), at(18))]
    told = AuditEvent.objects.get(name="opening_hours_set")
    assert (told.facts["lab_id"], told.actor_id) == (lab.pk, member.user_id)


def test_an_exception_of_the_instrument_beats_one_of_its_lab():
    instrument = InstrumentFactory()
    neighbour = InstrumentFactory(lab=instrument.lab)

    hours.add_date_exception(of=instrument.lab, date=MONDAY, windows=[], by=None, now=MONDAY_9, reason_zh="搬迁")
    hours.add_date_exception(of=instrument, date=MONDAY, windows=[(1200, 1440)], by=None, now=MONDAY_9)

    assert opens_on(instrument) == [Period(at(20), at(0, day=24))]
    assert opens_on(neighbour) == []


def test_a_removed_exception_gives_the_usual_hours_back():
    instrument = InstrumentFactory()
    made = hours.add_date_exception(of=instrument, date=MONDAY, windows=[], by=None, now=MONDAY_9)

    hours.remove_date_exception(exception=made, by=None, now=MONDAY_9)

    assert opens_on(instrument) == [Period(at(8, 30), at(18))]
    assert not DateException.objects.exists()


def test_an_outage_blocks_all_units_or_none_and_names_the_instruments():
    instrument = InstrumentFactory(capacity=2)
    period = Period(at(10), at(11))

    some = hours.announce_outage(
        of=instrument, kind="maintenance", start=at(14), end=at(15), units=1, by=None, now=MONDAY_9
    )
    whole = hours.announce_outage(
        of=instrument, kind="maintenance", start=period.start, end=period.end, units=2, by=None, now=MONDAY_9
    )

    assert OpenTime.objects.get(instrument=instrument).blocked == [period]
    assert (some.units, whole.units) == (1, None)
    told = AuditEvent.objects.filter(name="instrument_outage_announced").order_by("pk").last()
    assert told.facts == {
        "outage_id": whole.pk,
        "instrument_ids": [instrument.pk],
        "starts_at": period.start.isoformat(),
        "ends_at": period.end.isoformat(),
        "lab_id": None,
        "kind": "maintenance",
        "units": None,
    }


def test_an_outage_of_the_lab_blocks_every_instrument_and_lifting_it_frees_them():
    lab = LabFactory()
    one, other = InstrumentFactory(lab=lab), InstrumentFactory(lab=lab)
    outage = hours.announce_outage(of=lab, kind="closure", start=at(10), end=at(11), by=None, now=MONDAY_9)
    assert [row.blocked for row in OpenTime.objects.order_by("pk")] == [[Period(at(10), at(11))]] * 2

    hours.lift_outage(outage=outage, by=None, now=MONDAY_9)

    assert [row.blocked for row in OpenTime.objects.order_by("pk")] == [[], []]
    assert AuditEvent.objects.get(name="outage_lifted").facts["instrument_ids"] == [one.pk, other.pk]
    assert not Outage.objects.exists()


def test_an_instrument_that_is_away_is_blocked_until_it_is_expected_back():
    instrument = InstrumentFactory()

    hours.set_status(instrument=instrument, status="calibration", expected_back_at=at(9, day=25), by=None, now=MONDAY_9)
    assert OpenTime.objects.get(instrument=instrument).blocked == [Period(MONDAY_9, at(9, day=25))]
    assert Instrument.objects.bookable_by(None).get() == instrument

    hours.set_status(instrument=instrument, status="fault", by=None, now=MONDAY_9)
    assert not Instrument.objects.bookable_by(None).exists()

    hours.set_status(instrument=instrument, status="available", by=None, now=MONDAY_9)
    assert OpenTime.objects.get(instrument=instrument).blocked == []


def test_a_new_holiday_closes_its_date_and_a_withdrawn_one_opens_it():
    instrument = InstrumentFactory()
    new_year = date(2027, 1, 1)  # a Friday
    lines = [hours.Announced(new_year, "holiday", "元旦", "New Year")]

    assert hours.import_holidays(announced=lines, by=None, now=MONDAY_9) == [new_year]
    assert opens_on(instrument, new_year) == []
    assert hours.import_holidays(announced=lines, by=None, now=MONDAY_9) == []

    moved = [hours.Announced(date(2027, 1, 4), "holiday", "元旦", "New Year")]
    assert hours.import_holidays(announced=moved, by=None, now=MONDAY_9) == [new_year, date(2027, 1, 4)]
    assert len(opens_on(instrument, new_year)) == 1
    assert AuditEvent.objects.filter(name="holidays_imported").count() == 2


def test_a_rebuild_that_changes_nothing_leaves_the_row_alone():
    instrument = InstrumentFactory()

    hours.rebuild_open_time([instrument], MONDAY_9 + timedelta(hours=1))
    row = OpenTime.objects.get(instrument=instrument)
    assert (row.version, row.built_at) == (1, MONDAY_9)

    hours.rebuild_open_time([instrument], MONDAY_9 + timedelta(days=1))
    row = OpenTime.objects.get(instrument=instrument)
    assert (row.version, row.horizon_from) == (2, MONDAY)


def test_the_job_extends_what_lies_behind_and_may_run_twice():
    fresh = InstrumentFactory(open_time=MONDAY_9 + timedelta(days=3))
    stale, new = InstrumentFactory(), InstrumentFactory(open_time=False)

    assert extend_horizon(MONDAY_9 + timedelta(days=3)) == 2
    assert extend_horizon(MONDAY_9 + timedelta(days=3)) == 0

    rows = OpenTime.objects.in_bulk(field_name="instrument_id")
    assert {rows[instrument.pk].horizon_from for instrument in (fresh, stale, new)} == {date(2026, 11, 25)}


def test_a_rebuild_takes_as_many_statements_for_many_instruments_as_for_one():
    lab = LabFactory()
    counts = []
    for number in (1, 5):
        made = [InstrumentFactory(lab=lab) for _ in range(number)]
        with CaptureQueriesContext(connection) as captured:
            hours.rebuild_open_time(made, MONDAY_9)
        counts.append(len(captured))

    assert counts[0] == counts[1] <= 6


# --- Refusals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("weekly", "field", "problem"),
    [
        ({0: [(540, 1441)]}, "opening_hours.0", "out_of_range"),
        ({0: [(540, 1020)], 3: [(600, 600)]}, "opening_hours.3", "empty"),
        ({6: [(540, 700), (699, 720)]}, "opening_hours.6", "overlap"),
        ({8: [(540, 700)]}, "opening_hours.8", "out_of_range"),
    ],
)
def test_opening_hours_that_are_none_are_refused_and_nothing_changes(weekly, field, problem):
    instrument = InstrumentFactory()

    with pytest.raises(hours.WindowsInvalid) as refused:
        hours.set_opening_hours(lab=instrument.lab, weekly=weekly, by=None, now=MONDAY_9)

    assert refused.value.facts == {"field": field, "problem": problem}
    assert opens_on(instrument) == [Period(at(8, 30), at(18))]


def test_an_exception_with_bad_windows_is_refused():
    with pytest.raises(hours.WindowsInvalid):
        hours.add_date_exception(of=LabFactory(), date=MONDAY, windows=[(60, 30)], by=None, now=MONDAY_9)


def test_a_date_has_one_exception_of_a_lab():
    lab = LabFactory()
    hours.add_date_exception(of=lab, date=MONDAY, windows=[], by=None, now=MONDAY_9)

    with pytest.raises(hours.DateExceptionExists):
        hours.add_date_exception(of=lab, date=MONDAY, windows=[], by=None, now=MONDAY_9)


def test_an_outage_must_end_after_it_begins():
    with pytest.raises(hours.OutageEndsBeforeItBegins):
        hours.announce_outage(
            of=InstrumentFactory(), kind="maintenance", start=at(10), end=at(10), by=None, now=MONDAY_9
        )


@pytest.mark.parametrize("units", [0, 3])
def test_an_outage_takes_units_that_there_are(units):
    instrument = InstrumentFactory(capacity=2)

    with pytest.raises(hours.OutageTakesTooMany):
        hours.announce_outage(
            of=instrument, kind="maintenance", start=at(10), end=at(11), units=units, by=None, now=MONDAY_9
        )


def test_only_what_is_away_can_be_expected_back():
    with pytest.raises(hours.StatusNeedsNoReturn):
        hours.set_status(
            instrument=InstrumentFactory(), status="retired", expected_back_at=at(12), by=None, now=MONDAY_9
        )


def test_an_unknown_kind_of_holiday_is_refused():
    with pytest.raises(hours.HolidayKindUnknown):
        hours.import_holidays(announced=[hours.Announced(MONDAY, "bridge", "桥")], by=None, now=MONDAY_9)


# --- For all outages --------------------------------------------------------------------------------------------------

stretches = st.lists(st.tuples(st.integers(0, 400), st.integers(1, 60)), max_size=5)


@given(stretches)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_blocked_is_exactly_the_union_of_the_outages(found):
    instrument = InstrumentFactory()
    for start, length in found:
        begin = MONDAY_9 + timedelta(minutes=15 * start)
        OutageFactory(instrument=instrument, period=(begin, begin + timedelta(minutes=15 * length)))

    row = OpenTime.objects.get(instrument=instrument)

    for quarter in range(-4, 480):
        instant = MONDAY_9 + timedelta(minutes=15 * quarter)
        out = any(start <= quarter < start + length for start, length in found)
        assert any(period.holds(instant) for period in row.blocked) == out
