"""Invoices asked for, answered and taken back, and what follows from money that goes back (BL-15, BL-26, BL-27)."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import TaxpayerStatus
from billing.invoices import exporting
from billing.invoices import operations as invoices
from billing.invoices.invariants import INVOICES
from billing.invoices.models import CreditNote, Invoice
from billing.invoices.operations import refusals
from billing.invoices.rules import Party
from kernel.invariants import verified
from kernel.refusals import Refusal, Refusals
from tests.factories.bookings import buyer, confirmed
from tests.factories.invoices import LATER, NUMBER, TODAY, asked, finance_of, given_back, issued, settled, wanted
from tests.factories.vouchers import GrantFactory, consumed

pytestmark = pytest.mark.django_db
SECOND = "26440000000000000002"
FULL = {
    "invoice_address": "广州市天河区示例路 1 号",
    "invoice_phone": "020-12345678",
    "bank_name": "示例银行天河支行",
    "bank_account": "6222000011112222",
}


@pytest.fixture(autouse=True)
def _nothing_contradicts(request: pytest.FixtureRequest):
    """Whatever a test does, invoices, their credit notes and their bills contradict nothing."""
    yield
    if "tampered" not in request.node.name:
        assert broken() == []


def broken() -> list[str]:
    """The invariants of invoices that do not hold."""
    return [verdict.invariant.name for verdict in verified(INVOICES, now=LATER) if verdict.count]


def notes() -> list[tuple[int, str]]:
    return [(note.total_fen, note.state) for note in CreditNote.objects.order_by("pk")]


# --- Asked ------------------------------------------------------------------------------------------------------------


def test_bl_26_a_request_freezes_both_sides_and_lines_that_sum_to_the_bill():
    member = buyer(**FULL)
    bill = settled(member)

    invoice = asked(member, bill, remarks="项目 A")

    assert (invoice.state, invoice.total_fen, invoice.rate_bp) == ("asked", 60_000, 600)
    assert invoice.net_fen == sum(line.net_fen for line in invoice.written_lines) == 56_604
    assert invoice.buyer_block.tax_id == member.organisation.uscc
    assert invoice.seller_block.name == bill.lab.organisation.invoice_title
    said = exporting.as_json(invoice)
    assert (said["total_in_capitals"], said["tax"], said["remarks"]) == (
        "陆佰元整",
        "33.96",
        f"订单号 {bill.order_number}；项目 A",
    )
    assert said["lines"][0]["item"].startswith("*")


def test_the_same_money_is_asked_for_once_and_anew_after_it_was_withdrawn():
    member = buyer()
    bill = settled(member)
    first = asked(member, bill)
    with pytest.raises(refusals.InvoicedAlready):
        asked(member, bill)

    invoices.withdraw(invoice=first, by=member, now=LATER)

    assert asked(member, bill).pk != first.pk


def test_an_order_that_is_not_settled_is_not_invoiced():
    member = buyer()
    rental = confirmed(by=member)
    bill = settled(member)
    type(bill).objects.filter(pk=bill.pk).update(total_fen=0, voucher_fen=0)
    bill.refresh_from_db()
    open_bill = type(bill).objects.get(order_number=rental.number)

    for each in (open_bill, bill):
        with pytest.raises(refusals.NothingToInvoice):
            asked(member, each)


def test_bl_26_what_is_wrong_with_the_buyer_is_named_by_field_all_at_once():
    member = buyer()
    bill = settled(member)

    with pytest.raises(Refusals) as refused:
        asked(member, bill, kind="special", buyer=Party("", "9111"))

    named = [(each.code, each.field) for each in refused.value.refusals]  # type: ignore[attr-defined]
    assert named == [
        ("not_general_taxpayer", "kind"),
        ("title_missing", "name"),
        ("tax_id_wrong", "tax_id"),
        ("address_missing", "address"),
        ("phone_missing", "phone"),
        ("bank_missing", "bank"),
        ("account_missing", "account"),
    ]


def test_bl_26_a_verified_general_taxpayer_gets_a_special_invoice():
    member = buyer(**FULL)
    TaxpayerStatus.objects.create(
        organisation=member.organisation, taxpayer_type="general", valid_from=date(2026, 1, 1)
    )

    assert asked(member, kind="special").kind == "special"


@pytest.mark.parametrize(("content", "over"), [("full", 60_000), ("net", 36_000)])
def test_bl_15_an_invoice_is_over_the_whole_amount_unless_the_programme_wants_it_net(content: str, over: int):
    member = buyer()
    bill = settled(member)
    grant = GrantFactory(organisation=member.organisation, programme__invoice_content=content)
    used = consumed(grant, fen=60_000, order=bill.order_number, lab=bill.lab)
    type(bill).objects.filter(pk=bill.pk).update(voucher_fen=used.amount_fen)

    assert (used.amount_fen, asked(member, bill).total_fen) == (24_000, over)


# --- Answered ---------------------------------------------------------------------------------------------------------


def test_the_number_and_the_day_come_back_and_are_final():
    invoice = issued(buyer())

    assert (invoice.state, invoice.number, invoice.issued_on) == ("issued", NUMBER, TODAY)
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        Invoice.objects.filter(pk=invoice.pk).update(number=SECOND)
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM billing_invoice")


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"number": "123"}, refusals.NumberWrong),
        ({"issued_on": TODAY + timedelta(days=1)}, refusals.IssuedInFuture),
        ({"issuer_name": " "}, refusals.IssuerMissing),
        ({"number": NUMBER}, refusals.NumberTaken),
    ],
)
def test_what_cannot_be_an_invoice_is_refused(changed: dict[str, Any], refusal: type[Refusal]):
    issued(buyer())
    other = asked(buyer())
    said = {"number": SECOND, "issued_on": TODAY, "issuer_name": "王会计", **changed}

    with pytest.raises(refusal):
        invoices.issue(invoice=other, **said, by=finance_of(other), now=LATER)

    other.refresh_from_db()
    assert other.state == "asked"


def test_a_rejected_request_says_why_and_can_be_made_anew():
    member = buyer()
    bill = settled(member)
    first = asked(member, bill)
    with pytest.raises(refusals.WhyMissing):
        invoices.reject(invoice=first, reason=" ", by=finance_of(first), now=LATER)

    rejected = invoices.reject(invoice=first, reason="抬头与营业执照不符", by=finance_of(first), now=LATER)

    with pytest.raises(refusals.InvoiceNotOpen):
        invoices.withdraw(invoice=rejected, by=member, now=LATER)
    assert (rejected.answer, asked(member, bill).state) == ("抬头与营业执照不符", "asked")


def test_a_lab_names_what_it_sells_once_for_what_waits_and_what_comes():
    member = buyer()
    invoice = asked(member)
    said = {"short_name": "鉴证咨询服务", "name": "检测费", "by": finance_of(invoice), "now": LATER}
    category = invoice.bill.tax_category
    with pytest.raises(refusals.CategoryCodeWrong):
        invoices.name_item(lab=invoice.lab, category=category, code="304", **said)

    invoices.name_item(lab=invoice.lab, category=category, code="3040602000000000000", **said)

    invoice.refresh_from_db()
    assert (invoice.item, invoice.item_code) == ("*鉴证咨询服务*检测费", "3040602000000000000")


# --- Taken back -------------------------------------------------------------------------------------------------------


def test_bl_27_a_refund_of_an_invoiced_order_asks_for_its_credit_note_by_itself():
    member = buyer()
    invoice = issued(member)

    given_back(invoice.bill, 10_000)

    note = CreditNote.objects.get()
    assert (notes(), note.reason, note.words) == ([(-10_000, "wanted")], "allowance", "样品损坏")
    invoices.follow_refund(request_id=note.refund_request_id, now=LATER)
    assert notes() == [(-10_000, "wanted")]


def test_a_request_that_waits_follows_the_refund_and_ends_with_the_last_of_it():
    member = buyer()
    invoice = asked(member)

    given_back(invoice.bill, 10_000)
    invoice.refresh_from_db()
    less = invoice.total_fen
    given_back(invoice.bill, 50_000)
    invoice.refresh_from_db()

    assert (less, invoice.state, notes()) == (50_000, "withdrawn", [])


def test_a_credit_note_written_by_hand_before_the_refund_is_not_asked_for_twice():
    note = wanted(buyer(), fen=10_000)

    given_back(note.invoice.bill, 15_000)

    assert notes() == [(-10_000, "wanted"), (-5_000, "wanted")]


def test_bl_27_a_credit_note_is_written_once_its_form_is_confirmed():
    note = wanted(buyer())
    by = finance_of(note.invoice)
    said = {"note": note, "number": SECOND, "issued_on": TODAY, "by": by, "now": LATER}
    with pytest.raises(refusals.ConfirmationMissing):
        invoices.write(**said)
    invoices.confirm(note=note, confirmation_number="44010026110000001", confirmation="waiting", by=by, now=LATER)
    with pytest.raises(refusals.ConfirmationMissing):
        invoices.write(**said)
    invoices.confirm(note=note, confirmation_number="44010026110000001", confirmation="confirmed", by=by, now=LATER)

    written = invoices.write(**said)

    assert (written.state, written.number, written.invoice.credited_fen) == ("issued", SECOND, 10_000)
    with pytest.raises(IntegrityError, match="stays as it is"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE billing_creditnote SET words = 'x'")


def test_bl_27_a_wrong_invoice_is_taken_back_whole_and_the_order_invoiced_anew():
    member = buyer()
    invoice = issued(member)
    by = finance_of(invoice)
    with pytest.raises(refusals.OnlyWhole):
        invoices.want(invoice=invoice, reason="wrong", fen=100, by=by, now=LATER)
    note = invoices.want(invoice=invoice, reason="wrong", by=by, now=LATER)
    with pytest.raises(refusals.InvoicedAlready):
        asked(member, invoice.bill)

    invoices.confirm(note=note, confirmation_number="4401", confirmation="confirmed", by=by, now=LATER)
    invoices.write(note=note, number=SECOND, issued_on=TODAY, by=by, now=LATER)

    invoice.refresh_from_db()
    assert (invoice.state, invoice.credited_fen) == ("reversed", 60_000)
    assert asked(member, invoice.bill).state == "asked"


def test_bl_27_no_more_is_taken_back_than_is_left():
    note = wanted(buyer(), fen=50_000)
    said = {"invoice": note.invoice, "reason": "ended", "by": finance_of(note.invoice), "now": LATER}
    for fen in (0, 10_001):
        with pytest.raises(refusals.MoreThanIsLeftOfInvoice):
            invoices.want(fen=fen, **said)

    invoices.drop(note=note, reason="客户撤回", by=said["by"], now=LATER)

    assert invoices.want(fen=60_000, **said).total_fen == -60_000


@pytest.mark.parametrize(
    ("changed", "constraint"),
    [
        ("total_fen = total_fen + 1", "invoice_adds_up"),
        ("credited_fen = total_fen + 1", "invoice_credited_within_total"),
        ("number = '12'", "invoice_"),
        ("state = 'issued'", "invoice_issued_says_number_and_day"),
        ("state = 'rejected', answer = ''", "invoice_rejected_says_why"),
    ],
)
def test_what_must_hold_of_an_invoice_holds_in_sql(changed: str, constraint: str):
    asked(buyer())

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE billing_invoice SET {changed}")  # noqa: S608 -- the test's own words


@pytest.mark.parametrize(
    ("changed", "constraint"),
    [
        ("total_fen = 1, net_fen = 1, tax_fen = 0", "credit_note_adds_up"),
        ("state = 'issued'", "credit_note_issued_is_confirmed"),
        ("confirmation = 'waiting'", "credit_note_confirmation_has_a_number"),
        ("number = '12'", "credit_note_number_has_twenty_digits"),
    ],
)
def test_what_must_hold_of_a_credit_note_holds_in_sql(changed: str, constraint: str):
    wanted(buyer())

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE billing_creditnote SET {changed}")  # noqa: S608 -- the test's own words


@pytest.mark.parametrize(
    ("tampered", "name"),
    [
        ("UPDATE billing_invoice SET net_fen = net_fen + 1, tax_fen = tax_fen - 1", "invoice_lines_add_up"),
        ("UPDATE billing_invoice SET credited_fen = 1", "credit_notes_within_their_invoice"),
        ("UPDATE billing_bill SET total_fen = 1", "invoices_within_their_bill"),
    ],
)
def test_what_was_tampered_with_is_found(tampered: str, name: str):
    asked(buyer())

    with connection.cursor() as cursor:
        cursor.execute(tampered)

    assert broken() == [name]


def test_a_line_taken_back_beyond_what_it_has_is_found_when_tampered_with():
    note = wanted(buyer())
    beyond = [{"line": 0, "net_fen": -60_000, "tax_fen": -1}]
    CreditNote.objects.filter(pk=note.pk).update(lines=beyond)

    assert broken() == ["credit_notes_within_their_invoice"]
