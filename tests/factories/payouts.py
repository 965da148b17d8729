"""What labs have earned, for tests, and payouts of it."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from accounts.models import Membership
from billing.ledger import operations as ledger
from billing.ledger import rules as books
from billing.models import Payout
from billing.payouts import operations as payouts
from labs.models import Lab
from tests.factories.accounts import LabOrganisationFactory, OrganisationFactory, PlatformMembershipFactory
from tests.factories.labs import LabFactory

TUESDAY_9 = datetime(2026, 11, 24, 1, tzinfo=UTC)
"""A day of payment, 09:00 in Guangzhou."""
ACCEPTED = TUESDAY_9 - timedelta(days=20)
"""So early that it is paid on that Tuesday."""

_numbers = count(1)


def paid_lab(**given: Any) -> Lab:
    """A lab whose organisation has named its bank account."""
    account = {"bank_name": "中国工商银行广州天河支行", "bank_account": "3602 0000 0001 2345"}
    return LabFactory(organisation=LabOrganisationFactory(**account, **given))


def earned(lab: Lab, fen: int = 100_000, *, at: datetime = ACCEPTED, order: str = "") -> str:
    """Settle an order of a lab on the account of some customer (E3b, E7), and return its number."""
    number = order or f"R20261101{next(_numbers):06d}"
    customer = OrganisationFactory()
    for event, legs in (
        ("E3b", books.on_credit(fen, customer.pk, number)),
        ("E7", books.settled(fen, books.PLATFORM_FEE_BP, lab.pk, number)),
    ):
        ledger.post(event_id=f"{event}:{number}", event=event, legs=legs, at=at, order_number=number, lab_id=lab.pk)
    return number


def given_back(lab: Lab, fen: int, order: str, *, at: datetime = TUESDAY_9) -> None:
    """Give money of a settled order back to its customer (E10)."""
    back = books.platform_fee(fen)
    legs = books.refunded_after_settlement(fen, 0, back, lab.pk, OrganisationFactory().pk, order_number=order)
    ledger.post(
        event_id=f"E10:{order}:{next(_numbers)}", event="E10", legs=legs, at=at, order_number=order, lab_id=lab.pk
    )


def prepared(lab: Lab | None = None, *, by: Membership | None = None, now: datetime = TUESDAY_9) -> Payout:
    """A payout of ¥950.00 to a lab, that waits for its second person."""
    lab = lab or paid_lab()
    earned(lab)
    payouts.prepare(by=by or PlatformMembershipFactory(), now=now)
    return Payout.objects.filter(lab=lab).latest("pk")


def sent(lab: Lab | None = None, *, now: datetime = TUESDAY_9) -> Payout:
    """A payout that the bank was told to make."""
    (payout,) = payouts.approve(payouts=[prepared(lab, now=now)], by=PlatformMembershipFactory(), now=now)
    (payout,) = payouts.send(payouts=[payout], by=PlatformMembershipFactory(), now=now)
    return payout


def confirmed(lab: Lab | None = None, *, now: datetime = TUESDAY_9) -> Payout:
    """A payout that the bank has made."""
    payout = sent(lab, now=now)
    return payouts.confirm(
        payout=payout, reference=f"B{payout.pk:08d}", by=PlatformMembershipFactory(), now=now + timedelta(hours=5)
    )
