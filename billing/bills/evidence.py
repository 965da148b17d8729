"""What a bill shows an issuer of vouchers: its lines in words, its total, and what was paid by which way."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from billing.bills.models import Bill, Tender, Way
from billing.pricing.wording import lines_told
from billing.vouchers import rules
from billing.vouchers.evidence import Document, Kind, text
from kernel.money import Money
from web import moments


def of_orders(order_numbers: Sequence[str]) -> Iterator[Document]:
    """
    Yield the bills of orders, and their payments; two statements, however many.

    What stands on a monthly account is owed, not paid: it shows no payment.
    """
    bills = Bill.objects.filter(order_number__in=order_numbers).select_related("organisation", "lab__organisation")
    for bill in bills.prefetch_related("tenders"):
        facts = [
            (_("Order number"), bill.order_number),
            (_("Customer"), bill.organisation.name_zh),
            (_("Credit code"), bill.organisation.registration_number),
            (_("Laboratory"), bill.lab.name),
            (_("Seller"), bill.lab.organisation.name_zh),
            (_("Total, tax included"), bill.total),
            (_("Paid by voucher"), Money(bill.voucher_fen)),
            (_("Paid by"), bill.get_way_display()),
            (_("Written at"), moments.instant(bill.created_at, rules.ZONE)),
        ]
        lines = [f"{line.name}  {line.how}  {line.discount}  {line.amount}" for line in lines_told(bill.lines)]
        yield Document(bill.order_number, Kind.BILL, text(_("Bill"), facts, lines))
        paid = [tender for tender in bill.tenders.all() if tender.way != Way.ACCOUNT]
        if paid:
            yield Document(bill.order_number, Kind.PAYMENT, _payment(bill, paid))


def _payment(bill: Bill, paid: list[Tender]) -> bytes:
    facts = [(_("Order number"), bill.order_number), (_("Customer"), bill.organisation.name_zh)]
    lines = [
        f"{moments.instant(tender.paid_at, rules.ZONE)}  {tender.get_way_display()}  {Money(tender.paid_fen)}"
        for tender in paid
    ]
    return text(_("Payment"), facts, lines)
