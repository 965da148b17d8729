"""A customer's rentals as pages: hold, confirm, cancel, and what is ahead."""

import json
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from audit.requests import operations as requests
from audit.requests.rules import fingerprint
from bookings.discovery import choosing
from bookings.discovery import views as discovery
from bookings.discovery.wording import discount_told, lines_told
from bookings.rentals import operations, queries, rules
from bookings.rentals.filters import RentalFilter
from bookings.rentals.forms import CancelForm, HoldForm
from bookings.rentals.models import Rental
from kernel.refusals import Refusal
from labs.tariffs import wording as price_lists
from web import access
from web.lists import show_list
from web.pages import asks_for_a_part, show
from web.requests import MemberRequest

# --- Holding a time ----------------------------------------------------------------------------------------------


@access.buyer
@require_POST
def hold(request: MemberRequest, code: str) -> HttpResponse:
    """Keep the chosen time for the organisation, or say why not and what to do instead."""
    now = timezone.now()
    instrument = get_object_or_404(discovery.to_look_at(request), code=code)
    choice = choosing.choose(instrument, request.POST.dict(), member=request.member, now=now, is_exact=True)
    form = HoldForm(request.POST)
    wish = choice.offer.wish if choice.offer else None
    if wish is None or not form.is_valid():
        return discovery.show_choice(request, choice, now=now, status=422)
    said = json.dumps([code, wish.period.start.isoformat(), wish.period.minutes, wish.mode, form.cleaned_data])
    once = fingerprint(method="POST", path=request.path, body=said.encode())
    key = form.cleaned_data["key"]
    try:
        with transaction.atomic():
            answered = requests.begin(member=request.member, key=key, fingerprint=once)
            if answered is None:
                rental = operations.place_hold(
                    instrument=instrument,
                    period=wish.period,
                    mode=wish.mode,
                    purpose=form.cleaned_data["purpose"],
                    expected=form.expected_total(),
                    agreed=form.cleaned_data["consents"],
                    by=request.member,
                    now=now,
                )
                number = rental.number
                requests.finish(member=request.member, key=key, status=201, answer={"number": number})
            else:
                number = dict(answered.answer or {})["number"]
    except Refusal as refusal:
        data = request.POST.dict()
        choice = choosing.choose(instrument, data, member=request.member, now=now, refused=refusal)
        return discovery.show_choice(request, choice, now=now, status=shown_as(refusal))
    return go(request, reverse("rentals:rental", args=[number]))


def shown_as(refusal: Refusal) -> int:
    """Return the status of a page that tells a refusal: one that htmx swaps in, whatever the API answers."""
    return refusal.status if refusal.status in (403, 409, 422) else 409


def go(request: MemberRequest, path: str) -> HttpResponse:
    """Lead to a page: by a redirect, which htmx is told to follow as a whole page."""
    return HttpResponseClientRedirect(path) if asks_for_a_part(request) else HttpResponseRedirect(path)


# --- What is ahead -----------------------------------------------------------------------------------------------


@access.member
@require_safe
def my(request: MemberRequest) -> HttpResponse:
    """Show what needs the organisation now, what is next, and how its monthly account stands."""
    now = timezone.now()
    member = request.member
    sees_money = member.may_see_money or member.may_book
    context = {
        "now": now,
        "waiting": queries.waiting(member, now),
        "upcoming": queries.upcoming(member, now),
        "account": queries.account_of(member.organisation) if sees_money else None,
        "sees_money": sees_money,
    }
    return show(request, "bookings/rentals/my.html", context)


@access.member
@require_safe
def rentals(request: MemberRequest) -> HttpResponse:
    """List the organisation's rentals, filtered as the query says; as a page or as a file."""
    now = timezone.now()
    found = RentalFilter(request.GET, queryset=queries.listed(request.member, now))
    return show_list(
        request,
        "bookings/rentals/list.html",
        found,
        file=_("rentals"),
        columns=columns(),
        row=row,
        context={"now": now},
    )


def columns() -> list[str]:
    """Return the headings of the exported list."""
    return [
        _("Number"), _("State"), _("Instrument"), _("Code"), _("Lab"), _("Start"), _("End"), _("Time zone"),
        _("Mode"), _("Booked by"), _("Price (¥)"), _("Cancellation fee (¥)"),
    ]  # fmt: skip


