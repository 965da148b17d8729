"""Charging an order to its customer: the voucher's part, and their own by the way they chose."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from billing.bills.models import AT_ONCE, Bill, MonthlyStatement, Tender, Way
from billing.bills.operations.steps import post, received, save
from billing.bills.queries import prepaid, standing
from billing.bills.rules import Order
from billing.ledger import operations as ledger
from billing.ledger import rules as books
from kernel.money import ZERO, Money
from kernel.refusals import Refusal, bounded_wait

EVENT = {Way.ACCOUNT: "E3b", Way.BALANCE: "E3b", Way.TRANSFER: "E3", Way.ONLINE: "E3"}


class NoMonthlyAccount(Refusal):
    """The organisation is not verified, or has no credit limit."""

    code = "no_monthly_account"
    message = _("{organisation} has no monthly account. Have the organisation verified and ask the platform for one.")


class CreditExceeded(Refusal):
    """What is owed and this order together pass the limit of the monthly account."""

    code = "credit_exceeded"
    message = _("This order ({amount}) exceeds what is left on the monthly account ({left}).")


class StatementOverdue(Refusal):
    """A month's statement was not paid in time: nothing more goes onto the account before it is."""

    code = "statement_overdue"
    message = _("The monthly statement {number} ({amount}) was to be paid by {due}.")
    cure = _("Pay it first, or pay this order in another way.")


class BalanceTooSmall(Refusal):
    """The prepaid balance does not hold the customer's own part of the order."""

    code = "balance_too_small"
    message = _("This order ({amount}) exceeds the prepaid balance ({left}).")
    cure = _("Top the balance up, or pay in another way.")


class DifferenceUnpaid(Refusal):
    """An order that was paid in advance now costs more, and neither balance nor monthly account hold the difference."""

    code = "difference_unpaid"
    message = _("This costs {amount} more than was paid.")
    cure = _("Put the difference on the prepaid balance first.")


@dataclass(frozen=True, slots=True)
class Charge:
    """An order to charge: what it is, its lines as JSON, what it costs, and what that was computed from."""

    order: Order
    lines: list[dict[str, Any]]
    total: Money
    voucher: Money = ZERO
    priced_from: dict[str, Any] | None = None

    @property
    def own(self) -> Money:
        """What the customer pays."""
        return self.total - self.voucher


def lock_account(organisation_id: int) -> Organisation:
    """
    Lock the organisation that an order is charged to, and return it; before the order's own row, as every booking does.

    Raises:
        Busy: others held the organisation for too long.
    """
    with bounded_wait():
        return Organisation.objects.select_for_update(no_key=True).get(pk=organisation_id)


@transaction.atomic(savepoint=False)
def charge(what: Charge, *, way: str, account: Organisation, now: datetime, carried: Money | None = None) -> Bill:
    """
    Write the bill of an order, and put the customer's part of it into its escrow (E3, E3b).

    `account` is locked (`lock_account`): limit and balance are compared under that lock, so two orders that together
    pass them cannot both be charged. What is paid by transfer or online has arrived before (E1, E2), as an advance.
    `carried` says that an order before it left only so much for this one (E3d): the rest is charged as a difference.

    Raises:
        NoMonthlyAccount, CreditExceeded, StatementOverdue: by monthly account (月结), which does not allow it.
        BalanceTooSmall: from the prepaid balance (预存款), which holds less.
        DifferenceUnpaid: it costs more than was carried over, and nothing else holds the difference.
    """
    if carried is None or way in AT_ONCE or carried >= what.own:
        (bill,) = charge_all([what], way=way, account=account, now=now)
        return bill
    (bill,) = charge_all([replace(what, total=carried, voucher=ZERO)], way=way, account=account, now=now)
    take_more(bill, what.total - carried, account=account, is_owed=False, now=now)
    bill.total_fen = what.total.fen
    save(bill, now, "total_fen")
    return bill


