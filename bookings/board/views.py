"""The lab's desk: who comes today, what waits for approval, the board, and one booking."""

from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from bookings.board import queries
from bookings.board.forms import ReasonForm
from bookings.discovery.queries import offset
from bookings.discovery.wording import discount_told, lines_told
from bookings.rentals import operations, rules
from bookings.rentals import queries as rentals
from bookings.rentals.filters import RentalFilter
from bookings.rentals.models import Rental
from bookings.tasks import queries as tasks
from kernel.refusals import Refusal
from labs.expiries import queries as expiries
from labs.expiries.rules import LONG_OVER
from web import access
from web.lists import show_list
from web.pages import show
from web.requests import MemberRequest

LONGEST_LOOK = 31
SHOWN = (rules.HELD, rules.PENDING, rules.AWAITING, rules.CONFIRMED)
"""The states the legend names; those of use and settlement come with them."""


@access.lab_staff
@require_safe
def desk(request: MemberRequest) -> HttpResponse:
    """Show who comes today and tomorrow, and what waits for approval."""
    now = timezone.now()
    member = request.member
    zone = member.organisation.tz
    today = now.astimezone(zone).date()
    tomorrow = today + timedelta(days=1)
    context = {
        "now": now,
        "zone": zone,
        "approvals": queries.approvals(member, now),
        "tasks": tasks.waiting(member),
        "expiring": expiries.counted(
            expiries.ending(now=now, organisation_id=member.organisation_id, behind=LONG_OVER)
        ),
        "days": [
            {
                "day": day,
                "is_today": day == today,
                "rentals": queries.expected(member, queries.window(day, 1, zone), now),
            }
            for day in (today, tomorrow)
        ],
    }
    return show(request, "bookings/board/desk.html", context)


@access.lab_staff
@require_safe
def board(request: MemberRequest) -> HttpResponse:
    """Show the board of instruments by time, and the same bookings as a list."""
    now = timezone.now()
    zone = request.member.organisation.tz
    today = now.astimezone(zone).date()
    first, days = window_of(request.GET, today)
    context = {
        "now": now,
        "zone": zone,
        "first": first,
        "last": first + timedelta(days=days - 1),
        "days": days,
        "today": today,
        "earlier": first - timedelta(days=days),
        "later": first + timedelta(days=days),
        "rentals": queries.expected(request.member, queries.window(first, days, zone), now),
        "week_of": first - timedelta(days=first.weekday()),
        "states": SHOWN,
        "offset": offset(now.astimezone(zone)),
        "shown_hours": queries.shown_hours(request.member),
    }
    return show(request, "bookings/board/board.html", context)


@access.lab_staff
@require_safe
def events(request: MemberRequest) -> HttpResponse:
    """Answer the board's instruments and what fills their time."""
    now = timezone.now()
    first, days = window_of(request.GET, now.astimezone(request.member.organisation.tz).date())
    response = JsonResponse(queries.board(request.member, first, days, now))
    patch_cache_control(response, private=True, no_cache=True)
    return response


def window_of(query: Any, today: date) -> tuple[date, int]:
    """Return the first day and the number of days that a query asks for: this week, where it asks for nothing."""
    try:
        asked = parse_date(query.get("from") or "")
    except ValueError:
        asked = None
    days = str(query.get("days", ""))
    number = min(int(days), LONGEST_LOOK) if days.isdecimal() and 0 < len(days) < 4 else 7
    number = max(number, 1)
    if asked is None or not 2000 < asked.year < 2200:
        asked = today if number == 1 else today - timedelta(days=today.weekday())
    return asked, number


@access.lab_staff
@require_safe
def listed(request: MemberRequest) -> HttpResponse:
    """List the bookings on the lab's instruments, filtered as the query says; as a page or as a file."""
    now = timezone.now()
    found = RentalFilter(request.GET, queryset=queries.ours(request.member, now).order_by("-period", "-pk"))
    return show_list(
        request,
        "bookings/board/list.html",
        found,
        file=_("bookings"),
        columns=columns(),
        row=row,
        context={"now": now},
    )


