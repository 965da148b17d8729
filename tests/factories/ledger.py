"""Entries for tests: what happened, posted."""

from datetime import UTC, datetime
from itertools import count
from time import sleep
from typing import Any

from django.db import connection

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


def rolled_up() -> int:
    """Roll up all that is posted, and return how many lines: other sessions of this server may hold the sums back."""
    lines = 0
    for _ in range(600):
        lines += operations.roll_up(now=MONDAY_9)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT EXISTS (SELECT FROM billing_line"
                " WHERE posted_in >= (SELECT posted_before FROM billing_watermark))"
            )
            if not cursor.fetchone()[0]:
                return lines
        sleep(0.1)
    raise TimeoutError("some transaction does not end")
