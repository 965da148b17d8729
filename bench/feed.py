"""
How long a feed of 1,000 events takes to write: ours, and the icalendar library doing the same.

    .venv/bin/python bench/feed.py
"""

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from uuid import UUID
from zoneinfo import ZoneInfo

HERE = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(HERE), str(HERE / "platform")]

import icalendar  # noqa: E402 -- after the path

from bookings.calendars.calendar_text import PRODUCT, write  # noqa: E402 -- after the path
from bookings.calendars.rules import Calendar, CalendarEvent, Place, Status  # noqa: E402 -- after the path
from kernel.periods import Period  # noqa: E402 -- after the path

EVENTS = 1_000
ROUNDS = 15
SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST = datetime(2026, 11, 25, 1, tzinfo=UTC)


def calendar() -> Calendar:
    """A busy year of one customer, with titles and places as long as they are in life."""
    events = tuple(
        CalendarEvent(
            uid=f"{UUID(int=number)}@gongheng.example",
            sequence=number % 4,
            period=Period.starting(FIRST + timedelta(hours=8 * number), 120),
            tz="Asia/Shanghai",
            status=Status.CONFIRMED if number % 5 else Status.TENTATIVE,
            summary=f"微机控制电子万能试验机(拉力、压缩、弯曲){number} · 广州示例新材料检验检测中心",
            created_at=FIRST - timedelta(days=3),
            changed_at=FIRST - timedelta(minutes=number),
            description=f"单号 R20261125{number:06}\n方式:自主上机\n设备编号:INS-TH-{number % 62:03}",
            location="广州示例新材料检验检测中心, 天河区示例路 1 号 3 楼力学室",
            geo=Place(latitude=23.1355, longitude=113.3612),
            url=f"https://gongheng.example/my/rentals/R20261125{number:06}/",
            categories=("分时租赁",),
        )
        for number in range(EVENTS)
    )
    return Calendar(name="公衡 · 我的预约", tz="Asia/Shanghai", source="https://x.example/cal/a.ics", events=events)


def write_by_library(told: Calendar) -> bytes:
    """The same calendar through icalendar."""
    written = icalendar.Calendar()
    written.add("version", "2.0")
    written.add("prodid", PRODUCT)
    for event in told.events:
        entry = icalendar.Event()
        entry.add("uid", event.uid)
        entry.add("sequence", event.sequence)
        entry.add("dtstamp", event.changed_at)
        entry.add("created", event.created_at)
        entry.add("last-modified", event.changed_at)
        entry.add("dtstart", event.period.start.astimezone(SHANGHAI))
        entry.add("dtend", event.period.end.astimezone(SHANGHAI))
        entry.add("summary", event.summary)
        entry.add("status", str(event.status))
        entry.add("transp", "OPAQUE")
        entry.add("location", event.location)
        if event.geo:
            entry.add("geo", (event.geo.latitude, event.geo.longitude))
        entry.add("url", event.url)
        entry.add("categories", list(event.categories))
        entry.add("description", event.description)
        written.add_component(entry)
    return bytes(written.to_ical())


def milliseconds(act: Callable[[Calendar], bytes], told: Calendar, rounds: int) -> float:
    """The median of so many rounds, after one that does not count."""
    act(told)
    took = []
    for _ in range(rounds):
        begun = time.perf_counter()
        act(told)
        took.append((time.perf_counter() - begun) * 1000)
    return median(took)


def main() -> None:
    """Measure both and say so."""
    told = calendar()
    ours = milliseconds(write, told, ROUNDS)
    library = milliseconds(write_by_library, told, 3)
    print(f"a feed of {EVENTS} events, {len(write(told)) // 1024} KiB")
    print(f"  ours       {ours:8.1f} ms")
    print(f"  icalendar  {library:8.1f} ms   {library / ours:.0f} times as long")


if __name__ == "__main__":
    main()
