"""Putting a week's payouts together."""

from datetime import datetime

from django.db import transaction

from accounts.models import Membership
from billing.payouts import events, queries, rules
from billing.payouts.models import Payout, PayoutBatch, PayoutItem
from billing.payouts.operations.refusals import NothingToPayOut, PayoutsPreparedAlready
from billing.payouts.queries.earning import payee
from billing.vouchers.rules import local_day
from kernel.events import announce
from kernel.numbering import next_number
from kernel.refusals import bounded_wait, refusing


@transaction.atomic
def prepare(*, by: Membership, now: datetime) -> PayoutBatch:
    """
    Put together what the labs are paid on the Tuesday that it is, or that was last (BL-36): a payout for each lab.

    Each takes all that is due to its lab and in no payout yet: what settled more than fifteen days before the Tuesday,
    fees of cancellations too, less what the lab gives back. A lab that owes, is due less than ¥100.00 or has named no
    bank account is left out; its lines stay free for the next time. Two who prepare at once: one gets all of it.

    Raises:
        NothingToPayOut: no lab is to be paid.
        PayoutsPreparedAlready: somebody else prepared the same just now.
        Busy: somebody else is preparing, for too long.
    """
    today = local_day(now)
    due_on = rules.tuesday_before(today)
    due = [one for one in queries.due_to_labs(due_on) if not one.why]
    if not due:
        raise NothingToPayOut(due=due_on.isoformat())
    batch = PayoutBatch.objects.create(
        number=next_number("PB", today), due_on=due_on, prepared_by_id=by.user_id, prepared_at=now
    )
    batch.refresh_from_db(fields=["number"])
    Payout.objects.bulk_create(
        Payout(
            number=next_number("PO", today),
            batch=batch,
            lab=one.lab,
            fen=one.amount.fen,
            prepared_by_id=by.user_id,
            prepared_at=now,
            **payee(one.lab.organisation),
        )
        for one in due
    )
    made = {payout.lab_id: payout for payout in batch.payouts.all()}
    items = (
        PayoutItem(payout=made[one.lab.pk], line_id=key, fen=fen, fee_fen=fee)
        for one in due
        for key, fen, fee in one.lines
    )
    in_order = sorted(items, key=lambda item: item.line_id)  # two who prepare at once wait in one order
    with bounded_wait(), refusing(payout_line_is_paid_once=PayoutsPreparedAlready):
        PayoutItem.objects.bulk_create(in_order)
    announce(
        events.PayoutsPrepared(
            occurred_at=now,
            actor_id=by.user_id,
            organisation_id=by.organisation_id,
            batch_id=batch.pk,
            number=batch.number,
            payouts=len(due),
            fen=sum(one.amount.fen for one in due),
        )
    )
    return batch


@transaction.atomic
def announce_due(*, now: datetime) -> int:
    """Announce that labs are to be paid, and return how many; nothing is said where none is."""
    due = [one for one in queries.due_to_labs(rules.tuesday_before(local_day(now))) if not one.why]
    if due:
        fen = sum(one.amount.fen for one in due)
        announce(events.PayoutsDue(occurred_at=now, actor_id=None, organisation_id=None, labs=len(due), fen=fen))
    return len(due)
