"""Charging an order, and taking the charge back."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from billing.bills.models import Bill
from kernel.locks import lock
from kernel.money import Money
from kernel.refusals import Refusal
from labs.models import Lab


class NoMonthlyAccount(Refusal):
    """The organisation is not verified, or has no credit limit."""

    code = "no_monthly_account"
    message = _("{organisation} has no monthly account. Have the organisation verified and ask the platform for one.")


class CreditExceeded(Refusal):
    """What is owed and this order together pass the limit of the monthly account."""

    code = "credit_exceeded"
    message = _("This order ({amount}) exceeds what is left on the monthly account ({left}).")


@transaction.atomic
def charge_on_account(
    *, organisation_id: int, lab: Lab, order_number: str, lines: list[dict[str, Any]], total: Money, now: datetime
) -> Bill:
    """
    Put an order on the organisation's monthly account (月结).

    The organisation's row is locked while its limit is compared with what it owes: two orders that together pass the
    limit cannot both be charged.

    Raises:
        NoMonthlyAccount: not verified, or no limit.
        CreditExceeded: the limit would be passed.
        Busy: others held the organisation's account for too long.
    """
    (organisation,) = lock(Organisation.objects.filter(pk=organisation_id))
    if organisation.verification != Organisation.Verification.VERIFIED or not organisation.monthly_credit_fen:
        raise NoMonthlyAccount(organisation=organisation.name)
    owed = Bill.objects.filter(organisation=organisation).owed_on_account().owed_fen()
    left = Money(organisation.monthly_credit_fen - owed)
    if total > left:
        raise CreditExceeded(amount=str(total), left=str(left))
    return Bill.objects.create(
        order_number=order_number,
        organisation=organisation,
        lab=lab,
        lines=lines,
        total_fen=total.fen,
        tender=Bill.Tender.ON_ACCOUNT,
        created_at=now,
        changed_at=now,
    )


@transaction.atomic
def cancel_charge(*, order_number: str, fee: Money, now: datetime) -> Bill:
    """Take an order's charge back, all but the cancellation fee (BL-20)."""
    (bill,) = lock(Bill.objects.filter(order_number=order_number))
    bill.state = Bill.State.CANCELLED
    bill.fee_fen = fee.fen
    bill.changed_at = now
    bill.save(update_fields=["state", "fee_fen", "changed_at"])
    return bill
