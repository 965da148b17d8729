"""How a claim is listed for its issuer: the columns of the batch file, and of the list inside the evidence."""

from typing import Any

from django.utils.translation import gettext as _

from billing.vouchers import rules
from billing.vouchers.models import ClaimItem


def columns() -> list[str]:
    """Return the headings."""
    return [
        _("No."), _("Order number"), _("Organisation"), _("Credit code"), _("Size"), _("District"), _("Laboratory"),
        _("Kind of service"), _("Service on"), _("Eligible amount (¥)"), _("Claimed (¥)"), _("Settled at"),
        _("Voucher"), _("State"), _("Reason"),
    ]  # fmt: skip


def row(at: int, item: ClaimItem) -> list[Any]:
    """Return a claimed use as a line; amounts in yuan, the time that of Guangzhou."""
    used, customer = item.redemption, item.redemption.organisation
    return [
        at,
        used.order_number,
        customer.name_zh,
        customer.registration_number,
        str(customer.get_size_display()),
        str(customer.district or ""),
        used.lab.name,
        str(used.get_kind_display()),
        used.service_on,
        used.eligible_fen / 100,
        item.amount_fen / 100,
        used.consumed_at.astimezone(rules.ZONE) if used.consumed_at else "",
        f"G{used.grant_id}",
        str(item.get_state_display()),
        item.reason,
    ]
