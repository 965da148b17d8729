"""BK-3: which windows a date has, and why."""

from datetime import UTC, date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.periods import Period
from labs.hours.rules import (
    Day,
    Hours,
    day_type,
    instant,
    joined,
    open_periods,
    window_problem,
    windows_of,
)

CHINA = ZoneInfo("Asia/Shanghai")
LONDON = ZoneInfo("Europe/London")

HOLIDAYS_2026 = {
    date(2026, month, day): "holiday"
    for month, days in {
        1: (1, 2, 3),
        2: range(15, 24),
        4: (4, 5, 6),
        5: range(1, 6),
        6: (19, 20, 21),
        9: (25, 26, 27),
        10: range(1, 8),
    }.items()
    for day in days
} | {date(2026, month, day): "makeup_workday" for month, day in ((1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10))}
MONDAY, SATURDAY, SUNDAY = ((510, 1080),), ((540, 720),), ((600, 660),)
WEEK = dict.fromkeys(range(5), MONDAY) | {5: SATURDAY, 6: SUNDAY}


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 1, 1), "holiday"),  # Thursday, New Year
        (date(2026, 1, 4), "workday"),  # Sunday that makes up for it
        (date(2026, 2, 14), "workday"),  # Saturday
        (date(2026, 2, 15), "holiday"),  # Sunday of the Spring Festival
        (date(2026, 9, 20), "workday"),  # Sunday
        (date(2026, 10, 8), "workday"),  # Thursday after the National Day
        (date(2026, 10, 10), "workday"),  # Saturday
        (date(2026, 10, 11), "restday"),  # Sunday
        (date(2026, 11, 23), "workday"),  # Monday
        (date(2026, 11, 28), "restday"),  # Saturday
    ],
)
def test_the_type_of_a_date_follows_the_arrangement_of_2026(day, expected):
    assert day_type(day, HOLIDAYS_2026) == expected


@pytest.mark.parametrize(
    ("policy", "day", "windows"),
    [
        ("workday", date(2026, 10, 10), MONDAY),
        ("workday", date(2026, 1, 4), MONDAY),
        ("as_weekday", date(2026, 10, 10), SATURDAY),
        ("as_weekday", date(2026, 1, 4), SUNDAY),
        ("closed", date(2026, 10, 10), ()),
        ("closed", date(2026, 9, 20), ()),
    ],
)
def test_a_makeup_workday_follows_the_policy_of_the_lab(policy, day, windows):
    assert windows_of(day, Hours(WEEK, policy), HOLIDAYS_2026) == Day(windows, "makeup_workday")


def test_a_holiday_is_closed_unless_the_lab_keeps_holiday_hours():
    day = date(2026, 10, 1)

    assert windows_of(day, Hours(WEEK), HOLIDAYS_2026) == Day((), "holiday")
    assert windows_of(day, Hours(WEEK | {7: ((600, 720),)}), HOLIDAYS_2026) == Day(((600, 720),), "holiday")


def test_exceptions_speak_first_and_the_instruments_before_the_labs():
    holiday = date(2026, 10, 1)
    lab = Hours(WEEK, exceptions={holiday: ((0, 60),)})

    assert windows_of(holiday, lab, HOLIDAYS_2026) == Day(((0, 60),), "lab_exception")
    assert windows_of(holiday, lab, HOLIDAYS_2026, {holiday: ()}) == Day((), "instrument_exception")


def test_an_exception_of_the_lab_beats_a_makeup_workday_and_a_weekday():
    makeup, weekday = date(2026, 10, 10), date(2026, 10, 12)
    lab = Hours(WEEK, exceptions={makeup: (), weekday: ((600, 660),)})

    assert windows_of(makeup, lab, HOLIDAYS_2026) == Day((), "lab_exception")
    assert windows_of(weekday, lab, HOLIDAYS_2026) == Day(((600, 660),), "lab_exception")


def test_a_day_left_out_of_the_week_is_closed():
    assert windows_of(date(2026, 11, 28), Hours({0: MONDAY}), {}) == Day((), "weekday")


def test_touching_windows_are_one_and_a_lunch_break_makes_two():
    assert joined([(780, 1020), (540, 780)]) == ((540, 1020),)
    assert joined([(780, 1020), (540, 720)]) == ((540, 720), (780, 1020))


def test_windows_are_local_and_open_time_is_utc():
    periods = open_periods(date(2026, 11, 23), date(2026, 11, 25), Hours(WEEK), {}, CHINA)

    assert periods == [
        Period(datetime(2026, 11, 23, 0, 30, tzinfo=UTC), datetime(2026, 11, 23, 10, tzinfo=UTC)),
        Period(datetime(2026, 11, 24, 0, 30, tzinfo=UTC), datetime(2026, 11, 24, 10, tzinfo=UTC)),
    ]


