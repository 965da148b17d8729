"""Which of many instruments are free for some time: a filter that loses nothing first, the rules for what is shown."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import batched
from typing import Any

from django.db import connection
from django.db.models import BooleanField, F, FilteredRelation, Func, Q, QuerySet

from accounts.models import Membership
from bookings.availability import rules
from bookings.availability.queries.terms import Terms, terms
from bookings.availability.rules.quarters import QUARTERS_A_WEEK, Search, doublings, search
from kernel.periods import Period
from labs.models import Instrument

JUDGED_AT_ONCE = 24
"""How many instruments the rules judge with one statement, at least."""
LONGEST_LOOKED_FOR = 64
"""Runs of so many quarters are looked for as they are; a longer one would be compared too far at every place."""
SOON = timedelta(days=3)
"""How far a first start is looked for at first: mostly there is one, and cutting all of a fortnight takes longer."""
type Stretch = tuple[int, int]
"""The first of some quarters, and how many there are."""
MODES = (rules.SELF, rules.ASSISTED)
"""Of two modes that are free at once, the first is offered."""


def has_run(wanted: Search, weeks: Iterable[str], *, looked_at: Stretch | None = None) -> tuple[str, list[int]]:
    """
    Return the SQL that says whether weeks side by side (SQL of each; null is closed) have the run, and its parameters.

    `looked_at` is the part of them that counts: all that is wanted, where it is left out.

    See Note [A filter that loses nothing] and Note [What a use leaves visible]. `OFFSET 0` keeps PostgreSQL from
    writing each step out twice in the next.
    """
    side_by_side = " || ".join(f"coalesce({week}, 0::bit({QUARTERS_A_WEEK}))" for week in weeks)
    part = f"substring({side_by_side} from %s for %s)"
    first, quarters = looked_at or (wanted.first_start, wanted.quarters)
    parameters = [first + 1, quarters]
    if wanted.run <= LONGEST_LOOKED_FOR:
        return f"position(~(0::bit({wanted.run})) in {part}) > 0", parameters
    found = f"SELECT {part} AS free"
    for step in doublings(wanted.run):
        found = f"SELECT free & (free << {step}) AS free FROM ({found} OFFSET 0) AS half"  # noqa: S608 -- our own names
    return f"(SELECT position(1::bit(1) in free) > 0 FROM ({found} OFFSET 0) AS runs)", parameters  # noqa: S608


class HasRun(Func):
    """A condition on weeks side by side: they have the run that is looked for."""

    output_field = BooleanField()
    conditional = True

    def __init__(self, *weeks: Any, wanted: Search) -> None:
        super().__init__(*weeks)
        self.wanted = wanted

    def as_sql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, tuple[Any, ...]]:  # type: ignore[override]
        """Write the condition with the columns in their places."""
        columns = [compiler.compile(week) for week in self.get_source_expressions()]
        sql, parameters = has_run(self.wanted, (column for column, _ in columns))
        return sql, (*(one for _, of_column in columns for one in of_column), *parameters)


def maybe_free(*, within: Period, minutes: int) -> QuerySet[Instrument, int]:
    """
    Return the keys of all instruments that may be free, for `__in` where others are narrowed by them.

    They are all on which a use of so many minutes that begins inside `within` could be booked, and some others. The
    weeks are joined, so that PostgreSQL chooses: instrument by instrument, or the weeks of all in one go.
    """
    wanted = search(within=within, minutes=minutes)
    weeks = {
        f"week_{number}": FilteredRelation("weeks", condition=Q(weeks__week=wanted.first_week + number))
        for number in range(wanted.weeks)
    }
    found = Instrument.objects.order_by().alias(**weeks)
    return found.filter(HasRun(*(F(f"{week}__free") for week in weeks), wanted=wanted)).values_list("pk", flat=True)


WEEK = "LEFT JOIN bookings_instrumentweek {week} ON {week}.week = %s AND {week}.instrument_id = given.id"
MAYBE = """
SELECT given.id FROM unnest(%s::bigint[]) WITH ORDINALITY AS given (id, place) {fullest}
WHERE {free_in_it} OR (SELECT {free} FROM (SELECT) AS any_week {others}) ORDER BY place
"""


def maybe_free_among(instrument_ids: Iterable[int], *, within: Period, minutes: int) -> tuple[str, list[Any]]:
    """
    Return the statement that says which of these instruments may be free, in their order, and its parameters.

    The week with most of the time is looked at first: who has the run in it alone needs no other, and most have.
    """
    wanted = search(within=within, minutes=minutes)
    weeks = [f"week_{number}" for number in range(wanted.weeks)]
    fullest = max(range(wanted.weeks), key=lambda number: wanted.of_week(number)[1])
    free_in_it, in_it = has_run(wanted, [f"{weeks[fullest]}.free"], looked_at=wanted.of_week(fullest))
    free, in_all = has_run(wanted, (f"{week}.free" for week in weeks))
    others = [number for number in range(wanted.weeks) if number != fullest]
    sql = MAYBE.format(
        fullest=WEEK.format(week=weeks[fullest]),
        free_in_it=free_in_it,
        free=free,
        others=" ".join(WEEK.format(week=weeks[number]) for number in others),
    )
    numbers = [wanted.first_week + number for number in others]
    return sql, [list(instrument_ids), wanted.first_week + fullest, *in_it, *in_all, *numbers]


def maybe_free_of(instrument_ids: Iterable[int], *, within: Period, minutes: int) -> list[int]:
    """Return which of these instruments may be free, in their order, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(*maybe_free_among(instrument_ids, within=within, minutes=minutes))
        return [row[0] for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Free:
    """An instrument that can be booked: its first start (UTC) in which mode, and the terms that said so."""

    instrument_id: int
    start: datetime
    mode: str
    terms: Terms


def free_instruments(
    instrument_ids: Sequence[int],
    *,
    within: Period,
    minutes: int,
    mode: str | None,
    member: Membership | None,
    now: datetime,
    most: int,
) -> list[tuple[int, datetime]]:
    """
    Return the first `most` of the instruments, in their order, that can be booked, each with its first start (UTC).

    Those that may be free are sought among the first few, then among eight times as many, and so on: one statement
    each, and those of `judged`.
    """
    found: list[tuple[int, datetime]] = []
    looked_at, waiting = 0, 4 * max(JUDGED_AT_ONCE, most)
    while looked_at < len(instrument_ids) and len(found) < most:
        some = instrument_ids[looked_at : looked_at + waiting]
        looked_at, waiting = looked_at + len(some), 8 * waiting
        maybe = maybe_free_of(some, within=within, minutes=minutes)
        lacking = most - len(found)
        free = judged(maybe, within=within, minutes=minutes, mode=mode, member=member, now=now, most=lacking)
        found += [(one.instrument_id, one.start) for one in free]
    return found


def judged(
    instrument_ids: Iterable[int],
    *,
    within: Period,
    minutes: int,
    mode: str | None,
    member: Membership | None,
    now: datetime,
    most: int,
) -> Iterator[Free]:
    """
    Yield the first `most` of instruments that may be free, in their order, that can be booked.

    The rules of a hold decide, as for `starts`: each of these starts can be booked now by this member (BK-25). `mode`
    None looks at either mode. One statement tells of half as many more as are wanted, for some will not pass.
    """
    reach = Period(within.start, within.end + timedelta(minutes=minutes))
    found = 0
    for some in batched(instrument_ids, max(JUDGED_AT_ONCE, most + most // 2)):
        told = terms(some, within=reach, member=member, now=now)
        for pk in some:
            if pk not in told:
                continue
            first = first_start(told[pk].facts, within=within, minutes=minutes, mode=mode, now=now)
            if first is not None:
                yield Free(pk, *first, told[pk])
                found += 1
                if found == most:
                    return


def first_start(
    facts: rules.Facts, *, within: Period, minutes: int, mode: str | None, now: datetime
) -> tuple[datetime, str] | None:
    """Return the first start inside `within` (UTC) that can be booked now, and its mode; `mode` None is either."""
    soon = max(within.start, now) + SOON
    for looked_at in (Period(within.start, soon), within) if soon < within.end else (within,):
        firsts = (
            (next(rules.starts(facts, within=looked_at, minutes=minutes, mode=one, units=1, now=now), None), one)
            for one in ((mode,) if mode else MODES)
            if one in facts.modes
        )
        found = [(start, one) for start, one in firsts if start is not None]
        if found:
            return min(found, key=lambda first: first[0])
    return None
