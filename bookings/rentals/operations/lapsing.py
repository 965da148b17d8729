"""Holds that have run out: they block nobody, and are expired by whoever needs their time, or by the clock's job."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import F

from bookings.rentals import events, rules
from bookings.rentals.models import Rental
from bookings.rentals.operations.steps import RENTAL, event_of
from bookings.schedule import operations as schedule
from kernel.events import announce_all
from kernel.locks import lock


def clear_lapsed(rental_ids: Iterable[int], *, now: datetime) -> None:
    """
    Expire holds that have run out and give their time back; the rental's row decides, not the schedule's.

    Each belongs to its own series, if any, and not to the one whose act it stands in the way of: people are told of a
    series that lapses once.
    """
    wanted = sorted(set(rental_ids))
    if not wanted:
        return
    expired = lock(Rental.objects.filter(pk__in=wanted).lapsed(now))
    Rental.objects.filter(pk__in=[rental.pk for rental in expired]).update(
        status=rules.EXPIRED, changed_at=now, sequence=F("sequence") + 1
    )
    schedule.release(holder_kind=RENTAL, holder_ids=[rental.pk for rental in expired])
    of_series = dict(Rental.objects.filter(pk__in=wanted).values_list("pk", "series_date__series"))
    announce_all(
        [
            event_of(
                events.RentalExpired,
                rental,
                by=None,
                now=now,
                series_id=of_series[rental.pk],
                was_asked_for=rental.status != rules.HELD,
            )
            for rental in expired
        ]
    )


@transaction.atomic
def expire_lapsed(*, now: datetime, limit: int = 500) -> int:
    """
    Expire holds that have run out, the oldest first, and return how many; for the clock's job.

    Nobody waits for it: a lapsed hold blocks no one before either (BK-18). Safe to run late, twice, or at once.
    """
    due = Rental.objects.lapsed(now).order_by("held_until", "pk").select_for_update(skip_locked=True, of=("self",))
    expired = list(due[:limit])
    if expired:
        clear_lapsed([rental.pk for rental in expired], now=now)
    return len(expired)