def test_windows_to_midnight_join_those_that_open_then():
    around_the_clock = Hours(dict.fromkeys(range(7), ((0, 1440),)))

    periods = open_periods(date(2026, 11, 23), date(2026, 11, 26), around_the_clock, {}, CHINA)

    assert periods == [Period(datetime(2026, 11, 22, 16, tzinfo=UTC), datetime(2026, 11, 25, 16, tzinfo=UTC))]


def test_a_lab_abroad_opens_by_its_own_clock_on_the_day_summer_time_ends():
    sunday = date(2026, 10, 25)  # 25 hours long in London

    periods = open_periods(sunday, date(2026, 10, 27), Hours(dict.fromkeys(range(7), ((540, 1020),))), {}, LONDON)

    assert [period.start for period in periods] == [
        datetime(2026, 10, 25, 9, tzinfo=UTC),
        datetime(2026, 10, 26, 9, tzinfo=UTC),
    ]
    whole = open_periods(sunday, date(2026, 10, 26), Hours({6: ((0, 1440),)}), {}, LONDON)
    assert [period.minutes for period in whole] == [25 * 60]


def test_a_window_inside_the_hour_that_spring_skips_is_taken_an_hour_later():
    skipped = date(2026, 3, 29)

    periods = open_periods(skipped, date(2026, 3, 30), Hours({6: ((75, 105),)}), {}, LONDON)  # 01:15 to 01:45

    assert periods == [Period(datetime(2026, 3, 29, 1, 15, tzinfo=UTC), datetime(2026, 3, 29, 1, 45, tzinfo=UTC))]


@pytest.mark.parametrize(
    ("windows", "problem"),
    [
        ([], ""),
        ([(0, 1440)], ""),
        ([[540, 720], [720, 1020]], ""),
        ([(540, 540)], "empty"),
        ([(720, 540)], "empty"),
        ([(-1, 540)], "out_of_range"),
        ([(540, 1441)], "out_of_range"),
        ([(540.0, 600)], "out_of_range"),
        ([(540, True)], "out_of_range"),
        ([(540,)], "out_of_range"),
        (["0900"], "out_of_range"),
        ("09:00", "out_of_range"),
        (None, "out_of_range"),
        ([(540, 720), (719, 1020)], "overlap"),
    ],
)
def test_windows_are_checked_before_they_are_kept(windows, problem):
    assert window_problem(windows) == problem


# --- For all weeks, holidays and exceptions ---------------------------------------------------------------------------

windows = st.lists(st.tuples(st.integers(0, 95), st.integers(1, 96)).filter(lambda w: w[0] < w[1]), max_size=3).map(
    lambda found: tuple((opens * 15, closes * 15) for opens, closes in found)
)
days = st.dates(date(2026, 10, 20), date(2026, 11, 8))
hours = st.builds(
    Hours,
    st.dictionaries(st.integers(0, 7), windows),
    st.sampled_from(["workday", "as_weekday", "closed"]),
    st.dictionaries(days, windows, max_size=4),
)
holidays = st.dictionaries(days, st.sampled_from(["holiday", "makeup_workday"]), max_size=6)
zones = st.sampled_from([CHINA, LONDON, ZoneInfo("America/New_York")])


@given(hours, holidays, st.dictionaries(days, windows, max_size=3), zones)
def test_open_periods_are_in_order_and_apart(lab, announced, exceptions, tz):
    periods = open_periods(date(2026, 10, 20), date(2026, 11, 9), lab, announced, tz, exceptions)

    assert all(earlier.end < later.start for earlier, later in pairwise(periods))


@given(hours, holidays, st.dictionaries(days, windows, max_size=3), days, st.integers(0, 1439))
def test_a_minute_is_open_exactly_when_a_window_of_its_local_date_holds_it(lab, announced, exceptions, day, minute):
    periods = open_periods(date(2026, 10, 20), date(2026, 11, 9), lab, announced, CHINA, exceptions)

    at = instant(day, minute, CHINA)
    said = any(opens <= minute < closes for opens, closes in windows_of(day, lab, announced, exceptions).windows)
    assert any(period.holds(at) for period in periods) == said


@given(hours, holidays, zones)
def test_every_open_instant_lies_in_a_window_of_its_local_date(lab, announced, tz):
    for period in open_periods(date(2026, 10, 20), date(2026, 11, 9), lab, announced, tz):
        local = period.start.astimezone(tz)
        minute = local.hour * 60 + local.minute
        found = windows_of(local.date(), lab, announced).windows
        assert any(opens <= minute < closes for opens, closes in found)
