"""The end of an order's money: called off, or settled."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from billing.bills import events, rules
from billing.bills.models import Bill, Refund
from billing.bills.operations.adjusting import change
from billing.bills.operations.charging import lock_account
from billing.bills.operations.steps import happened, locked, pay_back, post, save, tell
from billing.ledger import operations as ledger
from billing.ledger import rules as books
from billing.pricing.queries import VatRateUnknown, vat_rate
from billing.vouchers import operations as vouchers
from kernel.locks import lock
from kernel.money import Money


@transaction.atomic
def cancel(*, order_number: str, fee: Money, by_lab: bool, now: datetime) -> Bill:
    """
    Call an order's bill off: the lab gets the fee, the customer the rest of their own money (E9, BL-20, BL-21).

    The fee is never more than the customer's own part; a voucher is restored whole and pays no fees.
    """
    (bill,) = cancel_all(fees={order_number: fee}, by_lab=by_lab, now=now)
    return bill


@transaction.atomic(savepoint=False)
def cancel_all(*, fees: Mapping[str, Money], by_lab: bool, now: datetime) -> list[Bill]:
    """Call the bills of several orders off, as `cancel` does, by their numbers; few statements for any number."""
    bills = lock(Bill.objects.filter(order_number__in=list(fees)))
    owed, entries = [], []
    for bill in bills:
        asked = Money(0) if by_lab else fees[bill.order_number]
        kept = rules.fee_of_cancelling(by_ladder=asked, own=bill.own)
        if bill.own:
            legs = books.cancelled(bill.own.fen, kept.fen, bill.lab_id, bill.organisation_id, bill.order_number)
            entries.append(happened(bill, "E9", legs, now=now))
            owed.append((bill, bill.own - kept))
        if bill.voucher_fen:
            vouchers.restore(order_number=bill.order_number, by_lab=by_lab, now=now)
        bill.state, bill.fee_fen = Bill.State.CANCELLED, kept.fen
        bill.cancelled_at = bill.changed_at = now
    ledger.post_many(entries)
    pay_back(owed, because=Refund.Because.CANCELLED, now=now)
    Bill.objects.bulk_update(bills, ["state", "fee_fen", "cancelled_at", "changed_at", "postings"])
    return bills


@transaction.atomic
def settle(
    *,
    order_number: str,
    lines: list[dict[str, Any]],
    total: Money,
    now: datetime,
    priced_from: dict[str, Any] | None = None,
) -> Bill:
    """
    Make a bill final: the voucher is consumed (E6), and the escrow becomes the lab's, less the platform's fee (E7).

    The rate of VAT is that of the lab on the day of service (BL-17); where it is not known yet, the invoice asks again.

    Raises:
        Busy: others held the organisation for too long.
    """
    account = lock_account(Bill.objects.get(order_number=order_number).organisation_id)
    bill = locked(order_number)
    change(bill, lines=lines, total=total, account=account, is_owed=True, now=now)
    if bill.voucher_fen:
        vouchers.consume(order_number=order_number, fen=bill.voucher_fen, now=now)
    if bill.total_fen:
        legs = books.settled(bill.total_fen, books.PLATFORM_FEE_BP, bill.lab_id, order_number)
        post(bill, "E7", legs, now=now)
        bill.platform_fee_fen = books.platform_fee(bill.total_fen)
    bill.vat_bp = _vat_rate(bill)
    bill.state, bill.settled_at = Bill.State.SETTLED, now
    if priced_from is not None:
        bill.priced_from = priced_from
    save(
        bill,
        now,
        "state",
        "settled_at",
        "lines",
        "vat_bp",
        "priced_from",
        "total_fen",
        "voucher_fen",
        "platform_fee_fen",
    )
    tell(events.BillSettled, bill, now=now, bill_id=bill.pk, lab_id=bill.lab_id, total_fen=bill.total_fen)
    return bill


def _vat_rate(bill: Bill) -> int | None:
    try:
        return vat_rate(category=bill.tax_category, seller_id=bill.lab.organisation_id, on=bill.served_on)
    except VatRateUnknown:
        return None
