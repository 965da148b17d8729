"""
A lab asks what a change would mean before it makes it: what a price list would earn, what a closure falls upon.

Where time is closed, what is booked there is shown first, and nothing is done until the person has seen it. No booking
is cancelled: those that fall into closed time stay, and the lab talks to its customers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bookings.discovery.wording import band_name
from bookings.foresight import queries
from bookings.foresight.forms import CONFIRMED, SeenForm, mark_of
from bookings.foresight.rules import Comparison, Sum
from kernel.periods import Period
from kernel.refusals import Refusal
from labs.hours import forms, operations
from labs.hours import queries as hours
from labs.hours.views import instruments_of, month_link, our_lab
from labs.models import Instrument, Lab
from labs.tariffs import forms as tariffs
from labs.tariffs import views as tariff_pages
from labs.tariffs.wording import percent
from web import access
from web.acting import FIELD
from web.pages import asks_for_a_part, show
from web.requests import MemberRequest

AHEAD_SHOWN = 10
UNSENT = frozenset({"csrfmiddlewaretoken", FIELD, CONFIRMED})


# --- What a price list would earn ----------------------------------------------------------------------------------


@access.lab_manager
@require_POST
def last_month(request: MemberRequest, code: str) -> HttpResponse:
    """Show what the last calendar month would have earned under the price list as it is written so far."""
    mine = Instrument.objects.operated_by(request.member).select_related("lab")
    instrument = get_object_or_404(mine, code=code)
    form = tariffs.TariffForm(request.POST, zone=instrument.lab.tz)
    rows = tariffs.BandFormSet(request.POST, prefix=tariff_pages.BANDS)
    is_right = form.is_valid() and rows.is_valid()
    context = {
        "instrument": instrument,
        "zone": instrument.lab.tz,
        "form": form,
        "rows": rows,
        "picture": tariff_pages.sketch(form, rows),
        "is_right": is_right,
        "tab": "tariff",
    }
    if is_right:
        terms = tariffs.draft(form, rows)
        month, comparison = queries.last_month_under(instrument, terms, timezone.now())
        context |= {
            "month": month,
            "comparison": comparison,
            "change": _change(comparison),
            "lines": [(_name(line), line) for line in comparison.sums],
        }
    if asks_for_a_part(request):
        return show(request, "bookings/foresight/last_month.html", context)
    return show(request, "bookings/foresight/last_month_page.html", context, status=200 if is_right else 422)


def _name(line: Sum) -> str:
    if line.kind == "usage":
        return _("Use, {band}").format(band=band_name(line.band, line.band_zh))
    return {
        "minimum": _("Top-up to the minimum charge"),
        "setup": _("Set-up"),
        "operator": _("Operator"),
        "discount": _("Discounts"),
    }[line.kind]


def _change(comparison: Comparison) -> str:
    """Return the change in percent, with its sign."""
    if comparison.change_bp is None:
        return ""
    return ("+" if comparison.change_bp > 0 else "") + percent(comparison.change_bp)


# --- What a closure falls upon --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Change:
    """A change that closes time: what it closes by instrument, how it is made, and how it is said."""

    closed: hours.ByInstrument
    make: Callable[[], Any]
    done: str
    back: str
    fields: dict[str, str]
    """Which field of the form a refusal speaks of, by the refusal's code."""


@access.lab_manager
@require_http_methods(["GET", "HEAD", "POST"])
def week(request: MemberRequest, code: str) -> HttpResponse:
    """Change a lab's week."""
    lab = our_lab(request, code)
    current = hours.week_of(lab)
    first = {"makeup_policy": lab.makeup_policy, "seen": hours.week_seen(current)}
    now = timezone.now()
    form = forms.WeekForm(request.POST or None, week=current, initial=first)

    def change() -> Change:
        told = form.cleaned_data
        return Change(
            closed=hours.closed_by_week(lab, weekly=told["weekly"], makeup_policy=told["makeup_policy"], now=now),
            make=lambda: operations.set_opening_hours(
                lab=lab,
                weekly=told["weekly"],
                makeup_policy=told["makeup_policy"],
                seen=told["seen"],
                by=request.member,
                now=now,
            ),
            done=_("The week is changed."),
            back=reverse("hours_desk:lab", args=[lab.code]),
            fields={},
        )

    return _closing(request, lab, form, change, now, template="bookings/foresight/week.html")


