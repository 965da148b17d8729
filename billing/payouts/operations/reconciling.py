"""Comparing the books with what is outside them, and keeping each difference until it is gone (BL-37)."""

from datetime import datetime

from django.db import transaction

from accounts.models import Membership
from billing.payouts import events, queries
from billing.payouts.models import Difference, ReconciliationRun
from billing.payouts.queries.comparing import covered_until
from billing.vouchers.rules import local_day
from kernel.events import announce
from kernel.locks import lock
from kernel.refusals import bounded_wait


@transaction.atomic
def reconcile(*, by: Membership | None, now: datetime) -> ReconciliationRun:
    """
    Compare the bank's lines with 1002 and the bills with the escrow, to the fen.

    What is new opens a difference, what is gone closes its own; one that stands keeps its age. Somebody is told where
    any is new. Safe to run twice, or at once.

    Raises:
        Busy: somebody else is comparing, for too long.
    """
    standing = {(one.kind, one.key): one for one in lock(Difference.objects.standing())}
    found = {(one.kind, one.key): one for one in queries.differences(today=local_day(now))}
    gone = [one.pk for key, one in standing.items() if key not in found]
    Difference.objects.filter(pk__in=gone).update(closed_at=now)
    for key in standing.keys() & found.keys():
        _follow(standing[key], found[key])
    new = [one for key, one in found.items() if key not in standing]
    with bounded_wait():
        Difference.objects.bulk_create((_opened(one, now) for one in new), ignore_conflicts=True)
    run = ReconciliationRun.objects.create(
        at=now,
        by_id=by.user_id if by else None,
        covered_until=covered_until(),
        opened=len(new),
        closed=len(gone),
        standing=len(found),
    )
    if new:
        announce(
            events.DifferencesFound(
                occurred_at=now,
                actor_id=by.user_id if by else None,
                organisation_id=by.organisation_id if by else None,
                run_id=run.pk,
                opened=len(new),
                standing=len(found),
            )
        )
    return run


def _opened(one: queries.Found, now: datetime) -> Difference:
    return Difference(
        kind=one.kind,
        key=one.key,
        told=one.told,
        on=one.on,
        outside_fen=one.outside_fen,
        books_fen=one.books_fen,
        opened_at=now,
    )


def _follow(kept: Difference, one: queries.Found) -> None:
    """Write the amounts of a difference that stands as they are now."""
    if (kept.outside_fen, kept.books_fen, kept.told) == (one.outside_fen, one.books_fen, one.told):
        return
    kept.outside_fen, kept.books_fen, kept.told = one.outside_fen, one.books_fen, one.told
    kept.save(update_fields=["outside_fen", "books_fen", "told"])
