"""A lab's page: what it is recognised for, when it is open, what it has, what that costs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import Membership
from bookings.discovery.queries.cards import cards
from bookings.discovery.rules import clock
from labs.models import Lab, Offering, OpeningWindow

MOST = 200
"""How many offerings of a lab its page lists; beyond, it leads to the catalogue."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a lab's week and when it is open."""

    name: str
    hours: tuple[str, ...]


def lab_page(lab: Lab, *, member: Membership | None, now: datetime) -> dict[str, Any]:
    """Return what a lab's page shows; the number of statements is constant."""
    today = now.astimezone(lab.tz).date()
    offerings = list(
        lab.offerings.published()
        .select_related("lab__district", "instrument__category")
        .order_by("kind", "name_pinyin", "pk")[:MOST]
    )
    shown = cards(offerings, member=member, now=now)
    return {
        "lab": lab,
        "today": today,
        "accreditations": list(lab.accreditations.order_by("kind", "number")),
        "days": opening_days(lab),
        "rentals": [card for card in shown if card.offering.kind == Offering.Kind.RENTAL],
        "services": [card for card in shown if card.offering.kind != Offering.Kind.RENTAL],
        "is_cut": len(offerings) == MOST,
    }


def opening_days(lab: Lab) -> list[Day]:
    """Return the lab's week, Monday first, then its hours on public holidays where it keeps any; one statement."""
    windows: dict[int, list[str]] = {}
    for window in lab.opening_windows.order_by("day", "opens_minute"):
        windows.setdefault(window.day, []).append(f"{clock(window.opens_minute)}–{clock(window.closes_minute)}")
    return [Day(str(day.label), tuple(windows.get(day.value, ()))) for day in OpeningWindow.Day]
