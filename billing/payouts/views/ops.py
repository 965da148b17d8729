"""The platform pays the labs: what is due, batches, the bank's file, and what became of each payout (BL-36)."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from billing.payouts import operations, queries, rules, wording
from billing.payouts.filters import PayoutFilter
from billing.payouts.forms import ConfirmForm, FailForm
from billing.payouts.models import Payout
from billing.payouts.views.desk import show_sheet
from billing.vouchers.rules import ZONE, local_day
from kernel.money import Money
from kernel.refusals import Refusal
from web import access, tables
from web.lists import PAGE, show_list
from web.pages import show
from web.requests import MemberRequest


@access.platform_finance
@require_safe
def overview(request: MemberRequest) -> HttpResponse:
    """Show what is due to the labs, what is held back and why, and the batches so far."""
    return _show_overview(request)


def _show_overview(request: MemberRequest, refused: str = "", status: int = 200) -> HttpResponse:
    due_on = rules.tuesday_before(local_day(timezone.now()))
    due = queries.due_to_labs(due_on)
    ready = [one for one in due if not one.why]
    context = {
        "due_on": due_on,
        "due": due,
        "ready": len(ready),
        "total": Money(sum(one.amount.fen for one in ready)),
        "page": Paginator(queries.batch_rows(), PAGE).get_page(request.GET.get("page")),
        "refused": refused,
        "minimum": rules.MINIMUM,
        "acceptance": rules.ACCEPTANCE.days,
        "zone": ZONE,
        "tab": "overview",
    }
    return show(request, "billing/payouts/overview.html", context, status=status)


@access.platform_finance
@require_POST
def prepare(request: MemberRequest) -> HttpResponse:
    """Prepare the payouts of the Tuesday that it is, or that was last."""
    try:
        batch = operations.prepare(by=request.member, now=timezone.now())
    except Refusal as refusal:
        return _show_overview(request, wording.told(refusal), refusal.status)
    messages.success(request, _("Prepared. A second person approves."))
    return HttpResponseRedirect(reverse("payouts:batch", args=[batch.number]))


@access.platform_finance
@require_safe
def batch(request: MemberRequest, number: str) -> HttpResponse:
    """Show the payouts of a batch, and what can be done with them."""
    return _show_batch(request, number)


def _show_batch(request: MemberRequest, number: str, refused: str = "", status: int = 200) -> HttpResponse:
    shown = get_object_or_404(queries.batch_rows(), number=number)
    found = list(queries.payouts().filter(batch=shown).order_by("lab__code", "pk"))
    context = {
        "batch": shown,
        "payouts": found,
        "total": Money(sum(payout.fen for payout in found)),
        "may_approve": shown.prepared and shown.prepared_by_id != request.user.pk,
        "has_file": shown.approved or shown.sent,
        "refused": refused,
        "zone": ZONE,
        "tab": "overview",
    }
    return show(request, "billing/payouts/batch.html", context, status=status)


@access.platform_finance
@require_POST
def approve(request: MemberRequest, number: str) -> HttpResponse:
    """Approve the chosen payouts of a batch, as the second person."""
    chosen = _chosen(request, number)
    try:
        operations.approve(payouts=chosen, by=request.member, now=timezone.now())
    except Refusal as refusal:
        return _show_batch(request, number, wording.told(refusal), refusal.status)
    return _done(request, number)


@access.platform_finance
@require_POST
def send(request: MemberRequest, number: str) -> HttpResponse:
    """Say that the bank was told to make the chosen payouts of a batch."""
    chosen = _chosen(request, number)
    try:
        operations.send(payouts=chosen, by=request.member, now=timezone.now())
    except Refusal as refusal:
        return _show_batch(request, number, wording.told(refusal), refusal.status)
    return _done(request, number)


def _chosen(request: MemberRequest, number: str) -> list[Payout]:
    found = Payout.objects.filter(batch__number=number)
    if not found.exists():
        raise Http404
    return list(found.filter(number__in=request.POST.getlist("payout")))


def _done(request: MemberRequest, number: str) -> HttpResponse:
    messages.success(request, _("Done."))
    return HttpResponseRedirect(reverse("payouts:batch", args=[number]))


@access.platform_finance
@require_safe
def bank_file(request: MemberRequest, number: str) -> HttpResponse:
    """Answer with the bank's file of what is approved in a batch: CSV, in the language of the bank."""
    in_batch = Payout.objects.filter(batch__number=number).order_by("lab__code", "pk")
    found = list(in_batch.in_state(Payout.State.APPROVED, Payout.State.SENT))
    if not found:
        raise Http404
    columns, rows = wording.bank_file(found)
    return tables.answer(tables.CSV, name=number, columns=columns, rows=rows)


@access.platform_finance
@require_safe
def payouts(request: MemberRequest) -> HttpResponse:
    """Show all payouts, the newest first; as a file, too."""
    found = PayoutFilter(request.GET, queryset=queries.payouts())
    return show_list(
        request,
        "billing/payouts/all_payouts.html",
        found,
        file=_("payouts"),
        columns=wording.payout_columns(),
        row=wording.payout_row,
        context={"tab": "payouts", "zone": ZONE},
    )


@access.platform_finance
@require_safe
def payout(request: MemberRequest, number: str) -> HttpResponse:
    """Show one payout: how far it is, its settlement sheet, and what can be done with it."""
    return _show_payout(request, number)


def _show_payout(
    request: MemberRequest,
    number: str,
    *,
    confirming: ConfirmForm | None = None,
    failing: FailForm | None = None,
    status: int = 200,
) -> HttpResponse:
    people = ("prepared_by", "approved_by", "sent_by", "ended_by", "entry")
    shown = get_object_or_404(queries.payouts().select_related("lab__organisation", "batch", *people), number=number)
    context: dict[str, object] = {
        "confirming": confirming or ConfirmForm(),
        "failing": failing or FailForm(),
        "is_sent": shown.state == Payout.State.SENT,
        "is_underway": shown.state in Payout.UNDERWAY,
        "tab": "payouts",
    }
    return show_sheet(request, shown, "billing/payouts/payout.html", context, status)


@access.platform_finance
@require_POST
def confirm(request: MemberRequest, number: str) -> HttpResponse:
    """Say that the bank has paid."""
    found = get_object_or_404(Payout, number=number)
    form = ConfirmForm(request.POST)
    if form.is_valid():
        reference = form.cleaned_data["reference"]
        try:
            operations.confirm(payout=found, reference=reference, by=request.member, now=timezone.now())
        except Refusal as refusal:
            form.add_error("reference", wording.told(refusal))
        else:
            messages.success(request, _("Confirmed: it is in the books."))
            return HttpResponseRedirect(reverse("payouts:payout", args=[number]))
    return _show_payout(request, number, confirming=form, status=422)


@access.platform_finance
@require_POST
def fail(request: MemberRequest, number: str) -> HttpResponse:
    """Say that a payout is not paid."""
    found = get_object_or_404(Payout, number=number)
    form = FailForm(request.POST)
    if form.is_valid():
        because = form.cleaned_data["because"]
        try:
            operations.fail(payout=found, because=because, by=request.member, now=timezone.now())
        except Refusal as refusal:
            form.add_error("because", wording.told(refusal))
        else:
            messages.success(request, _("Not paid: what it was for is due again."))
            return HttpResponseRedirect(reverse("payouts:payout", args=[number]))
    return _show_payout(request, number, failing=form, status=422)
