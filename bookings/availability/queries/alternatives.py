"""
What to do instead of a refused wish: later starts here, and the same time on comparable instruments.

Note [A crowd is told the same]: who loses a hot slot is one of many who lose it at that moment. What surrounds the
slot is looked up for the first of them, and is at most half a second old; each is judged for himself by the rules of
a hold, and again when he books.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from accounts.models import Membership
from bookings.availability import rules
from bookings.availability.queries.free import LOOK_AHEAD
from bookings.availability.queries.terms import as_seen_by, terms
from kernel.periods import Period
from kernel.recent import Recent
from labs.catalogue import queries as catalogue
from labs.models import Instrument

LOOK_AHEAD_FIRST = timedelta(days=3)
"""How far later starts are looked for at first: mostly they are enough."""

STARTS_OFFERED, INSTRUMENTS_OFFERED = 3, 2
"""How many alternatives a refused wish is answered with."""

COMPARED = 12
"""How many comparable instruments are judged to find those."""


@dataclass(frozen=True, slots=True)
class Alternatives:
    """What a person may do instead: later starts here, and comparable instruments free at that time."""

    starts: tuple[datetime, ...]
    instruments: tuple[Instrument, ...]


type _Compared = tuple[tuple[Instrument, rules.Facts], ...]

_here: Recent[rules.Facts | None] = Recent(keep=timedelta(milliseconds=500))
_there: Recent[_Compared] = Recent(keep=timedelta(milliseconds=500))


def forget() -> None:
    """Forget what crowds were told: for tests, which change the world faster than it changes."""
    _here.clear()
    _there.clear()


def alternatives(
    instrument: Instrument,
    *,
    wish: rules.Wish,
    member: Membership | None,
    now: datetime,
    used_by: int | None = None,
) -> Alternatives:
    """
    Return what a person whose wish was refused may do: later starts here, and the same time on comparable ones.

    `used_by` is the colleague who will operate it, where one is named: they are judged, not who books for them.
    At most six statements, whatever there is to find, and mostly none: see Note [A crowd is told the same].
    """
    others = _there.ask((instrument.pk, wish), lambda: _compared(instrument, wish, now), now=now)
    theirs = as_seen_by(member, (facts for _, facts in others), within=wish.period, now=now, used_by=used_by)
    fitting = (other for (other, _), facts in zip(others, theirs, strict=True) if _allowed(facts, wish, now))
    return Alternatives(
        starts=_later_starts(instrument, wish, member=member, now=now, used_by=used_by),
        instruments=tuple(islice(fitting, INSTRUMENTS_OFFERED)),
    )


def _compared(instrument: Instrument, wish: rules.Wish, now: datetime) -> _Compared:
    comparable = catalogue.comparable_instruments(instrument, most=COMPARED)
    there = terms([other.pk for other in comparable], within=wish.period, member=None, now=now)
    return tuple((other, there[other.pk].facts) for other in comparable if other.pk in there)


def _later_starts(
    instrument: Instrument, wish: rules.Wish, *, member: Membership | None, now: datetime, used_by: int | None
) -> tuple[datetime, ...]:
    found: tuple[datetime, ...] = ()
    for ahead in (LOOK_AHEAD_FIRST, LOOK_AHEAD):
        found = _starts_within(ahead, instrument, wish, member=member, now=now, used_by=used_by)
        if len(found) == STARTS_OFFERED:
            break
    return found


def _starts_within(
    ahead: timedelta,
    instrument: Instrument,
    wish: rules.Wish,
    *,
    member: Membership | None,
    now: datetime,
    used_by: int | None,
) -> tuple[datetime, ...]:
    begins, length = max(wish.period.start, now), wish.period.minutes
    within = Period(begins, begins + ahead)
    visitors = _here.ask((instrument.pk, wish, ahead), lambda: _facts(instrument, within, length, now), now=now)
    if visitors is None:
        return ()
    (mine,) = as_seen_by(member, [visitors], within=within, now=now, used_by=used_by)
    later = rules.starts(
        mine,
        within=within,
        minutes=length,
        mode=wish.mode,
        units=wish.units,
        profile=wish.profile,
        materials=wish.materials,
        now=now,
    )
    return tuple(islice(later, STARTS_OFFERED))


def _facts(instrument: Instrument, within: Period, minutes: int, now: datetime) -> rules.Facts | None:
    reach = Period(within.start, within.end + timedelta(minutes=minutes))
    found = terms([instrument.pk], within=reach, member=None, now=now).get(instrument.pk)
    return found.facts if found else None


def _allowed(facts: rules.Facts, wish: rules.Wish, now: datetime) -> bool:
    return all(rule(facts, wish, now) is None for rule in rules.RULES)
