"""What a rule of recurrence means (BK-21): read strictly, expanded as RFC 5545 says, on the lab's clock."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil import rrule
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from bookings.series import rules
from bookings.series.rules import Plan, Rule, Weekday, parse
from bookings.series.wording import told
from kernel.periods import Period

TUESDAY = date(2026, 11, 24)
SHANGHAI, LONDON, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/London"), ZoneInfo("America/New_York")


def days(*numbers: int, month: int = 11) -> tuple[date, ...]:
    return tuple(date(2026, month, number) for number in numbers)


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("FREQ=DAILY;COUNT=3", days(24, 25, 26)),
        ("FREQ=DAILY;INTERVAL=2;COUNT=3", days(24, 26, 28)),
        ("FREQ=DAILY;BYDAY=MO,TU;COUNT=2", (*days(24), *days(30))),
        ("FREQ=WEEKLY;COUNT=2", (*days(24), *days(1, month=12))),
        ("FREQ=WEEKLY;BYDAY=TU,TH;COUNT=3", (*days(24, 26), *days(1, month=12))),
        ("FREQ=WEEKLY;BYDAY=MO;COUNT=1", days(30)),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU;UNTIL=20261208", (*days(24), *days(7, 8, month=12))),
        ("FREQ=MONTHLY;COUNT=2", (*days(24), *days(24, month=12))),
        ("FREQ=MONTHLY;BYDAY=2TU;COUNT=1", days(8, month=12)),
        ("FREQ=MONTHLY;BYDAY=-1FR,4TU;COUNT=3", (*days(24, 27), *days(22, month=12))),
        ("FREQ=MONTHLY;BYDAY=SU;UNTIL=20261130", days(29)),
        ("rrule:freq=weekly;until=20261124", days(24)),
    ],
)
def test_a_rule_means_its_dates(text: str, dates: tuple[date, ...]) -> None:
    assert parse(text).dates(TUESDAY) == dates


def test_a_month_without_the_day_is_left_out() -> None:
    assert parse("FREQ=MONTHLY;COUNT=3").dates(date(2026, 10, 31)) == (
        date(2026, 10, 31),
        date(2026, 12, 31),
        date(2027, 1, 31),
    )


@pytest.mark.parametrize(
    ("text", "code", "part"),
    [
        ("", "RULE_WRONG", "RRULE"),
        ("FREQ=WEEKLY;COUNT=3;", "RULE_WRONG", "RRULE"),
        ("weekly", "RULE_WRONG", "WEEKLY"),
        ("COUNT=3", "RULE_PART_MISSING", "FREQ"),
        ("FREQ=WEEKLY", "RULE_PART_MISSING", "COUNT"),
        ("FREQ=YEARLY;COUNT=3", "RULE_WRONG", "FREQ"),
        ("FREQ=WEEKLY;COUNT=3;COUNT=4", "RULE_PART_TWICE", "COUNT"),
        ("FREQ=WEEKLY;COUNT=3;UNTIL=20261224", "RULE_ENDS_TWICE", "COUNT"),
        ("FREQ=WEEKLY;COUNT=0", "RULE_WRONG", "COUNT"),
        ("FREQ=WEEKLY;COUNT=-1", "RULE_WRONG", "COUNT"),
        ("FREQ=WEEKLY;COUNT=53", "RULE_TOO_MANY_DATES", "COUNT"),
        ("FREQ=WEEKLY;COUNT=٣", "RULE_WRONG", "COUNT"),
        ("FREQ=WEEKLY;INTERVAL=0;COUNT=3", "RULE_WRONG", "INTERVAL"),
        ("FREQ=WEEKLY;INTERVAL=x;COUNT=3", "RULE_WRONG", "INTERVAL"),
        ("FREQ=WEEKLY;UNTIL=20261131", "RULE_WRONG", "UNTIL"),
        ("FREQ=WEEKLY;UNTIL=20261124T090000Z", "RULE_WRONG", "UNTIL"),
        ("FREQ=WEEKLY;UNTIL=99991231", "RULE_WRONG", "UNTIL"),
        ("FREQ=WEEKLY;BYDAY=XX;COUNT=3", "RULE_WRONG", "BYDAY"),
        ("FREQ=WEEKLY;BYDAY=2TU;COUNT=3", "RULE_WRONG", "BYDAY"),
        ("FREQ=DAILY;BYDAY=-1TU;COUNT=3", "RULE_WRONG", "BYDAY"),
        ("FREQ=MONTHLY;BYDAY=6TU;COUNT=3", "RULE_WRONG", "BYDAY"),
        ("FREQ=WEEKLY;BYDAY=TU,TU;COUNT=3", "RULE_PART_TWICE", "BYDAY"),
        ("FREQ=WEEKLY;BYMONTH=3;COUNT=3", "RULE_PART_UNKNOWN", "BYMONTH"),
        ("FREQ=WEEKLY;WKST=SU;COUNT=3", "RULE_PART_UNKNOWN", "WKST"),
        ("FREQ=WEEKLY;COUNT=3" + ";X=1" * 60, "RULE_WRONG", "RRULE"),
    ],
)
def test_what_cannot_be_read_is_refused_by_the_name_of_its_part(text: str, code: str, part: str) -> None:
    with pytest.raises(rules.RuleWrong) as refused:
        parse(text)

    assert (refused.value.code, refused.value.facts["part"]) == (code, part)
    assert part in str(refused.value) or code in ("RULE_ENDS_TWICE", "RULE_TOO_MANY_DATES")


@pytest.mark.parametrize(
    ("text", "code", "part"),
    [
        ("FREQ=DAILY;UNTIL=20270115", "RULE_TOO_MANY_DATES", "UNTIL"),
        ("FREQ=WEEKLY;UNTIL=20270524", "RULE_TOO_LONG", "UNTIL"),
        ("FREQ=WEEKLY;COUNT=27", "RULE_TOO_LONG", "COUNT"),
        ("FREQ=DAILY;INTERVAL=900;BYDAY=MO;COUNT=1", "RULE_WITHOUT_DATES", "FREQ"),
        ("FREQ=WEEKLY;UNTIL=20261101", "RULE_WITHOUT_DATES", "UNTIL"),
    ],
)
def test_a_series_has_at_most_52_dates_within_180_days_and_one_at_least(text: str, code: str, part: str) -> None:
    with pytest.raises(rules.RuleWrong) as refused:
        parse(text).dates(TUESDAY)

    assert (refused.value.code, refused.value.facts["part"]) == (code, part)


def test_the_180th_day_after_the_first_is_the_last_that_counts() -> None:
    last = TUESDAY + timedelta(days=180)

    assert parse(f"FREQ=DAILY;INTERVAL=180;UNTIL={last:%Y%m%d}").dates(TUESDAY) == (TUESDAY, last)


weekdays = st.integers(0, 6)
nths = st.sampled_from([-5, -2, -1, 0, 1, 2, 4, 5])


@st.composite
def written_rules(draw: st.DrawFn) -> Rule:
    freq = draw(st.sampled_from(rules.FREQUENCIES))
    wanted = st.builds(Weekday, weekdays, nths if freq == rules.MONTHLY else st.just(0))
    by_day = tuple(sorted(draw(st.sets(wanted, max_size=3))))
    if len({bool(each.nth) for each in by_day}) > 1:
        by_day = by_day[:1]  # a Monday beside a second Tuesday: the other library drops the former
    count = draw(st.none() | st.integers(1, 52))
    until = None if count else date(2026, 1, 1) + timedelta(days=draw(st.integers(0, 700)))
    return Rule(freq, draw(st.integers(1, 5)), by_day, count, until)


@given(rule=written_rules(), first=st.dates(date(2026, 1, 1), date(2027, 6, 1)))
def test_the_dates_are_those_another_library_finds(rule: Rule, first: date) -> None:
    begins = datetime.combine(first, time())
    oracle = rrule.rrulestr(f"FREQ={rule.freq};INTERVAL={rule.interval}" + byday(rule), dtstart=begins)
    horizon = begins + timedelta(days=180)
    expected = [found.date() for found in oracle.between(begins, horizon, inc=True)]
    if rule.until is not None:
        expected = [found for found in expected if found <= rule.until]
    try:
        found = rule.dates(first)
    except rules.RuleTooManyDates:
        assert len(expected) > 52
    except rules.RuleTooLong:
        assert (rule.count and len(expected) < rule.count) or (rule.until and rule.until > horizon.date())
    except rules.RuleWithoutDates:
        assert not expected
    else:
        assert list(found) == expected[: rule.count]


def byday(rule: Rule) -> str:
    return f";BYDAY={','.join(map(str, rule.by_day))}" if rule.by_day else ""


@given(rule=written_rules())
def test_what_a_rule_writes_it_reads_again(rule: Rule) -> None:
    assert parse(str(rule)) == rule


@given(rule=written_rules(), first=st.dates(date(2026, 1, 1), date(2026, 6, 1)), shift=st.integers(-6, 6))
def test_a_shifted_rule_has_the_dates_so_many_days_later(rule: Rule, first: date, shift: int) -> None:
    if rule.freq == rules.MONTHLY and shift:
        with pytest.raises(rules.MonthlyStays):
            rule.shifted(shift)
        return
    try:
        dates = rule.dates(first)
    except rules.RuleWrong:
        return
    begins = dates[0]
    if rule.freq == rules.WEEKLY and rule.interval > 1 and rule.by_day:
        return  # which weeks count hangs on where the week begins
    assert rule.shifted(shift).dates(begins + timedelta(days=shift))[:1] == (begins + timedelta(days=shift),)


def plan(rule: str = "FREQ=WEEKLY;COUNT=3", *, first: date = TUESDAY, at: time = time(9), minutes: int = 180) -> Plan:
    return Plan(parse(rule), first, at, minutes, "assisted")


def test_a_time_of_day_stays_on_the_labs_clock_when_the_clock_is_put_back() -> None:
    autumn = plan(first=date(2026, 10, 20))

    periods = [autumn.period(on, LONDON) for on in autumn.dates()]

    assert [period.start for period in periods] == [
        datetime(2026, 10, 20, 8, tzinfo=UTC),
        datetime(2026, 10, 27, 9, tzinfo=UTC),
        datetime(2026, 11, 3, 9, tzinfo=UTC),
    ]
    assert {period.minutes for period in periods} == {180}


@pytest.mark.parametrize(
    ("zone", "on", "clock", "refusal"),
    [
        (LONDON, date(2026, 10, 25), time(1, 30), rules.TimeTwice),
        (LONDON, date(2026, 10, 25), time(1), rules.TimeTwice),
        (LONDON, date(2026, 3, 29), time(1, 30), rules.TimeSkipped),
        (NEW_YORK, date(2026, 11, 1), time(1, 30), rules.TimeTwice),
        (NEW_YORK, date(2026, 3, 8), time(2), rules.TimeSkipped),
    ],
)
def test_a_time_that_is_skipped_or_comes_twice_is_told_and_never_guessed(
    zone: ZoneInfo, on: date, clock: time, refusal: type[rules.TimeTwice]
) -> None:
    wanted = plan("FREQ=DAILY;COUNT=3", first=on - timedelta(days=1), at=clock)

    with pytest.raises(refusal) as refused:
        wanted.period(on, zone)

    assert (refused.value.facts["day"], refused.value.facts["clock"]) == (on.isoformat(), f"{clock:%H:%M}")
    for other in (on - timedelta(days=1), on + timedelta(days=1)):
        assert wanted.period(other, zone).start.astimezone(zone).time() == clock


@pytest.mark.parametrize(
    ("zone", "on", "clock"),
    [
        (LONDON, date(2026, 10, 25), time(2)),
        (LONDON, date(2026, 10, 25), time(0, 59)),
        (NEW_YORK, date(2026, 11, 1), time(2)),
        (NEW_YORK, date(2026, 3, 8), time(3)),
        (SHANGHAI, date(2026, 11, 1), time(1, 30)),
    ],
)
def test_the_times_beside_the_change_are_as_good_as_any(zone: ZoneInfo, on: date, clock: time) -> None:
    assert rules.instant(on, clock, zone).astimezone(zone).replace(tzinfo=None) == datetime.combine(on, clock)


@pytest.mark.parametrize(
    ("start", "pause", "shared"), [(24, 0, True), (24.5, 0, False), (24.5, 30, True), (23, 0, False), (48, 2880, False)]
)
def test_bl_5_what_follows_on_the_same_day_needs_no_second_set_up(start: float, pause: int, shared: bool) -> None:
    nine = datetime(2026, 11, 24, 1, tzinfo=UTC)
    before = Period(nine, nine + timedelta(hours=24))
    following = Period.starting(nine + timedelta(hours=start), 60)

    assert rules.shares_setup(before, following, pause=timedelta(minutes=pause), zone=SHANGHAI) is shared


@pytest.mark.parametrize(
    ("rule", "zh", "en"),
    [
        (
            "FREQ=WEEKLY;BYDAY=TU,TH;COUNT=10",
            "每周二、周四 09:00–12:00，共 10 次",
            "every Tue, Thu 09:00–12:00, 10 times",
        ),
        ("FREQ=WEEKLY;COUNT=1", "每周二 09:00–12:00，共 1 次", "every Tue 09:00–12:00, 1 time"),
        (
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;UNTIL=20261231",
            "每 2 周的周二 09:00–12:00，至 2026-12-31",
            "every 2 weeks on Tue 09:00–12:00, until 2026-12-31",
        ),
        ("FREQ=DAILY;COUNT=5", "每天 09:00–12:00，共 5 次", "every day 09:00–12:00, 5 times"),
        (
            "FREQ=DAILY;INTERVAL=2;BYDAY=MO,WE;COUNT=5",
            "每 2 天（仅周一、周三） 09:00–12:00，共 5 次",
            "every 2 days (only Mon, Wed) 09:00–12:00, 5 times",
        ),
        ("FREQ=MONTHLY;COUNT=5", "每月24 日 09:00–12:00，共 5 次", "every month on day 24 09:00–12:00, 5 times"),
        (
            "FREQ=MONTHLY;BYDAY=2TU,-1FR;COUNT=5",
            "每月第 2 个周二、最后一个周五 09:00–12:00，共 5 次",
            "every month on the Tue number 2, the last Fri 09:00–12:00, 5 times",
        ),
        (
            "FREQ=MONTHLY;INTERVAL=2;BYDAY=-2MO;COUNT=2",
            "每 2 个月倒数第 2 个周一 09:00–12:00，共 2 次",
            "every 2 months on the Mon number 2 from the end 09:00–12:00, 2 times",
        ),
    ],
)
def test_a_rule_is_told_in_words(rule: str, zh: str, en: str) -> None:
    with translation.override("zh-hans"):
        assert told(plan(rule)) == zh
    with translation.override("en"):
        assert told(plan(rule)) == en


@pytest.mark.parametrize(
    ("minutes", "zh", "en"),
    [
        (60, "22:00–23:00", "22:00–23:00"),
        (120, "22:00–24:00", "22:00–24:00"),
        (600, "22:00–08:00 (后 1 天)", "22:00–08:00 (1 day later)"),
    ],
)
def test_a_time_that_runs_into_the_next_day_says_so(minutes: int, zh: str, en: str) -> None:
    wanted = plan("FREQ=DAILY;COUNT=2", at=time(22), minutes=minutes)

    with translation.override("zh-hans"):
        assert told(wanted) == f"每天 {zh}，共 2 次"
    with translation.override("en"):
        assert told(wanted) == f"every day {en}, 2 times"
