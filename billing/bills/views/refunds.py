"""Refunds by hand: asked for by the lab or the platform, decided by a second person of the platform."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing.bills import operations
from billing.bills.filters import RequestFilter
from billing.bills.forms import DecisionForm, RefundForm
from billing.bills.models import Bill, BillQuerySet, RefundRequest
from billing.bills.views.shown import whole
from billing.vouchers.rules import ZONE
from kernel.refusals import Refusal
from web import access
from web.lists import show_list
from web.pages import show
from web.requests import MemberRequest


@access.lab_manager
@require_http_methods(["GET", "HEAD", "POST"])
def at_lab(request: MemberRequest, number: str) -> HttpResponse:
    """Show a bill to the lab that earns by it, and take a request for a refund."""
    return _with_request(request, get_object_or_404(_bills().earned_by(request.member), order_number=number), "desk")


@access.platform_finance
@require_http_methods(["GET", "HEAD", "POST"])
def at_platform(request: MemberRequest, number: str) -> HttpResponse:
    """Show any bill to the platform's finance, and take a request for a refund."""
    return _with_request(request, get_object_or_404(_bills(), order_number=number), "ops")


def _bills() -> BillQuerySet:
    return Bill.objects.select_related("lab__organisation", "organisation")


def _with_request(request: MemberRequest, bill: Bill, side: str) -> HttpResponse:
    form = RefundForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            operations.ask_refund(
                bill=bill, fen=form.fen(), reason=form.cleaned_data["reason"], by=request.member, now=timezone.now()
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Asked. A second person of the platform decides."))
            return HttpResponseRedirect(request.path)
    context = {**whole(bill), "form": form, "side": side, "zone": ZONE, "may_ask": _may_ask(bill)}
    return show(request, "billing/bills/bill.html", context, status=422 if form.errors else 200)


def _may_ask(bill: Bill) -> bool:
    waits = bill.refund_requests.filter(state=RefundRequest.State.WAITING)
    return bill.state == Bill.State.SETTLED and bool(bill.refundable) and not waits.exists()


@access.platform_finance
@require_safe
def requests(request: MemberRequest) -> HttpResponse:
    """List the refunds that were asked for; those that wait where nothing else is asked."""
    seen = RefundRequest.objects.select_related("bill__organisation", "bill__lab", "asked_by", "decided_by")
    return show_list(
        request,
        "billing/bills/requests.html",
        RequestFilter(request.GET, queryset=seen.order_by("-asked_at", "-pk")),
        file=_("refunds"),
        columns=[_("Order number"), _("Organisation"), _("Laboratory"), _("Amount (¥)"), _("Reason"), _("State")],
        row=lambda one: [
            one.bill.order_number,
            one.bill.organisation.name,
            one.bill.lab.name,
            one.fen / 100,
            one.reason,
            str(one.get_state_display()),
        ],
        context={"zone": ZONE},
    )


@access.platform_finance
@require_POST
def decide(request: MemberRequest, pk: int) -> HttpResponse:
    """Agree to a refund as the second person, or decline it."""
    asked = get_object_or_404(RefundRequest, pk=pk)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose whether the money goes back."))
        return HttpResponseRedirect(reverse("bills:requests"))
    approved = form.cleaned_data["approved"]
    try:
        operations.decide_refund(
            request=asked,
            approved=approved,
            answer=form.cleaned_data["answer"],
            by=request.member,
            now=timezone.now(),
        )
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The money goes back.") if approved else _("Declined. Nothing goes back."))
    return HttpResponseRedirect(reverse("bills:requests"))
