"""An outage over a use under way (BK-8): whoever uses the instrument stays, is told, and the desk sees to it."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from bookings.rentals import events, rules
from bookings.rentals.models import Reminder, Rental
from kernel.events import announce
from kernel.locks import lock


@transaction.atomic
def cut_short(
    *,
    instrument_ids: Collection[int],
    out_from: Mapping[int, datetime],
    now: datetime,
    actor_id: int | None = None,
    organisation_id: int | None = None,
) -> None:
    """
    Warn the uses under way on instruments during which they go out of service, once for each beginning of an outage.

    `out_from` names these uses, and from when; the others, where they were warned before, may go on as booked. Nothing
    is interrupted: the desk does that when the time has come (BL-24), or lets the use end before.

    Raises:
        Busy: others held the rentals for too long.
    """
    told: dict[str, Any] = {"occurred_at": now, "actor_id": actor_id, "organisation_id": organisation_id}
    uses = lock(Rental.objects.filter(instrument_id__in=instrument_ids, status=rules.CHECKED_IN))
    warned = dict(_warnings().filter(rental__in=uses).values_list("rental_id", "for_at"))
    for use in uses:
        begins = out_from.get(use.pk)
        if begins == warned.get(use.pk):
            continue
        _warnings().filter(rental=use).delete()
        said = {**told, "rental_id": use.pk, "number": use.number}
        if begins is None:
            announce(events.RentalSpared(**said))
        else:
            Reminder.objects.create(rental=use, kind=Reminder.Kind.CUT_SHORT, for_at=begins, reminded_at=now)
            announce(events.RentalCutShort(**said, out_from=begins.astimezone(UTC).isoformat()))


def _warnings() -> Any:
    """Return the warnings of uses during which the instrument goes out of service."""
    return Reminder.objects.filter(kind=Reminder.Kind.CUT_SHORT)
