"""Entries for tests: what happened, posted."""

from datetime import UTC, datetime
from itertools import count
from typing import Any

from billing.ledger import operations, rules
from billing.models import Entry

MONDAY_9 = datetime(2026, 11, 23, 1, tzinfo=UTC)
"""Monday, 09:00 in Guangzhou."""

_numbers = count(1)


def posted(event: str = "E2", legs: rules.Legs | None = None, **given: Any) -> Entry:
    """Return an entry: a transfer of ¥1.00 that nobody knows, unless a test says otherwise."""
    given.setdefault("event_id", f"test:{next(_numbers)}")
    given.setdefault("at", MONDAY_9)
    return operations.post(event=event, legs=legs or rules.unmatched_transfer(100), **given)