@access.lab_manager
@require_http_methods(["GET", "HEAD", "POST"])
def exception(request: MemberRequest, code: str) -> HttpResponse:
    """Set other hours on one date, for a lab or one of its instruments."""
    lab = our_lab(request, code)
    now = timezone.now()
    today = now.astimezone(lab.tz).date()
    first = {"date": request.GET.get("date", ""), "whose": request.GET.get("whose", "")}
    form = forms.ExceptionForm(
        request.POST or None, lab=lab, instruments=instruments_of(lab), today=today, initial=first
    )

    def change() -> Change:
        told = form.cleaned_data
        return Change(
            closed=hours.closed_by_exception(form.of(), day=told["date"], windows=told["windows"]),
            make=lambda: operations.add_date_exception(
                of=form.of(),
                date=told["date"],
                windows=told["windows"],
                reason_zh=told["reason_zh"],
                reason_en=told["reason_en"],
                by=request.member,
                now=now,
            ),
            done=_("Other hours hold on {day}.").format(day=f"{told['date']:%Y-%m-%d}"),
            back=month_link(lab, told["date"]),
            fields={"date_exception_exists": "date"},
        )

    return _closing(request, lab, form, change, now, template="bookings/foresight/exception.html")


@access.lab_manager
@require_http_methods(["GET", "HEAD", "POST"])
def outage(request: MemberRequest, code: str) -> HttpResponse:
    """Take a lab or one of its instruments out for a time (BK-8)."""
    lab = our_lab(request, code)
    now = timezone.now()
    first = {"whose": request.GET.get("whose", "")}
    form = forms.OutageForm(request.POST or None, lab=lab, instruments=instruments_of(lab), now=now, initial=first)

    def change() -> Change:
        told = form.cleaned_data
        return Change(
            closed=hours.closed_by_outage(form.of(), Period(told["start"], told["end"])),
            make=lambda: operations.announce_outage(
                of=form.of(),
                kind=told["kind"],
                start=told["start"],
                end=told["end"],
                units=told["units"],
                reason_zh=told["reason_zh"],
                reason_en=told["reason_en"],
                by=request.member,
                now=now,
            ),
            done=_("Announced. The time can no longer be booked."),
            back=month_link(lab, told["start"].astimezone(lab.tz).date()),
            fields={"outage_takes_too_many": "units", "outage_ends_before_it_begins": "end"},
        )

    return _closing(request, lab, form, change, now, template="bookings/foresight/outage.html")


def _closing(
    request: MemberRequest, lab: Lab, form: Form, change: Callable[[], Change], now: datetime, *, template: str
) -> HttpResponse:
    """Show the form; then what is booked in the time it closes; then close it."""
    context: dict[str, Any] = {"lab": lab, "zone": lab.tz, "form": form}
    if request.method != "POST":
        return show(request, template, context)
    if not form.is_valid() or "back" in request.POST:
        return show(request, template, context, status=422 if form.errors else 200)
    asked = change()
    seen = SeenForm(request.POST)
    rentals = queries.booked_into(asked.closed, now)
    mark = mark_of(rentals)
    if rentals and not (seen.is_valid() and seen.cleaned_data[CONFIRMED] == mark):
        context |= {
            "rentals": rentals,
            "mark": mark,
            "sent": _sent(request),
            "was_shown": bool(request.POST.get(CONFIRMED)),
        }
        return show(request, "bookings/foresight/confirm.html", context)
    try:
        asked.make()
    except Refusal as refusal:
        if isinstance(refusal, operations.HoursSetMeanwhile):
            form.data = form.data.copy()  # type: ignore[attr-defined]  # a QueryDict
            form.data["seen"] = hours.week_seen(hours.week_of(lab))  # type: ignore[index]  # likewise
        form.add_error(asked.fields.get(refusal.code), str(refusal))
        return show(request, template, context, status=422)
    messages.success(request, asked.done)
    if left := len(queries.booked_into(asked.closed, now)):
        said = ngettext(
            "{number} booking falls into the closed time. It stays until you cancel it: talk to the customer.",
            "{number} bookings fall into the closed time. They stay until you cancel them: talk to the customers.",
            left,
        )
        messages.warning(request, said.format(number=left))
    return HttpResponseRedirect(asked.back)


def _sent(request: MemberRequest) -> list[tuple[str, str]]:
    """Return what the form sent, to be sent once more with the confirmation."""
    return [(name, value) for name, values in request.POST.lists() if name not in UNSENT for value in values]


# --- What a retreat from the catalogue would leave behind ------------------------------------------------------------


@access.lab_staff
@require_safe
def ahead(request: MemberRequest, code: str) -> HttpResponse:
    """Show what is booked ahead on an instrument: before it leaves the catalogue, the lab sees whom that concerns."""
    mine = Instrument.objects.operated_by(request.member).select_related("lab")
    instrument = get_object_or_404(mine, code=code)
    rentals = queries.ahead(instrument, timezone.now())
    context = {"instrument": instrument, "rentals": rentals[:AHEAD_SHOWN], "number": len(rentals), "tab": "rental"}
    if asks_for_a_part(request):
        return show(request, "bookings/foresight/ahead.html", context)
    return show(request, "bookings/foresight/ahead_page.html", context)
