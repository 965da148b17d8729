"""What a lab sees of the bookings on its own instruments: today, what waits for it, the board."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F, Func, Max, Min, Q, QuerySet, Value
from django.utils.translation import gettext as _

from accounts.models import Membership
from bookings.rentals import rules
from bookings.rentals.models import Rental
from bookings.rentals.queries import as_of
from kernel.multiranges import MultirangeField, as_multirange
from kernel.periods import Period, without
from labs.hours.rules import midnight
from labs.models import Instrument, OpeningWindow, OpenTime, Outage

ON_THE_BOARD = (*rules.BLOCKING, rules.CHECKED_OUT, rules.SETTLED, rules.NO_SHOW)
"""States that take or took time on an instrument."""


def ours(member: Membership, now: datetime) -> QuerySet[Any]:
    """Return the rentals on the lab's own instruments, with who booked them, and their state at an instant."""
    return as_of(Rental.objects.operated_by(member).with_places(), now)


def window(first: date, days: int, zone: ZoneInfo) -> Period:
    """Return whole local days as a period."""
    return Period(midnight(first, zone), midnight(first + timedelta(days=days), zone))


def expected(member: Membership, within: Period, now: datetime) -> list[Rental]:
    """Return who comes inside a window, in the order of their coming; what lapsed or was called off is left out."""
    coming = ours(member, now).filter(state__in=ON_THE_BOARD, period__overlap=within.as_range())
    return list(coming.order_by("period", "instrument__code", "pk"))


def approvals(member: Membership, now: datetime) -> list[Rental]:
    """Return the rentals that wait for the lab's approval, the first to lapse first."""
    return list(ours(member, now).filter(state=rules.PENDING).order_by("held_until", "pk"))


@dataclass(frozen=True, slots=True)
class Row:
    """An instrument on the board, and when it is closed or out of service there, with the reason."""

    instrument: Instrument
    closed: tuple[Period, ...]
    outages: tuple[tuple[Period, str], ...]


def rows(member: Membership, within: Period) -> list[Row]:
    """Return the lab's instruments and their closed time inside a window; three statements for all."""
    instruments = list(
        Instrument.objects.operated_by(member)
        .exclude(status=Instrument.Status.RETIRED)
        .select_related("lab", "room")
        .order_by("lab__code", "code")
    )
    ids = [instrument.pk for instrument in instruments]
    opened = dict(
        OpenTime.objects.filter(instrument_id__in=ids)
        .annotate(
            inside=Func(
                F("open"),
                Value(as_multirange([within]), output_field=MultirangeField()),
                template="%(expressions)s",
                arg_joiner=" * ",
                output_field=MultirangeField(),
            )
        )
        .values_list("instrument_id", "inside")
    )
    outages = list(
        Outage.objects.filter(period__overlap=within.as_range(), units__isnull=True)
        .filter(Q(instrument_id__in=ids) | Q(lab_id__in={instrument.lab_id for instrument in instruments}))
        .order_by("period", "pk")
    )
    return [
        Row(
            instrument=instrument,
            closed=tuple(without([within], opened.get(instrument.pk, []))),
            outages=tuple(_clipped(_of(instrument, outages), within)),
        )
        for instrument in instruments
    ]


def _of(instrument: Instrument, outages: Iterable[Outage]) -> list[Outage]:
    return [one for one in outages if one.instrument_id == instrument.pk or one.lab_id == instrument.lab_id]


def _clipped(outages: Iterable[Outage], within: Period) -> Iterable[tuple[Period, str]]:
    for outage in outages:
        clipped = Period.from_range(outage.period).clipped(within)
        if clipped is not None:
            yield clipped, outage.reason or str(outage.get_kind_display())


def shown_hours(member: Membership) -> tuple[str, str]:
    """Return between which clocks the board shows a day: from the earliest opening to the latest closing."""
    windows = OpeningWindow.objects.filter(lab__organisation_id=member.organisation_id)
    seen = windows.aggregate(first=Min("opens_minute"), last=Max("closes_minute"))
    if seen["first"] is None:
        return "08:00", "18:00"
    return f"{seen['first'] // 60:02d}:00", f"{-(-seen['last'] // 60):02d}:00"


def board(member: Membership, first: date, days: int, now: datetime) -> dict[str, Any]:
    """Return the board as its calendar draws it: instruments, bookings, closed and lost time, on one clock."""
    zone = member.organisation.tz
    within = window(first, days, zone)
    lines = rows(member, within)
    events = [_booking(rental, zone) for rental in expected(member, within, now)]
    for line in lines:
        lost = [period for period, _reason in line.outages]
        events += [_background(line, period, "closed", "", zone) for period in without(line.closed, lost)]
        events += [_background(line, period, "maintenance", reason, zone) for period, reason in line.outages]
    return {
        "resources": [
            {
                "id": line.instrument.code,
                "title": line.instrument.name,
                "code": line.instrument.code,
                "room": line.instrument.room.name if line.instrument.room else "",
            }
            for line in lines
        ],
        "events": events,
    }


def _booking(rental: Any, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "id": rental.number,
        "resourceId": rental.instrument.code,
        **_between(rental.time, zone),
        "state": rental.state,
        "state_label": _state(rental),
        "at_risk": rental.at_risk_since is not None,
        "customer": rental.organisation.name,
        "mode": str(rental.get_mode_display()),
    }


def _state(rental: Any) -> str:
    """Return the state in words, and that it may not take place as booked (CAL-3)."""
    state = str(Rental.Status(rental.state).label)
    return f"{state} · {_('at risk')}" if rental.at_risk_since else state


def _background(line: Row, period: Period, kind: str, reason: str, zone: ZoneInfo) -> dict[str, Any]:
    return {"resourceId": line.instrument.code, **_between(period, zone), "background": kind, "reason": reason}


def _between(period: Period, zone: ZoneInfo) -> dict[str, str]:
    start, end = period.start.astimezone(zone), period.end.astimezone(zone)
    return {"start": f"{start:%Y-%m-%dT%H:%M:%S}", "end": f"{end:%Y-%m-%dT%H:%M:%S}"}
