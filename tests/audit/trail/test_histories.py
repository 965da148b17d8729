"""A thing's history holds what happened to it, and nothing of the bookings' hot path."""

from dataclasses import dataclass
from typing import ClassVar

import pytest
from django.db import connection, transaction

from audit.models import AuditEvent
from audit.trail import queries
from kernel.events import Event, announce
from tests.conftest import MONDAY_9

pytestmark = pytest.mark.django_db


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfMoved(Event):
    """An event of several things at once."""

    ABOUT: ClassVar[tuple[str, ...]] = ("shelf_id", "book_ids")
    shelf_id: int | None
    book_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BookLent(Event):
    """An event that stands in no history."""

    book_id: int


def said(event: Event) -> None:
    with transaction.atomic():
        announce(event)


def test_an_event_stands_in_the_history_of_each_thing_it_names() -> None:
    told = {"occurred_at": MONDAY_9, "actor_id": None, "organisation_id": None}
    said(ShelfMoved(shelf_id=7, book_ids=(1, 2), **told))
    said(ShelfMoved(shelf_id=None, book_ids=(12,), **told))
    said(BookLent(book_id=1, **told))

    found = {
        name: [event.name for event in queries.history(name)] for name in ("shelf:7", "book:1", "book:12", "book:3")
    }

    assert found == {"shelf:7": ["shelf_moved"], "book:1": ["shelf_moved"], "book:12": ["shelf_moved"], "book:3": []}
    assert AuditEvent.objects.get(name="book_lent").about is None


def test_a_history_is_read_by_its_index() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_auditevent (name, facts, reason, occurred_at, about)"
            " SELECT 'x', '{}', '', now(), CASE WHEN g % 20 = 0 THEN ARRAY['book:' || g] END"
            " FROM generate_series(1, 5000) g"
        )
        cursor.execute("ANALYZE audit_auditevent")

    assert "audit_event_about" in queries.history("book:20").explain()
