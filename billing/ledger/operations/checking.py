"""Checking the books whole: every line, not the sums that are kept of them (BL-34, BL-35)."""

from datetime import datetime

from django.db import transaction

from billing.ledger.events import BooksFoundWrong
from billing.ledger.invariants import LEDGER
from kernel.events import announce
from kernel.invariants import Verdict, verified


def check_books(*, now: datetime) -> list[Verdict]:
    """Return the verdict on each invariant of the books, and announce it where one does not hold."""
    verdicts = list(verified(LEDGER, now=now))
    broken = tuple(verdict.invariant.name for verdict in verdicts if verdict.count)
    if broken:
        with transaction.atomic():
            announce(BooksFoundWrong(occurred_at=now, actor_id=None, organisation_id=None, broken=broken))
    return verdicts
