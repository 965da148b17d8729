"""What money that has arrived is used for: an order, a month's statement, the prepaid balance; or it goes back."""

from datetime import datetime

from django.db import transaction

from accounts.models import Membership
from billing.bills.models import MonthlyStatement
from billing.ledger import operations as ledger
from billing.ledger import rules as books
from billing.payments import events, rules
from billing.payments.models import AdvanceRefund, BankLine, ReferenceCode
from billing.payments.operations.monthly import statement_paid
from billing.payments.operations.refusals import OrderLost, TooLittle
from kernel.events import announce
from kernel.locks import lock
from kernel.money import Money


def spend(line: BankLine, reference: ReferenceCode, *, now: datetime, by: Membership | None = None) -> None:
    """
    Use a locked line's money, which the books hold as its organisation's advance (E2, E2b), for what it was sent for.

    What is more than expected goes onto the prepaid balance (E4). Money for an order that cannot take place any more
    goes back whole (E8a). The organisation is locked by the caller.

    Raises:
        TooLittle: less arrived than is owed.
        OrderUnknown: there is no such order (any more).
        StatementPaidAlready: another transfer paid the statement.
        Refusal: the order takes no payment of this amount now.
    """
    expected = reference.expected_fen or 0
    if line.fen < expected:
        raise TooLittle(amount=str(line.amount), number=reference.number, expected=str(Money(expected)))
    if reference.purpose == rules.ORDER:
        try:
            with transaction.atomic():
                _pay_order(reference, now=now, by=by)
        except OrderLost as lost:
            _owe_back(line, reference, because=lost.facts["because"], now=now, by=by)
            return
    elif reference.purpose == rules.STATEMENT:
        (statement,) = lock(MonthlyStatement.objects.filter(number=reference.number))
        statement_paid(statement=statement, event_id=f"transfer:{line.pk}:statement", by=by, now=now)
    if reference.purpose != rules.TOP_UP:
        ReferenceCode.objects.filter(pk=reference.pk).update(paid_at=now)
    if line.fen > expected:
        put_on_balance(line, line.fen - expected, organisation_id=reference.organisation_id, now=now, by=by)


def _pay_order(reference: ReferenceCode, *, now: datetime, by: Membership | None) -> None:
    announce(
        events.TransferReceived(
            occurred_at=now,
            actor_id=by.user_id if by else None,
            organisation_id=reference.organisation_id,
            number=reference.number,
            fen=reference.expected_fen or 0,
        )
    )


def put_on_balance(
    line: BankLine, fen: int, *, organisation_id: int, now: datetime, by: Membership | None = None
) -> None:
    """Put some of an advance onto the prepaid balance (E4)."""
    ledger.post(
        event_id=f"transfer:{line.pk}:balance",
        event="E4",
        legs=books.put_on_balance(fen, organisation_id),
        at=now,
        organisation_id=organisation_id,
        by=by,
    )
    tell_topped_up(organisation_id, fen, now=now, by=by)


def tell_topped_up(organisation_id: int, fen: int, *, now: datetime, by: Membership | None = None) -> None:
    """Announce that a balance has grown."""
    actor_id = by.user_id if by else None
    announce(events.BalanceToppedUp(occurred_at=now, actor_id=actor_id, organisation_id=organisation_id, fen=fen))


def _owe_back(line: BankLine, reference: ReferenceCode, *, because: str, now: datetime, by: Membership | None) -> None:
    organisation_id, number = reference.organisation_id, reference.number
    ledger.post(
        event_id=f"transfer:{line.pk}:owed-back",
        event="E8a",
        legs=books.advance_owed_back(line.fen, organisation_id, number),
        at=now,
        order_number=number,
        organisation_id=organisation_id,
        by=by,
    )
    refund = AdvanceRefund.objects.create(
        line=line,
        organisation_id=organisation_id,
        order_number=number,
        fen=line.fen,
        because=because,
        owed_at=now,
    )
    announce(
        events.TransferOwedBack(
            occurred_at=now,
            actor_id=by.user_id if by else None,
            organisation_id=organisation_id,
            refund_id=refund.pk,
            order_number=number,
            fen=line.fen,
        )
    )
