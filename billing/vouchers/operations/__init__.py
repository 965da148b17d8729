"""Vouchers: granted, reserved, used, given back, claimed from their issuer."""

from billing.vouchers.operations.checking import (
    decide_check,
    declare_affiliate,
    declare_controller,
    draw_checks,
    end_affiliation,
)
from billing.vouchers.operations.claiming import claim_batch, drop, items_of, refused, reimbursed, submitted
from billing.vouchers.operations.granting import (
    add_programme,
    apply,
    decline,
    edit_programme,
    grant_application,
    issue_grant,
    set_state,
    warn,
    withdraw,
)
from billing.vouchers.operations.redeeming import TakenBack, change, consume, release, reserve, restore, take_back

__all__ = [
    "TakenBack",
    "add_programme",
    "apply",
    "change",
    "claim_batch",
    "consume",
    "decide_check",
    "declare_affiliate",
    "declare_controller",
    "decline",
    "draw_checks",
    "drop",
    "edit_programme",
    "end_affiliation",
    "grant_application",
    "issue_grant",
    "items_of",
    "refused",
    "reimbursed",
    "release",
    "reserve",
    "restore",
    "set_state",
    "submitted",
    "take_back",
    "warn",
    "withdraw",
]
