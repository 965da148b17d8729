"""What is owed and what is left to pay with, ready to show."""

from datetime import datetime
from typing import Any

from django.db import connection

from accounts.models import Organisation
from billing.bills.models import MonthlyStatement
from billing.ledger import queries as books
from billing.ledger.chart import Account, party
from billing.ledger.queries.sums import BALANCE
from billing.vouchers.rules import local_day
from kernel.money import Money


def owed_on_account(organisation_id: int) -> Money:
    """Return what an organisation owes on its monthly account: orders that are not settled yet included."""
    return books.balance(Account.RECEIVABLE, organisation_id=organisation_id)


def prepaid(organisation_id: int) -> Money:
    """Return what an organisation has on its prepaid balance (预存款)."""
    return books.balance(Account.PREPAID, organisation_id=organisation_id)


def credit_left(organisation: Organisation) -> Money:
    """Return what is left of the limit of a monthly account; nothing where there is none."""
    if organisation.verification != Organisation.Verification.VERIFIED or not organisation.monthly_credit_fen:
        return Money(0)
    return Money(organisation.monthly_credit_fen) - owed_on_account(organisation.pk)


def overdue_statement(organisation_id: int, *, now: datetime) -> MonthlyStatement | None:
    """Return the oldest monthly statement that was not paid in time; none where all were."""
    late = MonthlyStatement.objects.filter(organisation_id=organisation_id).overdue(local_day(now))
    return late.first()


STANDING = f"""
SELECT ({BALANCE}), (
    SELECT id FROM billing_monthlystatement
    WHERE organisation_id = %(organisation)s AND state = 'open' AND due_on < %(today)s ORDER BY due_on, id LIMIT 1
)
"""  # noqa: S608 -- our own words


def standing(organisation_id: int, *, now: datetime) -> tuple[Money, int | None]:
    """
    Return what an organisation owes on its monthly account, and the key of the statement it should have paid first.

    The same as `owed_on_account` and `overdue_statement` in one, on the way of every confirmation: see Note [Rows by
    hand].
    """
    asked: dict[str, Any] = {
        "account": Account.RECEIVABLE.value,
        "party": party(Account.RECEIVABLE, organisation_id=organisation_id),
        "organisation": organisation_id,
        "today": local_day(now),
    }
    with connection.cursor() as cursor:
        cursor.execute(STANDING, asked)
        owed, late = cursor.fetchone()
    return Money(int(owed)), late
