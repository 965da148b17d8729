"""What the zones' clocks do, as calendars are told."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest

from bookings.calendars.zones import vtimezone


def tzinfo_read_from(name: str):
    lines = vtimezone(name).replace("\n", "\r\n")
    (zone,) = icalendar.Calendar.from_ical(f"BEGIN:VCALENDAR\r\n{lines}\r\nEND:VCALENDAR\r\n").walk("VTIMEZONE")
    return zone.to_tz(lookup_tzid=False)


def test_china_has_one_time_and_no_history():
    assert vtimezone("Asia/Shanghai").split("\n") == [
        "BEGIN:VTIMEZONE",
        "TZID:Asia/Shanghai",
        "BEGIN:STANDARD",
        "DTSTART:19700101T000000",
        "TZOFFSETFROM:+0800",
        "TZOFFSETTO:+0800",
        "TZNAME:CST",
        "END:STANDARD",
        "END:VTIMEZONE",
    ]


@pytest.mark.parametrize(
    ("name", "rules"),
    [
        ("Europe/London", ["FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU"]),
        ("America/New_York", ["FREQ=YEARLY;BYMONTH=3;BYDAY=2SU", "FREQ=YEARLY;BYMONTH=11;BYDAY=1SU"]),
        ("Asia/Tokyo", []),
        ("UTC", []),
    ],
)
def test_yearly_changes_are_told_as_rules(name: str, rules: list[str]):
    assert [line[6:] for line in vtimezone(name).split("\n") if line.startswith("RRULE:")] == rules


@pytest.mark.parametrize(
    "name",
    ["Asia/Shanghai", "Europe/London", "America/New_York", "Asia/Jerusalem", "Australia/Sydney", "Asia/Kolkata",
     "Africa/Cairo", "Africa/Casablanca", "Europe/Dublin", "America/St_Johns"],
)  # fmt: skip
def test_a_calendar_that_knows_only_the_rules_reads_every_hour_alike(name: str):
    read, known = tzinfo_read_from(name), ZoneInfo(name)
    instants = [datetime(2026, 1, 1, 12, 30, tzinfo=UTC) + timedelta(hours=7 * step) for step in range(2500)]

    differing = [at for at in instants if at.astimezone(read).utcoffset() != at.astimezone(known).utcoffset()]

    assert differing == []
