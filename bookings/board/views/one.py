"""One booking on the lab's instruments: who, when, what for, and what the lab may do."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from billing.pricing.wording import discount_told, lines_told
from bookings.board.forms import ReasonForm
from bookings.rentals import operations, rules
from bookings.rentals import queries as rentals
from bookings.rentals.models import MoveOffer, Rental
from kernel.refusals import Refusal
from labs.models import Instrument
from web import access
from web.pages import show
from web.requests import MemberRequest


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
    ours = Rental.objects.operated_by(request.member).with_places()
    shown = ours.select_related("policy", "instrument__room", "operator", "used_by")
    return get_object_or_404(shown, number=number)


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
        "may_cancel": may_manage and state in rules.MOVES["cancel_by_lab"] and state not in rules.MOVES["approve"],
        "may_move": may_manage and state in (*rules.MOVES["reschedule_by_lab"], *rules.MOVES["extend"]),
        "asked": booked.move_offers.filter(outcome=MoveOffer.Outcome.OPEN, expires_at__gt=now).first(),
        "materials": [str(Instrument.Material(code).label) for code in booked.materials],
        "form": form or ReasonForm(),
        "refused": refused,
    }
    status = 200
    if refused is not None:
        status = refused.status if refused.status in (403, 409, 422) else 409
    elif form is not None and form.errors:
        status = 422
    return show(request, "bookings/board/booking.html", context, status=status)