@transaction.atomic(savepoint=False)
def charge_all(charges: Sequence[Charge], *, way: str, account: Organisation, now: datetime) -> list[Bill]:
    """
    Charge several orders of one organisation in one act: all of them, or none; a handful of statements for any number.

    Raises:
        NoMonthlyAccount, CreditExceeded, BalanceTooSmall: the sum of them is not allowed; as for `charge`.
    """
    demand(account, way, Money(sum(one.own.fen for one in charges)), now=now)
    bills = Bill.objects.bulk_create(
        Bill(
            kind=one.order.kind,
            order_number=one.order.number,
            organisation_id=one.order.organisation_id,
            lab_id=one.order.lab_id,
            lines=one.lines,
            priced_from=one.priced_from,
            tax_category=one.order.tax_category,
            served_on=one.order.served_on,
            total_fen=one.total.fen,
            voucher_fen=one.voucher.fen,
            way=way,
            postings=1 if one.own else 0,
            created_at=now,
            changed_at=now,
        )
        for one in charges
    )
    paid = [bill for bill in bills if bill.own]
    Tender.objects.bulk_create(Tender(bill=bill, way=way, paid_fen=bill.own.fen, paid_at=now) for bill in paid)
    ledger.post_many(
        books.Happened(
            event_id=f"bill:{bill.order_number}:1",
            event=EVENT[Way(way)],
            legs=allocation(bill, way, bill.own),
            at=now,
            order_number=bill.order_number,
            organisation_id=bill.organisation_id,
            lab_id=bill.lab_id,
        )
        for bill in paid
    )
    return bills


def demand(account: Organisation, way: str, more: Money, *, now: datetime) -> None:
    """Let pass what a locked organisation's account or balance holds; what was paid in advance was asked for there."""
    if way == Way.ACCOUNT:
        within_credit(account, more, now=now)
    elif way == Way.BALANCE:
        left = prepaid(account.pk)
        if more > left:
            raise BalanceTooSmall(amount=str(more), left=str(left))


def within_credit(account: Organisation, more: Money, *, now: datetime) -> None:
    """
    Let pass what is left of the monthly account's limit: unsettled orders and unpaid statements count alike.

    Nothing more goes onto an account of which a statement is overdue.
    """
    if account.verification != Organisation.Verification.VERIFIED or not account.monthly_credit_fen:
        raise NoMonthlyAccount(organisation=account.name)
    owed, late_id = standing(account.pk, now=now)
    if late_id is not None:
        late = MonthlyStatement.objects.get(pk=late_id)
        raise StatementOverdue(number=late.number, amount=str(Money(late.due_fen)), due=late.due_on.isoformat())
    left = Money(account.monthly_credit_fen) - owed
    if more > left:
        raise CreditExceeded(amount=str(more), left=str(left))


def allocation(bill: Bill, way: str, own: Money) -> books.Legs:
    """Return how money of the customer gets into an order's escrow."""
    builder = {
        Way.ACCOUNT: books.on_credit,
        Way.BALANCE: books.from_balance,
        Way.TRANSFER: books.allocated,
        Way.ONLINE: books.allocated,
    }[Way(way)]
    return builder(own.fen, organisation_id=bill.organisation_id, order_number=bill.order_number)


def take_more(bill: Bill, more: Money, *, account: Organisation, is_owed: bool, now: datetime) -> None:
    """
    Charge what a locked bill costs in addition: by its way, else from the balance, else on the account.

    `is_owed` says that it was used already: then it is owed whatever the limits are.

    Raises:
        NoMonthlyAccount, CreditExceeded, BalanceTooSmall: the bill's way does not allow it.
        DifferenceUnpaid: it was paid in advance, and nothing else holds the difference.
    """
    way = _way_of_more(bill, more, account, is_owed=is_owed, now=now)
    received(bill, way, more.fen, now=now)
    post(bill, EVENT[way], allocation(bill, way, more), now=now)


def _way_of_more(bill: Bill, more: Money, account: Organisation, *, is_owed: bool, now: datetime) -> Way:
    holds = prepaid(account.pk) >= more if bill.way != Way.ACCOUNT else False
    if holds:
        return Way.BALANCE
    if is_owed:
        return Way.ACCOUNT
    if bill.way == Way.BALANCE:
        demand(account, bill.way, more, now=now)
    if bill.way == Way.ACCOUNT:
        within_credit(account, more, now=now)
        return Way.ACCOUNT
    try:
        within_credit(account, more, now=now)
    except (NoMonthlyAccount, CreditExceeded, StatementOverdue) as refusal:
        raise DifferenceUnpaid(amount=str(more)) from refusal
    return Way.ACCOUNT
