"""Free time as this customer may have it, and why some of it is withheld (BK-24): reserved, no operator, suspended."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from bookings.availability.rules import SELF, Facts, Wish
from bookings.availability.rules.facts import RELEASED_BEFORE
from bookings.availability.rules.judging.capacity import reserve_respected
from bookings.availability.rules.judging.customer import in_good_standing
from bookings.discovery.rules import Piece
from kernel.periods import Period, merged, without


def as_offered(facts: Facts, free: Iterable[Period], now: datetime) -> list[Piece]:
    """Return free time in pieces: what can be had, and what is withheld with the reason; in order of time."""
    pieces: list[Piece] = []
    for piece in (piece for period in free for piece in _of(facts, period, now)):
        last = pieces[-1] if pieces else None
        if last and last.period.end == piece.period.start and (last.kind, last.reason) == (piece.kind, piece.reason):
            pieces[-1] = Piece(Period(last.period.start, piece.period.end), piece.kind, piece.reason)
        else:
            pieces.append(piece)
    return pieces


def _of(facts: Facts, period: Period, now: datetime) -> Iterator[Piece]:
    if suspended := in_good_standing(facts, _shortest(facts, period), now):
        yield Piece(period, "off", str(suspended))
        return
    alone = _may_be_alone(facts, period)
    unstaffed = [] if alone else without([period], _staffed(facts, period))
    for part in unstaffed:
        yield Piece(part, "withheld", _("No operator is free"))
    told = _("Free") if alone or SELF not in facts.modes else _("Free with an operator; alone only when qualified")
    for part in without([period], unstaffed):
        for of_a_day in _by_day(facts, part, now + RELEASED_BEFORE):
            reserved = reserve_respected(facts, _last(facts, of_a_day), now)
            yield Piece(of_a_day, "withheld", str(reserved)) if reserved else Piece(of_a_day, "free", told)


def _shortest(facts: Facts, period: Period) -> Wish:
    """Return the least that could be wished for at the start of a period."""
    return Wish(Period.starting(period.start, facts.policy.min_minutes), next(iter(sorted(facts.modes)), SELF))


def _last(facts: Facts, period: Period) -> Wish:
    """Return the same at the last start of a period: at its first instant the reserve may just be given up."""
    start = max(period.start, period.end - timedelta(minutes=facts.policy.slot_grid_min))
    return _shortest(facts, Period(start, period.end))


def _may_be_alone(facts: Facts, period: Period) -> bool:
    """Whether the customer may operate it without anybody of the lab."""
    if SELF not in facts.modes:
        return False
    until = facts.qualified_until
    return not facts.needs_qualification or (until is not None and period.end <= until)


def _staffed(facts: Facts, period: Period) -> list[Period]:
    """Return when some operator who is qualified then is there and free."""
    there = [
        part
        for one in facts.operators
        for works in without([period] if one.works is None else one.works, one.busy)
        if works.start < one.qualified_until and (part := works.clipped(period)) is not None
    ]
    return merged(there)


def _by_day(facts: Facts, period: Period, released: datetime) -> Iterator[Period]:
    """Cut a period at local midnights, and where the reserve is given up: a rule answers for each part as a whole."""
    start = period.start
    while start < period.end:
        edges = [facts.day_of(start).end, period.end, *([released] if start < released else [])]
        end = min(edges)
        yield Period(start, end)
        start = end
