"""What becomes of a payout: approved by a second person, sent to the bank, confirmed by it (E11), or not paid."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Membership
from billing.ledger import operations as ledger
from billing.ledger import rules as books
from billing.payments.models import BankLine
from billing.payouts import events
from billing.payouts.models import Payout, PayoutItem
from billing.payouts.operations.refusals import (
    NoPayoutChosen,
    PayoutNotSoFar,
    PayoutReasonMissing,
    PayoutReferenceMissing,
    PayoutReferenceUsed,
    PayoutSecondPerson,
)
from kernel.events import announce
from kernel.locks import lock
from kernel.refusals import Refusal, refusing

State = Payout.State


@transaction.atomic
def approve(*, payouts: Collection[Payout], by: Membership, now: datetime) -> list[Payout]:
    """
    Agree to payouts as the second person: all of them, or none.

    Raises:
        NoPayoutChosen: none is named.
        PayoutSecondPerson: the same person prepared one of them.
        PayoutNotSoFar: one of them was approved, or given up, already.
    """
    found = _locked(payouts, State.PREPARED)
    for payout in found:
        if payout.prepared_by_id == by.user_id:
            raise PayoutSecondPerson(number=payout.number)
        payout.state, payout.approved_by_id, payout.approved_at = State.APPROVED, by.user_id, now
        payout.save(update_fields=["state", "approved_by", "approved_at"])
        _tell(events.PayoutApproved, payout, by=by, now=now)
    return found


@transaction.atomic
def send(*, payouts: Collection[Payout], by: Membership, now: datetime) -> list[Payout]:
    """
    Say that the bank was told to make these payouts: all of them, or none.

    Raises:
        NoPayoutChosen: none is named.
        PayoutNotSoFar: one of them is not approved, or was sent already.
    """
    found = _locked(payouts, State.APPROVED)
    for payout in found:
        payout.state, payout.sent_by_id, payout.sent_at = State.SENT, by.user_id, now
        payout.save(update_fields=["state", "sent_by", "sent_at"])
        _tell(events.PayoutSent, payout, by=by, now=now)
    return found


@transaction.atomic
def confirm(*, payout: Payout, reference: str, by: Membership | None, now: datetime) -> Payout:
    """
    Say that the bank has paid, under its serial number: the lab is owed that much less (E11), once.

    Raises:
        PayoutReferenceMissing: no serial number.
        PayoutReferenceUsed: another payout was confirmed by it.
        PayoutNotSoFar: it is not at the bank, or was confirmed already.
    """
    reference = reference.strip()[:64]
    if not reference:
        raise PayoutReferenceMissing
    (payout,) = _locked([payout], State.SENT)
    entry = ledger.post(
        event_id=f"payout:{payout.number}",
        event="E11",
        legs=books.payout(payout.fen, payout.lab_id),
        at=now,
        organisation_id=payout.lab.organisation_id,
        lab_id=payout.lab_id,
        by=by,
        reason=payout.number,
    )
    payout.state, payout.reference, payout.entry = State.CONFIRMED, reference, entry
    payout.ended_by_id, payout.ended_at = by.user_id if by else None, now
    with refusing(payout_reference_is_of_one_payout=PayoutReferenceUsed(reference=reference)):
        payout.save(update_fields=["state", "reference", "entry", "ended_by", "ended_at"])
    _tell(events.PayoutConfirmed, payout, by=by, now=now, reference=reference)
    return payout


@transaction.atomic
def fail(*, payout: Payout, because: str, by: Membership, now: datetime) -> Payout:
    """
    Say that a payout is not paid, whether the bank could not or somebody gives it up: nothing is posted.

    What it was made of is free again, and due at once.

    Raises:
        PayoutReasonMissing: it is not said why.
        PayoutNotSoFar: it is paid, or was given up already.
    """
    because = because.strip()[:300]
    if not because:
        raise PayoutReasonMissing
    (payout,) = _locked([payout], *Payout.UNDERWAY)
    was_sent = payout.state == State.SENT
    payout.state, payout.failure = State.FAILED, because
    payout.ended_by_id, payout.ended_at = by.user_id, now
    payout.save(update_fields=["state", "failure", "ended_by", "ended_at"])
    PayoutItem.objects.filter(payout=payout).update(is_released=True)
    _tell(events.PayoutFailed, payout, by=by, now=now, because=because, was_sent=was_sent)
    return payout


def confirm_by_bank(*, lines: QuerySet[BankLine], now: datetime) -> int:
    """
    Confirm the payouts that outgoing lines of the bank name in their remark, to the fen; return how many.

    What is not at the bank, or differs, is left to people. Safe to run twice.
    """
    waiting = {payout.number: payout for payout in Payout.objects.in_state(State.SENT)}
    done = 0
    for line in lines.filter(state=BankLine.State.OUTGOING).order_by("pk") if waiting else ():
        named = [payout for number, payout in waiting.items() if number in line.remark]
        if len(named) != 1 or named[0].fen != -line.fen:
            continue
        try:
            confirm(payout=named[0], reference=line.serial, by=None, now=now)
        except Refusal:
            continue
        del waiting[named[0].number]
        done += 1
    return done


def _locked(payouts: Collection[Payout], *states: str) -> list[Payout]:
    """Lock payouts, which must be so far."""
    if not payouts:
        raise NoPayoutChosen
    found = lock(Payout.objects.filter(pk__in=[payout.pk for payout in payouts]).select_related("lab"))
    for payout in found:
        if payout.state not in states:
            raise PayoutNotSoFar(number=payout.number, state=str(payout.get_state_display()))
    return found


def _tell(
    kind: type[events.PayoutEvent], payout: Payout, *, by: Membership | None, now: datetime, **facts: Any
) -> None:
    announce(
        kind(
            occurred_at=now,
            actor_id=by.user_id if by else None,
            organisation_id=payout.lab.organisation_id,
            payout_id=payout.pk,
            number=payout.number,
            lab_id=payout.lab_id,
            fen=payout.fen,
            **facts,
        )
    )