def row(rental: Any) -> list[Any]:
    """Return a rental as a line of the exported list, in the lab's time."""
    lab = rental.instrument.lab
    return [
        rental.number,
        str(Rental.Status(rental.state).label),
        rental.instrument.name,
        rental.instrument.code,
        lab.name,
        rental.time.start.astimezone(lab.tz),
        rental.time.end.astimezone(lab.tz),
        lab.timezone,
        str(rental.get_mode_display()),
        rental.placed_by.name or rental.placed_by.email,
        rental.total_fen / 100,
        rental.fee_fen / 100,
    ]


# --- One rental --------------------------------------------------------------------------------------------------


@access.member
@require_safe
def rental(request: MemberRequest, number: str) -> HttpResponse:
    """Show a rental: its state, its story, how to get there, what it costs, and what may be done now."""
    return show_rental(request, theirs(request, number), timezone.now())


@access.buyer
@require_POST
def confirm(request: MemberRequest, number: str) -> HttpResponse:
    """Confirm a held or approved rental on the monthly account."""
    now = timezone.now()
    mine = theirs(request, number)
    try:
        operations.confirm_on_account(rental=mine, by=request.member, now=now)
    except Refusal as refusal:
        return show_rental(request, theirs(request, number), now, refused=refusal)
    messages.success(request, _("Confirmed. It is in your calendar now, and the lab expects you."))
    return go(request, reverse("rentals:rental", args=[number]))


@access.buyer
@require_POST
def submit(request: MemberRequest, number: str) -> HttpResponse:
    """Send a held rental to the lab for approval."""
    now = timezone.now()
    mine = theirs(request, number)
    try:
        operations.submit_for_approval(rental=mine, by=request.member, now=now)
    except Refusal as refusal:
        return show_rental(request, theirs(request, number), now, refused=refusal)
    messages.success(
        request, _("Sent. The lab answers within eight of its working hours; the time is kept until then.")
    )
    return go(request, reverse("rentals:rental", args=[number]))


@access.buyer
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: MemberRequest, number: str) -> HttpResponse:
    """Show what cancelling costs now; cancel when that fee is agreed to."""
    now = timezone.now()
    mine = theirs(request, number)
    refused: Refusal | None = None
    if request.method == "POST":
        form = CancelForm(request.POST)
        if form.is_valid():
            try:
                operations.cancel(rental=mine, expected_fee=form.expected_fee(), by=request.member, now=now)
            except Refusal as refusal:
                refused = refusal
                mine = theirs(request, number)
            else:
                messages.success(request, _("Cancelled. The time is free for others again."))
                return go(request, reverse("rentals:rental", args=[number]))
    state = mine.status_at(now)
    context = {
        "rental": mine,
        "state": state,
        "may_cancel": state in rules.MOVES["cancel"],
        "fee": operations.fee_of_cancelling(mine, now=now),
        "ladder": price_lists.ladder(mine.policy.cancellation),
        "refused": refused,
        "now": now,
    }
    status = 200 if request.method != "POST" else shown_as(refused) if refused else 422
    return show(request, "bookings/rentals/cancel.html", context, status=status)


def theirs(request: MemberRequest, number: str) -> Rental:
    """Return the organisation's rental of that number, or answer 404."""
    mine = Rental.objects.visible_to(request.member).with_places().select_related("policy", "instrument__lab__district")
    return get_object_or_404(mine, number=number)


def show_rental(request: MemberRequest, mine: Rental, now: datetime, *, refused: Refusal | None = None) -> HttpResponse:
    """Show the page of a rental, with the refusal of what was just tried."""
    state = mine.status_at(now)
    may_book = request.member.may_book
    needs_approval = state == rules.HELD and mine.policy.requires_approval
    context = {
        "rental": mine,
        "now": now,
        "state": state,
        "refused": refused,
        "lines": lines_told(mine.price_lines),
        "discount": discount_told(mine.discount),
        "timeline": queries.timeline(mine),
        "is_waiting": state in rules.LAPSING,
        "may_submit": may_book and needs_approval,
        "may_confirm": may_book and state in rules.MOVES["confirm"] and not needs_approval,
        "may_cancel": may_book and state in rules.MOVES["cancel"],
        "account": queries.account_of(mine.organisation) if may_book and state in rules.LAPSING else None,
        "is_ahead": mine.time.end > now,
    }
    return show(request, "bookings/rentals/rental.html", context, status=shown_as(refused) if refused else 200)
