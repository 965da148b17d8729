"""What a transfer pays, and what the books say of it (E2, E2b, E3, E3c, E4, E8a, E8b)."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import Membership
from billing.ledger.chart import Account
from billing.ledger.queries import balance, trial_balance
from billing.models import AdvanceRefund, BankLine, Bill, Resolution, Tender
from billing.payments import operations as payments
from billing.payments.invariants import PAYMENTS
from bookings.rentals import operations as rentals
from kernel.invariants import verified
from notices.models import Notice
from tests.factories.accounts import PlatformMembershipFactory
from tests.factories.bookings import MONDAY_9, buyer, confirmed, held, hours
from tests.factories.labs import InstrumentFactory
from tests.factories.payments import arrived, awaiting_transfer, matched, unknown, uploaded

pytestmark = pytest.mark.django_db
LATER = MONDAY_9 + timedelta(days=1)


@pytest.fixture(autouse=True)
def _the_books_balance() -> Any:
    yield
    connection.check_constraints()
    assert sum(each.debit_fen - each.credit_fen for each in trial_balance()) == 0
    assert [verdict for verdict in verified(PAYMENTS, now=MONDAY_9) if verdict.count] == []


def of(member: Membership) -> dict[str, int]:
    accounts = (Account.RECEIVABLE, Account.PREPAID, Account.ADVANCES, Account.REFUNDS_PAYABLE)
    found = {one.name.lower(): balance(one, organisation_id=member.organisation_id).fen for one in accounts}
    return {name: fen for name, fen in found.items() if fen}


def held_in() -> dict[str, int]:
    """What stands on the bank's account and in suspense."""
    return {"bank": balance(Account.CUSTODY_BANK).fen, "suspense": balance(Account.SUSPENSE).fen}


def name(member: Membership) -> str:
    return member.organisation.name_zh


# --- Orders -----------------------------------------------------------------------------------------------------------


def test_e2_e3_a_transfer_with_its_code_confirms_the_rental_at_once():
    member = buyer()
    rental, code = awaiting_transfer(member)

    line = matched(60_000, payer=name(member), remark=f"上机费 {code.shown.lower()}")

    rental.refresh_from_db()
    assert (line.state, line.paid, rental.status) == ("matched", rental.number, "confirmed")
    assert (of(member), held_in()) == ({}, {"bank": 60_000, "suspense": 0})
    assert balance(Account.ESCROW, order_number=rental.number).fen == 60_000


def test_a_transfer_pays_a_rental_whose_customer_went_to_the_till_meanwhile_and_would_go_back_by_transfer():
    member = buyer()
    rental, code = awaiting_transfer(member)
    rentals.start_checkout(rental=rental, by=member, now=MONDAY_9)

    matched(60_000, payer=name(member), remark=code.code)

    assert Bill.objects.get().way == Tender.objects.get().way == "transfer"


def test_the_number_of_the_rental_finds_it_as_well():
    member = buyer()
    rental, _ = awaiting_transfer(member)

    assert matched(60_000, payer=name(member), remark=f"付{rental.number}").state == "matched"


def test_bl_33_what_is_more_than_expected_goes_onto_the_balance():
    member = buyer()
    rental, code = awaiting_transfer(member)

    matched(60_500, payer=name(member), remark=code.code)

    rental.refresh_from_db()
    assert (rental.status, of(member), held_in()["bank"]) == ("confirmed", {"prepaid": 500}, 60_500)


@pytest.mark.parametrize(("fen", "payer", "why"), [(59_999, None, "too_little"), (60_000, "李雷", "payer")])
def test_bl_33_another_amount_or_payer_waits_for_people(fen: int, payer: str | None, why: str):
    member = buyer()
    rental, code = awaiting_transfer(member)

    line = matched(fen, payer=payer or name(member), remark=code.code)

    rental.refresh_from_db()
    assert (line.state, line.why, line.reference, rental.status) == ("by_hand", why, code, "awaiting_payment")
    assert held_in() == {"bank": fen, "suspense": fen}


def test_bl_33_an_unknown_transfer_is_in_suspense_and_finance_is_told():
    finance = PlatformMembershipFactory(role="finance")

    line = unknown(12_300)

    assert (line.state, line.why, held_in()) == ("suspense", "unknown", {"bank": 12_300, "suspense": 12_300})
    assert Notice.objects.filter(user=finance.user, kind="transfer_unmatched").exists()


def test_a_rental_paid_twice_is_confirmed_once_and_the_second_money_waits():
    member = buyer()
    _, code = awaiting_transfer(member)
    matched(60_000, payer=name(member), remark=code.code)

    second = matched(60_000, payer=name(member), remark=code.code)

    assert (second.state, second.why, held_in()["suspense"]) == ("by_hand", "paid_already", 60_000)


