"""A closed stretch of the calendar says why, in the language of the page."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from kernel.periods import Period
from labs.hours import operations as hours
from labs.hours.queries import Closed, announced_years, closed_reasons
from labs.models import HolidayDate, Instrument
from tests.conftest import MONDAY_9
from tests.factories.labs import InstrumentFactory, LabFactory, OutageFactory

pytestmark = pytest.mark.django_db
CHINA = ZoneInfo("Asia/Shanghai")


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def at(day, hour=0, minute=0, month=11, year=2026):
    return datetime(year, month, day, hour, minute, tzinfo=CHINA).astimezone(UTC)


def told(instrument, first, end):
    return [(each.kind, each.text) for each in closed_reasons(instrument, first, end)]


def test_nights_lunch_and_weekends():
    instrument = InstrumentFactory(lab=LabFactory(weekly={4: ((540, 720), (810, 1080))}))

    assert closed_reasons(instrument, at(27), at(29)) == [
        Closed(Period(at(27), at(27, 9)), "outside_hours", "Opens at 09:00"),
        Closed(Period(at(27, 12), at(27, 13, 30)), "outside_hours", "Opens again at 13:30"),
        Closed(Period(at(27, 18), at(28)), "outside_hours", "Closed from 18:00"),
        Closed(Period(at(28), at(29)), "closed_day", "Closed at weekends"),
    ]
    assert told(instrument, at(26), at(27)) == [("closed_day", "Closed on this day of the week")]


def test_an_open_day_to_midnight_has_nothing_to_say():
    instrument = InstrumentFactory(lab=LabFactory(weekly={4: ((0, 1440),)}))

    assert closed_reasons(instrument, at(27), at(28)) == []


def test_a_holiday_is_named_in_the_language_of_the_page():
    HolidayDate.objects.create(date=date(2027, 1, 1), kind="holiday", name_zh="元旦", name_en="New Year")
    instrument = InstrumentFactory()
    first, end = at(1, month=1, year=2027), at(2, month=1, year=2027)

    assert told(instrument, first, end) == [("closed_day", "Holiday: New Year")]
    with translation.override("zh-hans"):
        assert "元旦" in told(instrument, first, end)[0][1]


def test_a_makeup_workday_on_which_the_lab_stays_closed():
    HolidayDate.objects.create(date=date(2026, 11, 28), kind="makeup_workday", name_zh="调休上班")
    instrument = InstrumentFactory(lab=LabFactory(makeup_policy="closed"))

    assert told(instrument, at(28), at(29)) == [("closed_day", "Make-up workday, on which the lab is closed")]


def test_exceptions_give_their_own_reason():
    instrument = InstrumentFactory()
    day = {"date": date(2026, 11, 24), "windows": [], "by": None, "now": MONDAY_9}
    hours.add_date_exception(of=instrument.lab, reason_zh="年度内审", reason_en="Internal audit", **day)

    assert told(instrument, at(24), at(25)) == [("closed_day", "Internal audit")]
    hours.add_date_exception(of=instrument, **day)
    assert told(instrument, at(24), at(25)) == [("closed_day", "Closed on this day")]


def test_maintenance_says_what_for_and_only_where_all_units_are_out():
    instrument = InstrumentFactory(capacity=2)
    OutageFactory(instrument=instrument, period=(at(24, 10), at(24, 12)))
    OutageFactory(instrument=instrument, period=(at(24, 13), at(24, 14)), units=1)

    assert told(instrument, at(24, 9), at(24, 17)) == [("maintenance", "Maintenance: New grips")]
    with translation.override("zh-hans"):
        assert "更换夹具" in told(instrument, at(24, 9), at(24, 17))[0][1]


def test_the_end_of_a_calibration_is_dated():
    instrument = InstrumentFactory(calibration__valid_to=date(2026, 11, 24))

    assert closed_reasons(instrument, at(24, 9), at(25, 10)) == [
        Closed(Period(at(24, 18), at(25)), "outside_hours", "Closed from 18:00"),
        Closed(Period(at(25), at(25, 8, 30)), "outside_hours", "Opens at 08:30"),
        Closed(Period(at(25), at(25, 10)), "not_calibrated", "Calibration ended on 2026-11-24"),
    ]


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"calibration__valid_from": date(2026, 11, 30)}, "Calibrated from 2026-11-30"),
        ({"calibration": False}, "Not calibrated"),
        ({"calibration__result": "fail"}, "Not calibrated"),
    ],
)
def test_without_a_past_calibration_the_next_one_is_named(given, text):
    assert told(InstrumentFactory(**given), at(24, 9), at(24, 10)) == [("not_calibrated", text)]


def test_what_need_not_be_calibrated_says_nothing_of_it():
    instrument = InstrumentFactory(calibration=False, requires_calibration=False)

    assert told(instrument, at(24, 9), at(24, 10)) == []


def test_an_instrument_that_is_away_says_until_when():
    instrument = InstrumentFactory(status=Instrument.Status.FAULT, expected_back_at=at(24, 12))

    assert closed_reasons(instrument, at(24, 9), at(24, 17)) == [
        Closed(Period(at(24, 9), at(24, 12)), "away", "Out of order, expected back on 2026-11-24 at 12:00")
    ]
    assert told(InstrumentFactory(status=Instrument.Status.SUSPENDED), at(24, 9), at(24, 17)) == [("away", "Suspended")]


def test_reasons_of_a_week_take_two_statements(django_assert_num_queries):
    instrument = InstrumentFactory()
    for day in range(3):
        OutageFactory(instrument=instrument, period=(at(24 + day, 10), at(24 + day, 12)))

    with django_assert_num_queries(2):
        closed_reasons(instrument, at(23), at(30))


def test_a_year_is_announced_once_its_dates_are_known():
    HolidayDate.objects.create(date=date(2026, 1, 1), kind="holiday", name_zh="元旦")

    assert announced_years(date(2026, 12, 1), date(2027, 2, 1)) == {2026}
