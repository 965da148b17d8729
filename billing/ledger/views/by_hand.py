"""What people propose to post by hand, and what a second person makes of it."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing.ledger import operations, queries
from billing.ledger.forms import LegForm, LegForms, NoteForm, PostingForm, ReasonForm
from billing.ledger.models import Posting
from billing.ledger.rules import Leg
from billing.ledger.views.browsing import PAGE, name_of, show_entry
from kernel.refusals import Refusal
from web import access
from web.pages import show
from web.requests import MemberRequest


@access.platform_finance
@require_safe
def inbox(request: MemberRequest) -> HttpResponse:
    """Show what waits for a second person, and what was decided."""
    people = Posting.objects.select_related("proposed_by", "decided_by", "entry", "reverses")
    decided = people.exclude(state=Posting.State.PROPOSED).order_by("-decided_at", "-pk")
    context = {
        "waiting": people.waiting(),
        "page": Paginator(decided, PAGE).get_page(request.GET.get("page")),
        "tab": "postings",
    }
    return show(request, "billing/ledger/inbox.html", context)


@access.platform_finance
@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: MemberRequest) -> HttpResponse:
    """Take what is to be posted by hand: a reason, and lines that balance."""
    form, legs = PostingForm(request.POST or None), LegForms(request.POST or None, prefix="legs")
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid() and legs.is_valid():
            given = form.cleaned_data
            try:
                posting = operations.propose_posting(
                    legs=_legs(legs.forms, given["order_number"]),
                    reason=given["reason"],
                    order_number=given["order_number"],
                    by=request.member,
                    now=timezone.now(),
                )
            except Refusal as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("Proposed. A second person decides."))
                return HttpResponseRedirect(reverse("ledger:posting", args=[posting.pk]))
    context = {"form": form, "legs": legs, "tab": "postings"}
    return show(request, "billing/ledger/propose.html", context, status=status)


def _legs(forms: list[LegForm], order_number: str) -> list[Leg]:
    return [each.leg(order_number) for each in forms if each.has_changed()]


@access.platform_finance
@require_POST
def propose_reversal(request: MemberRequest, pk: int) -> HttpResponse:
    """Propose to take an entry back."""
    entry = get_object_or_404(queries.posted(), pk=pk)
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            posting = operations.propose_reversal(
                entry=entry, reason=form.cleaned_data["reason"], by=request.member, now=timezone.now()
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Proposed. A second person decides."))
            return HttpResponseRedirect(reverse("ledger:posting", args=[posting.pk]))
    return show_entry(request, entry, form, status=422)


@access.platform_finance
@require_safe
def posting(request: MemberRequest, pk: int) -> HttpResponse:
    """Show what is proposed, and, to a second person, how to decide."""
    return _show_posting(request, _found(pk), NoteForm())


@access.platform_finance
@require_POST
def decide(request: MemberRequest, pk: int) -> HttpResponse:
    """Approve or decline a posting that somebody else proposed."""
    shown = _found(pk)
    form = NoteForm(request.POST)
    if form.is_valid():
        try:
            if request.POST.get("decision") == "approve":
                operations.approve_posting(posting=shown, by=request.member, now=timezone.now())
                messages.success(request, _("Posted."))
            else:
                note = form.cleaned_data["note"]
                operations.decline_posting(posting=shown, note=note, by=request.member, now=timezone.now())
                messages.success(request, _("Declined."))
        except operations.ReasonMissing as refusal:
            form.add_error("note", str(refusal))
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            return HttpResponseRedirect(reverse("ledger:posting", args=[pk]))
    return _show_posting(request, _found(pk), form, status=422)


def _found(pk: int) -> Posting:
    people = Posting.objects.select_related("proposed_by", "decided_by", "entry", "reverses")
    return get_object_or_404(people, pk=pk)


def _show_posting(request: MemberRequest, shown: Posting, form: NoteForm, status: int = 200) -> HttpResponse:
    legs = operations.legs_proposed(shown)
    whose = queries.whose((leg.account, leg.party) for leg in legs)
    rows = [{"leg": leg, "name": name_of(leg.account), "party": whose.get((leg.account, leg.party))} for leg in legs]
    waits = shown.state == Posting.State.PROPOSED
    context = {
        "posting": shown,
        "rows": rows,
        "form": form,
        "may_decide": waits and shown.proposed_by_id != request.user.pk,
        "waits": waits,
        "tab": "postings",
    }
    return show(request, "billing/ledger/posting.html", context, status=status)
