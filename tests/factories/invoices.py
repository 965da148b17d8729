"""Settled orders with their invoices for tests."""

from datetime import date, timedelta
from typing import Any

from accounts.models import Membership, TaxpayerStatus
from billing.bills import operations as bills
from billing.bills.models import Bill, RefundRequest
from billing.invoices import operations as invoices
from billing.invoices import queries
from billing.invoices.models import CreditNote, Invoice
from billing.pricing.models import VatRate
from bookings.rentals import operations as rentals
from tests.factories.accounts import MembershipFactory
from tests.factories.bookings import MONDAY_9, checked_out

LATER = MONDAY_9 + timedelta(days=7)
TODAY = date(2026, 11, 30)
NUMBER = "26440000000000000001"


def settled(member: Membership, **how: Any) -> Bill:
    """The bill of a rental of ¥600.00 that was used and settled, on the monthly account; its seller pays 6 %."""
    out = checked_out(by=member, **how)
    seller = out.instrument.lab.organisation
    TaxpayerStatus.objects.get_or_create(
        organisation=seller, valid_from=date(2020, 1, 1), defaults={"taxpayer_type": "general"}
    )
    rate = {"category": "rental_assisted", "taxpayer_type": "general"}
    if not VatRate.objects.filter(**rate).exists():  # emptied by a test that commits
        VatRate.objects.create(**rate, rate_bp=600, valid_from=date(2020, 1, 1))
    done = rentals.settle(rental=out, by=None, now=LATER)
    return Bill.objects.select_related("lab__organisation", "organisation").get(order_number=done.number)


def asked(member: Membership, bill: Bill | None = None, **how: Any) -> Invoice:
    """A request for an ordinary invoice over such a bill."""
    bill = bill or settled(member)
    block = queries.party_of(member.organisation)
    return invoices.ask(**{"bill": bill, "kind": "ordinary", "buyer": block, "by": member, "now": LATER, **how})


def finance_of(invoice: Invoice) -> Membership:
    """Somebody of the lab who sees its money."""
    return MembershipFactory(organisation=invoice.lab.organisation, role="finance")


def issued(member: Membership, bill: Bill | None = None, *, number: str = NUMBER) -> Invoice:
    """An invoice that was written."""
    made = asked(member, bill)
    return invoices.issue(
        invoice=made, number=number, issued_on=TODAY, issuer_name="王会计", by=finance_of(made), now=LATER
    )


def wanted(member: Membership, *, fen: int | None = 10_000, reason: str = "allowance") -> CreditNote:
    """A credit note that is to be written."""
    made = issued(member)
    return invoices.want(invoice=made, reason=reason, fen=fen, by=finance_of(made), now=LATER)


def given_back(bill: Bill, fen: int) -> RefundRequest:
    """Money of a settled order that went back, with the second person's word."""
    request = bills.ask_refund(bill=bill, fen=fen, reason="样品损坏", by=MembershipFactory(role="finance"), now=LATER)
    return bills.decide_refund(request=request, approved=True, by=MembershipFactory(role="finance"), now=LATER)
