"""The money side of an order: charged, followed, called off, settled, given back."""

from billing.bills.operations.adjusting import adjust
from billing.bills.operations.charging import (
    BalanceTooSmall,
    Charge,
    CreditExceeded,
    DifferenceUnpaid,
    NoMonthlyAccount,
    StatementOverdue,
    charge,
    charge_all,
    lock_account,
)
from billing.bills.operations.ending import cancel, cancel_all, settle
from billing.bills.operations.refunding import (
    CannotDecideOwn,
    MoreThanIsLeftOfBill,
    NothingToGiveBack,
    RefundAskedAlready,
    RefundNotOpen,
    ask_refund,
    decide_refund,
    refund_failed,
    refund_paid,
    try_again,
)

__all__ = [
    "BalanceTooSmall",
    "CannotDecideOwn",
    "Charge",
    "CreditExceeded",
    "DifferenceUnpaid",
    "MoreThanIsLeftOfBill",
    "NoMonthlyAccount",
    "NothingToGiveBack",
    "RefundAskedAlready",
    "RefundNotOpen",
    "StatementOverdue",
    "adjust",
    "ask_refund",
    "cancel",
    "cancel_all",
    "charge",
    "charge_all",
    "decide_refund",
    "lock_account",
    "refund_failed",
    "refund_paid",
    "settle",
    "try_again",
]
