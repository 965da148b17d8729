"""What a lab has earned, where it is on its way, and what was paid: for the lab's own finance (BL-36)."""

from datetime import date

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from billing.payouts import queries, rules, wording
from billing.payouts.filters import STATES, EarningFilter, PayoutFilter
from billing.payouts.models import Payout
from billing.vouchers.rules import ZONE, local_day
from labs.models import Lab
from web import access, tables
from web.lists import PAGE, show_list
from web.pages import show
from web.requests import MemberRequest

RECENT = 5
"""So many payouts stand on the first page."""


@access.lab_finance
@require_safe
def money(request: MemberRequest) -> HttpResponse:
    """Show what the labs have earned and where it is, each figure leading to its bills; of one lab, or of all."""
    due_on, labs = _next(), _labs(request)
    lines = queries.of_member(request.member, before=rules.accepted_before(due_on))
    payouts = queries.payouts_of(request.member)
    if code := request.GET.get("lab", ""):
        lines, payouts = lines.filter(lab__code=code), payouts.filter(lab__code=code)
    found = queries.figures(lines)
    owner = request.member.organisation
    context = {
        "figures": found,
        "due_on": due_on,
        "why": queries.why_held_back(found, owner, labs=1 if code else len(labs)),
        "has_account": queries.has_account(owner),
        "labs": labs,
        "lab": code,
        "payouts": payouts[:RECENT],
        "acceptance": rules.ACCEPTANCE.days,
        "minimum": rules.MINIMUM,
        "zone": ZONE,
        "tab": "money",
    }
    return show(request, "billing/payouts/money.html", context)


def _next() -> date:
    return rules.tuesday_after(local_day(timezone.now()))


def _labs(request: MemberRequest) -> list[Lab]:
    return list(Lab.objects.filter(organisation_id=request.member.organisation_id).order_by("code"))


@access.lab_finance
@require_safe
def lines(request: MemberRequest) -> HttpResponse:
    """Show the bills behind the figures, the newest first, each with what the platform kept; as a file, too."""
    before = rules.accepted_before(_next())
    found = EarningFilter(request.GET, queryset=queries.of_member(request.member, before=before))
    fmt = request.GET.get("format", "")
    if tables.asked_for(fmt):
        rows = map(wording.earning_row, found.qs[: tables.MOST_ROWS])
        return tables.answer(fmt, name=_("earnings"), columns=wording.earning_columns(), rows=rows)
    page = Paginator(found.qs, PAGE).get_page(request.GET.get("page"))
    bills = queries.named(line.order_number for line in page)
    context = {
        "filter": found,
        "page": page,
        "rows": [
            {
                "line": line,
                "what": wording.what(line),
                "state": STATES[line.state],
                "bill": bills.get(line.order_number),
                "gross": line.amount_fen + line.fee_fen,
                "paid_on": rules.paid_on(line.entry.at) if line.state == queries.WAITING else None,
            }
            for line in page
        ],
        "figures": queries.figures(found.qs),
        "is_filtered": any(request.GET.get(name) for name in found.filters),
        "labs": _labs(request),
        "zone": ZONE,
        "tab": "lines",
    }
    return show(request, "billing/payouts/lines.html", context, fragment="results")


@access.lab_finance
@require_safe
def payouts(request: MemberRequest) -> HttpResponse:
    """Show the payouts to the labs, the newest first; as a file, too."""
    found = PayoutFilter(request.GET, queryset=queries.payouts_of(request.member))
    return show_list(
        request,
        "billing/payouts/payouts.html",
        found,
        file=_("payouts"),
        columns=wording.payout_columns(),
        row=wording.payout_row,
        context={"tab": "payouts", "zone": ZONE, "labs": _labs(request)},
    )


@access.lab_finance
@require_safe
def sheet(request: MemberRequest, number: str) -> HttpResponse:
    """Show the settlement sheet of a payout: every bill in it, with what the platform kept; as a file, too."""
    payout = get_object_or_404(queries.payouts_of(request.member), number=number)
    return show_sheet(request, payout, "billing/payouts/sheet.html", {"tab": "payouts"})


def show_sheet(
    request: MemberRequest, payout: Payout, template: str, context: dict[str, object], status: int = 200
) -> HttpResponse:
    """Answer with a payout and its lines, or with the settlement sheet as a file."""
    items = queries.items_of(payout)
    bills = queries.named(item.line.order_number for item in items)
    fmt = request.GET.get("format", "")
    if tables.asked_for(fmt):
        rows = (
            wording.sheet_row(at, item, bills.get(item.line.order_number)) for at, item in enumerate(items, start=1)
        )
        return tables.answer(fmt, name=payout.number, columns=wording.sheet_columns(), rows=rows)
    shown = {
        "payout": payout,
        "rows": [
            {"item": item, "what": wording.what(item.line), "bill": bills.get(item.line.order_number)} for item in items
        ],
        "gross": sum(item.gross.fen for item in items),
        "fee": sum(item.fee_fen for item in items),
        "zone": ZONE,
        **context,
    }
    return show(request, template, shown, status=status)
