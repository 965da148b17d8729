"""From what a lab has earned to the bank's confirmation: by the books, by two people, and never twice."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import Membership
from billing.ledger import operations as ledger
from billing.ledger import rules as books
from billing.ledger.chart import Account
from billing.ledger.invariants import LEDGER
from billing.ledger.queries import balance
from billing.models import BankLine, BankStatement, Difference, Entry, FeeWithdrawal, Line, Payout, PayoutItem
from billing.payouts import operations as payouts
from billing.payouts import queries, rules
from billing.payouts.invariants import PAYOUTS
from kernel.invariants import verified
from kernel.money import Money
from kernel.refusals import violated
from tests.factories.accounts import OrganisationFactory, PlatformMembershipFactory
from tests.factories.payouts import ACCEPTED, TUESDAY_9, confirmed, earned, given_back, paid_lab, prepared, sent
from tests.factories.racing import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _the_books_balance(request: pytest.FixtureRequest):
    """Whatever a test does, the books and the payouts contradict nothing."""
    yield
    if "transactional_db" not in request.fixturenames:
        connection.check_constraints()
    broken = [verdict for verdict in verified((*LEDGER[:-1], *PAYOUTS), now=TUESDAY_9) if verdict.count]
    assert [(verdict.invariant.name, verdict.first) for verdict in broken] == []


def finance() -> Membership:
    return PlatformMembershipFactory(role="finance")


def owed(lab) -> int:
    return balance(Account.LAB_PAYABLE, lab_id=lab.pk).fen


# --- Preparing --------------------------------------------------------------------------------------------------------


def test_bl_36_a_payout_takes_what_was_accepted_fees_of_cancellations_too_less_what_goes_back():
    lab, customer = paid_lab(), OrganisationFactory()
    first = earned(lab, 100_000)
    earned(lab, 50_000, at=rules.accepted_before(TUESDAY_9.date()))
    legs = books.cancelled(20_000, 6_000, lab.pk, customer.pk, "R2")
    ledger.post(event_id="credit:R2", event="E3b", legs=books.on_credit(20_000, customer.pk, "R2"), at=ACCEPTED)
    ledger.post(event_id="cancel:R2", event="E9", legs=legs, at=ACCEPTED, order_number="R2", lab_id=lab.pk)
    given_back(lab, 10_000, first)

    batch = payouts.prepare(by=finance(), now=TUESDAY_9)

    payout = batch.payouts.get()
    assert (batch.due_on, payout.lab, payout.state) == (TUESDAY_9.date(), lab, "prepared")
    assert payout.fen == 95_000 + 6_000 - 9_500
    assert (payout.payee, payout.account) == (lab.organisation.name_zh, "3602000000012345")
    assert [(item.gross.fen, item.fee_fen, item.fen) for item in queries.items_of(payout)] == [
        (100_000, 5_000, 95_000),
        (6_000, 0, 6_000),
        (-10_000, -500, -9_500),
    ]
    figures = queries.figures(queries.earnings(before=rules.accepted_before(TUESDAY_9.date())).filter(lab=lab))
    assert (figures.waiting.fen, figures.due.fen, figures.underway.fen, figures.paid.fen) == (47_500, 0, 91_500, 0)
    assert (figures.earned.fen, figures.fee.fen) == (146_000, 7_000)
    assert owed(lab) == 139_000


def test_a_refund_of_what_is_not_accepted_yet_waits_with_its_order():
    lab = paid_lab()
    earned(lab, 100_000)
    fresh = earned(lab, 80_000, at=TUESDAY_9 - timedelta(days=2))
    given_back(lab, 80_000, fresh)

    assert payouts.prepare(by=finance(), now=TUESDAY_9).payouts.get().fen == 95_000


def test_bl_36_little_debts_and_labs_without_an_account_are_carried_forward():
    small, owing, homeless, paid = paid_lab(), paid_lab(), paid_lab(), paid_lab()
    homeless.organisation.bank_account = " "
    homeless.organisation.save()
    earned(small, 10_000)
    given_back(owing, 30_000, earned(owing, 20_000))
    earned(homeless)
    earned(paid)

    due = {one.lab: one.why for one in queries.due_to_labs(TUESDAY_9.date())}
    batch = payouts.prepare(by=finance(), now=TUESDAY_9)
    with pytest.raises(payouts.NothingToPayOut):
        payouts.prepare(by=finance(), now=TUESDAY_9)
    earned(owing, 100_000, at=TUESDAY_9)
    later = payouts.prepare(by=finance(), now=TUESDAY_9 + timedelta(days=21)).payouts.get()

    assert due == {small: rules.TOO_LITTLE, owing: rules.OWES, homeless: rules.NO_ACCOUNT, paid: ""}
    assert [payout.lab for payout in batch.payouts.all()] == [paid]
    assert (later.lab, later.fen) == (owing, 95_000 + 19_000 - 28_500)


@pytest.mark.django_db(transaction=True)
def test_two_who_prepare_at_once_pay_nothing_twice():
    for _ in range(3):
        lab = paid_lab()
        earned(lab)
        earned(lab)
    people = [finance() for _ in range(4)]

    made = at_once(*(lambda by=by: payouts.prepare(by=by, now=TUESDAY_9) for by in people))

    refused = (payouts.PayoutsPreparedAlready, payouts.NothingToPayOut)
    assert sum(isinstance(one, refused) for one in made) == 3
    assert (Payout.objects.count(), PayoutItem.objects.count()) == (3, 6)


# --- From there to the bank -------------------------------------------------------------------------------------------


def test_e11_is_posted_once_when_the_bank_confirms():
    payout = sent()
    before = owed(payout.lab)

    done = payouts.confirm(payout=payout, reference=" B-1 ", by=finance(), now=TUESDAY_9)
    with pytest.raises(payouts.PayoutNotSoFar):
        payouts.confirm(payout=payout, reference="B-2", by=finance(), now=TUESDAY_9)

    assert (before, owed(payout.lab), done.state, done.reference) == (95_000, 0, "confirmed", "B-1")
    assert [(line.account, line.fen) for line in done.entry.lines.all()] == [("2207", 95_000), ("1002", -95_000)]
    assert Entry.objects.filter(event="E11").count() == 1


def test_each_step_is_asked_for_in_its_order_and_by_a_second_person():
    preparer, other = finance(), finance()
    payout = prepared(by=preparer)

    with pytest.raises(payouts.PayoutSecondPerson):
        payouts.approve(payouts=[payout], by=preparer, now=TUESDAY_9)
    with pytest.raises(payouts.PayoutNotSoFar):
        payouts.send(payouts=[payout], by=other, now=TUESDAY_9)
    with pytest.raises(payouts.PayoutNotSoFar):
        payouts.confirm(payout=payout, reference="B", by=other, now=TUESDAY_9)
    payouts.approve(payouts=[payout], by=other, now=TUESDAY_9)
    with pytest.raises(payouts.PayoutNotSoFar):
        payouts.approve(payouts=[payout], by=other, now=TUESDAY_9)
    payouts.send(payouts=[payout], by=preparer, now=TUESDAY_9)
    with pytest.raises(payouts.PayoutReferenceMissing):
        payouts.confirm(payout=payout, reference=" ", by=other, now=TUESDAY_9)
    first = payouts.confirm(payout=payout, reference="B", by=other, now=TUESDAY_9)
    with pytest.raises(payouts.PayoutReferenceUsed):
        payouts.confirm(payout=sent(), reference="B", by=other, now=TUESDAY_9)
    assert first.state == "confirmed"


@pytest.mark.parametrize("make", [prepared, sent])
def test_a_payout_that_failed_posts_nothing_and_frees_its_items(make):
    payout = make()

    with pytest.raises(payouts.PayoutReasonMissing):
        payouts.fail(payout=payout, because=" ", by=finance(), now=TUESDAY_9)
    failed = payouts.fail(payout=payout, because="账号有误，银行退回", by=finance(), now=TUESDAY_9)
    again = payouts.prepare(by=finance(), now=TUESDAY_9).payouts.get()

    assert (failed.state, failed.entry, again.fen) == ("failed", None, payout.fen)
    assert not Entry.objects.filter(event="E11").exists()
    with pytest.raises(payouts.PayoutNotSoFar):
        payouts.fail(payout=payout, because="again", by=finance(), now=TUESDAY_9)


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("payout_is_not_below_the_minimum", {"fen": 9_999}),
        ("payout_names_an_account", {"account": ""}),
        ("payout_is_as_far_as_it_says", {"state": "sent"}),
        ("payout_failed_says_why", {"failure": "why"}),
        ("payout_is_posted_when_confirmed", {"state": "confirmed"}),
    ],
)
def test_the_database_keeps_a_payout_consistent(name, changed):
    payout = prepared()
    if name == "payout_is_posted_when_confirmed":
        payout = sent(payout.lab)
        changed = {**changed, "ended_at": TUESDAY_9}
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        Payout.objects.filter(pk=payout.pk).update(**changed)
    assert violated(error.value) == name


def test_the_database_keeps_two_people_and_one_payout_a_line():
    payout = prepared()
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        Payout.objects.filter(pk=payout.pk).update(
            state="approved", approved_by=payout.prepared_by, approved_at=TUESDAY_9
        )
    assert violated(error.value) == "payout_is_approved_by_another"
    item = payout.items.get()
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        PayoutItem.objects.create(payout=payout, line=item.line, fen=1)
    assert violated(error.value) == "payout_line_is_paid_once"
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        PayoutItem.objects.filter(pk=item.pk).update(fen=0)
    assert violated(error.value) == "payout_item_moves_something"
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        type(payout.batch).objects.filter(pk=payout.batch_id).update(due_on="2026-11-25")
    assert violated(error.value) == "payout_batch_is_of_a_tuesday"


# --- E14 --------------------------------------------------------------------------------------------------------------


def paid_in(fen: int) -> None:
    """Let so much of an organisation's money come onto the custody account, for what it owes."""
    customer = OrganisationFactory()
    legs = books.topped_up(fen, customer.pk, Account.CUSTODY_BANK)
    ledger.post(event_id=f"in:{customer.pk}", event="E4", legs=legs, at=ACCEPTED)


