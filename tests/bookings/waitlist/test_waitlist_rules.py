"""BK-19 as tables: who comes first, how long an offer stands, when none is made."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bookings.waitlist import rules
from kernel.periods import Period

CANTON = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")
SECOND = timedelta(seconds=1)


def at(clock: str, *, day: int = 24, zone: ZoneInfo = CANTON) -> datetime:
    """An instant of November 2026 on a zone's clock."""
    hour, minute, *second = map(int, clock.split(":"))
    return datetime(2026, 11, day, hour, minute, *second, tzinfo=zone).astimezone(UTC)


def test_the_displaced_come_before_smes_and_those_before_all_others() -> None:
    ranks = [
        rules.rank(is_displaced=displaced, is_sme=sme)
        for displaced, sme in ((True, True), (True, False), (False, True), (False, False))
    ]

    assert ranks == [rules.DISPLACED, rules.DISPLACED, rules.SME, rules.OTHER]
    assert rules.DISPLACED < rules.SME < rules.OTHER


@pytest.mark.parametrize(
    ("ahead", "stands"),
    [
        (timedelta(days=7), timedelta(hours=2)),
        (timedelta(hours=3), timedelta(hours=2)),
        (timedelta(hours=3) - SECOND, timedelta(hours=2) - SECOND),
        (timedelta(hours=2), timedelta(hours=1)),
        (timedelta(hours=1) + SECOND, SECOND),
        (timedelta(hours=1), None),
        (timedelta(minutes=59), None),
        (-timedelta(hours=1), None),
    ],
)
def test_an_offer_stands_two_hours_but_ends_an_hour_before_the_use(ahead: timedelta, stands: timedelta | None) -> None:
    now = at("09:00")

    ends = rules.offer_ends(now=now, start=now + ahead)

    assert (ends and ends - now) == stands


@pytest.mark.parametrize(
    ("clock", "zone", "is_quiet"),
    [
        ("19:59:59", CANTON, False),
        ("20:00", CANTON, True),
        ("23:59:59", CANTON, True),
        ("00:00", CANTON, True),
        ("07:59:59", CANTON, True),
        ("08:00", CANTON, False),
        ("12:00", CANTON, False),
        ("20:00", NEW_YORK, True),
        ("08:00", NEW_YORK, False),
    ],
)
def test_it_is_quiet_from_20_to_8_on_the_labs_clock(clock: str, zone: ZoneInfo, is_quiet: bool) -> None:
    assert rules.is_quiet(at(clock, zone=zone), zone) is is_quiet


def test_quiet_is_what_the_labs_clock_says_also_on_the_night_it_is_set_back() -> None:
    before = datetime(2026, 11, 1, 7, 59, tzinfo=NEW_YORK)
    after = datetime(2026, 11, 1, 8, 0, tzinfo=NEW_YORK)

    assert (rules.is_quiet(before, NEW_YORK), rules.is_quiet(after, NEW_YORK)) == (True, False)
    assert rules.is_quiet(before, CANTON)  # 20:59 there


@pytest.mark.parametrize(
    ("now", "ahead", "may"),
    [
        ("19:59", timedelta(days=3), True),
        ("20:00", timedelta(days=3), False),
        ("20:00", timedelta(hours=24), True),
        ("20:00", timedelta(hours=24) + SECOND, False),
        ("23:59", timedelta(hours=10), True),
        ("00:00", timedelta(hours=30), False),
        ("07:59", timedelta(hours=25), False),
        ("08:00", timedelta(hours=25), True),
        ("03:00", timedelta(hours=1), False),
        ("03:00", timedelta(hours=1) + SECOND, True),
        ("12:00", timedelta(minutes=30), False),
    ],
)
def test_nobody_is_woken_for_what_begins_later_than_in_a_day(now: str, ahead: timedelta, may: bool) -> None:
    instant = at(now)

    assert rules.may_be_offered(now=instant, start=instant + ahead, zone=CANTON) is may


@pytest.mark.parametrize(
    ("now", "first", "last"),
    [
        ("06:00", "09:00", "15:00"),
        ("08:00", "09:00", "15:00"),
        ("08:30", "09:30", "15:00"),
        ("13:59", "14:59", "15:00"),
    ],
)
def test_a_use_may_start_from_an_hour_ahead_until_it_ends_with_its_window(now: str, first: str, last: str) -> None:
    window = Period(at("09:00"), at("17:00"))

    starts = rules.starts_within(window, 120, at(now))

    assert starts is not None
    assert starts.start == at(first)
    assert starts.holds(at(last))
    assert not starts.holds(at(last) + SECOND)


@pytest.mark.parametrize(("now", "is_over"), [("13:59:59", False), ("14:00", True), ("17:00", True)])
def test_a_window_is_over_when_its_last_start_leaves_no_time_to_answer(now: str, is_over: bool) -> None:
    window = Period(at("09:00"), at("17:00"))

    assert rules.is_over(window, 120, at(now)) is is_over
    assert (rules.starts_within(window, 120, at(now)) is None) is is_over


def test_a_window_that_is_too_short_for_the_use_has_no_start() -> None:
    assert rules.starts_within(Period(at("09:00"), at("10:00")), 120, at("06:00")) is None