def test_a_cancelled_rental_takes_no_money_and_it_waits_for_people():
    member = buyer()
    rental, code = awaiting_transfer(member)
    rentals.cancel(rental=rental, by=member, now=MONDAY_9)

    line = matched(60_000, payer=name(member), remark=code.code)

    assert (line.state, line.why, of(member)) == ("by_hand", "not_payable", {})


def test_a_transfer_that_comes_late_takes_the_time_again_where_it_is_free():
    member = buyer()
    rental, code = awaiting_transfer(member, period=hours(240, 242))
    late = rental.held_until + timedelta(minutes=1)

    line = matched(60_000, payer=name(member), remark=code.code, now=late)

    rental.refresh_from_db()
    assert (line.state, rental.status) == ("matched", "confirmed")


def test_e8a_e8b_a_transfer_that_comes_when_the_time_is_gone_is_owed_back_and_sent_back():
    member, operator = buyer(), PlatformMembershipFactory(role="finance")
    instrument = InstrumentFactory()
    rental, code = awaiting_transfer(member, instrument=instrument, period=hours(240, 242))
    late = rental.held_until + timedelta(minutes=1)
    confirmed(instrument=instrument, period=hours(240, 242), now=late)

    line = matched(60_000, payer=name(member), remark=code.code, now=late)
    refund = AdvanceRefund.objects.get()
    owed = of(member)
    told = Notice.objects.filter(user=member.user, kind="transfer_owed_back").count()
    payments.sent_back(refund=refund, reference="B-1", by=operator, now=late)

    rental.refresh_from_db()
    assert (line.state, rental.status, refund.because, told) == ("matched", "expired", "late", 1)
    assert (owed, of(member), held_in()["bank"]) == ({"refunds_payable": 60_000}, {}, 0)
    with pytest.raises(payments.RefundDealtWith):
        payments.sent_back(refund=refund, reference="B-1", by=operator, now=late)


def test_bl_31_a_refund_that_failed_may_go_onto_the_balance():
    member, operator = buyer(), PlatformMembershipFactory()
    instrument = InstrumentFactory()
    rental, code = awaiting_transfer(member, instrument=instrument, period=hours(240, 242))
    late = rental.held_until + timedelta(minutes=1)
    confirmed(instrument=instrument, period=hours(240, 242), now=late)
    matched(60_000, payer=name(member), remark=code.code, now=late)
    refund = AdvanceRefund.objects.get()

    payments.not_sent_back(refund=refund, because="账户已销户", by=operator, now=late)
    payments.send_again(refund=refund, to_balance=True, by=operator, now=late)

    assert of(member) == {"prepaid": 60_000}


# --- Balances ---------------------------------------------------------------------------------------------------------


def test_e4_a_transfer_with_the_organisations_own_code_tops_its_balance_up():
    member = buyer(monthly_credit_fen=0)
    code = payments.top_up_code(organisation_id=member.organisation_id, now=MONDAY_9)
    again = payments.top_up_code(organisation_id=member.organisation_id, now=LATER)

    matched(100_000, payer=name(member), remark=code.code)
    rentals.confirm_from_balance(rental=held(by=member), by=member, now=MONDAY_9)

    assert (again, of(member)) == (code, {"prepaid": 40_000})


# --- Import -----------------------------------------------------------------------------------------------------------


def test_lines_are_taken_once_by_their_serial_number_whatever_file_they_come_in():
    operator = PlatformMembershipFactory()
    first = uploaded(("A1", 100, "x", ""), ("A2", -50, "y", ""), by=operator)
    second = uploaded(("A1", 100, "x", ""), ("A3", 300, "z", ""), by=operator, name="next.csv")

    payments.import_statement(statement=first, by=operator, now=MONDAY_9)
    taken = payments.import_statement(statement=second, by=operator, now=MONDAY_9).taken

    assert taken == 1
    assert list(BankLine.objects.order_by("serial").values_list("serial", "fen", "state")) == [
        ("A1", 100, "waiting"),
        ("A2", -50, "outgoing"),
        ("A3", 300, "waiting"),
    ]
    with pytest.raises(payments.StatementImported):
        payments.import_statement(statement=second, by=operator, now=MONDAY_9)
    with pytest.raises(payments.StatementImported):
        uploaded(("A1", 100, "x", ""), ("A2", -50, "y", ""), by=operator)


