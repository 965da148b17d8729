"""One rental of a customer: its state and story, and the steps of confirming and cancelling."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bookings.discovery.wording import discount_told, lines_told
from bookings.rentals import operations, queries, rules
from bookings.rentals.forms import CancelForm
from bookings.rentals.models import Rental
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
