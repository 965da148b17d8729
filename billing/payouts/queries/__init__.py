"""Reading what labs have earned and been paid, and where the books differ from what is outside them."""

from billing.payouts.queries.comparing import Found, differences, escrow_differences
from billing.payouts.queries.earning import (
    DUE,
    PAID,
    STATES,
    UNDERWAY,
    WAITING,
    Due,
    Figures,
    due_to_labs,
    earnings,
    figures,
    has_account,
    of_member,
)
from billing.payouts.queries.paying import (
    Fee,
    batch_rows,
    fee_to_take,
    fees_taken,
    items_of,
    named,
    payouts,
    payouts_of,
)

__all__ = [
    "DUE",
    "PAID",
    "STATES",
    "UNDERWAY",
    "WAITING",
    "Due",
    "Fee",
    "Figures",
    "Found",
    "batch_rows",
    "differences",
    "due_to_labs",
    "earnings",
    "escrow_differences",
    "fee_to_take",
    "fees_taken",
    "figures",
    "has_account",
    "items_of",
    "named",
    "of_member",
    "payouts",
    "payouts_of",
]
