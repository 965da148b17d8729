"""An organisation's prepaid balance with its movements, and its monthly statements."""

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from billing.bills import queries as bills
from billing.bills.models import MonthlyStatement
from billing.payments import operations, queries, rules
from billing.payments.filters import MovementFilter, StatementFilter
from billing.payments.models import AdvanceRefund
from billing.payments.views.wording import movement_columns, movement_row, pay_to
from billing.vouchers.rules import ZONE, local_day
from kernel.money import Money
from web import access, tables
from web.codes import qr_code
from web.lists import show_list
from web.pages import show
from web.requests import MemberRequest


@access.member
@require_safe
def balance(request: MemberRequest) -> HttpResponse:
    """Show the prepaid balance, how money gets onto it, and what moved on it; movements as a file, too."""
    whose = request.member.organisation_id
    code, account = queries.top_up_reference(whose), pay_to()
    context = {
        "balance": bills.prepaid(whose),
        "code": code,
        "account": account,
        "drawn": qr_code(_pay_text(account, code.code)) if code else "",
        "going_back": AdvanceRefund.objects.visible_to(request.member).waiting(),
        "zone": ZONE,
    }
    return show_list(
        request,
        "billing/payments/balance.html",
        MovementFilter(request.GET, queryset=queries.movements(whose)),
        file=_("prepaid balance"),
        columns=movement_columns(),
        row=movement_row,
        context=context,
    )


def _pay_text(account: dict[str, str], code: str) -> str:
    """Return what a phone copies from the QR code: whom, where, and the code for the remark."""
    return "\n".join([account["payee"], account["bank"], account["number"], code])


@access.member
@require_POST
def code(request: MemberRequest) -> HttpResponse:
    """Give the organisation the code by which its transfers reach its balance."""
    operations.top_up_code(organisation_id=request.member.organisation_id, now=timezone.now())
    return HttpResponseRedirect(reverse("transfers:balance"))


@access.member
@require_safe
def statements(request: MemberRequest) -> HttpResponse:
    """Show the organisation's monthly statements, the newest first; as a file, too."""
    organisation = request.member.organisation
    return show_list(
        request,
        "billing/payments/my_statements.html",
        StatementFilter(request.GET, queryset=queries.statements_of(request.member)),
        file=_("monthly statements"),
        columns=[_("Number"), _("Month"), _("Due (¥)"), _("To be paid by"), _("State")],
        row=lambda one: [one.number, f"{one.month:%Y-%m}", one.due_fen / 100, one.due_on, str(one.get_state_display())],
        context={
            "today": local_day(timezone.now()),
            "owed": bills.owed_on_account(organisation.pk),
            "left": bills.credit_left(organisation),
            "limit": Money(organisation.monthly_credit_fen),
        },
    )


@access.member
@require_safe
def statement(request: MemberRequest, number: str) -> HttpResponse:
    """Show what is owed for a month: what came onto the account and went off it, and where it is paid."""
    shown = get_object_or_404(queries.statements_of(request.member), number=number)
    lines = queries.lines_of_statement(shown)
    fmt = request.GET.get("format", "")
    if tables.asked_for(fmt):
        rows = (
            [timezone.localtime(line.entry.at), line.entry.told, line.order_number, line.fen / 100]
            for line in lines[: tables.MOST_ROWS]
        )
        columns = [_("Time"), _("Kind of movement"), _("Order number"), _("Amount (¥)")]
        return tables.answer(fmt, name=shown.number, columns=columns, rows=rows)
    is_open = shown.state == MonthlyStatement.State.OPEN
    context = {
        "statement": shown,
        "lines": lines,
        "account": pay_to(),
        "reference": queries.reference_of(shown.number, purpose=rules.STATEMENT) if is_open else None,
        "is_open": is_open,
        "is_overdue": is_open and shown.due_on < local_day(timezone.now()),
        "zone": ZONE,
    }
    return show(request, "billing/payments/statement.html", context)