def test_e14_the_platform_takes_its_own_fee_by_two_people_and_no_more():
    confirmed()
    asker, other = finance(), finance()
    with pytest.raises(payouts.MoreThanFeeIsLeft):
        payouts.propose_withdrawal(fen=1, note="", by=asker, now=TUESDAY_9)  # nothing is on the account yet
    paid_in(200_000)
    assert queries.fee_to_take().left == Money(5_000)

    with pytest.raises(payouts.MoreThanFeeIsLeft):
        payouts.propose_withdrawal(fen=5_001, note="", by=asker, now=TUESDAY_9)
    asked = payouts.propose_withdrawal(fen=4_000, note="十一月服务费", by=asker, now=TUESDAY_9)
    with pytest.raises(payouts.FeeWithdrawalWaits):
        payouts.propose_withdrawal(fen=1_000, note="", by=other, now=TUESDAY_9)
    with pytest.raises(payouts.FeeSecondPerson):
        payouts.decide_withdrawal(withdrawal=asked, approved=True, by=asker, now=TUESDAY_9)
    done = payouts.decide_withdrawal(withdrawal=asked, approved=True, by=other, now=TUESDAY_9)
    with pytest.raises(payouts.FeeWithdrawalDecided):
        payouts.decide_withdrawal(withdrawal=asked, approved=False, by=other, now=TUESDAY_9)

    assert (done.entry.event, balance(Account.OWN_BANK).fen, queries.fee_to_take().left.fen) == ("E14", 4_000, 1_000)
    second = payouts.propose_withdrawal(fen=1_000, note="", by=asker, now=TUESDAY_9)
    declined = payouts.decide_withdrawal(withdrawal=second, approved=False, by=other, now=TUESDAY_9)
    assert (declined.state, declined.entry) == ("declined", None)
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        FeeWithdrawal.objects.filter(pk=second.pk).update(decided_by=second.proposed_by)
    assert violated(error.value) == "fee_withdrawal_needs_a_second_person"


