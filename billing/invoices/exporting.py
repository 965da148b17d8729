"""Requests as the seller's tax channel takes them: JSON by the names of fields, or a table, a row a line (BL-26)."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext as _

from billing.invoices.capitals import in_capitals
from billing.invoices.models import Invoice
from kernel.money import Money

KIND_ZH = {"ordinary": "电子发票（普通发票）", "special": "电子发票（增值税专用发票）"}
"""What the kinds are called by law, whatever the language of the page."""


def remarks_of(invoice: Invoice) -> str:
    """Return what stands in the invoice's remarks: the order, and the buyer's words."""
    return "；".join(part for part in (f"订单号 {invoice.bill.order_number}", invoice.remarks) if part)


def as_json(invoice: Invoice) -> dict[str, Any]:
    """Return an invoice with all its fields; amounts in yuan as text, as tax channels write them."""
    return {
        "id": invoice.pk,
        "order_number": invoice.bill.order_number,
        "kind": KIND_ZH[invoice.kind],
        "number": invoice.number or "",
        "issued_on": invoice.issued_on.isoformat() if invoice.issued_on else "",
        "buyer": invoice.buyer,
        "seller": invoice.seller,
        "lines": [
            {
                "item": f"{invoice.item}（{line.name}）",
                "category_code": invoice.item_code,
                "spec": line.spec,
                "unit": line.unit,
                "quantity": line.quantity,
                "unit_price": line.unit_price,
                "amount": Money(line.net_fen).yuan,
                "rate": rate(line.rate_bp),
                "tax": Money(line.tax_fen).yuan,
            }
            for line in invoice.written_lines
        ],
        "amount": Money(invoice.net_fen).yuan,
        "tax": Money(invoice.tax_fen).yuan,
        "total": invoice.total.yuan,
        "total_in_capitals": in_capitals(invoice.total_fen),
        "remarks": remarks_of(invoice),
        "issuer_name": invoice.issuer_name,
    }


def rate(bp: int) -> str:
    """Return a rate as invoices write it: 6%."""
    return f"{bp / 100:g}%"


def columns() -> list[str]:
    """Return the headings of the table."""
    return [
        _("Order number"), _("Kind of invoice"), _("State"), _("Made out to"), _("Buyer's tax id"),
        _("Buyer's address"), _("Buyer's phone"), _("Buyer's bank"), _("Buyer's account"), _("Item"),
        _("Category code"), _("Specification"), _("Unit"), _("How many"), _("Unit price without tax (¥)"),
        _("Amount without tax (¥)"), _("Tax rate"), _("Tax (¥)"), _("Total of the invoice (¥)"), _("In capitals"),
        _("Remarks"), _("Invoice number"), _("Invoice date"),
    ]  # fmt: skip


def rows(invoices: Iterable[Invoice]) -> Iterator[list[Any]]:
    """Yield the lines of invoices as rows."""
    for invoice in invoices:
        buyer = invoice.buyer_block
        head = [invoice.bill.order_number, KIND_ZH[invoice.kind], str(invoice.get_state_display())]
        block = [buyer.name, buyer.tax_id, buyer.address, buyer.phone, buyer.bank, buyer.account]
        tail = [invoice.total_fen / 100, in_capitals(invoice.total_fen), remarks_of(invoice), invoice.number or "",
                invoice.issued_on or ""]  # fmt: skip
        for line in invoice.written_lines:
            what = [f"{invoice.item}（{line.name}）", invoice.item_code, line.spec, line.unit, line.quantity,
                    line.unit_price, line.net_fen / 100, rate(line.rate_bp), line.tax_fen / 100]  # fmt: skip
            yield [*head, *block, *what, *tail]
