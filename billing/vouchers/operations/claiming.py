"""The issuer is asked to reimburse what was used (兑付): a batch is prepared, submitted, and answered (BL-16)."""

import hashlib
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import translation

from accounts.models import Membership
from billing.ledger import operations as ledger
from billing.ledger.chart import Account
from billing.ledger.rules import Leg, Legs, programme_reimbursed
from billing.vouchers import events, evidence, rules
from billing.vouchers.models import ClaimBatch, ClaimItem, Programme, Redemption
from billing.vouchers.operations.refusals import AllRefused, ClaimState, NothingToClaim, ReasonMissing
from billing.vouchers.operations.steps import lock_programme
from kernel.events import announce
from kernel.locks import lock
from kernel.numbering import next_number

MOST_USES = 500
"""So many uses stand in one batch; whatever is left goes into the next."""
LANGUAGE_OF_ISSUERS = "zh-hans"

State = ClaimBatch.State


@transaction.atomic
def claim_batch(*, programme: Programme, by: Membership, now: datetime) -> ClaimBatch:
    """
    Put together what was used of a programme and not claimed yet, the oldest first.

    What a spot-check holds back, and what was taken back, is left out.

    Raises:
        NothingToClaim: there is nothing.
        Busy: others held the programme for too long.
    """
    programme = lock_programme(programme.pk)
    uses = list(programme.redemptions.claimable().order_by("consumed_at", "pk")[:MOST_USES])
    if not uses:
        raise NothingToClaim
    made = ClaimBatch.objects.create(
        number=next_number("VC", rules.local_day(now)),
        programme=programme,
        total_fen=sum(use.held.fen for use in uses),
        prepared_at=now,
        prepared_by=by.user,
    )
    made.refresh_from_db(fields=["number"])
    ClaimItem.objects.bulk_create(ClaimItem(batch=made, redemption=use, amount_fen=use.held.fen) for use in uses)
    _announce(events.ClaimPrepared, made, by=by, now=now)
    return made


def items_of(batch: ClaimBatch) -> list[ClaimItem]:
    """Return the uses of a batch that it asks for, with all that is listed of them."""
    items = batch.items.exclude(state=ClaimItem.State.DROPPED).select_related(
        "redemption__organisation__district", "redemption__lab", "redemption__grant"
    )
    return list(items.order_by("pk"))


def _locked(batch: ClaimBatch, state: str) -> ClaimBatch:
    """Lock the programme and then the batch, which must be in a state: see Note [Organisation, programme, grant]."""
    programme = lock_programme(batch.programme_id)
    (found,) = lock(ClaimBatch.objects.filter(pk=batch.pk))
    if found.state != state:
        raise ClaimState(number=found.number, state=str(found.get_state_display()))
    found.programme = programme
    return found


@transaction.atomic
def drop(*, batch: ClaimBatch, by: Membership, now: datetime) -> ClaimBatch:
    """
    Do not make a prepared claim: its uses can be claimed again.

    Raises:
        ClaimState: it was submitted, or dropped before.
        Busy: others held the programme for too long.
    """
    found = _locked(batch, State.PREPARED)
    found.items.update(state=ClaimItem.State.DROPPED)
    found.state, found.decided_at = State.DROPPED, now
    found.save(update_fields=["state", "decided_at"])
    _announce(events.ClaimDropped, found, by=by, now=now)
    return found


@transaction.atomic
def submitted(*, batch: ClaimBatch, by: Membership, now: datetime) -> ClaimBatch:
    """
    Say that a claim was handed to its issuer, and keep its evidence as it is now, in Chinese, for good.

    Raises:
        ClaimState: it was submitted before.
        NothingToClaim: all its uses were taken back meanwhile.
        Busy: others held the programme for too long.
    """
    found = _locked(batch, State.PREPARED)
    items = items_of(found)
    if not items:
        raise NothingToClaim
    with translation.override(LANGUAGE_OF_ISSUERS):
        packed = evidence.pack(found, items)
    found.evidence.save(f"{found.number}-{uuid.uuid4().hex[:8]}.zip", ContentFile(packed), save=False)
    found.evidence_sha256 = hashlib.sha256(packed).hexdigest()
    found.state, found.submitted_at = State.SUBMITTED, now
    found.save(update_fields=["evidence", "evidence_sha256", "state", "submitted_at"])
    _announce(events.ClaimSubmitted, found, by=by, now=now)
    return found


