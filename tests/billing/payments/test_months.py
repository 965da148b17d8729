"""Months on account, asked for by statement and paid by transfer (E3c)."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import Membership
from billing.bills import operations as bills
from billing.ledger.chart import Account
from billing.ledger.queries import balance, trial_balance
from billing.models import MonthlyStatement, ReferenceCode
from billing.payments import operations as payments
from billing.payments.invariants import PAYMENTS
from bookings.models import Rental
from bookings.rentals import operations as rentals
from kernel.invariants import verified
from notices.models import Notice
from tests.factories.bookings import MONDAY_9, buyer, confirmed, held, hours
from tests.factories.payments import awaiting_transfer, matched

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


DECEMBER_1 = MONDAY_9.replace(month=12, day=1)
NOVEMBER = date(2026, 11, 1)


def stated(member: Membership) -> MonthlyStatement:
    confirmed(by=member)
    payments.make_statements(month=NOVEMBER, now=DECEMBER_1)
    return MonthlyStatement.objects.get(organisation=member.organisation)


def test_e3c_a_month_on_account_is_asked_for_once_and_paid_by_its_transfer():
    member = buyer()
    statement = stated(member)
    again = payments.make_statements(month=NOVEMBER, now=DECEMBER_1)
    code = ReferenceCode.objects.get(number=statement.number)

    matched(60_000, payer=name(member), remark=code.code, now=DECEMBER_1)

    statement.refresh_from_db()
    assert (statement.opening_fen, statement.debit_fen, statement.closing_fen) == (0, 60_000, 60_000)
    assert (statement.due_on, again, statement.state, of(member)) == (date(2026, 12, 20), 0, "paid", {})


def test_the_next_month_does_not_ask_again_for_what_the_last_one_asks():
    member = buyer()
    stated(member)
    confirmed(by=member, period=hours(240, 241), now=DECEMBER_1)

    payments.make_statements(month=date(2026, 12, 1), now=DECEMBER_1 + timedelta(days=31))

    found = MonthlyStatement.objects.filter(organisation=member.organisation).order_by("month")
    assert [(one.closing_fen, one.due_fen) for one in found] == [(60_000, 60_000), (90_000, 30_000)]


def test_an_overdue_statement_lets_nothing_more_onto_the_account_until_it_is_paid():
    member = buyer()
    statement = stated(member)
    last_day = MONDAY_9.replace(month=12, day=20)
    times = {"period": hours(700, 702)}
    confirmed(by=member, now=last_day, **times)

    with pytest.raises(bills.StatementOverdue):
        confirmed(by=member, now=last_day + timedelta(days=1), **times)
    code = ReferenceCode.objects.get(number=statement.number)
    matched(60_000, payer=name(member), remark=code.code, now=last_day + timedelta(days=1))
    paid = confirmed(by=member, now=last_day + timedelta(days=1), **times)

    assert paid.status == "confirmed"


def test_an_unpaid_statement_is_reminded_of_before_and_after_its_last_day():
    member = buyer()
    stated(member)
    days = [14, 15, 16, 22, 23]

    told = [payments.remind(now=MONDAY_9.replace(month=12, day=day)) for day in days]

    assert told == [0, 1, 0, 1, 0]
    kinds = Notice.objects.filter(user=member.user, kind__startswith="monthly").order_by("pk")
    assert [notice.kind for notice in kinds] == [
        "monthly_statement_made",
        "monthly_statement_unpaid",
        "monthly_statement_overdue",
    ]


def test_the_database_holds_what_a_statement_is():
    statement = stated(buyer())

    for change, constraint in (
        ({"debit_fen": 1}, "statement_adds_up"),
        ({"month": date(2026, 11, 2)}, "statement_begins_a_month"),
        ({"state": "paid"}, "statement_paid_says_when"),
    ):
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            MonthlyStatement.objects.filter(pk=statement.pk).update(**change)


def test_a_rental_by_transfer_has_its_code_and_one_online_has_none():
    member = buyer()
    rental, code = awaiting_transfer(member)
    other = rentals.await_payment(rental=held(by=member), pays_by="online", by=member, now=MONDAY_9)

    assert (code.expected_fen, code.organisation_id) == (60_000, member.organisation_id)
    assert not ReferenceCode.objects.filter(number=other.number).exists()
    assert Rental.objects.get(pk=rental.pk).status == "awaiting_payment"
