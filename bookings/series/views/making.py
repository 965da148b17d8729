"""Choosing a series: the dates with their prices and reasons, then all of them in one act."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from bookings.availability import queries as availability
from bookings.discovery import choosing
from bookings.discovery import rules as discovery
from bookings.discovery.forms import modes_of
from bookings.rentals import queries as rentals
from bookings.series import operations, rules, wording
from bookings.series.forms import COUNT, WEEKLY, AgreedForm, PlanForm
from bookings.series.previewing import Judged, Preview, preview
from bookings.series.views.answering import once, shown_as
from kernel.money import Money
from kernel.periods import Period
from kernel.refusals import Refusal
from labs.catalogue import queries as catalogue
from labs.models import Instrument
from web import access
from web.pages import show
from web.requests import MemberRequest

USUAL_NUMBER = 4
"""How many dates are proposed first."""


@dataclass(frozen=True, slots=True)
class Row:
    """A date as the preview shows it: with the sum so far, and whether it is another than was shown before."""

    judged: Judged
    running: Money
    is_changed: bool


@access.buyer
@require_safe
def new(request: MemberRequest) -> HttpResponse:
    """Choose when an instrument is wanted again and again; once chosen, show every date with price or reasons."""
    if not request.GET.get("instrument"):
        return HttpResponseRedirect(reverse("discovery:catalogue") + "?kind=rental")
    instrument = _instrument(request.GET["instrument"])
    now = timezone.now()
    form = _form(request, instrument, request.GET, now=now)
    return _page(request, instrument, form, now=now)


@access.buyer
@require_POST
def book(request: MemberRequest) -> HttpResponse:
    """Book what was shown; where something has changed since, show it again."""
    instrument = _instrument(request.POST.get("instrument", ""))
    now = timezone.now()
    form, agreed = _form(request, instrument, request.POST, now=now), AgreedForm(request.POST)
    if not (form.is_bound and form.is_valid() and agreed.is_valid()):
        return _page(request, instrument, form, now=now, status=422)
    shown = agreed.cleaned_data["shown"]
    asked = [form.cleaned_data[name] for name in form.fields]
    try:
        made = once(
            request,
            key=agreed.cleaned_data["key"],
            said=[instrument.code, *asked, shown, agreed.cleaned_data["consents"]],
            do=lambda: operations.book(
                instrument=instrument,
                plan=form.plan(),
                policy=form.cleaned_data["policy"],
                then=form.cleaned_data["then"],
                purpose=form.cleaned_data["purpose"],
                used_by=_colleague(request, form),
                agreed=agreed.cleaned_data["consents"],
                shown=shown,
                by=request.member,
                now=now,
            ),
        )
    except Refusal as refusal:
        return _page(request, instrument, form, now=now, refused=refusal, shown=shown, status=shown_as(refusal))
    messages.success(request, _("The series is booked; below is what became of every date."))
    return HttpResponseRedirect(reverse("series:one", args=[made]))


def _colleague(request: MemberRequest, form: PlanForm) -> User | None:
    """Return who will use it, where that is not who books; the form has seen to it that they belong here."""
    named = form.cleaned_data.get("used_by")
    return None if named in (None, request.member.user_id) else User.objects.get(pk=named)


def _instrument(code: str) -> Instrument:
    found = catalogue.published_instrument(code)
    if found is None:
        raise Http404
    return found


def _form(request: MemberRequest, instrument: Instrument, data: MultiValueDict[str, str], *, now: datetime) -> PlanForm:
    """Return the form with what was chosen, or with what is proposed for the time that a link brought along."""
    facts = _facts(request, instrument, now)
    policy = facts.policy
    offered: dict[str, Any] = {
        "instrument": instrument,
        "lengths": discovery.lengths(grid=policy.slot_grid_min, least=policy.min_minutes, most=policy.max_minutes),
        "modes": modes_of(facts.modes),
        "colleagues": choosing.colleagues(request.member),
    }
    if "freq" in data:
        return PlanForm(data, **offered)
    brought = {
        name: data[name]
        for name in ("date", "start", "minutes", "mode", "units", "profile", "used_by")
        if data.get(name)
    }
    today = now.astimezone(instrument.lab.tz).date()
    has_account = rentals.account_of(request.member.organisation) is not None
    proposed = {
        "date": today.isoformat(),
        "minutes": policy.min_minutes,
        "freq": WEEKLY,
        "ends": COUNT,
        "count": USUAL_NUMBER,
        "then": rules.CONFIRM if has_account else rules.HOLD,
    }
    return PlanForm(initial={**proposed, **brought, "materials": data.getlist("materials")}, **offered)


def _facts(request: MemberRequest, instrument: Instrument, now: datetime) -> Any:
    within = Period.starting(now, 1)
    found = availability.terms([instrument.pk], within=within, member=request.member, now=now).get(instrument.pk)
    if found is None:
        raise Http404
    return found.facts


def _page(
    request: MemberRequest,
    instrument: Instrument,
    form: PlanForm,
    *,
    now: datetime,
    refused: Refusal | None = None,
    shown: str = "",
    status: int = 200,
) -> HttpResponse:
    """Show the choice, and under it its dates."""
    seen: Preview | None = None
    if form.is_bound and form.is_valid():
        holds = form.cleaned_data["then"] == rules.HOLD
        seen = preview(
            instrument=instrument,
            plan=form.plan(),
            member=request.member,
            used_by=form.cleaned_data.get("used_by"),
            now=now,
            holds=holds,
        )
    elif form.is_bound:
        status = 422 if status == 200 else status
    context = {
        "instrument": instrument,
        "form": form,
        "seen": seen,
        "rows": rows(seen, shown) if seen else [],
        "told": wording.told(form.plan()) if seen else "",
        "account": rentals.account_of(request.member.organisation),
        "chosen": _chosen(form) if seen else [],
        "is_all_or_nothing": seen is not None and form.cleaned_data["policy"] == rules.ALL_OR_NOTHING,
        "only_holds": seen is not None and form.cleaned_data["then"] == rules.HOLD,
        "key": uuid.uuid4().hex,
        "refused": refused,
        "now": now,
    }
    return show(request, "bookings/series/new.html", context, status=status)


def rows(seen: Preview, shown: str) -> list[Row]:
    """Return the dates of a preview as its table shows them; `shown` is what was shown before."""
    changed = set(seen.changed_since(shown)) if shown else set()
    found: list[Row] = []
    running = Money(0)
    for one in seen.dates:
        if one.price is not None:
            running += one.price.total
        found.append(Row(one, running, one.on.isoformat() in changed))
    return found


def _chosen(form: PlanForm) -> list[tuple[str, str]]:
    """Return what was chosen, as fields of the form that books it."""
    data = form.data
    assert isinstance(data, MultiValueDict)  # noqa: S101 -- a query, or what was posted
    return [(name, value) for name in form.fields for value in data.getlist(name)]
