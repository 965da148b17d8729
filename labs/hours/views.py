"""The lab's hours: its week, its days, what is out; what closes time is written where bookings are known."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kernel.periods import Period
from kernel.refusals import Refusal
from labs.catalogue.models import Instrument, Lab
from labs.hours import operations, queries
from labs.hours.forms import month_of
from labs.hours.models import DateException, OpeningWindow, Outage
from labs.hours.rules import midnight
from web import access, tables
from web.pages import show
from web.requests import MemberRequest

MOST_INSTRUMENTS = 500
"""Instruments offered in a list of choices."""


def our_lab(request: MemberRequest, code: str) -> Lab:
    """Return a lab of the member's organisation, or answer 404."""
    return get_object_or_404(Lab.objects.operated_by(request.member), code=code)


def instruments_of(lab: Lab) -> list[Instrument]:
    """Return the instruments of a lab that hours may be said of."""
    theirs = lab.instruments.exclude(status=Instrument.Status.RETIRED).order_by("code", "pk")
    return list(theirs.select_related("lab")[:MOST_INSTRUMENTS])


@access.lab_staff
@require_safe
def home(request: MemberRequest) -> HttpResponse:
    """Lead to the hours of the organisation's lab, or list its labs where there are several."""
    labs = list(Lab.objects.operated_by(request.member).order_by("code", "pk"))
    if len(labs) == 1:
        return HttpResponseRedirect(reverse("hours_desk:lab", args=[labs[0].code]))
    return show(request, "labs/hours/labs.html", {"labs": labs})


@access.lab_staff
@require_safe
def lab(request: MemberRequest, code: str) -> HttpResponse:
    """Show a lab's week, a month of days with what is open, and the exceptions and outages ahead."""
    found = our_lab(request, code)
    now = timezone.now()
    today = now.astimezone(found.tz).date()
    first = month_of(request.GET.get("month", ""), today)
    end = (first + timedelta(days=32)).replace(day=1)
    instruments = instruments_of(found)
    chosen = next((each for each in instruments if each.code == request.GET.get("instrument")), None)
    days = queries.days(found, first, end, chosen)
    fmt = request.GET.get("format", "")
    if tables.asked_for(fmt):
        rows = [_line(told_of(day, found), found) for day in days]
        return tables.answer(fmt, name=_("opening hours"), columns=_columns(), rows=rows)
    context = {
        "lab": found,
        "tab": "hours",
        "zone": found.tz,
        "today": today,
        "first": first,
        "earlier": (first - timedelta(days=1)).replace(day=1),
        "later": end,
        "instruments": instruments,
        "chosen": chosen,
        "days": [told_of(day, found) for day in days],
        "week": _week(found),
        "exceptions": [(each, windows_told(each.windows)) for each in queries.exceptions_ahead(found, today)],
        "outages": [(each, _where(each)) for each in queries.outages_ahead(found, now)],
    }
    return show(request, "labs/hours/lab.html", context, fragment="month")


@dataclass(frozen=True, slots=True)
class DayTold:
    """A day of the month: what is open and out, why, and its hours as pieces of a strip (percent of the day)."""

    day: queries.Day
    why: str
    opened: str
    outages: list[tuple[str, str, str]]
    strip: list[tuple[str, str, str]]


def told_of(day: queries.Day, found: Lab) -> DayTold:
    """Return a day in words."""
    return DayTold(
        day=day,
        why=_told(day),
        opened=_(", ").join(_span(part, found) for part in day.open),
        outages=[(str(Outage.Kind(kind).label), _span(part, found), reason) for part, kind, reason in day.outages],
        strip=_strip(day, found),
    )


def _strip(day: queries.Day, found: Lab) -> list[tuple[str, str, str]]:
    """Return what is open and what is out as pieces: their class, where they begin and how wide they are."""
    begins, ends = midnight(day.date, found.tz), midnight(day.date + timedelta(days=1), found.tz)
    whole = (ends - begins).total_seconds()
    parts = [("is-open", part) for part in day.open] + [("is-out", part) for part, _kind, _reason in day.outages]
    return [
        (
            look,
            f"{100 * (part.start - begins).total_seconds() / whole:.3f}%",
            f"{100 * (part.end - part.start).total_seconds() / whole:.3f}%",
        )
        for look, part in parts
    ]


