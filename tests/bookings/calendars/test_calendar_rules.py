"""What a feed covers, and what a stranger may see of it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bookings.calendars import rules
from bookings.calendars.rules import CalendarEvent, Place, Status
from kernel.periods import Period

SHANGHAI = ZoneInfo("Asia/Shanghai")
SECRET = "a secret of the platform"
NINE = datetime(2026, 11, 25, 1, tzinfo=UTC)
EVENT = CalendarEvent(
    uid="0f8b7a1e-2222-4c3b-9a55-111111111111@gongheng.example",
    sequence=3,
    period=Period(NINE, NINE + timedelta(hours=2)),
    tz="Asia/Shanghai",
    status=Status.TENTATIVE,
    summary="电子万能试验机 · 示例检测中心",
    created_at=NINE - timedelta(days=2),
    changed_at=NINE - timedelta(days=1),
    description="R20261125000001 王工",
    location="示例检测中心",
    geo=Place(latitude=23.1, longitude=113.3),
    url="https://x.example/my/rentals/R20261125000001/",
    categories=("租赁",),
)


def test_a_feed_covers_whole_local_days_90_back_and_365_ahead():
    covered = rules.window(date(2026, 11, 24), SHANGHAI)

    assert covered.start == datetime(2026, 8, 26, tzinfo=SHANGHAI)
    assert covered.end == datetime(2027, 11, 25, tzinfo=SHANGHAI)  # all of the 365th day


def test_the_days_a_feed_covers_are_days_of_the_zone_also_where_clocks_turn():
    covered = rules.window(date(2026, 11, 24), ZoneInfo("Europe/London"))

    assert covered.start == datetime(2026, 8, 25, 23, tzinfo=UTC)
    assert covered.end == datetime(2027, 11, 25, tzinfo=UTC)


def test_cancellations_are_told_for_30_days():
    assert rules.cancelled_since(date(2026, 11, 24), SHANGHAI) == datetime(2026, 10, 25, tzinfo=SHANGHAI)


def test_a_stranger_sees_that_the_time_is_taken_and_where_and_nothing_else():
    (busy,) = rules.busy_only([EVENT], secret=SECRET)

    assert busy == CalendarEvent(
        uid=busy.uid,
        sequence=3,
        period=EVENT.period,
        tz="Asia/Shanghai",
        status=Status.TENTATIVE,
        summary="忙 Busy",
        changed_at=EVENT.changed_at,
        location="示例检测中心",
        geo=EVENT.geo,
    )


def test_the_uid_a_stranger_sees_is_stable_but_tells_nothing_of_the_booking():
    (busy,) = rules.busy_only([EVENT], secret=SECRET)
    (moved,) = rules.busy_only([replace(EVENT, sequence=4, status=Status.CONFIRMED)], secret=SECRET)
    (elsewhere,) = rules.busy_only([EVENT], secret="another secret")

    own_part, _, domain = busy.uid.partition("@")
    assert busy.uid == moved.uid
    assert (len(own_part), domain) == (40, "gongheng.example")
    assert EVENT.uid[:8] not in busy.uid
    assert busy.uid != elsewhere.uid


def test_a_cancelled_booking_takes_no_time_and_is_not_told_to_strangers():
    cancelled = replace(EVENT, status=Status.CANCELLED, transparent=True)

    assert rules.busy_only([cancelled], secret=SECRET) == ()


def test_the_token_of_a_public_feed_names_its_instrument_and_cannot_be_made_without_the_secret():
    token = rules.busy_token("INS-001", secret=SECRET)

    assert token == rules.busy_token("INS-001", secret=SECRET)
    assert token.startswith("INS-001-")
    assert len(token.removeprefix("INS-001-")) == 43  # 256 bits
    assert rules.instrument_named_in(token, secret=SECRET) == "INS-001"


@pytest.mark.parametrize(
    "token",
    ["", "-", "INS-001", "INS-001-", "INS-001-AAAA", "A" * 44, rules.busy_token("INS-001", secret="another"),
     rules.busy_token("INS-001", secret=SECRET).replace("INS-001", "INS-002"), "实验-" + "室" * 43],
)  # fmt: skip
def test_a_token_that_was_not_made_here_opens_no_public_feed(token: str):
    assert rules.instrument_named_in(token, secret=SECRET) is None


@pytest.mark.parametrize(
    "broken",
    [{"uid": ""}, {"uid": "a b"}, {"url": "https://x.example/a b"}, {"url": "https://x.example/\r\nX:1"},
     {"changed_at": NINE.replace(tzinfo=None)}, {"created_at": NINE.replace(tzinfo=None)}],
)  # fmt: skip
def test_an_event_that_could_break_a_calendar_is_not_born(broken: dict[str, object]):
    with pytest.raises(ValueError, match="event"):
        replace(EVENT, **broken)


def test_a_place_lies_on_the_earth():
    with pytest.raises(ValueError, match="no such place"):
        Place(latitude=113.3, longitude=23.1)
