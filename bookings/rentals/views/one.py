"""One rental of a customer: its state and story, and the steps of confirming and cancelling."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Membership
from billing.bills.queries import prepaid
from billing.pricing.wording import discount_told, lines_told
from bookings.discovery.queries.instruments import customer_texts
from bookings.rentals import operations, queries, rules
from bookings.rentals.forms import CancelForm, ColleagueForm, UntilForm
from bookings.rentals.models import Interruption, Rental
from bookings.rentals.operations import charging
from bookings.rentals.views.answering import shown_as, theirs
from kernel.refusals import Refusal
from labs.tariffs import wording as price_lists
from web import access
from web.pages import go, show
from web.requests import MemberRequest


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
def transfer(request: MemberRequest, number: str) -> HttpResponse:
    """Keep a held rental until a bank transfer has arrived."""
    now = timezone.now()
    mine = theirs(request, number)
    try:
        operations.await_payment(rental=mine, pays_by=Rental.Payment.TRANSFER, by=request.member, now=now)
    except Refusal as refusal:
        return show_rental(request, theirs(request, number), now, refused=refusal)
    messages.success(request, _("The time is kept until your transfer arrives, at the latest as it says here."))
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


def show_rental(
    request: MemberRequest,
    mine: Rental,
    now: datetime,
    *,
    refused: Refusal | None = None,
    colleague: ColleagueForm | None = None,
    extension: UntilForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Show the page of a rental, with the refusal of what was just tried, or the form that was not filled in right."""
    state = mine.status_at(now)
    may = queries.what_may_be_done(mine, request.member, now)
    interruption = queries.interruption(mine) if mine.interrupted_at else None
    zone = mine.instrument.lab.tz
    context = {
        "rental": mine,
        "now": now,
        "state": state,
        "may": may,
        "refused": refused,
        "lines": lines_told(mine.price_lines),
        "discount": discount_told(mine.discount),
        "timeline": queries.timeline(mine),
        "is_waiting": state in rules.LAPSING,
        "may_transfer": "await_payment" in may
        and mine.organisation.is_verified
        and bool(settings.BANK_ACCOUNT["number"]),
        **_payment(mine, may, now),
        "is_ahead": mine.time.end > now,
        "is_before_use": mine.time.end > now and state in rules.BEFORE_USE,
        "unannounced_year": queries.unannounced_year(mine) if state in rules.BEFORE_USE else None,
        "asked": queries.move_offer(mine, now) if state == rules.CONFIRMED else None,
        "out_from": queries.out_from(mine, now),
        "interruption": interruption,
        "is_mended": interruption is not None and not is_out(interruption, now),
        "rest": charging.booked_minutes_left(mine, interruption) if interruption and state == rules.INTERRUPTED else 0,
        "comparable": queries.comparable(mine, now) if "rebook" in may or mine.needs_rebooking else [],
        "customer_texts": customer_texts(mine.instrument),
        "who": mine.used_by or mine.placed_by,
        "colleague": colleague or ColleagueForm(people=others(request.member, mine) if "hand_over" in may else ()),
        "extension": extension or UntilForm(zone=zone, initial={"until": _a_step_later(mine)}),
    }
    status = shown_as(refused) if refused else status
    return show(request, "bookings/rentals/rental.html", context, status=status)


def _payment(mine: Rental, may: set[str], now: datetime) -> dict[str, Any]:
    """Return by what a rental can be paid now: account, balance, and what vouchers would pay of it."""
    is_open = "confirm" in may
    may_vouch = not mine.pays_by and bool(may & {"confirm", "submit", "await_payment"})
    found = operations.offers(mine, now=now) if may_vouch and not mine.voucher_fen else []
    return {
        "account": queries.account_of(mine.organisation) if is_open else None,
        "prepaid": prepaid(mine.organisation_id) if is_open else None,
        "vouchers": [offer for offer in found if offer.amount],
        "may_vouch": may_vouch,
    }


def is_out(interruption: Interruption, now: datetime) -> bool:
    """Whether the instrument is still out of service, as far as is known."""
    return interruption.outage is not None and interruption.outage.stretch.end > now


def others(member: Membership, mine: Rental) -> list[Membership]:
    """Return the people of the organisation who might come instead, by name."""
    people = Membership.objects.visible_to(member).active().select_related("user", "organisation")
    return list(people.exclude(user_id=mine.used_by_id or mine.placed_by_id).order_by("user__name", "pk"))


def _a_step_later(mine: Rental) -> datetime:
    return mine.time.end + timedelta(minutes=mine.policy.slot_grid_min)
