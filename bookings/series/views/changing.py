"""Moving dates of a series, and letting it go on: first what it would do, date by date, then the act."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from bookings.availability import queries as availability
from bookings.discovery import rules as discovery
from bookings.discovery.forms import modes_of
from bookings.rentals import queries as rentals
from bookings.series import operations, queries, rules, wording
from bookings.series.forms import ExtendForm, MoveForm
from bookings.series.models import Series
from bookings.series.views.answering import shown_as, theirs
from bookings.series.views.making import rows
from kernel.periods import Period
from kernel.refusals import Refusal
from web import access
from web.pages import show
from web.requests import MemberRequest


@access.buyer
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: MemberRequest, uuid: UUID) -> HttpResponse:
    """Show where dates would go and what that costs; move them when that is agreed to."""
    now = timezone.now()
    mine = theirs(request, uuid)
    offered = {**_offered(request, mine), "dates": queries.dated(mine, now)}
    found: operations.Moves | None = None
    refused: Refusal | None = None
    form = MoveForm(request.POST or None, initial=_as_it_is(request, mine), **offered)
    if form.is_bound and form.is_valid():
        asked: dict[str, Any] = {**form.asked(), "series": mine, "by": request.member, "now": now}
        shown = form.cleaned_data["shown"]
        try:
            if shown:
                done = operations.move(**asked, policy=form.cleaned_data["policy"], shown=shown)
                messages.success(request, _moved(len(done.moved), len(done.kept)))
                return HttpResponseRedirect(reverse("series:one", args=[uuid]))
        except Refusal as refusal:
            refused = refusal
        try:
            found = operations.preview_move(**asked)
        except Refusal as refusal:
            refused = refused or refusal
    context = {
        "series": mine,
        "told": wording.told(mine.plan),
        "form": form,
        "found": found,
        "is_all_or_nothing": form.is_bound and form.cleaned_data.get("policy") == rules.ALL_OR_NOTHING,
        "refused": refused,
        "now": now,
    }
    status = shown_as(refused) if refused else 422 if form.is_bound and form.errors else 200
    return show(request, "bookings/series/move.html", context, status=status)


def _moved(moved: int, kept: int) -> str:
    told = ngettext("{number} date is moved.", "{number} dates are moved.", moved).format(number=moved)
    if not kept:
        return told
    stay = ngettext("{number} stays where it was.", "{number} stay where they were.", kept).format(number=kept)
    return f"{told} {stay}"


def _offered(request: MemberRequest, series: Series) -> dict[str, Any]:
    instrument, now = series.instrument, timezone.now()
    within = Period.starting(now, 1)
    found = availability.terms([instrument.pk], within=within, member=request.member, now=now).get(instrument.pk)
    if found is None:
        return {"lengths": [series.minutes], "modes": [series.mode]}
    policy = found.facts.policy
    lengths = discovery.lengths(grid=policy.slot_grid_min, least=policy.min_minutes, most=policy.max_minutes)
    return {"lengths": lengths, "modes": modes_of(found.facts.modes)}


def _as_it_is(request: MemberRequest, series: Series) -> dict[str, Any]:
    asked = {name: request.GET[name] for name in ("which", "on") if request.GET.get(name)}
    return {"starts_at": series.starts_at, "minutes": series.minutes, "mode": series.mode, **asked}


@access.buyer
@require_http_methods(["GET", "HEAD", "POST"])
def extend(request: MemberRequest, uuid: UUID) -> HttpResponse:
    """Show the dates a series would have more; book them when that is agreed to."""
    now = timezone.now()
    mine = theirs(request, uuid)
    member = request.member
    refused: Refusal | None = None
    seen = None
    given = request.POST if request.method == "POST" else request.GET if "ends" in request.GET else None
    form = ExtendForm(given, initial=ExtendForm.proposed(mine))
    then = rules.CONFIRM if rentals.account_of(member.organisation) else rules.HOLD
    if form.is_bound and form.is_valid():
        asked: dict[str, Any] = {"count": form.cleaned_data["count"], "until": form.cleaned_data["until"], "now": now}
        shown = form.cleaned_data["shown"]
        try:
            if request.method == "POST" and shown:
                consents = form.cleaned_data["consents"]
                operations.extend(**asked, series=mine, by=member, then=then, shown=shown, agreed=consents)
                messages.success(request, _("The series goes on; below is what became of every date."))
                return HttpResponseRedirect(reverse("series:one", args=[uuid]))
        except Refusal as refusal:
            refused = refusal
        try:
            seen = operations.preview_extension(**asked, series=mine, member=member, holds=then == rules.HOLD)
        except Refusal as refusal:
            refused = refused or refusal
    context = {
        "series": mine,
        "told": wording.told(mine.plan),
        "form": form,
        "seen": seen,
        "rows": rows(seen, form.cleaned_data["shown"]) if seen else [],
        "only_holds": then == rules.HOLD,
        "is_all_or_nothing": mine.policy == rules.ALL_OR_NOTHING,
        "account": rentals.account_of(member.organisation),
        "refused": refused,
        "now": now,
    }
    status = shown_as(refused) if refused else 422 if form.is_bound and form.errors else 200
    return show(request, "bookings/series/extend.html", context, status=status)
