"""
What an outage, other hours, or an instrument that is away do to the bookings already there (BK-3, BK-8): they are
marked, never deleted.

Note [Outages and bookings]
    As with certificates (see Note [Certificates and bookings]): what closes time locks the open time of its instruments
    first, then the bookings that it may displace, and only then lets open time (and the weeks behind it) follow.
    A hold takes open time FOR SHARE, so it was before and is seen, or comes after and is judged by what is closed;
    a confirmation takes its rental's row, so it was before and is marked, or comes after and finds the mark.
    Nobody waits in a circle: every booking takes open time, rentals and weeks in that order.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Membership
from bookings.foresight.queries import closing
from bookings.rentals import operations as rentals
from bookings.rentals.models import Rental
from bookings.waitlist import operations as waitlist
from bookings.waitlist.models import WaitlistEntry, WaitlistOffer
from kernel.locks import lock
from kernel.refusals import Refusal
from labs.hours.events import (
    HoursEvent,
    InstrumentOutageAnnounced,
    InstrumentStatusSet,
    OutageChanged,
    OutageEvent,
    OutageLifted,
)
from labs.hours.queries import touched_by_hours
from labs.models import Instrument, OpenTime

type Closing = OutageEvent | HoursEvent | InstrumentStatusSet
OUTAGES = (InstrumentOutageAnnounced, OutageChanged, OutageLifted)


def hold_still(event: Closing) -> None:
    """
    React first to what closes time: keep the bookings that it may concern waiting until it is known what becomes of
    them.

    Raises:
        Busy: others held the rows for too long.
    """
    keys, now = _instruments(event), event.occurred_at
    lock(OpenTime.objects.filter(instrument_id__in=keys).only("pk"))
    concerned = closing.overlapping(keys, now) if isinstance(event, OUTAGES) else closing.to_come(keys, now)
    lock(Rental.objects.filter(pk__in={*concerned, *closing.marked(keys)}).only("pk"))


def displace(event: Closing) -> None:
    """Mark the bookings that have no place any more, and take the mark from those that have one again."""
    keys, now = _instruments(event), event.occurred_at
    lost, before = closing.without_place(keys, now), closing.marked(keys)
    told: dict[str, Any] = {"now": now, "actor_id": event.actor_id, "organisation_id": event.organisation_id}
    safe = sorted(before.keys() - lost.keys())
    if safe:
        rentals.restore_places(rental_ids=safe, **told)
    reasons: dict[tuple[str, int], list[int]] = {}
    for key, why in lost.items():
        if before.get(key) != why:
            reasons.setdefault((why["why"], why.get("outage", 0)), []).append(key)
    for theirs in reasons.values():
        rentals.mark_needs_rebooking(rental_ids=theirs, why=lost[theirs[0]], **told)
    if isinstance(event, OUTAGES):
        ends = closing.outages_begin({why["outage"] for why in lost.values() if "outage" in why})
        out_from = {key: ends[why["outage"]] for key, why in lost.items() if "outage" in why}
        rentals.cut_short(instrument_ids=keys, out_from=out_from, **told)


def _instruments(event: Closing) -> Collection[int]:
    if isinstance(event, OUTAGES):
        return event.instrument_ids
    return (event.instrument_id,) if isinstance(event, InstrumentStatusSet) else touched_by_hours(event)


# --- Other times for those who were displaced ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one customer: whether a time is held for them now, or why not."""

    number: str
    is_offered: bool
    said: str


def offer_other_times(*, displaced: Iterable[Rental], now: datetime) -> list[Result]:
    """
    Put the customers of displaced rentals first in line and hold for each the best time there is; return what became.

    Each is a transaction of its own: one that fails leaves the others as they are. Safe to repeat: whoever waits
    already waits on, whoever is offered a time keeps it.
    """
    chosen = list(displaced)
    refused: dict[int, str] = {}
    for rental in chosen:
        try:
            waitlist.join_displaced(rental, now)
        except Refusal as refusal:
            refused[rental.pk] = str(refusal)
    categories = {rental.instrument.category_id for rental in chosen}
    alike = Instrument.objects.published().filter(category_id__in=categories).order_by("pk")
    waitlist.offer_freed(now=now, instrument_ids=list(alike.values_list("pk", flat=True)))
    offers = WaitlistOffer.objects.filter(entry__displaced__in=chosen, outcome=WaitlistOffer.Outcome.OPEN)
    held = set(offers.values_list("entry__displaced_id", flat=True))
    return [
        Result(
            rental.number,
            rental.pk in held,
            refused.get(rental.pk)
            or (
                _("A time is held and offered.")
                if rental.pk in held
                else _("Nothing fits now; they wait, first in line.")
            ),
        )
        for rental in chosen
    ]


def withdraw_offers(*, displaced: Iterable[Rental], by: Membership, now: datetime) -> list[Result]:
    """Let the customers of displaced rentals wait no longer, and free what is held for them; return what became."""
    results = []
    for entry in WaitlistEntry.objects.open().filter(displaced__in=list(displaced)).select_related("displaced"):
        number = entry.displaced.number if entry.displaced else ""
        try:
            _withdraw(entry, by=by, now=now)
        except Refusal as refusal:
            results.append(Result(number, is_offered=True, said=str(refusal)))
        else:
            results.append(Result(number, is_offered=False, said=_("Taken back.")))
    return results


@transaction.atomic
def _withdraw(entry: WaitlistEntry, *, by: Membership, now: datetime) -> None:
    """Cancel what is held as the lab, then let the customer wait no longer; see Note [Rental first]."""
    open_ = WaitlistOffer.objects.filter(entry=entry, outcome=WaitlistOffer.Outcome.OPEN).select_related("rental")
    for offer in open_:
        rentals.cancel_by_lab(rental=offer.rental, reason=_("The lab has taken back its offer."), by=by, now=now)
    waitlist.withdraw(entry=entry, by=by, now=now)
