"""Waiting as pages: begin to, see where one stands, answer an offer; and what a lab sees of it."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bookings.waitlist import operations, queries, wording
from bookings.waitlist.filters import OPEN, DemandFilter, EntryFilter
from bookings.waitlist.forms import JoinForm, WindowForm
from bookings.waitlist.models import WaitlistEntry, WaitlistOffer
from bookings.waitlist.wanted import Wanted, wanted
from kernel.refusals import Refusal
from web import access, tables
from web.lists import show_list
from web.pages import show
from web.requests import MemberRequest

PAGE = 20


# --- A customer's own ----------------------------------------------------------------------------------------------


@access.member
@require_safe
def listed(request: MemberRequest) -> HttpResponse:
    """List what the organisation waits for, what it is offered, and where it stands; as a page or as a file."""
    return show_entries(request)


@access.buyer
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: MemberRequest) -> HttpResponse:
    """
    Begin to wait, for what the query names: `instrument`, `group`, or else a search as in the catalogue's address.

    Everything else of the query fills the form: the day and length that were refused, or what had to be free.
    """
    now = timezone.now()
    wish = wanted(request.GET, member=request.member, now=now)
    if wish is None:
        messages.info(request, _("Look first for what you need: what is taken can be waited for."))
        return HttpResponseRedirect(reverse("discovery:catalogue"))
    form = JoinForm(request.POST if request.method == "POST" else None, **wish.form_kwargs())
    if request.method != "POST" or not form.is_valid():
        return show_join(request, wish, form, status=422 if request.method == "POST" else 200)
    data = form.cleaned_data
    try:
        operations.join(
            by=request.member,
            now=now,
            window=form.window(),
            minutes=data["minutes"],
            instrument=wish.instrument,
            group=wish.group,
            query=wish.query,
            mode=data["mode"],
            units=data.get("units") or 1,
            max_price=form.most(),
            purpose=data["purpose"],
            profile=data.get("profile", ""),
            materials=data.get("materials", []),
            agreed=data.get("agreed", []),
        )
    except Refusal as refusal:
        return show_join(request, wish, form, refused=refusal, status=shown_as(refusal))
    messages.success(request, _("You are in line. As soon as a time is free it is held for you, and you are told."))
    return HttpResponseRedirect(reverse("waitlist:list"))


def show_join(
    request: MemberRequest, wish: Wanted, form: JoinForm, *, refused: Refusal | None = None, status: int
) -> HttpResponse:
    """Show the form, with what was refused and, where it is free, the way to book it."""
    context = {
        "wish": wish,
        "form": form,
        "refused": wording.each(refused),
        "instead": wording.free_now(refused),
        "query": request.GET.urlencode(),
    }
    return show(request, "bookings/waitlist/join.html", context, status=status)


@access.buyer
@require_POST
def withdraw(request: MemberRequest, pk: int) -> HttpResponse:
    """Wait no longer."""
    entry = get_object_or_404(WaitlistEntry.objects.visible_to(request.member), pk=pk)
    try:
        operations.withdraw(entry=entry, by=request.member, now=timezone.now())
    except Refusal as refusal:
        return show_entries(request, refused=refusal, refused_on=entry.pk)
    messages.success(request, _("Withdrawn: you wait for it no longer."))
    return HttpResponseRedirect(reverse("waitlist:list"))


@access.buyer
@require_http_methods(["GET", "HEAD", "POST"])
def window(request: MemberRequest, pk: int) -> HttpResponse:
    """Wait for the same inside another window."""
    mine = queries.listed(request.member)
    entry = get_object_or_404(mine, pk=pk)
    form = WindowForm(
        request.POST if request.method == "POST" else None,
        zone=entry.tz,
        initial={"since": entry.time.start, "until": entry.time.end},
    )
    refused: Refusal | None = None
    if request.method == "POST" and form.is_valid():
        try:
            operations.change_window(entry=entry, window=form.window(), by=request.member, now=timezone.now())
        except Refusal as refusal:
            refused = refusal
        else:
            messages.success(request, _("Changed. Your place in line stays."))
            return HttpResponseRedirect(reverse("waitlist:list"))
    context = {
        "entry": entry,
        "form": form,
        "refused": wording.each(refused),
        "instead": wording.free_now(refused),
    }
    status = 200 if request.method != "POST" else shown_as(refused) if refused else 422
    return show(request, "bookings/waitlist/window.html", context, status=status)


@access.buyer
@require_POST
def take(request: MemberRequest, pk: int) -> HttpResponse:
    """Take an offered time, and go on as with any hold."""
    offer = offer_to(request, pk)
    try:
        rental = operations.take_offer(offer=offer, by=request.member, now=timezone.now())
    except Refusal as refusal:
        return show_entries(request, refused=refusal, refused_on=offer.entry_id)
    messages.success(request, _("The time is yours to confirm."))
    return HttpResponseRedirect(reverse("rentals:rental", args=[rental.number]))


@access.buyer
@require_POST
def decline(request: MemberRequest, pk: int) -> HttpResponse:
    """Let an offered time go."""
    offer = offer_to(request, pk)
    try:
        operations.decline(offer=offer, by=request.member, now=timezone.now())
    except Refusal as refusal:
        return show_entries(request, refused=refusal, refused_on=offer.entry_id)
    messages.success(request, _("Let go. You keep waiting for another time."))
    return HttpResponseRedirect(reverse("waitlist:list"))


def offer_to(request: MemberRequest, pk: int) -> WaitlistOffer:
    """Return an offer made to the organisation, or answer 404."""
    mine = WaitlistOffer.objects.filter(entry__organisation_id=request.member.organisation_id)
    return get_object_or_404(mine, pk=pk)


def shown_as(refusal: Refusal) -> int:
    """Return the status of a page that tells a refusal: one that htmx swaps in, whatever the API answers."""
    return refusal.status if refusal.status in (403, 409, 422) else 409


def show_entries(
    request: MemberRequest, *, refused: Refusal | None = None, refused_on: int | None = None
) -> HttpResponse:
    """Show the organisation's entries, with what was just refused."""
    now = timezone.now()
    found = EntryFilter(request.GET, queryset=queries.listed(request.member))
    fmt = request.GET.get("format", "")
    if tables.asked_for(fmt):
        rows = map(row, found.qs[: tables.MOST_ROWS])
        return tables.answer(fmt, name=_("waitlist"), columns=columns(), rows=rows)
    page = Paginator(found.qs, PAGE).get_page(request.GET.get("page"))
    context = {
        "filter": found,
        "page": page,
        "cards": wording.cards(page.object_list, positions=queries.positions(page.object_list), now=now),
        "is_filtered": found.data.get("state") != OPEN,
        "refused": refused,
        "refused_on": refused_on,
        "now": now,
    }
    status = shown_as(refused) if refused else 200
    return show(request, "bookings/waitlist/list.html", context, fragment="results", status=status)


