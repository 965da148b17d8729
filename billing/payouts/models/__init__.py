"""The tables of payouts, in the order of the flow."""

from billing.payouts.models.payouts import Payout, PayoutBatch, PayoutItem
from billing.payouts.models.reconciliation import Difference, ReconciliationRun
from billing.payouts.models.withdrawals import FeeWithdrawal

__all__ = ["Difference", "FeeWithdrawal", "Payout", "PayoutBatch", "PayoutItem", "ReconciliationRun"]
