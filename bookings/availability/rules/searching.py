"""Every start for which a booking would succeed, found without asking the rules about hopeless stretches."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from bookings.availability.rules.facts import SELF, Facts, Wish
from bookings.availability.rules.judging import ABOUT_THE_CUSTOMER, ABOUT_THE_START, next_on_grid
from kernel.periods import Period

MINUTE = timedelta(minutes=1)


def starts(
    facts: Facts,
    *,
    within: Period,
    minutes: int,
    mode: str,
    now: datetime,
    units: int = 1,
    profile: str = "",
    materials: tuple[str, ...] = (),
) -> Iterator[datetime]:
    """
    Yield the starts on the grid, in order, for which booking now would succeed (BK-25).

    `within` bounds the start, `[start, end)`. The rules decide on each start; only stretches that cannot hold one are
    passed over.
    """
    sample = Wish(Period.starting(within.start, minutes), mode, units, profile, materials)
    if any(rule(facts, sample, now) is not None for rule in ABOUT_THE_CUSTOMER):
        return
    if mode == SELF and facts.needs_qualification and facts.qualified_until is None:
        return
    if sample.needs_operator and not facts.operators:
        return
    seen = within.start - MINUTE
    for first, last in _stretches(facts, within, timedelta(minutes=minutes), now):
        start = next_on_grid(first, facts)
        while start <= last:
            if start > seen and start < within.end:
                seen = start
                wish = replace(sample, period=Period.starting(start, minutes))
                if all(rule(facts, wish, now) is None for rule in ABOUT_THE_START):
                    yield start
            start = next_on_grid(start + MINUTE, facts)


type Stretch = tuple[datetime, datetime]


def _stretches(facts: Facts, within: Period, length: timedelta, now: datetime) -> list[Stretch]:
    """
    Return the stretches, first and last start, outside which no start of that length can pass the rules; in order.

    Opening windows and certificates bound them; what is taken for all units, and outages, cut out every start whose
    occupied period would touch them.
    """
    before = timedelta(minutes=facts.policy.pre_buffer_min)
    after = length + timedelta(minutes=facts.policy.post_buffer_min)
    earliest, latest = max(within.start, facts.earliest(now)), min(within.end, facts.latest(now))
    stretches = [
        (max(window.start, sound.start, earliest), min(last, sound.end - length, latest))
        for window in facts.open
        for last in [window.end if facts.span_closed else window.end - length]
        for sound in facts.calibrated
    ]
    left = sorted(stretch for stretch in stretches if stretch[0] <= stretch[1])
    taken = [one.period for supply in facts.supplies if supply.capacity == 1 for one in supply.taken]
    for period in (*taken, *facts.blocked, *facts.external):
        left = [part for stretch in left for part in _around(stretch, period.start - after, period.end + before)]
    return left


def _around(stretch: Stretch, after: datetime, before: datetime) -> Iterator[Stretch]:
    """Yield what a stretch keeps when every start strictly between two instants falls out."""
    first, last = stretch
    if before <= first or after >= last:
        yield stretch
        return
    if first <= after:
        yield first, after
    if before <= last:
        yield before, last
