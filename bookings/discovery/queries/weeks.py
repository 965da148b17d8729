"""An instrument's time for the calendar: every minute is free, taken, or closed for a reason that is said."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Membership
from bookings.availability import queries as availability
from bookings.discovery import rules, withheld, wording
from bookings.discovery.queries.offers import days_of
from bookings.discovery.rules import Piece, PieceKind
from kernel.periods import Period
from labs.hours import queries as hours
from labs.hours.rules import midnight
from labs.models import Instrument

KINDS: dict[str, PieceKind] = {
    "maintenance": "maintenance",
    "calibration": "maintenance",
    "closure": "maintenance",
    "external": "maintenance",
    "away": "maintenance",
    "not_calibrated": "uncalibrated",
}
"""Reasons of closure that stand above a booking; every other one is a closed hour, which a booking may cross."""


@dataclass(frozen=True, slots=True)
class Told:
    """A stretch of one day as a list says it: clocks of the lab, what it is, and why it cannot be booked."""

    clock: str
    kind: PieceKind
    reason: str


def told(instrument: Instrument, *, day: date, member: Membership | None, now: datetime) -> list[Told]:
    """Return the pieces of a local day as a list: the calendar for whoever does not see it."""
    return [
        Told(f"{piece['start'][11:16]}–{_ends(piece)}", piece["kind"], piece["reason"])
        for piece in pieces(instrument, first=day, days=1, member=member, now=now)
    ]


def _ends(piece: dict[str, Any]) -> str:
    return "24:00" if piece["end"][:10] > piece["start"][:10] else piece["end"][11:16]


def pieces(
    instrument: Instrument, *, first: date, days: int, member: Membership | None, now: datetime
) -> list[dict[str, Any]]:
    """
    Return the pieces of local days, on the lab's clock: start and end without a zone, kind, and reason.

    An outage is shown over a booking, a booking over closed hours, closed hours over what is free. Empty where the
    instrument cannot be booked at all.
    """
    zone = instrument.lab.tz
    window = Period(midnight(first, zone), midnight(first + timedelta(days=days), zone))
    seen = availability.week(instrument.pk, within=window, member=member, now=now)
    if seen is None:
        return []
    facts = seen.terms.facts
    outages: list[Piece] = []
    closed: list[Piece] = []
    for reason in hours.closed_reasons(instrument, window.start, window.end):
        kind = KINDS.get(reason.kind, "closed")
        layer = closed if kind == "closed" else outages
        layer.append(Piece(reason.period, kind, reason.text))
    busy = [Piece(period, "busy", _("Taken")) for period in seen.busy]
    free = withheld.as_offered(facts, seen.free, now)
    known = rules.laid_out([outages, busy, closed, free])
    _earliest_day, latest_day = days_of(facts, now)
    rest = rules.remainder(
        window,
        known,
        now=now,
        earliest=facts.earliest(now),
        latest=facts.latest(now),
        reasons=wording.reasons(facts.policy, latest_day=latest_day.isoformat(), is_bookable=facts.is_bookable),
    )
    return [
        {
            "start": f"{piece.period.start.astimezone(zone):%Y-%m-%dT%H:%M:%S}",
            "end": f"{piece.period.end.astimezone(zone):%Y-%m-%dT%H:%M:%S}",
            "kind": piece.kind,
            "reason": piece.reason,
        }
        for piece in rules.laid_out([known, rest])
    ]
