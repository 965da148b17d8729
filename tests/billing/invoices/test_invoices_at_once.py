"""The same money is invoiced once, however many ask in the same moment."""

import pytest

from billing.bills.models import Bill
from billing.invoices import operations as invoices
from billing.invoices.models import Document, Invoice
from billing.invoices.operations.refusals import InvoicedAlready
from tests.factories.bookings import buyer
from tests.factories.invoices import LATER, asked, finance_of, issued, settled
from tests.factories.racing import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_those_who_ask_at_once_one_is_heard() -> None:
    member = buyer()
    bill = settled(member)

    outcomes = at_once(*[lambda: asked(member, Bill.objects.get(pk=bill.pk))] * 4)

    refused = [one for one in outcomes if isinstance(one, InvoicedAlready)]
    assert (len(refused), Invoice.objects.count()) == (3, 1)


def test_credit_notes_wanted_at_once_take_back_no_more_than_there_is() -> None:
    invoice = issued(buyer())
    desk = finance_of(invoice)

    def want() -> object:
        return invoices.want(invoice=invoice, reason="allowance", fen=25_000, by=desk, now=LATER)

    at_once(*[want] * 4)

    taken = sum(note.total_fen for note in invoice.credit_notes.all())
    assert taken == -50_000


def test_a_document_given_out_twice_at_once_is_one() -> None:
    bill = settled(buyer())
    desk = finance_of(Invoice(lab=bill.lab))

    outcomes = at_once(*[lambda: invoices.settlement(bill=bill, by=desk, now=LATER)] * 4)

    assert {one.number for one in outcomes} == {Document.objects.get().number}  # type: ignore[union-attr]  # none is refused