# --- BL-37 ------------------------------------------------------------------------------------------------------------


def bank_line(fen: int, *, serial: str, remark: str = "", **given) -> BankLine:
    statement, _ = BankStatement.objects.get_or_create(
        sha256="0" * 64, defaults={"name": "对账.csv", "uploaded_by": finance().user, "uploaded_at": TUESDAY_9}
    )
    state = "outgoing" if fen < 0 else given.pop("state", "suspense")
    return BankLine.objects.create(
        statement=statement, serial=serial, on=TUESDAY_9.date(), fen=fen, remark=remark, state=state, **given
    )


def standing() -> list[tuple[str, str, int, int]]:
    return [(one.kind, one.key, one.outside_fen, one.books_fen) for one in Difference.objects.standing()]


def test_bl_37_a_difference_opens_stands_with_its_age_and_closes_by_itself():
    payout = confirmed()
    line = bank_line(-payout.fen, serial=payout.reference)
    came = bank_line(30_000, serial="IN-1")

    first = payouts.reconcile(by=None, now=TUESDAY_9)
    again = payouts.reconcile(by=finance(), now=TUESDAY_9 + timedelta(days=1))
    assert standing() == [("bank", str(came.pk), 30_000, 0)]
    assert ((first.opened, first.standing), (again.opened, again.standing)) == ((1, 1), (0, 1))
    assert Difference.objects.get().opened_at == TUESDAY_9

    ledger.post(event_id=f"transfer:{came.pk}", event="E2", legs=books.unmatched_transfer(30_000), at=TUESDAY_9)
    BankLine.objects.filter(pk=line.pk).update(fen=-payout.fen - 1)
    third = payouts.reconcile(by=None, now=TUESDAY_9 + timedelta(days=2))

    assert standing() == [("bank", str(line.pk), -95_001, 0), ("books", str(payout.entry_id), 0, -95_000)]
    assert (third.opened, third.closed, Difference.objects.exclude(closed_at=None).count()) == (2, 1, 1)


