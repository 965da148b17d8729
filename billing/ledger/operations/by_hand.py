"""Posting by hand: one person proposes for a reason, a second one lets it into the books or not."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from billing.ledger.events import PostingApproved, PostingDeclined, PostingProposed
from billing.ledger.models import Entry, Posting
from billing.ledger.operations.posting import AlreadyReversed, legs_of, post, reverse
from billing.ledger.rules import BY_HAND, REVERSAL, Account, Leg, balanced, opposite
from kernel.events import announce
from kernel.locks import lock
from kernel.refusals import Refusal


class PostingUnbalanced(Refusal):
    """Debits and credits differ, or there are fewer than two lines."""

    code = "posting_unbalanced"
    message = _("Debits and credits must be equal, in two lines or more.")
    status = 422


class ReasonMissing(Refusal):
    """What a person posts, reverses or declines by hand is done for a reason."""

    code = "posting_reason_missing"
    message = _("Say why.")
    status = 422


class SecondPersonNeeded(Refusal):
    """Who proposed it does not decide it."""

    code = "second_person_needed"
    message = _("You proposed this yourself: a second person decides.")


class PostingDecided(Refusal):
    """Somebody has approved or declined it."""

    code = "posting_decided"
    message = _("This posting is decided already.")


@transaction.atomic
def propose_posting(
    *, legs: Iterable[Leg], reason: str, by: Membership, now: datetime, order_number: str = ""
) -> Posting:
    """
    Propose to post by hand; nothing is posted before a second person approves.

    Raises:
        ReasonMissing: no reason is given.
        PostingUnbalanced: the legs are no entry.
    """
    try:
        found = balanced(legs)
    except ValueError as fault:
        raise PostingUnbalanced from fault
    return _propose([_kept(leg) for leg in found], None, order_number, reason, by, now)


@transaction.atomic
def propose_reversal(*, entry: Entry, reason: str, by: Membership, now: datetime) -> Posting:
    """
    Propose to take an entry back by its opposite.

    Raises:
        ReasonMissing: no reason is given.
        AlreadyReversed: it is taken back already, or is a reversal itself.
    """
    if entry.event == REVERSAL or entry.reversals.exists():
        raise AlreadyReversed(entry=entry.event_id)
    legs = [_kept(leg) for leg in opposite(legs_of(entry))]
    return _propose(legs, entry, entry.order_number, reason, by, now)


def _propose(
    legs: list[dict[str, Any]], entry: Entry | None, order_number: str, reason: str, by: Membership, now: datetime
) -> Posting:
    if not reason.strip():
        raise ReasonMissing
    posting = Posting.objects.create(
        legs=legs,
        reverses=entry,
        order_number=order_number,
        reason=reason.strip(),
        proposed_by=by.user,
        proposed_at=now,
    )
    announce(PostingProposed(**_about(posting, by, now), reason=posting.reason))
    return posting


@transaction.atomic
def approve_posting(*, posting: Posting, by: Membership, now: datetime) -> Posting:
    """
    Post what somebody else proposed.

    Raises:
        SecondPersonNeeded: `by` proposed it.
        PostingDecided: it is approved or declined already.
        AlreadyReversed: what it takes back was taken back meanwhile.
    """
    waiting = _waiting(posting, by)
    event_id = f"hand:{waiting.pk}"
    if waiting.reverses is not None:
        entry = reverse(entry=waiting.reverses, by=by, reason=waiting.reason, now=now, event_id=event_id)
    else:
        entry = post(
            event_id=event_id,
            event=BY_HAND,
            legs=legs_proposed(waiting),
            at=now,
            order_number=waiting.order_number,
            by=by,
            reason=waiting.reason,
        )
    _decide(waiting, Posting.State.APPROVED, by, now, entry=entry)
    announce(PostingApproved(**_about(waiting, by, now), entry_id=entry.pk))
    return waiting


@transaction.atomic
def decline_posting(*, posting: Posting, note: str, by: Membership, now: datetime) -> Posting:
    """
    Decline what somebody else proposed.

    Raises:
        ReasonMissing: no note says why.
        SecondPersonNeeded: `by` proposed it.
        PostingDecided: it is approved or declined already.
    """
    if not note.strip():
        raise ReasonMissing
    waiting = _waiting(posting, by)
    _decide(waiting, Posting.State.DECLINED, by, now, note=note.strip())
    announce(PostingDeclined(**_about(waiting, by, now), reason=waiting.note))
    return waiting


def _waiting(posting: Posting, by: Membership) -> Posting:
    """Lock a posting that somebody else proposed and nobody has decided."""
    [waiting] = lock(Posting.objects.filter(pk=posting.pk))
    if waiting.state != Posting.State.PROPOSED:
        raise PostingDecided
    if waiting.proposed_by_id == by.user_id:
        raise SecondPersonNeeded
    return waiting


def _decide(posting: Posting, state: str, by: Membership, now: datetime, **given: Any) -> None:
    for name, value in given.items():
        setattr(posting, name, value)
    posting.state, posting.decided_by, posting.decided_at = state, by.user, now
    posting.save(update_fields=["state", "decided_by", "decided_at", *given])


def _about(posting: Posting, by: Membership, now: datetime) -> dict[str, Any]:
    return {
        "occurred_at": now,
        "actor_id": by.user_id,
        "organisation_id": by.organisation_id,
        "posting_id": posting.pk,
    }


def _kept(leg: Leg) -> dict[str, Any]:
    """A leg as it is kept until it is decided."""
    return {"account": leg.account.value, "fen": leg.fen, **leg.about}


def legs_proposed(posting: Posting) -> list[Leg]:
    """Return the legs of what is proposed."""
    return [Leg(**{**kept, "account": Account(kept["account"])}) for kept in posting.legs]
