"""What is owed and what is left to pay with, ready to show."""

from accounts.models import Organisation
from billing.ledger import queries as books
from billing.ledger.chart import Account
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
