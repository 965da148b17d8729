"""
What customers are reminded of: each once, however late or often the job runs. (Labs of approvals: see the board.)

Note [Reminded once]: a reminder is a row, unique by rental, kind and the instant it is about. It is written in the
transaction that writes the notice: a job that dies between the two leaves neither. A rental that is moved is reminded
of its new time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet

from bookings.rentals import rules
from bookings.rentals.models import Reminder, Rental

STARTS_IN = timedelta(hours=24)
HOLD_LAPSES_IN = timedelta(minutes=10)
TRANSFER_LAPSES_IN = timedelta(hours=24)
CHOICE_DUE_IN = timedelta(hours=24)
"""How long before an instant people are reminded of it."""

JUST_HELD = timedelta(minutes=15)
"""Whoever held a time so recently needs no reminder of it."""


@dataclass(frozen=True, slots=True)
class Due:
    """A reminder that is due: of which rental, of what, and of which instant."""

    rental_id: int
    number: str
    kind: str
    for_at: datetime


def due(now: datetime, *, most: int = 500) -> list[Due]:
    """
    Return the reminders that are due and were not sent; one statement a kind.

    Dates of one series that are kept until the same instant are one reminder, of the first of them (BK-21).
    """
    held = Rental.objects.filter(held_until__gt=now)
    until = F("held_until")
    kinds: list[tuple[str, QuerySet[Rental]]] = [
        (
            Reminder.Kind.STARTS_SOON,
            Rental.objects.filter(
                status=rules.CONFIRMED,
                period__startswith__gt=now,
                period__startswith__lte=now + STARTS_IN,
                confirmed_at__lt=now - JUST_HELD,
                needs_rebooking_since__isnull=True,
            ).annotate(for_at=F("period__startswith")),
        ),
        (
            Reminder.Kind.HOLD_LAPSES,
            held.filter(
                status__in=(rules.HELD, rules.AWAITING),
                held_until__lte=now + HOLD_LAPSES_IN,
                created_at__lt=now - JUST_HELD,
            ).annotate(for_at=until)
            | held.filter(
                status=rules.AWAITING, pays_by=Rental.Payment.TRANSFER, held_until__lte=now + TRANSFER_LAPSES_IN
            ).annotate(for_at=until),
        ),
        (
            Reminder.Kind.CHOICE_DUE,
            Rental.objects.filter(
                status=rules.INTERRUPTED,
                interruptions__choice="",
                interruptions__choice_due_at__gt=now,
                interruptions__choice_due_at__lte=now + CHOICE_DUE_IN,
            ).annotate(for_at=F("interruptions__choice_due_at")),
        ),
    ]
    found: list[Due] = []
    for kind, rentals in kinds:
        rows: Any = rentals.order_by("for_at", "pk").values_list("pk", "number", "for_at", "series_date__series")[:most]  # type: ignore[misc]  # annotated above
        first: dict[object, Due] = {}
        for pk, number, for_at, series_id in rows:
            first.setdefault((series_id, for_at) if series_id else pk, Due(pk, number, kind, for_at))
        found += first.values()
    sent = {
        (row.rental_id, row.kind, row.for_at)
        for row in Reminder.objects.filter(rental_id__in=[one.rental_id for one in found])
    }
    return [one for one in found if (one.rental_id, one.kind, one.for_at) not in sent]


def remind(tell: Callable[[Due, datetime], None], *, now: datetime) -> int:
    """
    Tell what is due, each in the transaction that keeps that it was told; return how many. See Note [Reminded once].

    Safe to run twice or at once: whoever comes second finds the row.
    """
    told = 0
    for one in due(now):
        with transaction.atomic():
            _, is_news = Reminder.objects.get_or_create(
                rental_id=one.rental_id, kind=one.kind, for_at=one.for_at, defaults={"reminded_at": now}
            )
            if is_news:
                tell(one, now)
                told += 1
    return told
