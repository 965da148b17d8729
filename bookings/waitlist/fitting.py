"""
The best time that an entry could have now: on which instrument, when, at what price.

The rules of a hold decide (BK-25); what the entry itself asks for, and what an offer needs (BK-19), is asked on top.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import batched

from bookings.availability import consents, rules
from bookings.availability import queries as availability
from bookings.availability.queries import Terms
from bookings.discovery.wishes import MODES
from bookings.waitlist import asking
from bookings.waitlist.models import WaitlistEntry
from bookings.waitlist.rules import may_be_offered, starts_within
from kernel.money import Money
from kernel.periods import Period

AT_ONCE = 24
"""How many instruments are judged with one statement."""
MOST_JUDGED = 240
"""How many instruments that may be free are judged for one wish by search: the best matches, where there are more."""


@dataclass(frozen=True, slots=True)
class Customer:
    """For whom a time is held: an organisation, and the person who speaks for it."""

    organisation_id: int
    user_id: int


@dataclass(frozen=True, slots=True)
class Place:
    """A time on an instrument."""

    instrument_id: int
    period: Period

    def overlaps(self, other: "Place") -> bool:
        """Whether both share an instant of one instrument."""
        return self.instrument_id == other.instrument_id and self.period.overlaps(other.period)


@dataclass(frozen=True, slots=True)
class Fit:
    """A time that a hold placed now would get, and what it costs."""

    place: Place
    mode: str
    price: Money
    occupied: Place


@dataclass(frozen=True, slots=True)
class Waiting:
    """
    An entry that waits, for whom, and what it is not offered (again): whatever overlaps `not_again`.

    An entry that nobody can answer for has no customer; it is skipped.
    """

    entry: WaitlistEntry
    customer: Customer | None
    not_again: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """
    How is looked: when, at which instruments only (None: at all), and for whom.

    `freed` is the time that has just become free, by instrument: it is offered before anything else. `is_offer` asks
    for a time that may be offered now, and not merely for one that is free.
    """

    now: datetime
    only: Collection[int] | None = None
    freed: Mapping[int, Period] = field(default_factory=dict)
    is_offer: bool = True

    def at(self, instrument_id: int) -> "Look":
        """The same look, at one instrument."""
        return Look(self.now, (instrument_id,), self.freed, self.is_offer)

    def starts(self, entry: WaitlistEntry) -> Period | None:
        """When the use may start, or None where nothing inside the window will do any more."""
        if self.is_offer:
            return starts_within(entry.time, entry.minutes, self.now)
        first, last = max(entry.time.start, self.now), entry.time.end - timedelta(minutes=entry.minutes)
        return Period(first, last + timedelta(microseconds=1)) if first <= last else None


type _Ranked = tuple[tuple[bool, datetime, int], Fit]


def best(waiting: Waiting, look: Look) -> Fit | None:
    """
    Return the best time for an entry, or None where nothing fits.

    The time just freed comes first, then the earliest; of two instruments at once the better match of the search.
    """
    within = look.starts(waiting.entry)
    if waiting.customer is None or within is None:
        return None
    found = min(_fits(waiting, waiting.customer, within, look), key=lambda ranked: ranked[0], default=None)
    return found[1] if found else None


def _fits(waiting: Waiting, customer: Customer, within: Period, look: Look) -> Iterator[_Ranked]:
    minutes = waiting.entry.minutes
    candidates = availability.maybe_free_of(_candidates(waiting.entry, within, look), within=within, minutes=minutes)
    reach = Period(within.start, within.end + timedelta(minutes=minutes))
    places = {pk: place for place, pk in enumerate(candidates[:MOST_JUDGED])}
    for some in batched(places, AT_ONCE):
        told = availability.terms(some, within=reach, member=customer, now=look.now)
        for pk in some:
            if pk in told:
                yield from _on(told[pk], waiting, within, look, place=places[pk])


def _candidates(entry: WaitlistEntry, within: Period, look: Look) -> list[int]:
    """Return the instruments that an entry would take, of those that are looked at, the best match first."""
    if entry.instrument_id is not None:
        found = [entry.instrument_id]
    elif entry.group is not None:
        found = list(entry.group.instruments.order_by("code").values_list("pk", flat=True))
    else:
        free = Period(within.start, entry.time.end)
        asked = asking.asked(entry.query or {}, now=look.now, free=free, minutes=entry.minutes, mode=entry.mode)
        rows = asked.qs if look.only is None else asked.qs.filter(pk__in=look.only)
        return list(rows.values_list("pk", flat=True)[:MOST_JUDGED])
    return found if look.only is None else [pk for pk in found if pk in look.only]


def _on(terms: Terms, waiting: Waiting, within: Period, look: Look, *, place: int) -> Iterator[_Ranked]:
    """Yield the first time that will do on an instrument, and the first that was just freed, in each mode of use."""
    entry, facts = waiting.entry, terms.facts
    freed = look.freed.get(facts.instrument_id)
    for mode in [entry.mode] if entry.mode else [mode for mode in MODES if mode in facts.modes]:
        is_first = True
        for start in rules.starts(
            facts,
            within=within,
            minutes=entry.minutes,
            mode=mode,
            now=look.now,
            units=entry.units,
            profile=entry.profile,
            materials=tuple(entry.materials),
        ):
            fit = _fit(terms, waiting, start, mode, look)
            if fit is None:
                continue
            is_freed = freed is not None and fit.occupied.period.overlaps(freed)
            if is_first or is_freed:
                yield (not is_freed, start, place), fit
            is_first = False
            if freed is None or is_freed or start >= freed.end:
                break


def _fit(terms: Terms, waiting: Waiting, start: datetime, mode: str, look: Look) -> Fit | None:
    """Return the time as a fit, unless it may not be offered now, was offered before, costs too much or is too weak."""
    entry, facts = waiting.entry, terms.facts
    if look.is_offer and not may_be_offered(now=look.now, start=start, zone=facts.zone):
        return None
    period = Period.starting(start, entry.minutes)
    place = Place(facts.instrument_id, period)
    if any(place.overlaps(before) for before in waiting.not_again):
        return None
    wish = rules.Wish(period, mode, entry.units, entry.profile, tuple(entry.materials))
    if any(consent.code not in entry.agreed for consent in consents.needed(facts, wish)):
        return None
    price = terms.price(wish).total
    if entry.max_price_fen is not None and price > Money(entry.max_price_fen):
        return None
    return Fit(place, mode, price, Place(facts.instrument_id, facts.occupied(period)))
