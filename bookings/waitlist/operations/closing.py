"""What the clock does: offers run out, windows pass, and whatever is free is offered, whether a job came or not."""

from datetime import datetime

from django.db import transaction
from django.db.models import DateTimeField, F, Func, QuerySet

from billing.bills import operations as bills
from bookings.rentals import operations as rentals
from bookings.rentals import rules as rental_rules
from bookings.rentals.models import Rental
from bookings.waitlist import events, rules
from bookings.waitlist.models import WaitlistEntry, WaitlistOffer
from bookings.waitlist.operations.offering import offer_freed
from bookings.waitlist.operations.steps import tell
from kernel.refusals import Refusal

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
    let_go_of_lost(now=now)
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


def let_go_of_lost(*, now: datetime, limit: int = 500) -> int:
    """
    Call off, for nothing (BL-21), the rentals that lost their place and whose customers have another time since.

    Mostly that is done as the other time is confirmed; here is done what somebody else held in that moment and then
    left as it was. Returns how many, each in a transaction of its own; what somebody holds is left to the next run.
    """
    lost = Rental.objects.filter(
        status=rental_rules.CONFIRMED,
        waitlist_entries__state=WaitlistEntry.State.FULFILLED,
        waitlist_entries__changed_at__gte=F("needs_rebooking_since"),
    )
    let_go = 0
    for rental in lost.order_by("pk")[:limit]:
        try:
            let_go += _let_go(rental, lost, now=now)
        except Refusal:  # somebody holds it, or was faster
            continue
    return let_go


@transaction.atomic
def _let_go(rental: Rental, lost: QuerySet[Rental], *, now: datetime) -> int:
    """Call one off, unless somebody did so meanwhile; the organisation's row first, as every step that moves money."""
    bills.lock_account(rental.organisation_id)
    if not lost.filter(pk=rental.pk).exists():
        return 0
    rentals.cancel(rental=rental, by=None, now=now)
    return 1
