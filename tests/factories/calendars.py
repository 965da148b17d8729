"""Feeds for tests: made through the operation, read back through another library."""

from datetime import datetime
from typing import Any

import icalendar
from django.test import Client

from accounts.models import Membership
from bookings.calendars import operations as calendars
from tests.factories.labs import MONDAY_9


def feed_path(by: Membership, *, now: datetime = MONDAY_9) -> str:
    """Make the feed of a member's own bookings, and return the path it is fetched at."""
    _feed, token = calendars.issue_feed(by=by, now=now)
    return f"/cal/{token}.ics"


def events(body: bytes) -> list[icalendar.Event]:
    """Return the events of a calendar, which another library reads without a complaint."""
    calendar = icalendar.Calendar.from_ical(body)
    found = list(calendar.walk("VEVENT"))
    assert [component.errors for component in calendar.walk() if component.errors] == []
    return found


def fetch(path: str, **headers: Any) -> Any:
    """Fetch as a calendar program does: without cookies."""
    return Client().get(path, headers=headers)
