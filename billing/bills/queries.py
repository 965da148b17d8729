"""What is owed and what is left to pay with, ready to show."""

from datetime import datetime

from accounts.models import Organisation
from billing.bills.models import MonthlyStatement
from billing.ledger import queries as books
from billing.ledger.chart import Account
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
