"""How those who wait, and what stands against it, are shown: sentences, never codes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from bookings.discovery.wording import MODES
from bookings.rentals import rules as rentals
from bookings.waitlist import rules
from bookings.waitlist.models import WaitlistEntry, WaitlistOffer
from bookings.waitlist.operations import FreeNow
from kernel.refusals import Refusal, Refusals


@dataclass(frozen=True, slots=True)
class Card:
    """
    One entry as its customer sees it: where it stands, and what it is offered.

    `place` is None where it does not wait. `offer` may still be answered; `taken` is the rental that an offer became.
    """

    entry: WaitlistEntry
    place: int | None
    offer: WaitlistOffer | None
    taken: WaitlistOffer | None
    before: tuple[WaitlistOffer, ...]

    @property
    def mode(self) -> str:
        """How it is operated, in words."""
        return mode_of(self.entry)


def cards(entries: Iterable[WaitlistEntry], *, positions: Mapping[int, int], now: datetime) -> list[Card]:
    """Return entries as cards; their offers are at hand, the newest first."""
    return [_card(entry, positions.get(entry.pk), now) for entry in entries]


def _card(entry: WaitlistEntry, place: int | None, now: datetime) -> Card:
    offers = list(entry.offers.all())
    current = offers[0] if offers and entry.state in (entry.State.OFFERED, entry.State.FULFILLED) else None
    is_open = current is not None and current.outcome == WaitlistOffer.Outcome.OPEN
    stands = is_open and current is not None and current.rental.status_at(now) == rentals.HELD
    return Card(
        entry=entry,
        place=place,
        offer=current if stands else None,
        taken=current if current is not None and not is_open else None,
        before=tuple(offer for offer in offers if offer is not current),
    )


def mode_of(entry: WaitlistEntry) -> str:
    """Return how the instrument is to be operated, in words."""
    if not entry.mode:
        return _("Either way")
    return str(MODES.get(entry.mode) or entry.get_mode_display())


def rank_of(entry: Any) -> str:
    """Return why an entry stands where it does in line; it carries its `rank`."""
    names = {
        rules.DISPLACED: _("lost a time to an outage"),
        rules.SME: _("small or medium enterprise"),
        rules.OTHER: _("in order of arrival"),
    }
    return names[entry.rank]


def each(refusal: Refusal | None) -> list[Refusal]:
    """Return what was refused, one by one."""
    if refusal is None:
        return []
    return list(refusal.refusals) if isinstance(refusal, Refusals) else [refusal]


def free_now(refusal: Refusal | None) -> str:
    """Return the address at which to book what is free, where that is why nobody need wait for it."""
    if not isinstance(refusal, FreeNow):
        return ""
    facts = refusal.facts
    day, clock = facts["start"].split()
    query = urlencode({"date": day, "start": clock, "minutes": facts["minutes"], "mode": facts["mode"]})
    return f"{reverse('discovery:instrument', args=[facts['code']])}?{query}#booking"
