"""Another time, another person: pages of moving a rental, answering the lab's offer, and handing it to a colleague."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from bookings.discovery.queries import local_fields
from bookings.rentals import moves, operations, rules
from bookings.rentals.forms import ColleagueForm, MoveForm
from bookings.rentals.models import MoveOffer, Rental
from bookings.rentals.views.answering import once, shown_as, theirs
from bookings.rentals.views.one import others, show_rental
from kernel.refusals import Refusal
from labs.models import Instrument
from web import access
from web.pages import go, show
from web.requests import MemberRequest

CALENDAR = "calendar"
"""The value of `back` that leads back to the calendar, from which a rental was dragged."""


@access.buyer
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: MemberRequest, number: str) -> HttpResponse:
    """Show what another time costs, or why it cannot be had; move the rental when that price is agreed to."""
    now = timezone.now()
    mine = theirs(request, number)
    data = request.POST if request.method == "POST" else request.GET
    where = instrument_named(request, data.get("instrument", ""))
    try:
        chosen = moves.move_to(mine, data, member=request.member, now=now, instrument=where)
    except Refusal as refusal:  # nothing is offered there any more
        return show_rental(request, mine, now, refused=refusal)
    if request.method != "POST":
        return show_move(request, chosen, now)
    form = MoveForm(request.POST)
    if not form.is_valid() or chosen.offer is None:
        return show_move(request, chosen, now, status=422)
    wish = chosen.offer.wish

    def moved() -> Rental:
        return operations.reschedule(
            rental=mine,
            period=wish.period,
            instrument=where,
            expected=form.expected_total(),
            agreed=form.cleaned_data["consents"],
            by=request.member,
            now=now,
        )

    said = [number, wish.period.start, wish.period.minutes, where.code if where else "", form.cleaned_data]
    try:
        once(request, key=form.cleaned_data["key"], said=said, do=moved)
    except Refusal as refusal:
        mine = theirs(request, number)
        chosen = moves.move_to(mine, data, member=request.member, now=now, instrument=where, refused=refusal)
        return show_move(request, chosen, now, status=shown_as(refusal))
    messages.success(request, _("Moved. Your calendar and the lab's follow."))
    if data.get("back") == CALENDAR:
        day = wish.period.start.astimezone(request.member.organisation.tz).date()
        return go(request, f"{reverse('rentals:calendar')}?from={day:%Y-%m-%d}")
    return go(request, reverse("rentals:rental", args=[number]))


def instrument_named(request: MemberRequest, code: str) -> Instrument | None:
    """Return another instrument to move to, as the query names it."""
    if not code:
        return None
    return get_object_or_404(Instrument.objects.visible_to(request.member).select_related("lab", "category"), code=code)


def show_move(
    request: MemberRequest, chosen: moves.Move, now: datetime, *, is_rest: bool = False, status: int = 200
) -> HttpResponse:
    """Show another time for a rental, or (`is_rest`) for the rest of an interrupted one."""
    zone = chosen.instrument.lab.tz
    instead = chosen.offer.instead if chosen.offer else None
    context: dict[str, Any] = {
        "move": chosen,
        "rental": chosen.rental,
        "now": now,
        "zone": zone,
        "state": chosen.rental.status_at(now),
        "is_rest": is_rest,
        "elsewhere": chosen.instrument.code if chosen.is_elsewhere else None,
        "address": reverse("rentals:rebook" if is_rest else "rentals:move", args=[chosen.rental.number]),
        "may_move": chosen.rental.status_at(now) in rules.MOVES["rebook" if is_rest else "reschedule"],
        "left": max(0, rules.MOST_MOVES - chosen.rental.moves),
        "back": (request.POST or request.GET).get("back", ""),
        "options": [{**local_fields(start, zone), "at": start} for start in instead.starts] if instead else [],
    }
    return show(request, "bookings/rentals/move.html", context, fragment="choice", status=status)


# --- The lab's offer of another time -----------------------------------------------------------------------------


@access.buyer
@require_POST
def accept(request: MemberRequest, number: str) -> HttpResponse:
    """Agree to the other time that the lab asks for."""
    now = timezone.now()
    mine = theirs(request, number)
    try:
        operations.accept_move(offer=_offer_of(mine), by=request.member, now=now)
    except Refusal as refusal:
        return show_rental(request, theirs(request, number), now, refused=refusal)
    messages.success(request, _("Agreed. The booking is at the other time now."))
    return go(request, reverse("rentals:rental", args=[number]))


@access.buyer
@require_POST
def decline(request: MemberRequest, number: str) -> HttpResponse:
    """Keep the time that was booked."""
    now = timezone.now()
    mine = theirs(request, number)
    try:
        operations.decline_move(offer=_offer_of(mine), by=request.member, now=now)
    except Refusal as refusal:
        return show_rental(request, theirs(request, number), now, refused=refusal)
    messages.success(request, _("The booking stays at its time; the lab has been told."))
    return go(request, reverse("rentals:rental", args=[number]))


def _offer_of(mine: Rental) -> MoveOffer:
    """Return the last time that the lab asked for; whether it can still be answered, the operation says."""
    return get_object_or_404(mine.move_offers.order_by("-offered_at", "-pk")[:1])


# --- A colleague instead -----------------------------------------------------------------------------------------


@access.buyer
@require_POST
def hand_over(request: MemberRequest, number: str) -> HttpResponse:
    """Let a colleague of the organisation come instead."""
    now = timezone.now()
    mine = theirs(request, number)
    people = others(request.member, mine)
    form = ColleagueForm(request.POST, people=people)
    if not form.is_valid():
        return show_rental(request, mine, now, colleague=form, status=422)
    to = next(one.user for one in people if one.user_id == form.cleaned_data["to"])
    try:
        operations.hand_over(rental=mine, to=to, by=request.member, now=now)
    except Refusal as refusal:
        return show_rental(request, theirs(request, number), now, refused=refusal)
    messages.success(request, _("{person} comes now, and has been told.").format(person=to.name or to.email))
    return go(request, reverse("rentals:rental", args=[number]))
