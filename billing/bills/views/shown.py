"""What pages of bills share: a bill with all that belongs to it, and bills as rows of a file."""

from typing import Any

from django.utils.translation import gettext as _

from billing.bills.models import Bill, Refund
from billing.pricing.vat import split
from billing.pricing.wording import lines_told
from billing.vouchers import queries as vouchers
from kernel.money import Money


def whole(bill: Bill) -> dict[str, Any]:
    """Return a bill's lines in words, its payments, its refunds, its voucher and its tax."""
    parts = [split(line["amount_fen"], bill.vat_bp) for line in bill.lines] if bill.vat_bp is not None else []
    return {
        "bill": bill,
        "lines": lines_told(bill.lines),
        "tenders": list(bill.tenders.order_by("pk")),
        "refunds": list(Refund.objects.filter(tender__bill=bill).select_related("tender").order_by("owed_at", "pk")),
        "requests": list(bill.refund_requests.select_related("asked_by", "decided_by").order_by("asked_at", "pk")),
        "voucher": vouchers.live_of(bill.order_number) if bill.voucher_fen else None,
        "net": Money(sum(net for net, _tax in parts)) if parts else None,
        "tax": Money(sum(tax for _net, tax in parts)) if parts else None,
    }


def bill_columns() -> list[str]:
    """Return the headings of exported bills."""
    return [
        _("Order number"),
        _("Laboratory"),
        _("Service on"),
        _("State"),
        _("Paid by"),
        _("Total, tax included (¥)"),
        _("Paid by voucher (¥)"),
        _("Own payment (¥)"),
        _("Cancellation fee (¥)"),
        _("Refunded (¥)"),
    ]


def bill_row(bill: Bill) -> list[Any]:
    """Return a bill as a row of a file; amounts in yuan."""
    amounts = (bill.total_fen, bill.voucher_fen, bill.own.fen, bill.fee_fen, bill.refunded_fen)
    return [
        bill.order_number,
        bill.lab.name,
        bill.served_on,
        str(bill.get_state_display()),
        str(bill.get_way_display()),
        *(fen / 100 for fen in amounts),
    ]
