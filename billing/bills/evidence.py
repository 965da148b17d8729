"""What a bill shows an issuer of vouchers: its lines in words, its total, and how it is paid."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from billing.bills.models import Bill
from billing.pricing.wording import lines_told
from billing.vouchers import rules
from billing.vouchers.evidence import Document, Kind, text
from web import moments


def of_orders(order_numbers: Sequence[str]) -> Iterator[Document]:
    """Yield the bills of orders; two statements, however many."""
    bills = Bill.objects.filter(order_number__in=order_numbers).select_related("organisation", "lab__organisation")
    for bill in bills:
        facts = [
            (_("Order number"), bill.order_number),
            (_("Customer"), bill.organisation.name_zh),
            (_("Credit code"), bill.organisation.registration_number),
            (_("Laboratory"), bill.lab.name),
            (_("Seller"), bill.lab.organisation.name_zh),
            (_("Total, tax included"), bill.total),
            (_("Paid by"), bill.get_way_display()),
            (_("Written at"), moments.instant(bill.created_at, rules.ZONE)),
        ]
        lines = [f"{line.name}  {line.how}  {line.discount}  {line.amount}" for line in lines_told(bill.lines)]
        yield Document(bill.order_number, Kind.BILL, text(_("Bill"), facts, lines))
