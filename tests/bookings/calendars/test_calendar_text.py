"""The bytes of a calendar: what RFC 5545 asks, read back by another library."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.calendars.calendar_text import folded, text, write
from bookings.calendars.rules import Calendar, CalendarEvent, Place, Status
from kernel.periods import Period

SHANGHAI = ZoneInfo("Asia/Shanghai")
LONG_TITLE = "微机控制电子万能试验机(拉力、压缩、弯曲、剪切)· 广州示例天河新材料与智能装备检验检测中心"
EVENT = CalendarEvent(
    uid="3f0c1a52-90de-4d53-8f5e-0d3c7d7f9a11@gongheng.example",
    sequence=2,
    period=Period(datetime(2026, 11, 25, 9, tzinfo=SHANGHAI), datetime(2026, 11, 25, 11, 30, tzinfo=SHANGHAI)),
    tz="Asia/Shanghai",
    status=Status.CONFIRMED,
    summary=LONG_TITLE,
    created_at=datetime(2026, 11, 20, 1, 2, 3, 456789, tzinfo=UTC),
    changed_at=datetime(2026, 11, 21, 4, 5, 6, tzinfo=UTC),
    description="R20261125000001\n自主上机; 1 人, 备注 \\ 无",
    location="示例检测中心, 天河区示例路 1 号; 3 楼",
    geo=Place(latitude=23.1355, longitude=113.3612),
    url="http://127.0.0.1:8000/my/rentals/R20261125000001/",
    categories=("分时租赁", "a,b"),
)
CALENDAR = Calendar(name="公衡 · 王工", tz="Asia/Shanghai", source="https://x.example/cal/a.ics", events=(EVENT,))
NOTHING_BUT_ITS_ZONE = b"""\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Gongheng//Calendars 1.0//ZH
CALSCALE:GREGORIAN
NAME:n
X-WR-CALNAME:n
X-WR-TIMEZONE:Asia/Shanghai
REFRESH-INTERVAL;VALUE=DURATION:PT1H
X-PUBLISHED-TTL:PT1H
SOURCE;VALUE=URI:https://x.example/cal/a.ics
COLOR:steelblue
BEGIN:VTIMEZONE
TZID:Asia/Shanghai
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+0800
TZOFFSETTO:+0800
TZNAME:CST
END:STANDARD
END:VTIMEZONE
END:VCALENDAR
"""


def read_event(calendar: Calendar) -> icalendar.Event:
    (event,) = icalendar.Calendar.from_ical(write(calendar)).walk("VEVENT")
    assert event.errors == []
    return event


def test_an_empty_calendar_is_still_a_calendar_with_its_zone():
    assert write(Calendar(name="n", tz="Asia/Shanghai", source="https://x.example/cal/a.ics")) == (
        NOTHING_BUT_ITS_ZONE.replace(b"\n", b"\r\n")
    )


def test_an_event_stands_in_these_lines():
    plain = replace(EVENT, summary="卡尺, A", description="", location="", categories=("租赁",))

    body = write(replace(CALENDAR, events=(plain,))).decode()

    assert body[body.index("BEGIN:VEVENT") : body.index("END:VCALENDAR")].split("\r\n") == [
        "BEGIN:VEVENT",
        "UID:3f0c1a52-90de-4d53-8f5e-0d3c7d7f9a11@gongheng.example",
        "SEQUENCE:2",
        "DTSTAMP:20261121T040506Z",
        "CREATED:20261120T010203Z",
        "LAST-MODIFIED:20261121T040506Z",
        "DTSTART;TZID=Asia/Shanghai:20261125T090000",
        "DTEND;TZID=Asia/Shanghai:20261125T113000",
        "SUMMARY:卡尺\\, A",
        "STATUS:CONFIRMED",
        "TRANSP:OPAQUE",
        "GEO:23.135500;113.361200",
        "URL:http://127.0.0.1:8000/my/rentals/R20261125000001/",
        "CATEGORIES:租赁",
        "END:VEVENT",
        "",
    ]


def test_another_library_reads_back_what_was_written():
    event = read_event(CALENDAR)

    assert event["UID"] == EVENT.uid
    assert event["SEQUENCE"] == 2
    assert event["SUMMARY"] == LONG_TITLE
    assert event["DESCRIPTION"] == EVENT.description
    assert event["LOCATION"] == EVENT.location
    assert event["URL"] == EVENT.url
    assert event["STATUS"] == "CONFIRMED"
    assert event["TRANSP"] == "OPAQUE"
    assert [str(category) for category in event["CATEGORIES"].cats] == ["分时租赁", "a,b"]
    assert (event["GEO"].latitude, event["GEO"].longitude) == (23.1355, 113.3612)
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (EVENT.period.start, EVENT.period.end)
    assert event["DTSTART"].params["TZID"] == "Asia/Shanghai"
    assert event["DTSTAMP"].dt == event["LAST-MODIFIED"].dt == EVENT.changed_at
    assert event["CREATED"].dt == EVENT.created_at.replace(microsecond=0)


def test_the_calendar_tells_its_name_its_source_and_when_to_come_again():
    calendar = icalendar.Calendar.from_ical(write(CALENDAR))

    assert calendar["VERSION"] == "2.0"
    assert calendar["CALSCALE"] == "GREGORIAN"
    assert calendar["NAME"] == calendar["X-WR-CALNAME"] == "公衡 · 王工"
    assert calendar["X-WR-TIMEZONE"] == "Asia/Shanghai"
    assert calendar["REFRESH-INTERVAL"].dt == timedelta(hours=1)
    assert calendar["X-PUBLISHED-TTL"] == "PT1H"
    assert calendar["SOURCE"] == "https://x.example/cal/a.ics"
    assert "METHOD" not in calendar


def test_nobody_is_invited_and_nothing_rings():
    body = write(CALENDAR)

    assert [word for word in (b"METHOD", b"ATTENDEE", b"ORGANIZER", b"VALARM") if word in body] == []


def test_every_line_ends_with_crlf_and_has_at_most_75_octets_of_whole_characters():
    body = write(CALENDAR)

    lines = body.split(b"\r\n")
    assert lines[-1] == b""
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    assert max(map(len, lines)) <= 75
    assert [line.decode() for line in lines]  # each line by itself is UTF-8
    assert not body.startswith(b"\xef\xbb\xbf")


def test_a_chinese_title_is_folded_between_characters():
    assert folded("SUMMARY:" + "试" * 23) == ("SUMMARY:" + "试" * 22 + "\r\n 试").encode()
    assert folded("SUMMARY:x" + "试" * 22) == ("SUMMARY:x" + "试" * 22).encode()  # 75 octets exactly
    assert folded("SUMMARY:" + "x" * 68) == b"SUMMARY:" + b"x" * 67 + b"\r\n x"


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=400))
def test_any_text_is_folded_within_its_octets_and_unfolds_to_itself(line: str):
    line = line.replace("\r", "").replace("\n", "")

    pieces = folded(line).split(b"\r\n")

    assert all(len(piece) <= 75 for piece in pieces)
    assert "".join(piece.decode()[index > 0 :] for index, piece in enumerate(pieces)) == line
    assert all(piece.startswith(b" ") for piece in pieces[1:])


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=200))
def test_any_title_comes_back_as_it_was(title: str):
    assert read_event(replace(CALENDAR, events=(replace(EVENT, summary=title),)))["SUMMARY"] == title


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("plain 中文", "plain 中文"),
        ("a,b;c\\d", "a\\,b\\;c\\\\d"),
        ("one\r\ntwo\rthree\nfour", "one\\ntwo\\nthree\\nfour"),
        ("line\u2028end\u2029and\x85more\x0bof\x0cthem", "line\\nend\\nand\\nmore\\nof\\nthem"),
        ("bell\x07 nul\x00 tab\t", "bell nul tab\t"),
        ("END:VEVENT\r\nBEGIN:VEVENT", "END:VEVENT\\nBEGIN:VEVENT"),
    ],
)
def test_text_is_escaped(value: str, written: str):
    assert text(value) == written


def test_the_order_of_the_events_given_does_not_matter():
    later = replace(EVENT, uid="b@x", period=Period(EVENT.period.end, EVENT.period.end + timedelta(hours=1)))
    twin = replace(EVENT, uid="a@x")

    ordered = write(replace(CALENDAR, events=(twin, EVENT, later)))

    assert write(replace(CALENDAR, events=(later, EVENT, twin))) == ordered
    uids = [event["UID"] for event in icalendar.Calendar.from_ical(ordered).walk("VEVENT")]
    assert uids == [EVENT.uid, "a@x", "b@x"]


def test_an_event_of_another_zone_brings_its_zone_before_the_events():
    london = replace(EVENT, uid="l@x", tz="Europe/London")

    body = write(replace(CALENDAR, events=(london, EVENT))).decode()

    assert [line for line in body.split("\r\n") if line.startswith(("TZID:", "BEGIN:VEVENT"))] == [
        "TZID:Asia/Shanghai",
        "TZID:Europe/London",
        "BEGIN:VEVENT",
        "BEGIN:VEVENT",
    ]


def test_an_hour_that_comes_twice_is_written_in_utc():
    second_half_past_one = Period(datetime(2026, 10, 25, 1, 30, tzinfo=UTC), datetime(2026, 10, 25, 3, tzinfo=UTC))
    london = replace(EVENT, tz="Europe/London", period=second_half_past_one)

    event = read_event(replace(CALENDAR, events=(london,)))

    assert (event["DTSTART"].dt, event["DTEND"].dt) == (second_half_past_one.start, second_half_past_one.end)
