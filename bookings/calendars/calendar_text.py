"""
A calendar as bytes: iCalendar (RFC 5545), the part of it that every calendar program understands.

Note [Same state, same bytes]: the validator of a feed is the hash of its body. So nothing here reads a clock, makes
an id or depends on an order that is not written down: events stand by start and uid, properties always in one order,
and DTSTAMP is the instant of the last change (which RFC 5545 allows for objects without METHOD).
"""

import re
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from bookings.calendars.rules import Calendar, CalendarEvent, Status
from bookings.calendars.zones import vtimezone

PRODUCT = "-//Gongheng//Calendars 1.0//ZH"
OCTETS_A_LINE = 75
REFRESH = "PT1H"

_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
_TWO_DIGITS = tuple(f"{number:02}" for number in range(61))


def write(calendar: Calendar) -> bytes:
    """Return the calendar as UTF-8, CRLF, lines of at most 75 octets; the zones stand before the events."""
    name = text(calendar.name)
    zones = sorted({event.tz for event in calendar.events} - {calendar.tz})
    events = sorted(calendar.events, key=lambda event: (event.period.start, event.uid))
    lines = [
        b"BEGIN:VCALENDAR",
        b"VERSION:2.0",
        folded(f"PRODID:{PRODUCT}"),
        b"CALSCALE:GREGORIAN",
        folded(f"NAME:{name}"),
        folded(f"X-WR-CALNAME:{name}"),
        folded(f"X-WR-TIMEZONE:{calendar.tz}"),
        folded(f"REFRESH-INTERVAL;VALUE=DURATION:{REFRESH}"),
        folded(f"X-PUBLISHED-TTL:{REFRESH}"),
        *([folded(f"SOURCE;VALUE=URI:{calendar.source}")] if calendar.source else []),
        folded(f"COLOR:{text(calendar.colour)}"),
    ]
    for zone in (calendar.tz, *zones):
        lines += vtimezone(zone).encode().split(b"\n")
    for event in events:
        lines += _event(event)
    lines.append(b"END:VCALENDAR\r\n")
    return b"\r\n".join(lines)


def _event(event: CalendarEvent) -> list[bytes]:
    """Return the lines of an event; what is short by its nature is put together before it is encoded."""
    zone = ZoneInfo(event.tz)
    start, end = event.period.start.astimezone(zone), event.period.end.astimezone(zone)
    if start.fold or end.fold:  # an hour that comes twice has no name of its own but UTC's
        times = f"DTSTART:{_utc(start)}\r\nDTEND:{_utc(end)}"
    else:
        times = f"DTSTART;TZID={event.tz}:{_wall(start)}\r\nDTEND;TZID={event.tz}:{_wall(end)}"
    changed = _utc(event.changed_at)
    created = f"CREATED:{_utc(event.created_at)}\r\n" if event.created_at else ""
    lines = [
        b"BEGIN:VEVENT",
        folded(f"UID:{event.uid}"),
        f"SEQUENCE:{event.sequence}\r\nDTSTAMP:{changed}\r\n{created}LAST-MODIFIED:{changed}\r\n{times}".encode(),
        folded(f"SUMMARY:{text(event.summary)}"),
        _STANDING[event.status, event.transparent],
    ]
    if event.location or event.geo:
        lines.append(_place(event.location, event.geo and (event.geo.latitude, event.geo.longitude)))
    if event.url:
        lines.append(folded(f"URL:{event.url}"))
    if event.categories:
        lines.append(_categories(event.categories))
    if event.description:
        lines.append(folded(f"DESCRIPTION:{text(event.description)}"))
    lines.append(b"END:VEVENT")
    return lines


_STANDING = {
    (status, transparent): f"STATUS:{status}\r\nTRANSP:{'TRANSPARENT' if transparent else 'OPAQUE'}".encode()
    for status in Status
    for transparent in (False, True)
}


@lru_cache(maxsize=1024)  # many events, few labs
def _place(location: str, degrees: tuple[float, float] | None) -> bytes:
    lines = [folded(f"LOCATION:{text(location)}")] if location else []
    if degrees:
        lines.append("GEO:{:.6f};{:.6f}".format(*degrees).encode())
    return b"\r\n".join(lines)


@lru_cache(maxsize=1024)  # many events, few categories
def _categories(categories: tuple[str, ...]) -> bytes:
    return folded(f"CATEGORIES:{','.join(map(text, categories))}")


def text(value: str) -> str:
    r"""
    Return a TEXT value as it is written: `\`, `;` and `,` escaped, line ends as `\n`, other controls left out.

    Line ends are all that Unicode knows: a reader that splits at U+2028 would cut the line there.
    """
    if not value.replace("\n", "").isprintable():
        value = _CONTROLS.sub("", _LINE_ENDS.sub("\n", value))
    return value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def folded(line: str) -> bytes:
    """Return a content line in pieces of at most 75 octets, none of which ends inside a character (CA-8)."""
    octets = line.encode()
    size = len(octets)
    if size <= OCTETS_A_LINE:
        return octets
    pieces = []
    start, end = 0, OCTETS_A_LINE
    while end < size:
        while octets[end] & 0b1100_0000 == 0b1000_0000:  # inside a character
            end -= 1
        pieces.append(octets[start:end])
        start, end = end, end + OCTETS_A_LINE - 1  # the space that begins each further piece counts
    pieces.append(octets[start:])
    return b"\r\n ".join(pieces)


def _utc(instant: datetime) -> str:
    return _wall(instant.astimezone(UTC)) + "Z"


def _wall(local: datetime) -> str:
    """Return 20261125T090000: put together from a table, in a sixth of the time that strftime takes."""
    two = _TWO_DIGITS
    return f"{local.year}{two[local.month]}{two[local.day]}T{two[local.hour]}{two[local.minute]}{two[local.second]}"
