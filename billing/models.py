"""The tables of billing, in the order of the flow."""

from billing.ledger.models import Entry, Line, Posting, Rolled, Watermark  # isort: skip
from billing.pricing.models import VatRate  # isort: skip
from billing.vouchers.models import (
    Affiliation,
    ClaimBatch,
    ClaimItem,
    Controller,
    Grant,
    Programme,
    Redemption,
    SpotCheck,
    VoucherApplication,
)  # isort: skip

from billing.bills.models import Bill, MonthlyStatement, Refund, RefundRequest, Tender  # isort: skip
from billing.payments.models import AdvanceRefund, BankLine, BankStatement, ReferenceCode, Resolution  # isort: skip
from billing.invoices.models import CreditNote, Document, Invoice, TaxItem  # isort: skip
from billing.payouts.models import (
    Difference,
    FeeWithdrawal,
    Payout,
    PayoutBatch,
    PayoutItem,
    ReconciliationRun,
)  # isort: skip

__all__ = [
    "AdvanceRefund",
    "Affiliation",
    "BankLine",
    "BankStatement",
    "Bill",
    "ClaimBatch",
    "ClaimItem",
    "Controller",
    "CreditNote",
    "Difference",
    "Document",
    "Entry",
    "FeeWithdrawal",
    "Grant",
    "Invoice",
    "Line",
    "MonthlyStatement",
    "Payout",
    "PayoutBatch",
    "PayoutItem",
    "Posting",
    "Programme",
    "ReconciliationRun",
    "Redemption",
    "ReferenceCode",
    "Refund",
    "RefundRequest",
    "Resolution",
    "Rolled",
    "SpotCheck",
    "TaxItem",
    "Tender",
    "VatRate",
    "VoucherApplication",
    "Watermark",
]
