"""The platform's own fee: what was earned, what is left in custody, and who takes it out (E14)."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from billing.payouts import operations, queries, wording
from billing.payouts.forms import WithdrawForm
from billing.payouts.models import FeeWithdrawal
from billing.vouchers.rules import ZONE
from kernel.refusals import Refusal
from web import access
from web.lists import PAGE
from web.pages import show
from web.requests import MemberRequest


@access.platform_finance
@require_http_methods(["GET", "HEAD", "POST"])
def fees(request: MemberRequest) -> HttpResponse:
    """Show the platform's fee and what was taken out; propose to take some of it out."""
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            operations.propose_withdrawal(
                fen=given["amount"], note=given["note"], by=request.member, now=timezone.now()
            )
        except operations.MoreThanFeeIsLeft as refusal:
            form.add_error("amount", wording.told(refusal))
        except Refusal as refusal:
            form.add_error(None, wording.told(refusal))
        else:
            messages.success(request, _("Proposed. A second person decides."))
            return HttpResponseRedirect(reverse("payouts:fees"))
    return _show(request, form, status=422 if request.method == "POST" else 200)


def _show(request: MemberRequest, form: WithdrawForm, refused: str = "", status: int = 200) -> HttpResponse:
    asked = FeeWithdrawal.objects.select_related("proposed_by", "decided_by")
    context = {
        "fee": queries.fee_to_take(),
        "form": form,
        "waiting": asked.filter(state=FeeWithdrawal.State.PROPOSED).first(),
        "page": Paginator(asked.order_by("-proposed_at", "-pk"), PAGE).get_page(request.GET.get("page")),
        "refused": refused,
        "zone": ZONE,
        "tab": "fees",
    }
    return show(request, "billing/payouts/fees.html", context, status=status)


@access.platform_finance
@require_POST
def decide(request: MemberRequest, pk: int) -> HttpResponse:
    """Agree that the platform takes its fee out, or decline."""
    found = get_object_or_404(FeeWithdrawal, pk=pk)
    approved = request.POST.get("decision") == "approve"
    try:
        operations.decide_withdrawal(withdrawal=found, approved=approved, by=request.member, now=timezone.now())
    except Refusal as refusal:
        return _show(request, WithdrawForm(), wording.told(refusal), refusal.status)
    messages.success(request, _("Posted.") if approved else _("Declined."))
    return HttpResponseRedirect(reverse("payouts:fees"))
