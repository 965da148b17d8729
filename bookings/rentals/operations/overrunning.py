"""A use that goes on beyond its booked end: whoever comes next is flagged, once."""

from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import Membership
from bookings.rentals import events, rules
from bookings.rentals.models import Reminder, Rental
from bookings.rentals.operations.steps import tell


def flag_next(rental: Rental, *, until: datetime, by: Membership | None, now: datetime) -> None:
    """Say, once, that the next booking of the instrument has to wait because this use keeps it until an instant."""
    ahead = Rental.objects.filter(
        instrument_id=rental.instrument_id, status=rules.CONFIRMED, period__startswith__gte=rental.time.end
    ).exclude(pk=rental.pk)
    following = ahead.select_related("policy").order_by("period", "pk").first()
    if following is None or following.time.start - timedelta(minutes=following.policy.pre_buffer_min) >= until:
        return
    _, is_news = Reminder.objects.get_or_create(
        rental=following,
        kind=Reminder.Kind.HAS_TO_WAIT,
        for_at=following.time.start,
        defaults={"reminded_at": now},
    )
    if is_news:
        tell(events.RentalRunsOver, rental, by=by, now=now, next_rental_id=following.pk)


@transaction.atomic
def flag_overruns(*, now: datetime) -> int:
    """
    Flag the bookings that come after uses which go on beyond their end; for the clock's job. Safe to run late or twice.
    """
    over = Rental.objects.filter(status=rules.CHECKED_IN, period__endswith__lt=now)
    running = list(over.select_related("instrument", "policy").order_by("pk"))
    for rental in running:
        flag_next(rental, until=now + timedelta(minutes=rental.policy.post_buffer_min), by=None, now=now)
    return len(running)
