"""What cannot be matched by itself: the queue, one transfer, and the two people who decide; and all lines."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from billing.payments import operations, queries
from billing.payments.filters import BankLineFilter
from billing.payments.forms import DecideForm, ResolveForm
from billing.payments.models import BankLine, Resolution
from billing.payments.views.wording import line_columns, line_row, told
from billing.vouchers.rules import local_day
from kernel.refusals import Refusal
from web import access
from web.lists import PAGE, show_list
from web.pages import show
from web.requests import MemberRequest


@access.platform_finance
@require_safe
def queue(request: MemberRequest) -> HttpResponse:
    """Show what waits for people, the oldest first, with its age; and how much stands in suspense."""
    waiting = BankLine.objects.unresolved().select_related("reference__organisation").prefetch_related("resolutions")
    page = Paginator(waiting, PAGE).get_page(request.GET.get("page"))
    today = local_day(timezone.now())
    rows = [
        {
            "line": line,
            "days": (today - line.on).days,
            "proposed": any(one.state == Resolution.State.PROPOSED for one in line.resolutions.all()),
        }
        for line in page
    ]
    context = {"rows": rows, "page": page, "waiting": queries.waiting(), "tab": "queue"}
    return show(request, "billing/payments/queue.html", context)


@access.platform_finance
@require_safe
def lines(request: MemberRequest) -> HttpResponse:
    """Show the lines of the custody account, the newest first; as a file, too."""
    found = BankLineFilter(request.GET, queryset=queries.lines())
    return show_list(
        request,
        "billing/payments/lines.html",
        found,
        file=_("bank lines"),
        columns=line_columns(),
        row=line_row,
        context={"tab": "lines"},
    )


@access.platform_finance
@require_safe
def line(request: MemberRequest, pk: int) -> HttpResponse:
    """Show one transfer: what stands in it, what became of it, and, while it is in suspense, what may become of it."""
    return _show_line(request, pk)


@access.platform_finance
@require_POST
def propose(request: MemberRequest, pk: int) -> HttpResponse:
    """Propose what becomes of a transfer in suspense."""
    shown = get_object_or_404(BankLine, pk=pk)
    form = ResolveForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            operations.propose_resolution(
                line=shown,
                kind=given["kind"],
                number=given["number"],
                organisation=given["organisation"],
                reason=given["reason"],
                by=request.member,
                now=timezone.now(),
            )
        except operations.OrderUnknown as refusal:
            form.add_error("number", told(refusal))
        except operations.WhoseMissing as refusal:
            form.add_error("organisation", told(refusal))
        except Refusal as refusal:
            form.add_error(None, told(refusal))
        else:
            messages.success(request, _("Proposed. A second person decides."))
            return HttpResponseRedirect(reverse("transfers:line", args=[pk]))
    return _show_line(request, pk, resolve=form, status=422)


@access.platform_finance
@require_POST
def decide(request: MemberRequest, pk: int) -> HttpResponse:
    """Approve or decline what somebody else proposed."""
    resolution = get_object_or_404(Resolution, pk=pk)
    form = DecideForm(request.POST)
    if form.is_valid():
        approved = request.POST.get("decision") == "approve"
        try:
            operations.decide_resolution(
                resolution=resolution,
                approved=approved,
                note=form.cleaned_data["note"],
                by=request.member,
                now=timezone.now(),
            )
        except operations.TransferReasonMissing as refusal:
            form.add_error("note", told(refusal))
        except Refusal as refusal:
            form.add_error(None, told(refusal))
        else:
            messages.success(request, _("Done.") if approved else _("Declined."))
            return HttpResponseRedirect(reverse("transfers:line", args=[resolution.line_id]))
    return _show_line(request, resolution.line_id, decide=form, status=422)


def _show_line(
    request: MemberRequest,
    pk: int,
    *,
    resolve: ResolveForm | None = None,
    decide: DecideForm | None = None,
    status: int = 200,
) -> HttpResponse:
    shown = get_object_or_404(queries.lines(), pk=pk)
    history = list(shown.resolutions.select_related("proposed_by", "decided_by", "organisation"))
    proposal = next((one for one in history if one.state == Resolution.State.PROPOSED), None)
    is_open = shown.state in (BankLine.State.BY_HAND, BankLine.State.SUSPENSE)
    first = {"kind": shown.reference.purpose, "number": shown.reference.code} if shown.reference else None
    context = {
        "line": shown,
        "history": [one for one in history if one is not proposal],
        "proposal": proposal,
        "may_decide": proposal is not None and proposal.proposed_by_id != request.user.pk,
        "may_propose": is_open and proposal is None,
        "form": resolve or ResolveForm(initial=first),
        "decide_form": decide or DecideForm(),
        "entry_id": f"transfer:{shown.pk}",
        "tab": "queue" if is_open else "lines",
    }
    return show(request, "billing/payments/line.html", context, status=status)