def test_a_known_serial_number_with_another_amount_stops_the_whole_file():
    operator = PlatformMembershipFactory()
    arrived(100, payer="x", remark="")
    serial = BankLine.objects.get().serial
    other = uploaded(("A8", 1, "x", ""), (serial, 101, "x", ""), by=operator)

    with pytest.raises(payments.SerialKnown):
        payments.import_statement(statement=other, by=operator, now=MONDAY_9)

    assert BankLine.objects.count() == 1


def test_a_file_with_a_fault_is_not_imported_at_all():
    operator = PlatformMembershipFactory()
    content = "交易日期,流水号,收入\n2026-11-23,A1,1\n2026-11-23,A2,x\n".encode()
    statement = payments.upload_statement(name="x.csv", content=content, by=operator, now=MONDAY_9)

    with pytest.raises(payments.StatementFaulty):
        payments.import_statement(statement=statement, by=operator, now=MONDAY_9)

    assert not BankLine.objects.exists()


# --- Suspense: two people ---------------------------------------------------------------------------------------------


def test_e2b_two_people_give_unknown_money_to_an_order_whose_rest_is_prepaid():
    one, two, member = PlatformMembershipFactory(), PlatformMembershipFactory(), buyer()
    rental, code = awaiting_transfer(member)
    line = matched(61_000, payer="张三（个人）", remark="上机")

    resolution = payments.propose_resolution(
        line=line, kind="order", number=code.code, reason="财务个人代付，有委托书", by=one, now=LATER
    )
    with pytest.raises(payments.SecondPerson):
        payments.decide_resolution(resolution=resolution, approved=True, by=one, now=LATER)
    payments.decide_resolution(resolution=resolution, approved=True, by=two, now=LATER)

    rental.refresh_from_db()
    line.refresh_from_db()
    assert (line.state, line.paid, rental.status) == ("resolved", rental.number, "confirmed")
    assert (of(member), held_in()) == ({"prepaid": 1_000}, {"bank": 61_000, "suspense": 0})


def test_too_little_money_cannot_pay_the_order_but_may_go_onto_the_balance():
    one, two, member = PlatformMembershipFactory(), PlatformMembershipFactory(), buyer()
    rental, code = awaiting_transfer(member)
    line = matched(59_000, payer=name(member), remark=code.code)
    wrong = payments.propose_resolution(line=line, kind="order", number=rental.number, reason="少付", by=one, now=LATER)

    with pytest.raises(payments.TooLittle):
        payments.decide_resolution(resolution=wrong, approved=True, by=two, now=LATER)
    with pytest.raises(payments.ResolutionWaits):
        payments.propose_resolution(line=line, kind="sent_back", reason="退回", by=two, now=LATER)
    payments.decide_resolution(resolution=wrong, approved=False, note="不足额", by=two, now=LATER)
    right = payments.propose_resolution(
        line=line, kind="top_up", organisation=member.organisation, reason="转预存", by=one, now=LATER
    )
    payments.decide_resolution(resolution=right, approved=True, by=two, now=LATER)

    assert of(member) == {"prepaid": 59_000}
    with pytest.raises(payments.LineDealtWith):
        payments.propose_resolution(line=line, kind="booked", reason="x", by=one, now=LATER)


@pytest.mark.parametrize(("kind", "bank"), [("sent_back", 0), ("booked", 0)])
def test_unknown_money_is_sent_back_or_was_in_the_books_already(kind: str, bank: int):
    one, two = PlatformMembershipFactory(), PlatformMembershipFactory()
    line = unknown(500)

    resolution = payments.propose_resolution(line=line, kind=kind, reason="误汇", by=one, now=LATER)
    payments.decide_resolution(resolution=resolution, approved=True, by=two, now=LATER)

    assert held_in() == {"bank": bank, "suspense": 0}


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"reason": ""}, "resolution_gives_a_reason"),
        ({"kind": "order"}, "resolution_says_whose"),
        ({"state": "approved"}, "resolution_needs_a_second_person"),
    ],
)
def test_the_database_holds_what_a_resolution_is(change: dict[str, str], constraint: str):
    line, by = unknown(), PlatformMembershipFactory()
    made = payments.propose_resolution(line=line, kind="sent_back", reason="误汇", by=by, now=LATER)

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Resolution.objects.filter(pk=made.pk).update(**change)


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"fen": 0}, "bank_line_moves_something"),
        ({"fen": -1}, "bank_line_out_is_outgoing"),
        ({"state": "outgoing"}, "bank_line_out_is_outgoing"),
    ],
)
def test_the_database_holds_what_a_bank_line_is(change: dict[str, Any], constraint: str):
    line = unknown()

    with pytest.raises(IntegrityError, match="bank_line_"), transaction.atomic():
        BankLine.objects.filter(pk=line.pk).update(**change)
