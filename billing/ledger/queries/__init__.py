"""Reading the books: what each account holds, whose it is, and which entries it came from."""

from billing.ledger.queries.browsing import Party, entries_of_order, lines_of, named, parties, posted, turnovers, whose
from billing.ledger.queries.sums import (
    ClientMoney,
    Sum,
    balance,
    balance_of,
    client_money,
    sub_ledger,
    trial_balance,
)

__all__ = [
    "ClientMoney",
    "Party",
    "Sum",
    "balance",
    "balance_of",
    "client_money",
    "entries_of_order",
    "lines_of",
    "named",
    "parties",
    "posted",
    "sub_ledger",
    "trial_balance",
    "turnovers",
    "whose",
]
