"""A lab's page: what it is recognised for and until when, when it is open, what it has, what that costs."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet

from accounts.models import Membership
from bookings.discovery.models import Punctuality
from bookings.discovery.queries.cards import cards
from bookings.discovery.rules import clock
from kernel.periods import Period
from labs.catalogue.rules import standard_key
from labs.hours import queries as hours
from labs.models import Accreditation, Lab, Offering, OpeningWindow, ScopeEntry

MOST = 200
"""How many offerings of a lab its page lists; beyond, it leads to the catalogue."""
SCOPE_PAGE = 15
WEEKS = 4
"""How many weeks of the calendar are shown, this one first."""
SOON = 30
"""So many days before its end a validity is shown as ending."""
LONGEST_ASKED = 100


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a lab's week and when it is open."""

    name: str
    hours: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Date:
    """A date of the calendar: when the lab is open on it, and why it is not as usual."""

    day: date
    hours: tuple[str, ...]
    why: str
    is_past: bool
    is_today: bool


def lab_page(lab: Lab, *, member: Membership | None, now: datetime, asked: str, page: str | None) -> dict[str, Any]:
    """Return what a lab's page shows; the number of statements is constant."""
    today = now.astimezone(lab.tz).date()
    offerings = list(
        lab.offerings.published()
        .select_related("lab__district", "instrument__category")
        .order_by("kind", "name_pinyin", "pk")[:MOST]
    )
    shown = cards(offerings, member=member, now=now)
    services = [card for card in shown if card.offering.kind != Offering.Kind.RENTAL]
    turnarounds = [card.offering.turnaround_workdays for card in services if card.offering.turnaround_workdays]
    accreditations = list(lab.accreditations.annotate(entries=Count("scope")).order_by("kind", "number"))
    return {
        "lab": lab,
        "today": today,
        "soon": today + timedelta(days=SOON),
        "accreditations": accreditations,
        "valid_accreditations": [each for each in accreditations if is_valid(each, today)],
        "scope": scope_of(lab, asked, page),
        "asked": asked[:LONGEST_ASKED],
        "measurement_standards": list(lab.measurement_standards.order_by("discipline_code", "certificate_no")),
        "honours": list(lab.honours.order_by("-granted_on", "pk")),
        "zones": list(lab.zones.order_by("code")),
        "clusters": list(lab.clusters.order_by("code")),
        "days": opening_days(lab),
        "weeks": calendar(lab, today),
        "rentals": [card for card in shown if card.offering.kind == Offering.Kind.RENTAL],
        "services": services,
        "turnaround": (min(turnarounds), max(turnarounds)) if turnarounds else None,
        "is_cut": len(offerings) == MOST,
        "punctuality": Punctuality.objects.filter(lab=lab).first(),
    }


def is_valid(accreditation: Accreditation, day: date) -> bool:
    """Whether an accreditation is valid on a day."""
    return accreditation.valid_from <= day <= accreditation.valid_to


def scope_of(lab: Lab, asked: str, page: str | None) -> Page[ScopeEntry]:
    """Return a page of the lab's table of abilities, by a word or the number of a standard; two statements."""
    entries: QuerySet[ScopeEntry] = ScopeEntry.objects.filter(accreditation__lab=lab)
    for word in asked[:LONGEST_ASKED].split():
        named = Q(object_zh__icontains=word) | Q(parameter_zh__icontains=word) | Q(parameter_en__icontains=word)
        entries = entries.filter(
            named | Q(standard__number_key__contains=standard_key(word)) | Q(method__icontains=word)
        )
    ordered = entries.select_related("accreditation", "standard").order_by("object_zh", "parameter_zh", "pk")
    return Paginator(ordered, SCOPE_PAGE).get_page(page)


def opening_days(lab: Lab) -> list[Day]:
    """Return the lab's week, Monday first, then its hours on public holidays where it keeps any; one statement."""
    windows: dict[int, list[str]] = {}
    for window in lab.opening_windows.order_by("day", "opens_minute"):
        windows.setdefault(window.day, []).append(f"{clock(window.opens_minute)}–{clock(window.closes_minute)}")
    return [Day(str(day.label), tuple(windows.get(day.value, ()))) for day in OpeningWindow.Day]


def calendar(lab: Lab, today: date) -> list[list[Date]]:
    """Return the coming weeks, Monday to Sunday, with holidays, exceptions and outages of the whole lab."""
    monday = today - timedelta(days=today.weekday())
    told = hours.days(lab, monday, monday + timedelta(weeks=WEEKS))
    dates = [
        Date(
            day=each.date,
            hours=tuple(_clocked(lab, part, each.date) for part in each.open),
            why=_why(each),
            is_past=each.date < today,
            is_today=each.date == today,
        )
        for each in told
    ]
    return [dates[first : first + 7] for first in range(0, len(dates), 7)]


def _clocked(lab: Lab, part: Period, day: date) -> str:
    start, end = part.start.astimezone(lab.tz), part.end.astimezone(lab.tz)
    until = f"{end:%H:%M}" if end.date() == day else "24:00"
    return f"{start:%H:%M}–{until}"


def _why(day: hours.Day) -> str:
    if day.reason is not None and day.reason.said:
        return day.reason.said
    if day.outages:
        return day.outages[0][2]
    return day.holiday.said if day.holiday is not None else ""
