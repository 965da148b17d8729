"""What the clock does: offers run out, windows pass, and whatever is free is offered, whether a job came or not."""

from datetime import datetime

from django.db import transaction
from django.db.models import DateTimeField, F, Func

from bookings.rentals import operations as rentals
from bookings.waitlist import events, rules
from bookings.waitlist.models import WaitlistEntry, WaitlistOffer
from bookings.waitlist.operations.offering import offer_freed
from bookings.waitlist.operations.steps import tell

LAST_START = Func(
    F("window"),
    F("minutes"),
    arg_joiner=") - make_interval(mins => ",
    template="(upper(%(expressions)s))",
    output_field=DateTimeField(),
)
"""When a use must begin to end with its window."""


def keep_right(*, now: datetime) -> list[WaitlistOffer]:
    """
    Let offers and entries end whose time has come, then offer what is free; return the offers made.

    Whatever a job should have done and did not is done here. Safe to run late, twice, or beside itself.
    """
    rentals.expire_lapsed(now=now)
    close_over(now=now)
    return offer_freed(now=now)


@transaction.atomic
def close_over(*, now: datetime, limit: int = 500) -> int:
    """Close the entries inside whose windows nothing can be offered any more, and return how many."""
    due = WaitlistEntry.objects.filter(state=WaitlistEntry.State.WAITING).alias(last_start=LAST_START)
    due = due.filter(last_start__lte=now + rules.OFFER_ENDS_BEFORE_START).order_by("pk")
    over = list(due.select_for_update(skip_locked=True, of=("self",))[:limit])
    for entry in over:
        entry.state, entry.changed_at = entry.State.OVER, now
        entry.save(update_fields=["state", "changed_at"])
        tell(events.WaitlistOver, entry, by=None, now=now)
    return len(over)
