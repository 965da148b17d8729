"""What every act on a bill does: lock it, tell the ledger, give money back by the way it came."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from accounts.models import Membership
from billing.bills import events, rules
from billing.bills.models import AT_ONCE, Bill, Refund, Tender, Way
from billing.ledger import operations as ledger
from billing.ledger import rules as books
from billing.ledger.chart import Account
from kernel.events import announce
from kernel.locks import lock
from kernel.money import Money


def locked(order_number: str) -> Bill:
    """Lock the bill of an order and return it as it is now."""
    (bill,) = lock(Bill.objects.filter(order_number=order_number))
    return bill


def save(bill: Bill, now: datetime, *fields: str) -> None:
    """Write the fields that an act has changed."""
    bill.changed_at = now
    bill.save(update_fields=[*fields, "postings", "changed_at"])


def happened(
    bill: Bill, event: str, legs: books.Legs, *, now: datetime, by: Membership | None = None
) -> books.Happened:
    """Return an event of a locked bill for the ledger; its id is the bill's next, so that no event is told twice."""
    bill.postings += 1
    return books.Happened(
        event_id=f"bill:{bill.order_number}:{bill.postings}",
        event=event,
        legs=legs,
        at=now,
        order_number=bill.order_number,
        organisation_id=bill.organisation_id,
        lab_id=bill.lab_id,
        by_id=by.user_id if by else None,
    )


def post(bill: Bill, event: str, legs: books.Legs, *, now: datetime, by: Membership | None = None) -> None:
    """Tell the ledger of one event of a locked bill."""
    ledger.post_many([happened(bill, event, legs, now=now, by=by)])


def pay_back(owed: Sequence[tuple[Bill, Money]], *, because: str, now: datetime) -> None:
    """
    Send back what the ledger owes the customers of bills (2208): to their payments, the newest first (BL-22).

    What never left the platform's books is back at once (E8b); the rest waits until it has been carried out. A handful
    of statements for any number of bills.
    """
    due = {bill.pk: (bill, fen) for bill, fen in owed if fen}
    if not due:
        return
    paid: dict[int, dict[int, Tender]] = {}
    for tender in Tender.objects.filter(bill__in=due):
        paid.setdefault(tender.bill_id, {})[tender.pk] = tender
    refunds, entries, touched = [], [], []
    for bill, money in due.values():
        tenders = paid.get(bill.pk, {})
        for key, fen in rules.newest_first((tender.left for tender in tenders.values()), money.fen):
            tender = tenders[key]
            tender.returned_fen += fen
            touched.append(tender)
            refunds.append(_refund(tender, fen, because, now))
            if tender.way in AT_ONCE:
                entries.append(happened(bill, "E8b", refund_legs(bill, tender.way, fen), now=now))
    Tender.objects.bulk_update(touched, ["returned_fen"])
    ledger.post_many(entries)
    for refund in Refund.objects.bulk_create(refunds):
        if refund.state == Refund.State.PENDING:
            tell(events.RefundOwed, due[refund.tender.bill_id][0], now=now, refund_id=refund.pk, fen=refund.fen)


def _refund(tender: Tender, fen: int, because: str, now: datetime) -> Refund:
    at_once = tender.way in AT_ONCE
    return Refund(
        tender=tender,
        way=tender.way,
        fen=fen,
        because=because,
        state=Refund.State.SUCCEEDED if at_once else Refund.State.PENDING,
        owed_at=now,
        paid_at=now if at_once else None,
    )


def refund_legs(bill: Bill, way: str, fen: int) -> books.Legs:
    """Return E8b by the way the money goes: to the account, the balance, the bank, or the payment provider."""
    via = {
        Way.ACCOUNT: Account.RECEIVABLE,
        Way.BALANCE: Account.PREPAID,
        Way.TRANSFER: Account.CUSTODY_BANK,
        Way.ONLINE: Account.PSP_CLEARING,
    }[Way(way)]
    return books.refund_paid(fen, organisation_id=bill.organisation_id, via=via, order_number=bill.order_number)


def tell(
    kind: type[events.BillEvent], bill: Bill, *, now: datetime, by: Membership | None = None, **facts: Any
) -> None:
    """Announce an event of a bill."""
    announce(
        kind(
            occurred_at=now,
            actor_id=by.user_id if by else None,
            organisation_id=bill.organisation_id,
            order_number=bill.order_number,
            **facts,
        )
    )


def received(bill: Bill, way: str, fen: int, *, now: datetime) -> Tender:
    """Write down a payment towards a bill."""
    return Tender.objects.create(bill=bill, way=way, paid_fen=fen, paid_at=now)
