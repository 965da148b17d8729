"""The searches over what is free: starts that can be booked, the next of them, a week for the calendar."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice, pairwise
from typing import Any

from accounts.models import Membership
from bookings.availability import rules
from bookings.availability.queries.stretches import free_stretches
from bookings.availability.queries.terms import Terms, terms
from kernel.periods import Period, merged, without

LOOK_AHEAD = timedelta(days=14)
"""How far the next free time is looked for."""


def starts(
    instrument_id: int,
    *,
    within: Period,
    minutes: int,
    mode: str,
    member: Membership | None,
    now: datetime,
    units: int = 1,
    profile: str = "",
    materials: tuple[str, ...] = (),
    count: int | None = None,
) -> list[datetime]:
    """Return the starts (UTC) inside `within` for which booking so many minutes now would succeed (BK-25), in order."""
    reach = Period(within.start, within.end + timedelta(minutes=minutes))
    found = terms([instrument_id], within=reach, member=member, now=now).get(instrument_id)
    if found is None:
        return []
    offered = rules.starts(
        found.facts,
        within=within,
        minutes=minutes,
        mode=mode,
        units=units,
        profile=profile,
        materials=materials,
        now=now,
    )
    return list(islice(offered, count))


@dataclass(frozen=True, slots=True)
class Fit:
    """A start (UTC) on one of several instruments, for which booking now would succeed."""

    instrument_id: int
    start: datetime


def next_fit(
    instrument_ids: Iterable[int],
    *,
    within: Period,
    minutes: int,
    mode: str,
    member: Membership | None,
    now: datetime,
    units: int = 1,
    profile: str = "",
    materials: tuple[str, ...] = (),
    count: int = 1,
) -> list[Fit]:
    """
    Return the next `count` times that fit on any of the instruments ("find me the next time that fits"), in order.

    One each start: of two instruments that are free at once, the first in the order given. Where instruments, rooms and
    operators are free is worked out at once for the whole time (`free_stretches`); the rules then decide on the starts
    that lie there, a fortnight after the other, until there are enough.
    """
    order = {pk: place for place, pk in enumerate(instrument_ids)}
    reach = Period(within.start, within.end + timedelta(minutes=minutes))
    free = free_stretches(order, within=reach, now=now, attended=mode != rules.SELF)
    wanted: dict[str, Any] = {
        "minutes": minutes,
        "mode": mode,
        "units": units,
        "profile": profile,
        "materials": materials,
    }
    found: dict[datetime, Fit] = {}
    for part in _fortnights(within):
        hopeful = {pk: hope for pk in order if (hope := _hope(free.get(pk, ()), part, timedelta(minutes=minutes)))}
        if not hopeful:
            continue
        spanned = Period(min(hope.start for hope in hopeful.values()), part.end + timedelta(minutes=minutes))
        told = terms(hopeful, within=spanned, member=member, now=now)
        fits = [
            Fit(pk, start)
            for pk in hopeful
            if pk in told
            for start in islice(rules.starts(told[pk].facts, within=hopeful[pk], now=now, **wanted), count)
        ]
        for fit in sorted(fits, key=lambda one: (one.start, order[one.instrument_id])):
            found.setdefault(fit.start, fit)
        if len(found) >= count:
            break
    return list(found.values())[:count]


def _fortnights(within: Period) -> Iterator[Period]:
    start = within.start
    while start < within.end:
        end = min(start + LOOK_AHEAD, within.end)
        yield Period(start, end)
        start = end


def _hope(free: Iterable[Period], part: Period, length: timedelta) -> Period | None:
    """Return where in a part of the time a use of that length may start: from the first stretch that holds one."""
    for stretch in free:
        first = max(stretch.start, part.start)
        if first < part.end and first + length <= stretch.end:
            return Period(first, part.end)
    return None


def next_free(instrument_ids: Iterable[int], *, member: Membership | None, now: datetime) -> dict[int, datetime | None]:
    """
    Return the next start of each instrument's shortest booking, by instrument id; None where a fortnight is full.

    Looks at the mode with an operator first, then at use on one's own. One statement for all.
    """
    within = Period(now, now + LOOK_AHEAD)
    return {
        pk: _first_start(found.facts, within, now)
        for pk, found in terms(instrument_ids, within=within, member=member, now=now).items()
    }


def _first_start(facts: rules.Facts, within: Period, now: datetime) -> datetime | None:
    firsts = [
        start
        for mode in sorted(facts.modes)
        for start in islice(
            rules.starts(facts, within=within, minutes=facts.policy.min_minutes, mode=mode, units=1, now=now), 1
        )
    ]
    return min(firsts, default=None)


@dataclass(frozen=True, slots=True)
class Week:
    """An instrument's time in a window, for a calendar: open and bookable, taken, and the terms behind it."""

    terms: Terms
    free: tuple[Period, ...]
    busy: tuple[Period, ...]


def week(instrument_id: int, *, within: Period, member: Membership | None, now: datetime) -> Week | None:
    """
    Return what is free and what is busy of an instrument inside a window, in one statement.

    `free` is open, calibrated, in service, not taken, and neither too soon nor too far ahead; `busy` are times with
    no free unit. Buffers of neighbours are part of what is taken. None where the instrument has no terms.
    """
    found = terms([instrument_id], within=within, member=member, now=now).get(instrument_id)
    if found is None:
        return None
    facts = found.facts
    busy = merged(
        clipped for supply in facts.supplies for full in _full(supply) if (clipped := full.clipped(within)) is not None
    )
    bounds = _bounds(facts, within, now)
    usable = [part for window in facts.open for part in _clip(window, bounds)] if facts.is_bookable else []
    calibrated = [part for window in usable for sound in facts.calibrated if (part := window.clipped(sound))]
    return Week(
        terms=found, free=tuple(without(calibrated, [*busy, *facts.blocked, *facts.external])), busy=tuple(busy)
    )


def _bounds(facts: rules.Facts, within: Period, now: datetime) -> Period | None:
    start, end = max(within.start, facts.earliest(now)), min(within.end, facts.latest(now))
    return Period(start, end) if start < end else None


def _clip(window: Period, bounds: Period | None) -> list[Period]:
    clipped = window.clipped(bounds) if bounds else None
    return [clipped] if clipped else []


def _full(supply: rules.Supply) -> list[Period]:
    """Return when no unit of a resource is left: where as many are taken or out as there are."""
    busy = supply.busy
    if supply.capacity == 1:
        return busy
    edges = sorted({edge for one in busy for edge in (one.start, one.end)})
    return [
        Period(start, end)
        for start, end in pairwise(edges)
        if sum(one.start < end and start < one.end for one in busy) >= supply.capacity
    ]
