"""Paying the labs, taking the platform's fee, and comparing the books with what is outside them."""

from billing.payouts.operations.following import approve, confirm, confirm_by_bank, fail, send
from billing.payouts.operations.preparing import announce_due, prepare
from billing.payouts.operations.reconciling import reconcile
from billing.payouts.operations.refusals import (
    FeeSecondPerson,
    FeeWithdrawalDecided,
    FeeWithdrawalWaits,
    MoreThanFeeIsLeft,
    NoPayoutChosen,
    NothingToPayOut,
    PayoutNotSoFar,
    PayoutReasonMissing,
    PayoutReferenceMissing,
    PayoutReferenceUsed,
    PayoutSecondPerson,
    PayoutsPreparedAlready,
)
from billing.payouts.operations.withdrawing import decide_withdrawal, propose_withdrawal

__all__ = [
    "FeeSecondPerson",
    "FeeWithdrawalDecided",
    "FeeWithdrawalWaits",
    "MoreThanFeeIsLeft",
    "NoPayoutChosen",
    "NothingToPayOut",
    "PayoutNotSoFar",
    "PayoutReasonMissing",
    "PayoutReferenceMissing",
    "PayoutReferenceUsed",
    "PayoutSecondPerson",
    "PayoutsPreparedAlready",
    "announce_due",
    "approve",
    "confirm",
    "confirm_by_bank",
    "decide_withdrawal",
    "fail",
    "prepare",
    "propose_withdrawal",
    "reconcile",
    "send",
]
