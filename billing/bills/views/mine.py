"""An organisation's money at a glance, and its bills."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from billing.bills import queries
from billing.bills.filters import BillFilter
from billing.bills.models import Bill, Refund
from billing.bills.views.shown import bill_columns, bill_row, whole
from billing.vouchers.models import Grant
from billing.vouchers.rules import ZONE, local_day
from kernel.money import Money
from web import access
from web.lists import show_list
from web.pages import show
from web.requests import MemberRequest

RECENT = 5


@access.member
@require_safe
def money(request: MemberRequest) -> HttpResponse:
    """Show what the organisation has, owes and gets back, and its last bills."""
    member, now = request.member, timezone.now()
    organisation = member.organisation
    grants = Grant.objects.visible_to(member).filter(organisation=organisation).usable_on(local_day(now))
    context = {
        "prepaid": queries.prepaid(organisation.pk),
        "owed": queries.owed_on_account(organisation.pk),
        "limit": Money(organisation.monthly_credit_fen) if organisation.is_verified else Money(0),
        "overdue": queries.overdue_statement(organisation.pk, now=now),
        "vouchers": Money(sum(grant.left_fen for grant in grants)),
        "refunds": list(Refund.objects.visible_to(member).waiting().select_related("tender__bill")),
        "bills": list(Bill.objects.visible_to(member).select_related("lab")[:RECENT]),
        "zone": ZONE,
    }
    return show(request, "billing/bills/money.html", context)


@access.member
@require_safe
def bills(request: MemberRequest) -> HttpResponse:
    """List the organisation's bills; as a file, too."""
    seen = Bill.objects.visible_to(request.member).select_related("lab")
    return show_list(
        request,
        "billing/bills/bills.html",
        BillFilter(request.GET, queryset=seen),
        file=_("bills"),
        columns=bill_columns(),
        row=bill_row,
        context={"zone": ZONE},
    )


@access.member
@require_safe
def bill(request: MemberRequest, number: str) -> HttpResponse:
    """Show one bill: its lines, by what it was paid, what went back, and its tax."""
    mine = get_object_or_404(
        Bill.objects.visible_to(request.member).select_related("lab__organisation"), order_number=number
    )
    context: dict[str, Any] = {**whole(mine), "zone": ZONE}
    return show(request, "billing/bills/bill.html", context)
