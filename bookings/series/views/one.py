"""The customer's series: the list, one with all its dates, and what may be done with it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bookings.rentals import queries as rental_queries
from bookings.rentals import rules
from bookings.series import operations, queries, wording
from bookings.series.filters import SeriesFilter
from bookings.series.forms import CancelForm, WhichForm
from bookings.series.models import Series
from bookings.series.queries import Dated
from bookings.series.views.answering import as_file, listed_columns, listed_row, shown_as, theirs
from kernel.money import Money
from kernel.refusals import Refusal
from web import access, tables
from web.lists import show_list
from web.pages import show
from web.requests import MemberRequest


@access.member
@require_safe
def listed(request: MemberRequest) -> HttpResponse:
    """List the organisation's series; as a page or as a file."""
    now = timezone.now()
    found = SeriesFilter(request.GET, queryset=queries.listed(Series.objects.visible_to(request.member), now))
    return show_list(
        request,
        "bookings/series/list.html",
        found,
        file=_("series"),
        columns=listed_columns(),
        row=listed_row,
        context={"now": now},
    )


@access.member
@require_safe
def one(request: MemberRequest, uuid: UUID) -> HttpResponse:
    """Show a series with what became of each of its dates; as a page or as a file."""
    now = timezone.now()
    mine = theirs(request, uuid)
    fmt = request.GET.get("format", "")
    if tables.asked_for(fmt):
        return as_file(fmt, mine, queries.dated(mine, now))
    return show_one(request, mine, now)


@access.buyer
@require_POST
def confirm(request: MemberRequest, uuid: UUID) -> HttpResponse:
    """Confirm all held or approved dates on the monthly account."""
    now = timezone.now()
    mine = theirs(request, uuid)
    try:
        operations.confirm(series=mine, by=request.member, now=now)
    except Refusal as refusal:
        return show_one(request, mine, now, refused=refusal)
    messages.success(request, _("Done. Each date shows what it is now."))
    return HttpResponseRedirect(reverse("series:one", args=[uuid]))


@access.buyer
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: MemberRequest, uuid: UUID) -> HttpResponse:
    """Show what cancelling dates costs now, each by its own step; cancel them when that sum is agreed to."""
    now = timezone.now()
    mine = theirs(request, uuid)
    dates = queries.dated(mine, now)
    refused: Refusal | None = None
    form: WhichForm
    if request.method == "POST":
        form = agreed = CancelForm(request.POST, dates=dates)
        if agreed.is_valid():
            try:
                operations.cancel(
                    series=mine,
                    which=agreed.cleaned_data["which"],
                    on=agreed.cleaned_data["on"],
                    expected_fee=agreed.expected_fee(),
                    by=request.member,
                    now=now,
                )
            except Refusal as refusal:
                refused = refusal
            else:
                messages.success(request, _("Cancelled. The times are free for others again."))
                return HttpResponseRedirect(reverse("series:one", args=[uuid]))
    else:
        form = WhichForm(request.GET if "which" in request.GET else {"which": "all"}, dates=dates)
    found = None
    if form.is_valid():
        found = queries.cancelling(mine, which=form.cleaned_data["which"], on=form.cleaned_data["on"], now=now)
    context = {"series": mine, "form": form, "found": found, "refused": refused, "now": now}
    status = shown_as(refused) if refused else 200 if form.is_valid() else 422
    return show(request, "bookings/series/cancel.html", context, status=status)


def show_one(request: MemberRequest, mine: Series, now: datetime, *, refused: Refusal | None = None) -> HttpResponse:
    """Show the page of a series, with the refusal of what was just tried."""
    may_book = request.member.may_book
    dates = queries.dated(mine, now)
    context = {
        "series": mine,
        "now": now,
        "told": wording.told(mine.plan),
        "dates": dates,
        "summary": summary(dates),
        "to_confirm": standing(dates, rules.MOVES["confirm"]) if may_book else None,
        "may_cancel": may_book and any(is_ahead(each, now) and each.state in rules.MOVES["cancel"] for each in dates),
        "may_move": may_book and any(is_ahead(each, now) and each.state in rules.MOVES["reschedule"] for each in dates),
        "waits": any(is_ahead(each, now) and each.state in rules.LAPSING for each in dates),
        "may_extend": may_book,
        "account": rental_queries.account_of(mine.organisation) if may_book else None,
        "refused": refused,
    }
    return show(request, "bookings/series/one.html", context, status=shown_as(refused) if refused else 200)


def is_ahead(each: Dated, now: datetime) -> bool:
    """Whether a date is booked and has not begun."""
    return each.rental is not None and each.rental.time.start > now


def standing(dates: list[Dated], states: Any) -> dict[str, Any] | None:
    """Return how many dates are in one of the states, what they cost, and until when the first is kept."""
    found = [each.rental for each in dates if each.rental is not None and each.state in states]
    if not found:
        return None
    until = min((rental.held_until for rental in found if rental.held_until), default=None)
    needs_approval = any(rental.status == rules.HELD and rental.needs_approval for rental in found)
    total = Money(sum(rental.total_fen for rental in found))
    return {"number": len(found), "total": total, "until": until, "needs_approval": needs_approval}


def summary(dates: list[Dated]) -> str:
    """Return in a sentence how many dates take place, were left out, or ended."""
    placed = sum(each.takes_place for each in dates)
    skipped = sum(each.rental is None for each in dates)
    ended = len(dates) - placed - skipped
    told = [ngettext("{number} date is booked", "{number} dates are booked", placed).format(number=placed)]
    if skipped:
        told.append(ngettext("{number} was left out", "{number} were left out", skipped).format(number=skipped))
    if ended:
        told.append(
            ngettext("{number} will not take place", "{number} will not take place", ended).format(number=ended)
        )
    return _(", ").join(told)