def columns() -> list[str]:
    """Return the headings of the exported list."""
    return [
        _("Number"), _("State"), _("Instrument"), _("Code"), _("Start"), _("End"), _("Time zone"), _("Customer"),
        _("Booked by"), _("Mode"), _("Purpose"), _("Price (¥)"),
    ]  # fmt: skip


def row(rental: Any) -> list[Any]:
    """Return a booking as a line of the exported list, in the lab's time."""
    lab = rental.instrument.lab
    return [
        rental.number,
        str(Rental.Status(rental.state).label),
        rental.instrument.name,
        rental.instrument.code,
        rental.time.start.astimezone(lab.tz),
        rental.time.end.astimezone(lab.tz),
        lab.timezone,
        rental.organisation.name,
        rental.placed_by.name or rental.placed_by.email,
        str(rental.get_mode_display()),
        rental.purpose,
        rental.total_fen / 100,
    ]


# --- One booking -------------------------------------------------------------------------------------------------


@access.lab_staff
@require_safe
def booking(request: MemberRequest, number: str) -> HttpResponse:
    """Show a booking on the lab's instruments: who, when, what for, and what the lab may do."""
    return show_booking(request, theirs(request, number), timezone.now())


@access.lab_manager
@require_POST
def approve(request: MemberRequest, number: str) -> HttpResponse:
    """Agree to a booking that waits for the lab."""
    now = timezone.now()
    try:
        operations.approve(rental=theirs(request, number), by=request.member, now=now)
    except Refusal as refusal:
        return show_booking(request, theirs(request, number), now, refused=refusal)
    messages.success(request, _("Approved. The customer can confirm it now."))
    return HttpResponseRedirect(reverse("board:desk"))


@access.lab_manager
@require_POST
def reject(request: MemberRequest, number: str) -> HttpResponse:
    """Decline a booking that waits for the lab, with a reason."""
    now = timezone.now()
    booked = theirs(request, number)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return show_booking(request, booked, now, form=form)
    try:
        operations.reject(rental=booked, reason=form.cleaned_data["reason"], by=request.member, now=now)
    except Refusal as refusal:
        return show_booking(request, theirs(request, number), now, form=form, refused=refusal)
    messages.success(request, _("Declined. The customer reads the reason; the time is free again."))
    return HttpResponseRedirect(reverse("board:desk"))


@access.lab_manager
@require_POST
def cancel(request: MemberRequest, number: str) -> HttpResponse:
    """Cancel a booking as the lab, with a reason; it costs the customer nothing."""
    now = timezone.now()
    booked = theirs(request, number)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return show_booking(request, booked, now, form=form)
    try:
        operations.cancel_by_lab(rental=booked, reason=form.cleaned_data["reason"], by=request.member, now=now)
    except Refusal as refusal:
        return show_booking(request, theirs(request, number), now, form=form, refused=refusal)
    messages.success(request, _("Cancelled. The customer reads the reason and owes nothing; the time is free again."))
    return HttpResponseRedirect(reverse("board:booking", args=[number]))


def theirs(request: MemberRequest, number: str) -> Rental:
    """Return the booking of that number on the lab's own instruments, or answer 404."""
    ours = Rental.objects.operated_by(request.member).with_places().select_related("policy", "instrument__room")
    return get_object_or_404(ours, number=number)


def show_booking(
    request: MemberRequest,
    booked: Rental,
    now: datetime,
    *,
    form: ReasonForm | None = None,
    refused: Refusal | None = None,
) -> HttpResponse:
    """Show the page of a booking, with what was just refused."""
    state = booked.status_at(now)
    may_manage = request.member.may_manage_lab
    context = {
        "rental": booked,
        "now": now,
        "state": state,
        "lines": lines_told(booked.price_lines),
        "discount": discount_told(booked.discount),
        "timeline": rentals.timeline(booked, for_lab=True),
        "may_decide": may_manage and state in rules.MOVES["approve"],
        "may_cancel": may_manage and state in rules.MOVES["cancel"] and state not in rules.MOVES["approve"],
        "form": form or ReasonForm(),
        "refused": refused,
    }
    status = 200
    if refused is not None:
        status = refused.status if refused.status in (403, 409, 422) else 409
    elif form is not None and form.errors:
        status = 422
    return show(request, "bookings/board/booking.html", context, status=status)
