"""Those who lost their time to a breakdown or an outage are the first in line (BK-8, BK-19)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from bookings.rentals import rules as rentals
from bookings.rentals.events import RentalEvent
from bookings.rentals.models import Rental
from bookings.waitlist import asking, events, rules
from bookings.waitlist.models import WaitlistEntry
from bookings.waitlist.operations.joining import withdraw
from bookings.waitlist.operations.refusals import NotWaiting
from bookings.waitlist.operations.steps import tell
from kernel.periods import Period

REACH = timedelta(days=14)
"""How long before and after the time they lost another one is looked for."""


@transaction.atomic
def join_displaced(rental: Rental, now: datetime) -> WaitlistEntry:
    """
    Let a rental's customer wait, before all others, for the same use on any instrument of the same category.

    From a fortnight before the time they lost, but not before now, until a fortnight after it. Whoever waits for it
    already is returned as they are.
    """
    query = {"category": [rental.instrument.category.code]}
    entry, is_new = WaitlistEntry.objects.get_or_create(
        displaced=rental,
        state__in=WaitlistEntry.OPEN,
        defaults={
            "organisation_id": rental.organisation_id,
            "placed_by_id": rental.placed_by_id,
            "query": lambda: query,
            "described": lambda: asking.described(query, now=now),
            "window": _window(rental, now).as_range(),
            "minutes": _left(rental),
            "mode": rental.mode,
            "units": rental.units,
            "purpose": rental.purpose,
            "profile": rental.profile,
            "materials": rental.materials,
            "agreed": [consent["code"] for consent in rental.consents],
            "state": WaitlistEntry.State.WAITING,
            "created_at": now,
            "changed_at": now,
        },
    )
    if is_new:
        tell(events.WaitlistJoined, entry, by=None, now=now, displaced_id=rental.pk)
    return entry


def _window(rental: Rental, now: datetime) -> Period:
    begins = max(now, rental.time.start - REACH)
    return Period(begins, min(max(now, rental.time.end) + REACH, begins + rules.LONGEST_WINDOW))


def _left(rental: Rental) -> int:
    """Return how many minutes are made good: all, or what a breakdown left of them, on the grid of the bookings."""
    if rental.status != rentals.INTERRUPTED or rental.interrupted_at is None:
        return rental.time.minutes
    policy, left = rental.policy, rental.time.end - rental.interrupted_at
    grid = timedelta(minutes=policy.slot_grid_min)
    return max(policy.min_minutes, -(-left // grid) * policy.slot_grid_min)


# --- Reactions, in the transaction of what happened -------------------------------------------------------------------


def put_first(event: RentalEvent) -> None:
    """Put whoever lost their time first in line."""
    rental = Rental.objects.select_related("instrument__category", "policy").get(pk=event.rental_id)
    join_displaced(rental, event.occurred_at)


def step_back(event: RentalEvent) -> None:
    """Let them wait no longer, where their time was restored, moved or given up; one statement for all others."""
    for entry in WaitlistEntry.objects.open().filter(displaced_id=event.rental_id):
        try:
            withdraw(entry=entry, by=None, now=event.occurred_at)
        except NotWaiting:  # they have taken a time, and are about to confirm it
            continue


def step_back_all(happened: Sequence[RentalEvent]) -> None:
    """Let those wait no longer whose time one act has given up, moved or restored; one statement for all others."""
    rentals = [event.rental_id for event in happened]
    displaced = set(
        WaitlistEntry.objects.open().filter(displaced_id__in=rentals).values_list("displaced_id", flat=True)
    )
    for event in happened:
        if event.rental_id in displaced:
            step_back(event)
