"""Refunds by bank transfer: who gets how much, the file for the bank, and whether each arrived."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from billing.bills import operations as bills
from billing.bills.models import Refund, Way
from billing.payments import operations, queries
from billing.payments.forms import SentForm
from billing.payments.models import AdvanceRefund
from billing.payments.views.wording import sending_columns, sending_row, told
from kernel.money import Money
from kernel.refusals import Refusal
from web import access, tables
from web.lists import PAGE
from web.pages import show
from web.requests import MemberRequest

ACTS = ("paid", "failed", "again", "balance")


@access.platform_finance
@require_safe
def refunds(request: MemberRequest) -> HttpResponse:
    """Show the refunds that are on their way by bank transfer, the longest waiting first; as the bank's file, too."""
    return _show(request)


def _show(request: MemberRequest, *, refused: str = "", at: str = "", status: int = 200) -> HttpResponse:
    found = queries.to_send()
    fmt = request.GET.get("format", "")
    if tables.asked_for(fmt):
        pending = (one for one in found if one.state == Refund.State.PENDING)
        rows = (sending_row(number, one) for number, one in enumerate(pending, start=1))
        return tables.answer(fmt, name=_("refunds to send"), columns=sending_columns(), rows=rows)
    context = {
        "page": Paginator(found, PAGE).get_page(request.GET.get("page")),
        "total": Money(sum(one.fen for one in found)),
        "refused": refused,
        "at": at,
        "tab": "refunds",
    }
    return show(request, "billing/payments/refunds.html", context, status=status)


@access.platform_finance
@require_POST
def act(request: MemberRequest, kind: str, pk: int) -> HttpResponse:
    """Say of a refund that it was paid or failed, or send a failed one again, by transfer or onto the balance."""
    if kind not in (queries.BILL, queries.ADVANCE):
        raise Http404
    what, form = request.POST.get("act", ""), SentForm(request.POST)
    if what not in ACTS or not form.is_valid():
        return _show(request, refused=_("Say what became of the refund."), at=f"{kind}-{pk}", status=422)
    try:
        if kind == queries.ADVANCE:
            _act_on_advance(_advance(pk), what, form.cleaned_data, request)
        else:
            _act_on_refund(_refund(pk), what, form.cleaned_data, request)
    except Refusal as refusal:
        return _show(request, refused=told(refusal), at=f"{kind}-{pk}", status=refusal.status)
    messages.success(request, _("Done."))
    return HttpResponseRedirect(reverse("transfers:refunds"))


def _refund(pk: int) -> Refund:
    found = Refund.objects.filter(way=Way.TRANSFER, pk=pk).select_related("tender__bill").first()
    if found is None:
        raise Http404
    return found


def _advance(pk: int) -> AdvanceRefund:
    found = AdvanceRefund.objects.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _act_on_refund(refund: Refund, what: str, given: dict[str, str], request: MemberRequest) -> None:
    now, by = timezone.now(), request.member
    if what == "paid":
        if not given["reference"].strip():
            raise operations.TransferReferenceMissing
        bills.refund_paid(refund=refund, reference=given["reference"].strip(), by=by, now=now)
    elif what == "failed":
        if not given["because"].strip():
            raise operations.TransferReasonMissing
        bills.refund_failed(refund=refund, because=given["because"], now=now)
    else:
        way = Way.BALANCE if what == "balance" else Way.TRANSFER
        bills.try_again(refund=refund, way=way, by=by, now=now)


def _act_on_advance(refund: AdvanceRefund, what: str, given: dict[str, str], request: MemberRequest) -> None:
    now, by = timezone.now(), request.member
    if what == "paid":
        operations.sent_back(refund=refund, reference=given["reference"], by=by, now=now)
    elif what == "failed":
        if not given["because"].strip():
            raise operations.TransferReasonMissing
        operations.not_sent_back(refund=refund, because=given["because"], by=by, now=now)
    else:
        operations.send_again(refund=refund, to_balance=what == "balance", by=by, now=now)
