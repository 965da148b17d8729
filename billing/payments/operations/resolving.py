"""Money in suspense: one person says what becomes of it and why, a second one decides (E2b)."""

from datetime import datetime

from django.db import transaction

from accounts.models import Membership, Organisation
from billing.bills import operations as bills
from billing.ledger import operations as ledger
from billing.ledger import queries as posted
from billing.ledger import rules as books
from billing.payments import events, queries, rules
from billing.payments.models import BankLine, ReferenceCode, Resolution
from billing.payments.operations.references import top_up_code
from billing.payments.operations.refusals import (
    LineDealtWith,
    OrderUnknown,
    ResolutionDone,
    ResolutionWaits,
    SecondPerson,
    TransferReasonMissing,
    WhoseMissing,
)
from billing.payments.operations.spending import spend
from kernel.events import announce
from kernel.locks import lock
from kernel.refusals import refusing

OF_ORDERS = (Resolution.Kind.ORDER, Resolution.Kind.STATEMENT)
OPEN = (BankLine.State.BY_HAND, BankLine.State.SUSPENSE)


@transaction.atomic
def propose_resolution(
    *,
    line: BankLine,
    kind: str,
    reason: str,
    by: Membership,
    now: datetime,
    number: str = "",
    organisation: Organisation | None = None,
) -> Resolution:
    """
    Say what is to become of money in suspense; nothing moves before a second person agrees.

    It pays the order or the statement of a number or code, goes onto an organisation's balance, was sent back to its
    payer, or is in the books already by another act (a voucher claim, a provider's payout).

    Raises:
        TransferReasonMissing: no reason.
        OrderUnknown: nothing that is paid by transfer has this number or code.
        WhoseMissing: it is not said whose balance.
        LineDealtWith: it is not in suspense (any more).
        ResolutionWaits: another proposal waits.
    """
    if not reason.strip():
        raise TransferReasonMissing
    (line,) = lock(BankLine.objects.filter(pk=line.pk))
    if line.state not in OPEN:
        raise LineDealtWith
    if kind in OF_ORDERS:
        reference = queries.reference_by(number, purpose=kind)
        if reference is None:
            raise OrderUnknown(number=number)
        number, organisation = reference.number, reference.organisation
    elif kind == Resolution.Kind.BALANCE:
        if organisation is None:
            raise WhoseMissing
        number = ""
    else:
        number, organisation = "", None
    with refusing(resolution_one_waits=ResolutionWaits):
        resolution = Resolution.objects.create(
            line=line,
            kind=kind,
            number=number,
            organisation=organisation,
            reason=reason.strip()[:500],
            proposed_by_id=by.user_id,
            proposed_at=now,
        )
    announce(
        events.ResolutionProposed(
            occurred_at=now,
            actor_id=by.user_id,
            organisation_id=by.organisation_id,
            line_id=line.pk,
            resolution_id=resolution.pk,
        )
    )
    return resolution


@transaction.atomic
def decide_resolution(
    *, resolution: Resolution, approved: bool, by: Membership, now: datetime, note: str = ""
) -> Resolution:
    """
    Agree as the second person to what is to become of money in suspense, and do it (E2b), or decline.

    Raises:
        SecondPerson: the same person proposed it.
        ResolutionDone: it was decided already.
        TransferReasonMissing: declined without a reason.
        Refusal: the order takes no payment of this amount now; nothing was done, decline it then.
        Busy: somebody holds the organisation or the order for too long.
    """
    (line,) = lock(BankLine.objects.filter(resolutions=resolution))
    (resolution,) = lock(Resolution.objects.filter(pk=resolution.pk))
    if resolution.state != Resolution.State.PROPOSED:
        raise ResolutionDone
    if resolution.proposed_by_id == by.user_id:
        raise SecondPerson
    if not approved and not note.strip():
        raise TransferReasonMissing
    if approved:
        _resolve(line, resolution, by=by, now=now)
    resolution.state = Resolution.State.APPROVED if approved else Resolution.State.DECLINED
    resolution.decided_by_id, resolution.decided_at, resolution.note = by.user_id, now, note.strip()[:500]
    resolution.save()
    announce(
        events.ResolutionDecided(
            occurred_at=now,
            actor_id=by.user_id,
            organisation_id=by.organisation_id,
            line_id=line.pk,
            resolution_id=resolution.pk,
            approved=approved,
        )
    )
    return resolution


def _resolve(line: BankLine, resolution: Resolution, *, by: Membership, now: datetime) -> None:
    if resolution.organisation_id is not None:
        _give_to(line, resolution, resolution.organisation_id, by=by, now=now)
    elif resolution.kind == Resolution.Kind.SENT_BACK:
        ledger.post(
            event_id=f"transfer:{line.pk}:resolved",
            event=books.BY_HAND,
            legs=books.opposite(books.unmatched_transfer(line.fen)),
            at=now,
            by=by,
            reason=resolution.reason,
        )
    else:
        entry = posted.posted().get(event_id=f"transfer:{line.pk}")
        ledger.reverse(entry=entry, by=by, reason=resolution.reason, now=now)
    line.state, line.paid, line.dealt_at = BankLine.State.RESOLVED, resolution.number, now
    line.save()


def _give_to(line: BankLine, resolution: Resolution, organisation_id: int, *, by: Membership, now: datetime) -> None:
    bills.lock_account(organisation_id)
    if resolution.kind == Resolution.Kind.BALANCE:
        reference = top_up_code(organisation_id=organisation_id, now=now)
    else:
        reference = ReferenceCode.objects.get(purpose=resolution.kind, number=resolution.number)
    order_number = resolution.number if resolution.kind == rules.ORDER else ""
    ledger.post(
        event_id=f"transfer:{line.pk}:resolved",
        event="E2b",
        legs=books.suspense_resolved(line.fen, organisation_id, order_number),
        at=now,
        order_number=order_number,
        organisation_id=organisation_id,
        by=by,
        reason=resolution.reason,
    )
    line.reference = reference
    spend(line, reference, now=now, by=by)
