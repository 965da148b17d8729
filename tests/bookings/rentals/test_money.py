"""What the books say of a rental, from its confirmation to its end (E3 to E10)."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from accounts.models import Membership
from billing.bills import operations as bills
from billing.bills.invariants import BILLS
from billing.bills.models import Bill, Refund, RefundRequest, Tender
from billing.bills.operations import BalanceTooSmall, DifferenceUnpaid
from billing.bills.operations.refunding import (
    CannotDecideOwn,
    MoreThanIsLeftOfBill,
    NothingToGiveBack,
    RefundNotOpen,
)
from billing.ledger import operations as ledger
from billing.ledger import rules as books
from billing.ledger.chart import Account
from billing.ledger.invariants import LEDGER
from billing.ledger.queries import balance
from billing.vouchers.invariants import VOUCHERS
from billing.vouchers.models import Grant, Redemption
from bookings.models import Rental
from bookings.rentals import operations as rentals
from kernel.invariants import verified
from kernel.money import Money
from kernel.refusals import Refusal
from tests.factories.accounts import MembershipFactory
from tests.factories.bookings import MONDAY_9, buyer, checked_out, confirmed, held, hours, interrupted, lab_of, top_up
from tests.factories.labs import InstrumentFactory
from tests.factories.racing import at_once
from tests.factories.vouchers import GrantFactory

pytestmark = pytest.mark.django_db
LATER = MONDAY_9 + timedelta(days=7)


@pytest.fixture(autouse=True)
def _the_books_balance(request: pytest.FixtureRequest):
    """Whatever a test does, the books, the bills and the vouchers contradict nothing."""
    yield
    if "transactional_db" not in request.fixturenames:
        connection.check_constraints()
    broken = [verdict for verdict in verified((*BILLS, *LEDGER, *VOUCHERS), now=LATER) if verdict.count]
    assert [(verdict.invariant.name, verdict.first) for verdict in broken] == []


def of(member: Membership) -> dict[str, int]:
    """What the books say of a customer: owed on account, prepaid, advances, refunds on their way."""
    accounts = (Account.RECEIVABLE, Account.PREPAID, Account.ADVANCES, Account.REFUNDS_PAYABLE)
    found = {one.name.lower(): balance(one, organisation_id=member.organisation_id).fen for one in accounts}
    return {name: fen for name, fen in found.items() if fen}


def transferred(member: Membership, rental: Rental) -> Rental:
    """The rental, paid by a bank transfer that has arrived."""
    rentals.await_payment(rental=rental, pays_by="transfer", by=member, now=MONDAY_9)
    legs = books.bank_transfer(rental.own.fen, member.organisation_id)
    ledger.post(event_id=f"transfer:{rental.number}", event="E2", legs=legs, at=MONDAY_9)
    return rentals.confirm_paid(rental_id=rental.pk, amount_fen=rental.own.fen, now=MONDAY_9)


def settled(rental: Rental) -> Rental:
    return rentals.settle(rental=rental, by=None, now=LATER)


# --- By account and balance -------------------------------------------------------------------------------------------


def test_e3b_and_e7_what_is_owed_on_account_becomes_the_labs_less_five_percent():
    member = buyer()
    rental = settled(checked_out(by=member))

    lab = balance(Account.LAB_PAYABLE, lab_id=rental.instrument.lab_id)
    bill = Bill.objects.get()
    assert (rental.total_fen, lab.fen, bill.platform_fee_fen) == (60_000, 57_000, 3_000)
    assert (balance(Account.FEE_INCOME).fen, balance(Account.OUTPUT_VAT).fen) == (2_830, 170)
    assert (of(member), bill.state, bill.settled_at) == ({"receivable": 60_000}, "settled", LATER)


def test_e3b_a_prepaid_balance_pays_what_it_holds_and_nothing_more():
    member = buyer(monthly_credit_fen=0)
    top_up(member, 70_000)
    first, second = held(by=member), held(by=member)

    rentals.confirm_from_balance(rental=first, by=member, now=MONDAY_9)
    with pytest.raises(BalanceTooSmall):
        rentals.confirm_from_balance(rental=second, by=member, now=MONDAY_9)

    second.refresh_from_db()
    assert (of(member), second.status, Bill.objects.get().way) == ({"prepaid": 10_000}, "held", "balance")


def test_e9_a_cancellation_leaves_the_fee_to_the_lab_and_the_rest_returns_to_the_balance_at_once():
    member = buyer()
    top_up(member, 60_000)
    rental = rentals.confirm_from_balance(rental=held(by=member), by=member, now=MONDAY_9)

    cancelled = rentals.cancel(rental=rental, by=member, now=MONDAY_9)

    lab = balance(Account.LAB_PAYABLE, lab_id=rental.instrument.lab_id).fen
    assert (cancelled.fee_fen, lab, of(member)) == (18_000, 18_000, {"prepaid": 42_000})
    assert [(refund.fen, refund.state) for refund in Refund.objects.all()] == [(42_000, "succeeded")]


def test_a_use_that_costs_more_in_the_end_is_owed_whatever_the_limits_are():
    member = buyer()
    top_up(member, 60_000)
    instrument = InstrumentFactory(tariff__bill_mode="metered")
    rental = rentals.confirm_from_balance(rental=held(by=member, instrument=instrument), by=member, now=MONDAY_9)
    rentals.check_in(rental=rental, by=lab_of(rental), now=rental.time.start)
    out = rentals.check_out(
        rental=rental,
        usage=rentals.UsageGiven(condition="good"),
        by=lab_of(rental),
        now=rental.time.end + timedelta(minutes=30),
    )
    done = settled(out)

    assert done.total_fen > 60_000
    assert of(member) == {"receivable": done.total_fen - 60_000}
    assert list(Tender.objects.values_list("way", "paid_fen")) == [
        ("balance", 60_000),
        ("account", done.total_fen - 60_000),
    ]


# --- Paid in advance --------------------------------------------------------------------------------------------------


def test_e8_a_lab_that_cancels_gives_all_back_and_the_transfer_is_on_its_way_until_it_was_made():
    member = buyer()
    rental = transferred(member, held(by=member, period=hours(72, 74)))
    finance = MembershipFactory(role="finance")

    rentals.cancel_by_lab(rental=rental, reason="停电", by=lab_of(rental), now=MONDAY_9)
    refund = Refund.objects.get()
    before = (refund.state, of(member), balance(Account.CUSTODY_BANK).fen)
    bills.refund_paid(refund=refund, reference="BANK-7", by=finance, now=LATER)

    assert before == ("pending", {"refunds_payable": 60_000}, 60_000)
    assert (of(member), balance(Account.CUSTODY_BANK).fen) == ({}, 0)
    with pytest.raises(RefundNotOpen):
        bills.refund_paid(refund=refund, reference="BANK-7", by=finance, now=LATER)


def test_a_refund_that_failed_is_owed_until_it_goes_another_way_bl_31():
    member = buyer()
    rental = transferred(member, held(by=member, period=hours(72, 74)))
    rentals.cancel_by_lab(rental=rental, reason="停电", by=lab_of(rental), now=MONDAY_9)

    refund = bills.refund_failed(refund=Refund.objects.get(), because="账户已销户", now=LATER)
    owed = of(member)
    bills.try_again(refund=refund, way="balance", by=MembershipFactory(), now=LATER)

    assert (owed, of(member)) == ({"refunds_payable": 60_000}, {"prepaid": 60_000})


def test_an_order_paid_in_advance_does_not_grow_dearer_unless_something_holds_the_difference():
    member = buyer(monthly_credit_fen=0)
    rental = transferred(member, held(by=member, period=hours(72, 74)))

    with pytest.raises(DifferenceUnpaid):
        rentals.reschedule(rental=rental, period=hours(72, 75), by=member, now=MONDAY_9)
    top_up(member, 50_000)
    moved = rentals.reschedule(rental=rental, period=hours(72, 75), by=member, now=MONDAY_9)
    back = rentals.reschedule(rental=moved, period=hours(72, 73), by=member, now=MONDAY_9)

    assert (moved.total_fen, back.total_fen) == (90_000, 30_000)
    assert of(member) == {"prepaid": 50_000, "refunds_payable": 30_000}  # the newest payment first


def test_e3d_the_rest_of_an_interrupted_use_is_paid_by_what_the_first_part_gave_back():
    member = buyer(monthly_credit_fen=0)
    instrument = InstrumentFactory()
    rental = transferred(member, held(by=member, instrument=instrument, period=hours(72, 74)))
    rental = rentals.check_in(rental=rental, by=lab_of(rental), now=rental.time.start)
    at = rental.time.start + timedelta(minutes=45)
    rental = rentals.interrupt(
        rental=rental, fault="主轴异响", expected_back_at=at + timedelta(hours=3), by=lab_of(rental), now=at
    )

    new = rentals.rebook(rental=rental, instrument=instrument, period=hours(144, 145), by=member, now=at)

    assert (new.status, new.total_fen, Bill.objects.get(order_number=new.number).own.fen) == (
        "confirmed",
        30_000,
        30_000,
    )
    assert of(member) == {"refunds_payable": 60_000 - 22_500 - 30_000}


def test_a_rental_that_goes_to_another_lab_is_earned_by_that_lab():
    member = buyer()
    rental = confirmed(by=member, period=hours(72, 74))
    other = InstrumentFactory(category=rental.instrument.category)
    lost = {"needs_rebooking": {"why": "outage"}, "needs_rebooking_since": MONDAY_9}
    Rental.objects.filter(pk=rental.pk).update(**lost)

    moved = rentals.reschedule(rental=rental, period=hours(72, 74), instrument=other, by=member, now=MONDAY_9)

    assert (moved.instrument, Bill.objects.get().lab) == (other, other.lab)


# --- Vouchers ---------------------------------------------------------------------------------------------------------


def with_voucher(**programme: Any) -> tuple[Membership, Rental, Grant]:
    member = buyer(size="small")
    rental = held(by=member, period=hours(72, 74))
    grant = GrantFactory(organisation=member.organisation, **{f"programme__{k}": v for k, v in programme.items()})
    return member, rental, grant


def test_bl_16_e6_a_voucher_is_reserved_while_held_and_pays_its_part_at_settlement():
    member, rental, grant = with_voucher()

    rental = rentals.use_voucher(rental=rental, programme=grant.programme, by=member, now=MONDAY_9)
    reserved = Redemption.objects.get().state
    rental = rentals.confirm_on_account(rental=rental, by=member, now=MONDAY_9)
    on_account = of(member)
    rentals.check_in(rental=rental, by=lab_of(rental), now=rental.time.start)
    usage = rentals.UsageGiven(condition="good")
    out = rentals.check_out(rental=rental, usage=usage, by=lab_of(rental), now=rental.time.end)
    rentals.settle(rental=out, by=None, now=LATER)

    assert (reserved, rental.voucher_fen, on_account) == ("reserved", 24_000, {"receivable": 36_000})
    assert balance(Account.VOUCHER_RECEIVABLE, programme_id=grant.programme_id).fen == 24_000
    assert balance(Account.LAB_PAYABLE, lab_id=rental.instrument.lab_id).fen == 57_000  # the fee is of the full amount
    assert Redemption.objects.get().state == "consumed"


def test_bl_20_a_voucher_pays_no_fee_and_comes_back_whole():
    member, rental, grant = with_voucher(cover_bp=9_000)
    rental = rentals.use_voucher(rental=rental, programme=grant.programme, by=member, now=MONDAY_9)
    rental = rentals.confirm_on_account(rental=rental, by=member, now=MONDAY_9)

    late = rentals.cancel(rental=rental, by=member, now=rental.time.start - timedelta(hours=1))

    grant.refresh_from_db()
    assert (late.fee_fen, of(member), grant.left_fen) == (6_000, {"receivable": 6_000}, grant.face_fen)


def test_bl_16_what_lapsed_or_was_cancelled_before_it_was_confirmed_gives_the_voucher_back():
    member, rental, grant = with_voucher()
    rentals.use_voucher(rental=rental, programme=grant.programme, by=member, now=MONDAY_9)
    other = held(by=member, period=hours(144, 146))
    other = rentals.use_voucher(rental=other, programme=grant.programme, by=member, now=MONDAY_9)

    rentals.cancel(rental=other, by=member, now=MONDAY_9)
    released = [rentals.release_ended(now=MONDAY_9 + timedelta(hours=1)) for _ in range(2)]

    grant.refresh_from_db()
    rental.refresh_from_db()
    assert (released, grant.left_fen, rental.voucher_fen) == ([1, 0], grant.face_fen, 0)


def test_bl_14_a_programme_without_discounts_is_used_only_where_it_makes_the_own_payment_smaller():
    member = buyer(size="small")
    instrument = InstrumentFactory(tariff__sme_discount_bp=1_000)
    rental = held(by=member, instrument=instrument, period=hours(72, 74))
    worse = GrantFactory(
        organisation=member.organisation, programme__cover_bp=1_000, programme__is_stackable=False
    ).programme
    better = GrantFactory(
        organisation=member.organisation, programme__cover_bp=4_000, programme__is_stackable=False
    ).programme

    with pytest.raises(Refusal) as refused:
        rentals.use_voucher(rental=rental, programme=worse, by=member, now=MONDAY_9)
    used = rentals.use_voucher(rental=rental, programme=better, by=member, now=MONDAY_9)
    figures = (used.total_fen, used.voucher_fen, used.discount)
    without = rentals.do_without_voucher(rental=used, by=member, now=MONDAY_9)

    assert refused.value.code == "discount_saves_more"
    assert figures == (60_000, 24_000, "")
    assert (without.total_fen, without.voucher_fen, without.discount) == (54_000, 0, rental.discount)


# --- Refunds by hand --------------------------------------------------------------------------------------------------


def test_e10_money_of_a_settled_order_goes_back_when_a_second_person_agrees_bl_22_bl_23():
    member = buyer()
    rental = settled(checked_out(by=member))
    bill = Bill.objects.get()
    first, second = MembershipFactory(role="finance"), MembershipFactory(role="finance")

    asked = bills.ask_refund(bill=bill, fen=20_000, reason="结果部分不可用", by=first, now=LATER)
    with pytest.raises(CannotDecideOwn):
        bills.decide_refund(request=asked, approved=True, by=first, now=LATER)
    bills.decide_refund(request=asked, approved=True, by=second, now=LATER)
    with pytest.raises(RefundNotOpen):
        bills.decide_refund(request=asked, approved=True, by=second, now=LATER)

    lab = balance(Account.LAB_PAYABLE, lab_id=rental.instrument.lab_id).fen
    bill.refresh_from_db()
    assert (lab, of(member)) == (57_000 - 19_000, {"receivable": 40_000})
    assert (bill.refunded_fen, bill.platform_fee_back_fen, bill.refundable) == (20_000, 1_000, Money(40_000))


def test_no_more_goes_back_than_is_left_and_nothing_of_an_order_that_is_not_settled():
    member = buyer()
    finance = MembershipFactory(role="finance")
    open_one = Bill.objects.get(order_number=confirmed(by=member).number)
    bill = Bill.objects.get(order_number=settled(checked_out(by=member)).number)

    with pytest.raises(MoreThanIsLeftOfBill):
        bills.ask_refund(bill=bill, fen=60_001, reason="误", by=finance, now=LATER)
    with pytest.raises(NothingToGiveBack):
        bills.ask_refund(bill=open_one, fen=1, reason="误", by=finance, now=LATER)

    assert not RefundRequest.objects.exists()


def test_bl_24_what_broke_off_gives_the_rest_back():
    member = buyer()
    rental = interrupted(by=member)
    done = rentals.abandon(rental=rental, by=member, now=rental.time.start + timedelta(minutes=50))
    settled(done)

    assert of(member) == {"receivable": 22_500}


# --- At once ----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_of_eight_orders_at_once_a_balance_pays_as_many_as_it_holds():
    member = buyer(monthly_credit_fen=0)
    top_up(member, 5 * 60_000 + 1)
    mine = [held(by=member) for _ in range(8)]

    results = at_once(
        *[lambda one=one: rentals.confirm_from_balance(rental=one, by=member, now=MONDAY_9) for one in mine]
    )

    assert sum(isinstance(one, Rental) for one in results) == 5
    assert sum(isinstance(one, BalanceTooSmall) for one in results) == 3
    assert of(member) == {"prepaid": 1}
