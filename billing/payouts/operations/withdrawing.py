"""The platform takes its own fee out of custody (E14): asked by one person, decided by a second one."""

from datetime import datetime

from django.db import transaction

from accounts.models import Membership
from billing.ledger import operations as ledger
from billing.ledger import rules as books
from billing.payouts import events, queries
from billing.payouts.models import FeeWithdrawal
from billing.payouts.operations.refusals import (
    FeeSecondPerson,
    FeeWithdrawalDecided,
    FeeWithdrawalWaits,
    MoreThanFeeIsLeft,
)
from kernel.events import announce
from kernel.locks import lock
from kernel.money import Money
from kernel.refusals import bounded_wait, refusing

State = FeeWithdrawal.State


@transaction.atomic
def propose_withdrawal(*, fen: int, note: str, by: Membership, now: datetime) -> FeeWithdrawal:
    """
    Ask that so much of the platform's fee goes to its own bank account; nothing moves before a second person agrees.

    Raises:
        MoreThanFeeIsLeft: that much is not the platform's, or not on the custody account; or it is nothing.
        FeeWithdrawalWaits: another one waits.
        Busy: somebody else is asking, for too long.
    """
    _demand(fen)
    with bounded_wait(), refusing(fee_withdrawal_one_waits=FeeWithdrawalWaits):
        asked = FeeWithdrawal.objects.create(
            fen=fen, note=note.strip()[:300], proposed_by_id=by.user_id, proposed_at=now
        )
    announce(
        events.FeeWithdrawalProposed(
            occurred_at=now,
            actor_id=by.user_id,
            organisation_id=by.organisation_id,
            withdrawal_id=asked.pk,
            fen=fen,
        )
    )
    return asked


@transaction.atomic
def decide_withdrawal(*, withdrawal: FeeWithdrawal, approved: bool, by: Membership, now: datetime) -> FeeWithdrawal:
    """
    Agree as the second person that the platform takes its fee, and post it (E14), or decline.

    Raises:
        FeeSecondPerson: the same person asked for it.
        FeeWithdrawalDecided: it was decided already.
        MoreThanFeeIsLeft: less is left by now.
    """
    (asked,) = lock(FeeWithdrawal.objects.filter(pk=withdrawal.pk))
    if asked.state != State.PROPOSED:
        raise FeeWithdrawalDecided
    if asked.proposed_by_id == by.user_id:
        raise FeeSecondPerson
    if approved:
        _demand(asked.fen)
        asked.entry = ledger.post(
            event_id=f"fee-taken:{asked.pk}",
            event="E14",
            legs=books.fee_taken(asked.fen),
            at=now,
            by=by,
            reason=asked.note,
        )
    asked.state = State.APPROVED if approved else State.DECLINED
    asked.decided_by_id, asked.decided_at = by.user_id, now
    asked.save(update_fields=["state", "decided_by", "decided_at", "entry"])
    announce(
        events.FeeWithdrawalDecided(
            occurred_at=now,
            actor_id=by.user_id,
            organisation_id=by.organisation_id,
            withdrawal_id=asked.pk,
            fen=asked.fen,
            approved=approved,
        )
    )
    return asked


def _demand(fen: int) -> None:
    left = queries.fee_to_take().left
    if not 0 < fen <= left.fen:
        raise MoreThanFeeIsLeft(amount=str(Money(fen)), left=str(left))
