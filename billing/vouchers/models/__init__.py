"""Vouchers: what a programme gives, to whom, what it paid, and what the issuer owes for it."""

from billing.vouchers.models.affiliations import Affiliation, Controller
from billing.vouchers.models.claims import ClaimBatch, ClaimItem, SpotCheck
from billing.vouchers.models.programmes import Grant, Programme, VoucherApplication
from billing.vouchers.models.redemptions import Redemption

__all__ = [
    "Affiliation",
    "ClaimBatch",
    "ClaimItem",
    "Controller",
    "Grant",
    "Programme",
    "Redemption",
    "SpotCheck",
    "VoucherApplication",
]
