"""
Who comes first, how long an offer stands, and when none is made (BK-19).

All instants are UTC; the lab's zone decides what is night.
"""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from kernel.periods import Period

DISPLACED, SME, OTHER = 0, 1, 2
"""Ranks in line: whoever a breakdown or an outage displaced, small and medium enterprises, everybody else."""

LONGEST_OFFER = timedelta(hours=2)
"""So long an offer waits for its answer."""
OFFER_ENDS_BEFORE_START = timedelta(hours=1)
"""An offer is answered no later than this before the use begins."""
QUIET_FROM, QUIET_UNTIL = time(20), time(8)
"""Nobody is offered a time between these, on the lab's clock: `[20:00, 08:00)`."""
SOON = timedelta(hours=24)
"""What begins within this is offered at night too; the very instant belongs to it."""

MOST_UNANSWERED = 3
"""Whoever lets so many offers run out waits no longer: others would be kept waiting for nobody."""

LONGEST_WINDOW = timedelta(days=31)
"""How much time one wish may span."""


def rank(*, is_displaced: bool, is_sme: bool) -> int:
    """Return where an entry stands in line, before its age is looked at."""
    if is_displaced:
        return DISPLACED
    return SME if is_sme else OTHER


def offer_ends(*, now: datetime, start: datetime) -> datetime | None:
    """Return until when a use that starts then may be offered now; None where no time is left to answer."""
    ends = min(now + LONGEST_OFFER, start - OFFER_ENDS_BEFORE_START)
    return ends if ends > now else None


def is_quiet(now: datetime, zone: ZoneInfo) -> bool:
    """Whether it is night where the lab is."""
    clock = now.astimezone(zone).time()
    return clock >= QUIET_FROM or clock < QUIET_UNTIL


def may_be_offered(*, now: datetime, start: datetime, zone: ZoneInfo) -> bool:
    """Whether a use that starts then may be offered now: there is time to answer, and nobody is woken for later."""
    if offer_ends(now=now, start=start) is None:
        return False
    return start - now <= SOON or not is_quiet(now, zone)


def starts_within(window: Period, minutes: int, now: datetime) -> Period | None:
    """
    Return when a use of so many minutes may start that ends inside the window and may still be offered.

    The last such start is included; None where the window is over.
    """
    first = max(window.start, now + OFFER_ENDS_BEFORE_START)
    last = window.end - timedelta(minutes=minutes)
    if is_over(window, minutes, now) or first > last:
        return None
    return Period(first, last + timedelta(microseconds=1))


def is_over(window: Period, minutes: int, now: datetime) -> bool:
    """Whether nothing inside the window can be offered any more: its last start leaves no time to answer."""
    return offer_ends(now=now, start=window.end - timedelta(minutes=minutes)) is None
