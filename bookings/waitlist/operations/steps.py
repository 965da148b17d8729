"""What every step of an entry does: say what happened to it."""

from datetime import datetime
from typing import Any

from accounts.models import Membership
from bookings.rentals.events import RentalEvent
from bookings.waitlist import events
from bookings.waitlist.models import WaitlistEntry
from kernel.events import announce


def tell(
    kind: type[events.WaitlistEvent],
    entry: WaitlistEntry,
    *,
    by: Membership | RentalEvent | None,
    now: datetime,
    **facts: Any,
) -> None:
    """Announce what happened to an entry; by a member, by whoever brought an event about, or by the clock."""
    actor_id = by.actor_id if isinstance(by, RentalEvent) else by.user_id if by else None
    announce(
        kind(
            occurred_at=now,
            actor_id=actor_id,
            organisation_id=by.organisation_id if by else None,
            entry_id=entry.pk,
            **facts,
        )
    )
