"""What every act on a bill does: lock it, tell the ledger, give money back by the way it came."""

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


def post(bill: Bill, event: str, legs: books.Legs, *, now: datetime, by: Membership | None = None) -> None:
    """Tell the ledger of one event of a locked bill; its id is the bill's next, so that no event is told twice."""
    bill.postings += 1
    ledger.post(
        event_id=f"bill:{bill.order_number}:{bill.postings}",
        event=event,
        legs=legs,
        at=now,
        order_number=bill.order_number,
        organisation_id=bill.organisation_id,
        lab_id=bill.lab_id,
        by=by,
    )


def pay_back(bill: Bill, owed: Money, *, because: str, now: datetime) -> None:
    """
    Send back what the ledger owes the customer of a bill (2208): to its payments, the newest first (BL-22).

    What never left the platform's books is back at once; the rest waits until it has been carried out.
    """
    if not owed:
        return
    tenders = {tender.pk: tender for tender in bill.tenders.all()}
    for key, fen in rules.newest_first((tender.left for tender in tenders.values()), owed.fen):
        tender = tenders[key]
        tender.returned_fen += fen
        tender.save(update_fields=["returned_fen"])
        at_once = tender.way in AT_ONCE
        refund = Refund.objects.create(
            tender=tender,
            way=tender.way,
            fen=fen,
            because=because,
            state=Refund.State.SUCCEEDED if at_once else Refund.State.PENDING,
            owed_at=now,
            paid_at=now if at_once else None,
        )
        if at_once:
            post(bill, "E8b", refund_legs(bill, tender.way, fen), now=now)
        else:
            tell(events.RefundOwed, bill, now=now, refund_id=refund.pk, fen=fen)


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
