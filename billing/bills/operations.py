"""Charging an order, and taking the charge back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from billing.bills.models import Bill
from kernel.locks import lock
from kernel.money import Money
from kernel.refusals import Refusal, bounded_wait
from labs.models import Lab


class NoMonthlyAccount(Refusal):
    """The organisation is not verified, or has no credit limit."""

    code = "no_monthly_account"
    message = _("{organisation} has no monthly account. Have the organisation verified and ask the platform for one.")


class CreditExceeded(Refusal):
    """What is owed and this order together pass the limit of the monthly account."""

    code = "credit_exceeded"
    message = _("This order ({amount}) exceeds what is left on the monthly account ({left}).")


def lock_account(organisation_id: int) -> Organisation:
    """
    Lock the organisation that an order is charged to, and return it; before the order's own row, as every booking does.

    Raises:
        Busy: others held the organisation for too long.
    """
    with bounded_wait():
        return Organisation.objects.select_for_update(no_key=True).get(pk=organisation_id)


@transaction.atomic(savepoint=False)
def charge_on_account(
    *,
    account: Organisation,
    lab: Lab,
    order_number: str,
    lines: list[dict[str, Any]],
    total: Money,
    now: datetime,
    priced_from: Mapping[str, Any] | None = None,
) -> Bill:
    """
    Put an order on the monthly account (月结) of an organisation that `lock_account` has locked.

    Its limit is compared with what it owes under the lock: two orders that together pass the limit cannot both be
    charged.

    Raises:
        NoMonthlyAccount: not verified, or no limit.
        CreditExceeded: the limit would be passed.
    """
    _within_credit(account, total)
    return _charge(account.pk, lab, order_number, lines, total, Bill.Tender.ON_ACCOUNT, now, priced_from)


@dataclass(frozen=True, slots=True)
class Charge:
    """One order of several that are charged in one act: its number, its lines, what they cost and came from."""

    order_number: str
    lines: list[dict[str, Any]]
    total: Money
    priced_from: Mapping[str, Any] | None = None


@transaction.atomic(savepoint=False)
def charge_all_on_account(*, account: Organisation, lab: Lab, charges: Sequence[Charge], now: datetime) -> list[Bill]:
    """
    Put several orders at one lab on a monthly account that `lock_account` has locked: all of them, or none.

    A bill each, in two statements however many they are; the limit is compared with their sum.

    Raises:
        NoMonthlyAccount: not verified, or no limit.
        CreditExceeded: the limit would be passed by all of them together.
    """
    _within_credit(account, Money(sum(charge.total.fen for charge in charges)))
    return Bill.objects.bulk_create(
        Bill(
            order_number=charge.order_number,
            organisation_id=account.pk,
            lab=lab,
            lines=charge.lines,
            priced_from=charge.priced_from,
            total_fen=charge.total.fen,
            tender=Bill.Tender.ON_ACCOUNT,
            created_at=now,
            changed_at=now,
        )
        for charge in charges
    )


def _within_credit(account: Organisation, more: Money) -> None:
    """Let pass what is left on a locked account."""
    if account.verification != Organisation.Verification.VERIFIED or not account.monthly_credit_fen:
        raise NoMonthlyAccount(organisation=account.name)
    owed = Bill.objects.filter(organisation=account).owed_on_account().owed_fen()
    left = Money(account.monthly_credit_fen - owed)
    if more > left:
        raise CreditExceeded(amount=str(more), left=str(left))


def _charge(
    organisation_id: int,
    lab: Lab,
    order_number: str,
    lines: list[dict[str, Any]],
    total: Money,
    tender: str,
    now: datetime,
    priced_from: Mapping[str, Any] | None,
) -> Bill:
    return Bill.objects.create(
        order_number=order_number,
        organisation_id=organisation_id,
        lab=lab,
        lines=lines,
        priced_from=priced_from,
        total_fen=total.fen,
        tender=tender,
        created_at=now,
        changed_at=now,
    )


@transaction.atomic
def charge_paid(
    *,
    organisation_id: int,
    lab: Lab,
    order_number: str,
    lines: list[dict[str, Any]],
    total: Money,
    tender: str,
    now: datetime,
    priced_from: Mapping[str, Any] | None = None,
) -> Bill:
    """Write the bill of an order whose money has arrived, online or by transfer; nothing is asked of the account."""
    return _charge(organisation_id, lab, order_number, lines, total, tender, now, priced_from)


@transaction.atomic
def adjust_charge(
    *,
    order_number: str,
    lines: list[dict[str, Any]],
    total: Money,
    now: datetime,
    priced_from: Mapping[str, Any] | None = None,
    asks_credit: bool = False,
) -> Bill:
    """
    Let a bill say what its order costs now: moved, broken off, or settled; the figures are frozen again, with what they
    were computed from.

    With `asks_credit`, what is added must be left on the monthly account of an order that is on account. What is owed
    after use is owed whatever the limit.

    Raises:
        NoMonthlyAccount, CreditExceeded: the account does not allow what is added.
        Busy: others held the account for too long.
    """
    (bill,) = lock(Bill.objects.filter(order_number=order_number))
    more = total - bill.total
    if asks_credit and bill.tender == Bill.Tender.ON_ACCOUNT and more > Money(0):
        _within_credit(lock_account(bill.organisation_id), more)
    bill.lines, bill.priced_from, bill.total_fen, bill.changed_at = lines, priced_from, total.fen, now
    bill.save(update_fields=["lines", "priced_from", "total_fen", "changed_at"])
    return bill


@transaction.atomic(savepoint=False)
def cancel_charges(*, fees: Mapping[str, Money], now: datetime) -> None:
    """Take the charges of several orders back, by their numbers, all but the fee of each; two statements."""
    bills = lock(Bill.objects.filter(order_number__in=list(fees)))
    for bill in bills:
        bill.state, bill.fee_fen, bill.changed_at = Bill.State.CANCELLED, fees[bill.order_number].fen, now
    Bill.objects.bulk_update(bills, ["state", "fee_fen", "changed_at"])


@transaction.atomic
def cancel_charge(*, order_number: str, fee: Money, now: datetime) -> Bill:
    """Take an order's charge back, all but the cancellation fee (BL-20)."""
    (bill,) = lock(Bill.objects.filter(order_number=order_number))
    bill.state = Bill.State.CANCELLED
    bill.fee_fen = fee.fen
    bill.changed_at = now
    bill.save(update_fields=["state", "fee_fen", "changed_at"])
    return bill