def test_bl_37_orders_are_held_against_their_escrow_and_what_the_bank_does_not_show_is_told_once_it_should():
    customer = OrganisationFactory()
    legs = books.on_credit(7_000, customer.pk, "R-LOST")
    ledger.post(event_id="lost", event="E3b", legs=legs, at=TUESDAY_9, order_number="R-LOST")
    paid_in(500)  # long ago, and in no file of the bank

    payouts.reconcile(by=None, now=TUESDAY_9)

    assert standing() == [
        ("books", str(Entry.objects.get(event="E4").pk), 0, 500),
        ("escrow", "R-LOST", 0, 7_000),
    ]


def test_the_banks_line_that_names_a_payout_confirms_it():
    payout, other = sent(), sent()
    bank_line(-payout.fen, serial="OUT-1", remark=f"机构结算款 {payout.number}")
    bank_line(-other.fen + 1, serial="OUT-2", remark=other.number)

    done = payouts.confirm_by_bank(lines=BankLine.objects.all(), now=TUESDAY_9)
    again = payouts.confirm_by_bank(lines=BankLine.objects.all(), now=TUESDAY_9)

    payout.refresh_from_db()
    other.refresh_from_db()
    assert (done, again, payout.state, payout.reference, other.state) == (1, 0, "confirmed", "OUT-1", "sent")
    assert Line.objects.filter(account="1002", fen=-payout.fen).count() == 1
