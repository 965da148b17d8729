"""Transfers that meet: the same file twice, two people at one line, money while its hold runs out. Real threads."""

from datetime import timedelta
from typing import Any

import pytest

from billing.ledger.chart import Account
from billing.ledger.queries import balance, trial_balance
from billing.models import AdvanceRefund, BankLine, BankStatement, Bill, ReferenceCode
from billing.payments import operations as payments
from bookings.models import Rental
from bookings.rentals import operations as rentals
from kernel.refusals import Busy, Refusal
from tests.factories.accounts import PlatformMembershipFactory
from tests.factories.bookings import MONDAY_9, buyer, held, hours
from tests.factories.labs import InstrumentFactory
from tests.factories.payments import arrived, awaiting_transfer, bank_file, unknown, uploaded
from tests.factories.racing import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _the_books_balance() -> Any:
    yield
    assert sum(each.debit_fen - each.credit_fen for each in trial_balance()) == 0


def kinds(answers: list[Any]) -> list[str]:
    return sorted(type(answer).__name__ for answer in answers)


def test_a_file_handed_in_and_imported_twice_at_once_is_taken_once():
    one, two = PlatformMembershipFactory(), PlatformMembershipFactory()
    content = bank_file(*((f"A{number}", 100, "x", "") for number in range(20)))

    def hand_in(by: Any) -> BankStatement:
        return payments.upload_statement(name="a.csv", content=content, by=by, now=MONDAY_9)

    first, second = at_once(lambda: hand_in(one), lambda: hand_in(two))
    answers = at_once(
        lambda: payments.import_statement(statement=first, by=one, now=MONDAY_9),
        lambda: payments.import_statement(statement=second, by=two, now=MONDAY_9),
    )

    assert first == second
    assert kinds(answers) == ["BankStatement", "StatementImported"]
    assert BankLine.objects.count() == 20


def test_two_files_with_the_same_lines_at_once_take_each_line_once():
    by = PlatformMembershipFactory()
    rows = [(f"A{number:02d}", 100, "x", "") for number in range(20)]
    first = uploaded(*rows, ("B", 5, "y", ""), by=by)
    second = uploaded(*reversed(rows), ("C", 6, "z", ""), by=by)

    answers = at_once(
        lambda: payments.import_statement(statement=first, by=by, now=MONDAY_9),
        lambda: payments.import_statement(statement=second, by=by, now=MONDAY_9),
    )

    assert sum(answer.taken for answer in answers) == 22
    assert BankLine.objects.count() == 22


def test_a_line_matched_by_two_at_once_pays_once():
    member = buyer()
    rental, code = awaiting_transfer(member)
    line = arrived(60_000, payer=member.organisation.name_zh, remark=code.code)

    at_once(*[lambda: payments.match(line=line, now=MONDAY_9)] * 4)

    rental.refresh_from_db()
    assert (rental.status, Bill.objects.count()) == ("confirmed", 1)
    assert balance(Account.CUSTODY_BANK).fen == 60_000


def test_two_transfers_for_one_rental_at_once_pay_it_once_and_one_waits():
    member = buyer()
    rental, code = awaiting_transfer(member)
    lines = [arrived(60_000, payer=member.organisation.name_zh, remark=code.code) for _ in range(2)]

    at_once(*[lambda line=line: payments.match(line=line, now=MONDAY_9) for line in lines])

    states = sorted(BankLine.objects.values_list("state", flat=True))
    assert (states, balance(Account.SUSPENSE).fen) == (["by_hand", "matched"], 60_000)
    assert Rental.objects.get(pk=rental.pk).status == "confirmed"


def test_two_who_decide_one_proposal_at_once_do_it_once():
    proposer, second, third = (PlatformMembershipFactory() for _ in range(3))
    member, line = buyer(), unknown(500)
    made = payments.propose_resolution(
        line=line, kind="top_up", organisation=member.organisation, reason="预存", by=proposer, now=MONDAY_9
    )

    answers = at_once(
        lambda: payments.decide_resolution(resolution=made, approved=True, by=second, now=MONDAY_9),
        lambda: payments.decide_resolution(resolution=made, approved=True, by=third, now=MONDAY_9),
    )

    assert kinds(answers) == ["Resolution", "ResolutionDone"]
    assert balance(Account.PREPAID, organisation_id=member.organisation_id).fen == 500


def test_two_who_propose_at_once_leave_one_proposal():
    one, two, line = PlatformMembershipFactory(), PlatformMembershipFactory(), unknown(500)

    answers = at_once(
        lambda: payments.propose_resolution(line=line, kind="sent_back", reason="误汇", by=one, now=MONDAY_9),
        lambda: payments.propose_resolution(line=line, kind="booked", reason="已入账", by=two, now=MONDAY_9),
    )

    assert kinds(answers) == ["Resolution", "ResolutionWaits"]


@pytest.mark.parametrize("attempt", range(3))
def test_money_that_comes_while_its_time_is_taken_pays_or_goes_back_and_is_never_lost(attempt: int):
    member, rival = buyer(), buyer()
    instrument = InstrumentFactory()
    rental, code = awaiting_transfer(member, instrument=instrument, period=hours(240, 242))
    late = rental.held_until + timedelta(minutes=1)
    line = arrived(60_000, payer=member.organisation.name_zh, remark=code.code)

    def match() -> BankLine:
        for _ in range(20):
            try:
                return payments.match(line=line, now=late)
            except Busy:
                continue
        raise AssertionError("always busy")

    def take() -> Any:
        return held(instrument=instrument, period=hours(240, 242), by=rival, now=late)

    matched, taken, _ = at_once(match, take, lambda: rentals.expire_lapsed(now=late))

    rental.refresh_from_db()
    assert isinstance(matched, BankLine), matched
    refunds = AdvanceRefund.objects.count()
    if rental.status == "confirmed":
        assert (isinstance(taken, Refusal), refunds) == (True, 0)
        assert balance(Account.ESCROW, order_number=rental.number).fen == 60_000
    else:
        assert (rental.status, refunds) == ("expired", 1)
        assert balance(Account.REFUNDS_PAYABLE, organisation_id=member.organisation_id).fen == 60_000
    assert balance(Account.CUSTODY_BANK).fen == 60_000


def test_a_code_asked_for_by_many_at_once_is_one():
    member = buyer()
    ask = lambda: payments.top_up_code(organisation_id=member.organisation_id, now=MONDAY_9)  # noqa: E731

    codes = {answer.code for answer in at_once(*[ask] * 5)}

    assert codes == {ReferenceCode.objects.get().code}
