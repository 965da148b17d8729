"""Letting a bill follow its order while that is not over: moved, broken off, prolonged."""

from datetime import date, datetime
from typing import Any

from django.db import transaction

from accounts.models import Organisation
from billing.bills import rules
from billing.bills.models import AT_ONCE, Bill, Refund
from billing.bills.operations.charging import lock_account, take_more
from billing.bills.operations.steps import locked, pay_back, post, save
from billing.ledger import rules as books
from billing.vouchers import operations as vouchers
from billing.vouchers import queries as redemptions
from kernel.money import ZERO, Money


@transaction.atomic
def adjust(
    *,
    order_number: str,
    lines: list[dict[str, Any]],
    total: Money,
    now: datetime,
    priced_from: dict[str, Any] | None = None,
    lab_id: int | None = None,
    served_on: date | None = None,
    is_owed: bool = False,
    carry: Money = ZERO,
) -> Bill:
    """
    Let a bill say what its order costs now; what it costs more is charged, what it costs less goes back (BL-22).

    The organisation is locked before the order, by the caller or here. A voucher covers of the new lines what it may,
    never more than was reserved; with `served_on`, the local day of another time, it is asked anew whether it pays.
    `lab_id` is who earns by the order now.
    `is_owed` says that it was used already: then no limit is asked. Up to `carry` of what was paid in advance does not
    go back, but stays for the order that follows this one (E3d).

    Raises:
        Refusal: the voucher cannot pay on the other day (`vouchers.change`).
        NoMonthlyAccount, CreditExceeded, BalanceTooSmall, DifferenceUnpaid: nothing holds what it costs more.
        Busy: others held the organisation for too long.
    """
    bill = Bill.objects.get(order_number=order_number)
    account = lock_account(bill.organisation_id)
    bill = locked(order_number)
    if served_on is not None:
        if bill.voucher_fen:
            vouchers.change(order_number=order_number, lines=lines, service_on=served_on, now=now)
        bill.served_on = served_on
    if lab_id is not None:
        bill.lab_id = lab_id
    change(bill, lines=lines, total=total, account=account, is_owed=is_owed, carry=carry, now=now)
    if priced_from is not None:
        bill.priced_from = priced_from
    save(bill, now, "lab", "lines", "priced_from", "served_on", "total_fen", "voucher_fen")
    return bill


def change(
    bill: Bill,
    *,
    lines: list[dict[str, Any]],
    total: Money,
    account: Organisation,
    is_owed: bool,
    now: datetime,
    carry: Money = ZERO,
) -> None:
    """Move money until a locked bill's escrow holds what the lines cost; the caller saves."""
    reserved = redemptions.live_of(bill.order_number) if bill.voucher_fen else None
    voucher = redemptions.at_settlement(reserved, lines) if reserved else Money(0)
    more = (total - voucher) - bill.own
    if more > Money(0):
        take_more(bill, more, account=account, is_owed=is_owed, now=now)
    elif more < Money(0):
        carried = ZERO if bill.way in AT_ONCE else min(-more, carry)
        if carried:
            carry_over(bill, carried, now=now)
        if -more > carried:
            give_back(bill, -more - carried, now=now)
    bill.lines, bill.total_fen, bill.voucher_fen = lines, total.fen, voucher.fen


def give_back(bill: Bill, less: Money, *, now: datetime) -> None:
    """Take money of the customer's out of the escrow, and send it back."""
    owed = books.refund_owed(less.fen, organisation_id=bill.organisation_id, order_number=bill.order_number)
    post(bill, "E8a", owed, now=now)
    pay_back([(bill, less)], because=Refund.Because.CHEAPER, now=now)


def carry_over(bill: Bill, carried: Money, *, now: datetime) -> None:
    """Leave money of the customer's for the order that follows: out of the escrow, to what is not allocated."""
    tenders = {tender.pk: tender for tender in bill.tenders.all()}
    for key, fen in rules.newest_first((tender.left for tender in tenders.values()), carried.fen):
        tenders[key].returned_fen += fen
        tenders[key].save(update_fields=["returned_fen"])
    allocated = books.allocated(carried.fen, bill.organisation_id, bill.order_number)
    post(bill, "E3d", books.opposite(allocated), now=now)
