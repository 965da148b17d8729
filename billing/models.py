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

from billing.bills.models import Bill, Refund, RefundRequest, Tender  # isort: skip

__all__ = [
    "Affiliation",
    "Bill",
    "ClaimBatch",
    "ClaimItem",
    "Controller",
    "Entry",
    "Grant",
    "Line",
    "Posting",
    "Programme",
    "Redemption",
    "Refund",
    "RefundRequest",
    "Rolled",
    "SpotCheck",
    "Tender",
    "VatRate",
    "VoucherApplication",
    "Watermark",
]