def columns() -> list[str]:
    """Return the headings of the exported list."""
    return [
        _("What"), _("State"), _("From"), _("Until"), _("Time zone"), _("Minutes"), _("Mode"), _("Units"),
        _("Price at most (¥)"), _("What it is for"), _("Waiting since"), _("By"),
    ]  # fmt: skip


def row(entry: WaitlistEntry) -> list[Any]:
    """Return an entry as a line of the exported list, in the lab's time."""
    return [
        entry.what,
        str(entry.get_state_display()),
        entry.time.start.astimezone(entry.tz),
        entry.time.end.astimezone(entry.tz),
        str(entry.tz),
        entry.minutes,
        wording.mode_of(entry),
        entry.units,
        "" if entry.max_price_fen is None else entry.max_price_fen / 100,
        entry.purpose,
        entry.created_at.astimezone(entry.tz),
        entry.placed_by.name or entry.placed_by.email,
    ]


# --- The lab's view ------------------------------------------------------------------------------------------------


@access.lab_staff
@require_safe
def desk(request: MemberRequest) -> HttpResponse:
    """Show what is waited for at the lab's own instruments, and by whom; as a page or as a file."""
    found = DemandFilter(request.GET, queryset=queries.at_desk(request.member))
    return show_list(
        request,
        "bookings/waitlist/desk.html",
        found,
        file=_("demand"),
        columns=desk_columns(),
        row=desk_row,
        context={"demand": queries.demand(request.member), "now": timezone.now()},
    )


def desk_columns() -> list[str]:
    """Return the headings of the lab's exported list."""
    return [
        _("Instrument"), _("Code"), _("Customer"), _("In line as"), _("State"), _("From"), _("Until"), _("Time zone"),
        _("Minutes"), _("Mode"), _("Units"), _("Waiting since"),
    ]  # fmt: skip


def desk_row(entry: Any) -> list[Any]:
    """Return an entry as a line of the lab's exported list, in the lab's time."""
    return [
        entry.what,
        (entry.instrument or entry.group).code,
        entry.organisation.name,
        wording.rank_of(entry),
        str(entry.get_state_display()),
        entry.time.start.astimezone(entry.tz),
        entry.time.end.astimezone(entry.tz),
        str(entry.tz),
        entry.minutes,
        wording.mode_of(entry),
        entry.units,
        entry.created_at.astimezone(entry.tz),
    ]