@transaction.atomic
def reimbursed(
    *, batch: ClaimBatch, reference: str, refused: Mapping[int, str], by: Membership, now: datetime
) -> ClaimBatch:
    """
    Say that the issuer has paid a claim (E6b), all of it or all but the refused items: item key -> why.

    `reference` names the payment at the bank. What was refused can be claimed again.

    Raises:
        ClaimState: it is not submitted, or was answered before.
        ReasonMissing: an item is refused without a reason.
        AllRefused: no item is left.
        Busy: others held the programme for too long.
    """
    found = _locked(batch, State.SUBMITTED)
    items = items_of(found)
    paid = [item for item in items if item.pk not in refused]
    if not paid:
        raise AllRefused
    for item in items:
        if item.pk in refused:
            _refuse(item, refused[item.pk])
    Redemption.objects.filter(items__in=paid, state=rules.CONSUMED).update(state=rules.REIMBURSED)
    ClaimItem.objects.filter(pk__in=[item.pk for item in paid]).update(state=ClaimItem.State.REIMBURSED)
    found.state, found.decided_at, found.reference = State.REIMBURSED, now, reference.strip()
    found.paid_fen = sum(item.amount_fen for item in paid)
    found.save(update_fields=["state", "decided_at", "reference", "paid_fen"])
    legs = programme_reimbursed(found.paid_fen, found.programme_id)
    ledger.post(event_id=f"claim-reimbursed:{found.pk}", event="E6b", legs=legs, at=now, by=by, reason=found.number)
    _no_longer_owed_back(found, [item for item in items if item.pk in refused], by=by, now=now)
    _announce(events.ClaimReimbursed, found, by=by, now=now, refused=len(items) - len(paid))
    return found


@transaction.atomic
def refused(*, batch: ClaimBatch, reason: str, by: Membership, now: datetime) -> ClaimBatch:
    """
    Say that the issuer pays nothing of a claim, and why; its uses can be claimed again.

    Raises:
        ReasonMissing: nothing is said.
        ClaimState: it is not submitted, or was answered before.
        Busy: others held the programme for too long.
    """
    found = _locked(batch, State.SUBMITTED)
    items = items_of(found)
    for item in items:
        _refuse(item, reason)
    found.state, found.decided_at, found.reason = State.REFUSED, now, reason.strip()
    found.save(update_fields=["state", "decided_at", "reason"])
    _no_longer_owed_back(found, items, by=by, now=now)
    _announce(events.ClaimRefused, found, by=by, now=now, reason=found.reason)
    return found


def _refuse(item: ClaimItem, reason: str) -> None:
    if not reason.strip():
        raise ReasonMissing
    item.state, item.reason = ClaimItem.State.REFUSED, reason.strip()
    item.save(update_fields=["state", "reason"])


def _no_longer_owed_back(batch: ClaimBatch, items: list[ClaimItem], *, by: Membership, now: datetime) -> None:
    """
    Set off what refunds took back while the claim was with the issuer, of uses that it does not pay.

    E10 put it on 2209 because the issuer was about to pay the whole; as it does not, it owes (1123) less instead.
    """
    fen = sum(item.amount_fen - (item.redemption.amount_fen - item.redemption.returned_fen) for item in items)
    if fen:
        event_id = f"claim-set-off:{batch.pk}"
        ledger.post(event_id=event_id, event="E10", legs=set_off(fen, batch.programme_id), at=now, by=by)


def set_off(fen: int, programme_id: int) -> Legs:
    """Return what is owed back to a programme set off against what it owes."""
    return (
        Leg(Account.VOUCHER_RETURNABLE, fen, programme_id=programme_id),
        Leg(Account.VOUCHER_RECEIVABLE, -fen, programme_id=programme_id),
    )


def _announce(kind: type[events.ClaimEvent], batch: ClaimBatch, *, by: Membership, now: datetime, **told: Any) -> None:
    announce(
        kind(
            occurred_at=now,
            actor_id=by.user_id,
            organisation_id=by.organisation_id,
            programme_id=batch.programme_id,
            batch_id=batch.pk,
            number=batch.number,
            **told,
        )
    )
