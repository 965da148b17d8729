"""Documents: numbered when issued, kept as they were, PDF/A that says what the bill says."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection

from accounts.models import Membership
from billing.bills import operations as bills
from billing.bills.models import Bill, MonthlyStatement
from billing.invoices import operations as invoices
from billing.invoices.models import Document
from billing.invoices.operations.documents import NothingPaidYet, NotSettledYet
from billing.invoices.papers import Quoted
from billing.payments import operations as payments
from bookings.models import Rental
from bookings.rentals import operations as rentals
from tests.factories.accounts import MembershipFactory
from tests.factories.bookings import MONDAY_9, buyer, checked_out, confirmed, held, lab_of, top_up
from tests.factories.pdf import text_of

pytestmark = pytest.mark.django_db
LATER = MONDAY_9 + timedelta(days=7)


def paid(member: Membership) -> Rental:
    """A rental paid from the balance."""
    top_up(member, 60_000)
    return rentals.confirm_from_balance(rental=held(by=member), by=member, now=MONDAY_9)


def settled(member: Membership) -> Bill:
    """The bill of a rental that was used and settled, on the monthly account."""
    return Bill.objects.get(order_number=rentals.settle(rental=checked_out(by=member), by=None, now=LATER).number)


def test_a_receipt_says_who_paid_what_for_what_in_figures_and_capitals():
    member = buyer(name_zh="示例 #panic() $x$ 电子", invoice_title="")
    rental = paid(member)

    receipt = invoices.receipt(bill=Bill.objects.get(), by=member, now=MONDAY_9)
    pdf = invoices.as_pdf(receipt)

    said = text_of(pdf)
    assert receipt.number == "RC20261123000001"
    assert pdf.startswith(b"%PDF-")
    assert b'pdfaid:part="2"' in pdf or b"<pdfaid:part>2<" in pdf
    for told in ("收据", receipt.number, rental.number, "示例 #panic() $x$ 电子", "陆佰元整", "¥600.00", "预存款"):
        assert told in said
    assert invoices.as_pdf(receipt) == pdf


def test_what_says_the_same_is_given_out_once_and_what_changed_anew():
    member = buyer()
    rental = paid(member)
    first = invoices.receipt(bill=Bill.objects.get(), by=member, now=MONDAY_9)
    again = invoices.receipt(bill=Bill.objects.get(), by=member, now=LATER)
    rentals.cancel(rental=rental, by=member, now=MONDAY_9)
    fee = invoices.receipt(bill=Bill.objects.get(), by=member, now=LATER)

    assert (again, Document.objects.count()) == (first, 2)
    assert fee.content["total"]["figures"] == "¥180.00"
    assert "取消订单的违约金" in text_of(invoices.as_pdf(fee))


def test_what_is_owed_on_account_has_no_receipt():
    confirmed()

    with pytest.raises(NothingPaidYet):
        invoices.receipt(bill=Bill.objects.get(), by=buyer(), now=MONDAY_9)


def test_a_settlement_sheet_tells_a_lab_what_it_earned_and_what_the_fee_was():
    member = buyer()
    bill = settled(member)
    by = MembershipFactory(organisation=bill.lab.organisation, role="finance")

    sheet = invoices.settlement(bill=bill, by=by, now=LATER)
    request = bills.ask_refund(bill=bill, fen=10_000, reason="样品损坏", by=by, now=LATER)
    bills.decide_refund(request=request, approved=True, by=MembershipFactory(role="finance"), now=LATER)
    after = invoices.settlement(bill=Bill.objects.get(), by=by, now=LATER)

    said = text_of(invoices.as_pdf(sheet))
    assert sheet.content["total"] == {"label": "应付实验室（大写）", "capitals": "伍佰柒拾元整", "figures": "¥570.00"}
    assert after.content["total"]["figures"] == "¥475.00"
    assert "结算单" in said
    assert bill.order_number in said


def test_an_order_that_is_not_settled_has_no_settlement_sheet():
    rental = confirmed()

    with pytest.raises(NotSettledYet):
        invoices.settlement(bill=Bill.objects.get(), by=lab_of(rental), now=MONDAY_9)


def test_a_statement_lists_what_came_onto_the_account():
    member = buyer()
    rental = confirmed(by=member)
    payments.make_statements(month=MONDAY_9.date().replace(day=1), now=MONDAY_9 + timedelta(days=8))

    monthly = invoices.statement(monthly=MonthlyStatement.objects.get(), by=member, now=LATER)

    said = text_of(invoices.as_pdf(monthly))
    assert monthly.content["total"]["figures"] == "¥600.00"
    for told in ("对账单", "2026-11", rental.number, "+¥600.00"):
        assert told in said


def test_a_pro_forma_says_how_long_the_price_holds():
    member = buyer()
    rental = held(by=member)
    order = Quoted(
        order_number=rental.number,
        organisation=member.organisation,
        lab=rental.instrument.lab,
        lines=rental.price_lines,
        total_fen=rental.total_fen,
        holds_until=rental.held_until,
        facts=[("仪器", rental.instrument.name_zh)],
    )

    quote = invoices.quote(order=order, by=member, now=MONDAY_9)

    said = text_of(invoices.as_pdf(quote))
    assert quote.number == "QU20261123000001"
    for told in ("报价单", "为您保留至", rental.instrument.name_zh, "陆佰元整"):
        assert told in said


@pytest.mark.parametrize("act", ["UPDATE billing_document SET subject = 'x'", "DELETE FROM billing_document"])
def test_a_document_stays_as_it_was_given_out(act: str):
    member = buyer()
    paid(member)
    invoices.receipt(bill=Bill.objects.get(), by=member, now=MONDAY_9)

    with pytest.raises(IntegrityError, match="stays as it was given out"), connection.cursor() as cursor:
        cursor.execute(act)


def test_a_document_is_read_by_whose_it_is_and_a_settlement_sheet_by_the_labs_money_people():
    member = buyer()
    bill = settled(member)
    finance = MembershipFactory(organisation=bill.lab.organisation, role="finance")
    operator = MembershipFactory(organisation=bill.lab.organisation, role="lab_operator")
    sheet = invoices.settlement(bill=bill, by=finance, now=LATER)
    seen = {who: Document.objects.visible_to(by).count() for who, by in
            {"customer": member, "finance": finance, "operator": operator, "other": buyer()}.items()}  # fmt: skip

    assert (seen, sheet.kind) == ({"customer": 0, "finance": 1, "operator": 0, "other": 0}, "settlement")
