"""Whose bookings need another time, why, and what has been offered to them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, QuerySet

from accounts.models import Membership
from bookings.rentals import rules
from bookings.rentals.models import Rental
from bookings.rentals.queries import as_of
from bookings.waitlist.models import WaitlistEntry, WaitlistOffer
from kernel.money import Money
from labs.models import Outage


@dataclass(frozen=True, slots=True)
class Conflict:
    """A booking that cannot take place as booked; who waits for another time, and the last one offered."""

    rental: Any
    entry: WaitlistEntry | None
    offer: WaitlistOffer | None

    @property
    def is_open(self) -> bool:
        """Whether its customer waits for another time, or is offered one."""
        return self.entry is not None and self.entry.state in WaitlistEntry.OPEN

    @property
    def is_offered(self) -> bool:
        """Whether a time is held for its customer just now."""
        return self.offer is not None and self.offer.outcome == WaitlistOffer.Outcome.OPEN

    @property
    def is_made_good(self) -> bool:
        """Whether its customer has another time."""
        return self.entry is not None and self.entry.state == WaitlistEntry.State.FULFILLED


@dataclass(frozen=True, slots=True)
class Group:
    """The bookings that one outage took the place of; None: `why` is "hours", "capacity" or "outage" (it is away)."""

    outage: Outage | None
    conflicts: tuple[Conflict, ...]
    why: str = rules.OUTAGE

    @property
    def at_stake(self) -> Money:
        """What they come to, tax included."""
        return Money(sum(one.rental.total_fen for one in self.conflicts))

    @property
    def unasked(self) -> int:
        """How many customers nobody has offered another time to."""
        return sum(not one.is_open and not one.is_made_good for one in self.conflicts)

    @property
    def waiting(self) -> int:
        """How many customers wait, with no time offered yet."""
        return sum(one.is_open and not one.is_offered for one in self.conflicts)

    @property
    def offered(self) -> int:
        """How many customers are offered a time just now."""
        return sum(one.is_offered for one in self.conflicts)

    @property
    def made_good(self) -> int:
        """How many customers have another time."""
        return sum(one.is_made_good for one in self.conflicts)


def in_conflict(member: Membership, now: datetime) -> QuerySet[Any]:
    """Return the bookings of the lab's instruments that need another time, in order of time."""
    marked = Rental.objects.operated_by(member).filter(needs_rebooking_since__isnull=False, period__endswith__gt=now)
    return (
        as_of(marked.with_places().select_related("instrument__category", "policy"), now)
        .filter(state__in=rules.BEFORE_USE)
        .order_by("period", "pk")
    )


def number_of(member: Membership, now: datetime) -> int:
    """Return how many bookings need another time; one statement."""
    return in_conflict(member, now).count()


def numbers_by_outage(member: Membership, now: datetime) -> dict[int, list[str]]:
    """Return the numbers of the bookings that each outage displaces, by its key; one statement."""
    found: dict[int, list[str]] = {}
    for number, why in in_conflict(member, now).values_list("number", "needs_rebooking"):
        if "outage" in why:
            found.setdefault(why["outage"], []).append(number)
    return found


def groups(member: Membership, now: datetime) -> list[Group]:
    """Return the conflicts by what made them: outages, the first to begin first, then hours; four statements."""
    rows = list(in_conflict(member, now))
    entries = _entries(rows)
    outages = Outage.objects.filter(pk__in=[key for row in rows if (key := _outage_of(row))])
    known = {one.pk: one for one in outages.select_related("instrument__lab", "lab").order_by("period", "pk")}
    found: dict[int | str, list[Conflict]] = {}
    for row in rows:
        entry = entries.get(row.pk)
        offers = list(entry.offers.all()) if entry else []
        key = outage if (outage := _outage_of(row)) in known else row.needs_rebooking["why"]
        found.setdefault(key, []).append(Conflict(row, entry, offers[0] if offers else None))
    return [
        Group(known[key], tuple(found[key])) if isinstance(key, int) else Group(None, tuple(found[key]), why=key)
        for key in (*known, rules.OUTAGE, rules.CLOSED, rules.FEWER_UNITS)
        if key in found
    ]


def _outage_of(rental: Rental) -> int | None:
    return (rental.needs_rebooking or {}).get("outage")


def _entries(rentals: Iterable[Rental]) -> dict[int, WaitlistEntry]:
    """Return the last entry of each displaced rental, its offers with it, the last first; two statements."""
    offers = WaitlistOffer.objects.select_related("rental__instrument__lab").order_by("-offered_at", "-pk")
    rows = WaitlistEntry.objects.filter(displaced__in=[rental.pk for rental in rentals])
    found = rows.prefetch_related(Prefetch("offers", queryset=offers)).order_by("created_at", "pk")
    return {entry.displaced_id: entry for entry in found if entry.displaced_id}
