"""What goes into a calendar: the values, what a stranger may see of them, and which days a feed covers."""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from kernel.periods import Period

DAYS_BACK = 90
DAYS_AHEAD = 365
"""How far a feed looks back and ahead, in whole local days (CA-4)."""

CANCELLED_FOR_DAYS = 30
"""How long a cancelled booking stays in a feed, struck through, so that every calendar hears of it (CA-6)."""

MAC_LETTERS = 43
"""How long 256 bits are when written for an address."""

BUSY = "忙 Busy"
"""All that a busy-only event says (CA-9)."""


class Status(StrEnum):
    """What a calendar shows of a booking: asked for, certain, or called off."""

    TENTATIVE = "TENTATIVE"
    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where on the earth: degrees north and east (WGS-84)."""

    latitude: float
    longitude: float

    def __post_init__(self) -> None:
        if not (-90 <= self.latitude <= 90 and -180 <= self.longitude <= 180):
            raise ValueError(f"no such place on earth: {self.latitude}, {self.longitude}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarEvent:
    """
    One booking as a calendar shows it: the booked time without buffers, in the zone `tz` of the lab.

    `uid` stays for the life of the booking, `sequence` grows with each change, `changed_at` tells when the last was
    (CA-5). An event without `created_at` does not say when it was booked.

    Raises:
        ValueError: an instant without a zone, an empty uid, or an address that is no single word.
    """

    uid: str
    sequence: int
    period: Period
    tz: str
    status: Status
    summary: str
    changed_at: datetime
    created_at: datetime | None = None
    description: str = ""
    location: str = ""
    geo: Place | None = None
    url: str = ""
    categories: tuple[str, ...] = ()
    transparent: bool = False

    def __post_init__(self) -> None:
        if self.changed_at.tzinfo is None or (self.created_at and self.created_at.tzinfo is None):
            raise ValueError("an event needs aware datetimes")
        if not self.uid or not _is_one_word(self.uid):
            raise ValueError("an event needs a uid without spaces")
        if not _is_one_word(self.url):
            raise ValueError("the address of an event has no spaces in it")


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """A calendar as it is handed out: its name, where it is fetched again, its own zone and colour, its events."""

    name: str
    tz: str
    source: str = ""
    colour: str = "steelblue"
    events: tuple[CalendarEvent, ...] = ()

    def __post_init__(self) -> None:
        if not _is_one_word(self.source):
            raise ValueError("the address of a calendar has no spaces in it")


def _is_one_word(text: str) -> bool:
    return text.isascii() and text.isprintable() and " " not in text


def window(today: date, tz: ZoneInfo) -> Period:
    """Return the whole local days that a feed covers, so that its bytes do not change within a day (CA-4)."""
    return Period(
        datetime.combine(today - timedelta(days=DAYS_BACK), time(), tz),
        datetime.combine(today + timedelta(days=DAYS_AHEAD + 1), time(), tz),
    )


def cancelled_since(today: date, tz: ZoneInfo) -> datetime:
    """Return the start of the local day from which on cancellations are still shown (CA-6)."""
    return datetime.combine(today - timedelta(days=CANCELLED_FOR_DAYS), time(), tz)


def busy_only(events: Iterable[CalendarEvent], *, secret: str) -> tuple[CalendarEvent, ...]:
    """
    Return what anyone may see of the events: that the time is taken, and in which lab (CA-9).

    No words, no address, no time of booking; the uid is an HMAC, so that two feeds cannot be joined. A cancelled
    booking takes no time, and is not told at all.
    """
    return tuple(
        replace(
            event,
            uid=f"{_mac(secret, 'busy event', event.uid).hex()[:40]}@{event.uid.rpartition('@')[2]}",
            summary=BUSY,
            description="",
            url="",
            categories=(),
            created_at=None,
        )
        for event in events
        if event.status != Status.CANCELLED and not event.transparent
    )


def token_hash(token: str) -> str:
    """Return the only thing kept of a feed's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def busy_token(instrument_code: str, *, secret: str) -> str:
    """
    Return the token of an instrument's busy feed, which its page shows to anyone.

    Note [A public feed has a derived token]: a token that is shown once cannot stand on a page. This one is derived
    from the platform's secret, so that the page can show it every time, and names its instrument, so that it is
    recognised before its hash is stored. It cannot be guessed from the code alone.
    """
    mac = urlsafe_b64encode(_mac(secret, "busy feed", instrument_code)).rstrip(b"=").decode()
    return f"{instrument_code}-{mac}"


def instrument_named_in(token: str, *, secret: str) -> str | None:
    """Return the code of the instrument whose busy feed this token opens, or None. Note [A public feed ...]."""
    code = token[: -MAC_LETTERS - 1]
    if hmac.compare_digest(busy_token(code, secret=secret).encode(), token.encode()):
        return code
    return None


def _mac(secret: str, purpose: str, text: str) -> bytes:
    return hmac.digest(secret.encode(), f"gongheng calendars, {purpose}: {text}".encode(), "sha256")