def _week(found: Lab) -> list[tuple[str, str]]:
    """Return the days of a lab's week with their windows in words."""
    week = queries.week_of(found)
    return [(str(label), windows_told(week[str(day)])) for day, label in OpeningWindow.Day.choices]


def windows_told(windows: Any) -> str:
    """Return windows in words."""
    if not windows:
        return _("closed")
    return _(", ").join(f"{_clock(opens)}–{_clock(closes)}" for opens, closes in windows)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _where(outage: Outage) -> str:
    """Return whose outage it is."""
    if outage.instrument is None:
        return _("the whole lab")
    told = f"{outage.instrument.name} {outage.instrument.code}"
    if outage.units is None:
        return told
    return _("{instrument}, {units} of {capacity} units").format(
        instrument=told, units=outage.units, capacity=outage.instrument.capacity
    )


def _told(day: queries.Day) -> str:
    """Return why a day is as it is."""
    if day.because in ("instrument_exception", "lab_exception"):
        said = _("other hours on this day") if day.open else _("closed on this day")
        reason = day.reason.said if day.reason else ""
        return f"{said}: {reason}" if reason else said
    if day.because == "holiday":
        return _("Holiday: {name}").format(name=day.holiday.said if day.holiday else "")
    if day.because == "makeup_workday":
        return _("make-up workday: {name}").format(name=day.holiday.said if day.holiday else "")
    return ""


def _columns() -> list[str]:
    return [_("Date"), _("Kind of day"), _("Opening hours"), _("Time zone"), _("Why"), _("Out of service")]


def _line(told: DayTold, found: Lab) -> list[Any]:
    kinds = {"workday": _("workday"), "restday": _("rest day"), "holiday": _("public holiday")}
    out = [" ".join(each).strip() for each in told.outages]
    return [told.day.date, kinds[told.day.day_type], told.opened, found.timezone, told.why, "; ".join(out)]


def _span(part: Period, found: Lab) -> str:
    start, end = part.start.astimezone(found.tz), part.end.astimezone(found.tz)
    return f"{start:%H:%M}–{'24:00' if end.date() > start.date() else f'{end:%H:%M}'}"


# --- Taking back what was said -------------------------------------------------------------------------------------


@access.lab_manager
@require_POST
def remove_exception(request: MemberRequest, pk: int) -> HttpResponse:
    """Let the usual hours hold again on a date."""
    mine = Q(lab__organisation_id=request.member.organisation_id)
    theirs = Q(instrument__lab__organisation_id=request.member.organisation_id)
    rows = DateException.objects.filter(mine | theirs).select_related("lab", "instrument__lab")
    exception = get_object_or_404(rows, pk=pk)
    day, back = exception.date, _back(exception)
    try:
        operations.remove_date_exception(exception=exception, by=request.member, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("On {day} the usual hours hold again.").format(day=f"{day:%Y-%m-%d}"))
    return HttpResponseRedirect(back)


@access.lab_manager
@require_POST
def lift(request: MemberRequest, pk: int) -> HttpResponse:
    """End an outage as if it had not been announced."""
    mine = Q(lab__organisation_id=request.member.organisation_id)
    theirs = Q(instrument__lab__organisation_id=request.member.organisation_id)
    outage = get_object_or_404(Outage.objects.filter(mine | theirs).select_related("lab", "instrument__lab"), pk=pk)
    back = _back(outage)
    try:
        operations.lift_outage(outage=outage, by=request.member, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Lifted. The time can be booked again."))
    return HttpResponseRedirect(back)


def _back(row: DateException | Outage) -> str:
    found = row.lab or (row.instrument.lab if row.instrument else None)
    assert found is not None  # noqa: S101 -- a constraint says that it is of a lab or of an instrument
    return reverse("hours_desk:lab", args=[found.code])


def month_link(found: Lab, day: date) -> str:
    """Return the page of the month in which a date lies."""
    return reverse("hours_desk:lab", args=[found.code]) + f"?month={day:%Y-%m}"
