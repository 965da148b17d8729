"""Rentals that cannot take place as booked (BK-8): marked, told, never deleted."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from bookings.rentals import events, rules
from bookings.rentals.models import Rental
from kernel.events import announce
from kernel.locks import lock


@transaction.atomic
def mark_needs_rebooking(
    *,
    rental_ids: Iterable[int],
    why: Mapping[str, Any],
    now: datetime,
    actor_id: int | None = None,
    organisation_id: int | None = None,
) -> list[Rental]:
    """
    Mark rentals that cannot take place as booked, with the reason; return those that were not marked so before.

    The reason is {"why": "outage", "outage": key, "until": instant}, {"why": "capacity", "capacity": units} or
    {"why": "hours"}; an instrument that is away has no outage to name, and perhaps no instant. Rentals that are over or
    in use are left alone: see `cut_short`.

    Raises:
        Busy: others held the rentals for too long.
    """
    told: dict[str, Any] = {"now": now, "actor_id": actor_id, "organisation_id": organisation_id}
    rentals = lock(Rental.objects.blocking(now).filter(pk__in=list(rental_ids), status__in=rules.BEFORE_USE))
    return [rental for rental in rentals if _mark(rental, dict(why), **told)]


@transaction.atomic
def restore_places(
    *, rental_ids: Iterable[int], now: datetime, actor_id: int | None = None, organisation_id: int | None = None
) -> list[Rental]:
    """
    Take the mark from rentals that can take place as booked after all; return those that had it.

    Raises:
        Busy: others held the rentals for too long.
    """
    told: dict[str, Any] = {"now": now, "actor_id": actor_id, "organisation_id": organisation_id}
    rentals = lock(Rental.objects.filter(pk__in=list(rental_ids), needs_rebooking_since__isnull=False))
    return [rental for rental in rentals if _mark(rental, None, **told)]


def _mark(
    rental: Rental, why: dict[str, Any] | None, *, now: datetime, actor_id: int | None, organisation_id: int | None
) -> bool:
    """Set or take the mark of a rental whose row is locked, and say so; say whether anything changed."""
    if why == rental.needs_rebooking:
        return False
    is_news = rental.needs_rebooking is None
    rental.needs_rebooking = why
    rental.needs_rebooking_since = None if why is None else rental.needs_rebooking_since or now
    rental.changed_at = now
    rental.save(update_fields=["needs_rebooking", "needs_rebooking_since", "changed_at"])
    said: dict[str, Any] = {
        "occurred_at": now,
        "actor_id": actor_id,
        "organisation_id": organisation_id,
        "rental_id": rental.pk,
        "number": rental.number,
    }
    if why is None:
        announce(events.RentalPlaceRestored(**said))
    else:
        announce(events.RentalNeedsRebooking(**said, why=str(why["why"]), is_news=is_news))
    return True
