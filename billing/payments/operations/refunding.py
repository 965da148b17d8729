"""Sending back transfers that came for what cannot take place any more: carried out by people, at the bank (E8b)."""

from datetime import datetime

from django.db import transaction

from accounts.models import Membership
from billing.bills import operations as bills
from billing.ledger import operations as ledger
from billing.ledger import rules as books
from billing.ledger.chart import Account
from billing.payments import events
from billing.payments.models import AdvanceRefund
from billing.payments.operations.refusals import RefundDealtWith, TransferReferenceMissing
from billing.payments.operations.spending import tell_topped_up
from kernel.events import announce
from kernel.locks import lock

PENDING, FAILED, SUCCEEDED = AdvanceRefund.State.PENDING, AdvanceRefund.State.FAILED, AdvanceRefund.State.SUCCEEDED


@transaction.atomic
def sent_back(*, refund: AdvanceRefund, reference: str, by: Membership, now: datetime) -> AdvanceRefund:
    """
    Say that the bank has carried a refund out, with the bank's serial number (E8b).

    Raises:
        TransferReferenceMissing: no serial number.
        RefundDealtWith: it has arrived already.
    """
    if not reference.strip():
        raise TransferReferenceMissing
    refund = _open(refund, PENDING)
    return _done(refund, Account.CUSTODY_BANK, reference=reference.strip()[:64], by=by, now=now)


@transaction.atomic
def not_sent_back(*, refund: AdvanceRefund, because: str, by: Membership, now: datetime) -> AdvanceRefund:
    """
    Say that the bank could not carry a refund out: it is owed as before (BL-31).

    Raises:
        RefundDealtWith: it is not on its way.
    """
    refund = _open(refund, PENDING)
    refund.state, refund.failure = FAILED, because.strip()[:300]
    refund.save()
    _tell(events.TransferNotSentBack, refund, by=by, now=now, because=refund.failure)
    return refund


@transaction.atomic
def send_again(*, refund: AdvanceRefund, to_balance: bool, by: Membership, now: datetime) -> AdvanceRefund:
    """
    Send a refund that failed again, or put it onto the prepaid balance instead.

    Raises:
        RefundDealtWith: it did not fail.
        Busy: somebody holds the organisation for too long.
    """
    bills.lock_account(refund.organisation_id)
    refund = _open(refund, FAILED)
    if to_balance:
        refund.to_balance = True
        refund = _done(refund, Account.PREPAID, reference="", by=by, now=now)
        tell_topped_up(refund.organisation_id, refund.fen, by=by, now=now)
        return refund
    refund.state, refund.failure = PENDING, ""
    refund.save()
    return refund


def _open(refund: AdvanceRefund, state: str) -> AdvanceRefund:
    (refund,) = lock(AdvanceRefund.objects.filter(pk=refund.pk))
    if refund.state != state:
        raise RefundDealtWith
    return refund


def _done(refund: AdvanceRefund, via: Account, *, reference: str, by: Membership, now: datetime) -> AdvanceRefund:
    refund.state, refund.reference, refund.paid_at, refund.failure = SUCCEEDED, reference, now, ""
    refund.save()
    ledger.post(
        event_id=f"transfer:{refund.line_id}:sent-back",
        event="E8b",
        legs=books.refund_paid(refund.fen, refund.organisation_id, via, order_number=refund.order_number),
        at=now,
        by=by,
        order_number=refund.order_number,
        organisation_id=refund.organisation_id,
    )
    _tell(events.TransferSentBack, refund, by=by, now=now)
    return refund


def _tell(
    kind: type[events.TransferSentBack | events.TransferNotSentBack],
    refund: AdvanceRefund,
    *,
    by: Membership,
    now: datetime,
    **facts: str,
) -> None:
    announce(
        kind(
            occurred_at=now,
            actor_id=by.user_id,
            organisation_id=refund.organisation_id,
            refund_id=refund.pk,
            order_number=refund.order_number,
            fen=refund.fen,
            **facts,
        )
    )
