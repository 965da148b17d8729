"""Which of many instruments are free for some time: a filter that loses nothing first, the rules for what is shown."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import batched, islice
from typing import Any

from django.db import connection
from django.db.models import BooleanField, F, Func, QuerySet

from accounts.models import Membership
from bookings.availability import rules
from bookings.availability.queries.terms import terms
from bookings.availability.rules.quarters import QUARTERS_A_WEEK, doublings, search
from kernel.periods import Period
from labs.models import Instrument

JUDGED_AT_ONCE = 24
"""How many instruments the rules judge with one statement, at least."""


def run_of_quarters(*, within: Period, minutes: int, instrument: str) -> tuple[str, list[Any]]:
    """
    Return the SQL that says whether an instrument may be free, and its parameters; `instrument` is SQL for its key.

    See Note [A filter that loses nothing] and Note [What a use leaves visible]. The weeks are laid side by side, a
    missing one as closed; `OFFSET 0` keeps PostgreSQL from writing each step out twice in the next.
    """
    wanted = search(within=within, minutes=minutes)
    length = wanted.weeks * QUARTERS_A_WEEK
    row = "CASE WHEN week.alone THEN week.open & week.untaken ELSE week.open END"
    side_by_side = row if wanted.weeks == 1 else f"(({row})::bit({length})) >> ({QUARTERS_A_WEEK} * (week.week - %s))"
    found = (
        f"SELECT bit_or({side_by_side}) AS free FROM bookings_instrumentweek week"  # noqa: S608 -- our own names
        f" WHERE week.instrument_id = {instrument} AND week.week BETWEEN %s AND %s"
    )
    for step in doublings(wanted.run):
        found = f"SELECT free & (free << {step}) AS free FROM ({found} OFFSET 0) AS half"  # noqa: S608 -- our own names
    nothing = f"0::bit({length})"
    begins = f"(SELECT (~({nothing}) << %s) >> %s)"  # asked once, not once an instrument
    sql = f"EXISTS (SELECT FROM ({found} OFFSET 0) AS runs WHERE free & {begins} <> {nothing})"
    parameters: list[Any] = [] if wanted.weeks == 1 else [wanted.first_week]
    parameters += [wanted.first_week, wanted.first_week + wanted.weeks - 1]
    return sql, [*parameters, length - wanted.starts, wanted.first_start]


class IsMaybeFree(Func):
    """A condition on a column that holds an instrument's key: the instrument may be free (BK-25, from above)."""

    output_field = BooleanField()
    conditional = True

    def __init__(self, instrument: Any, *, within: Period, minutes: int) -> None:
        super().__init__(instrument)
        self.within, self.minutes = within, minutes

    def as_sql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, tuple[Any, ...]]:  # type: ignore[override]
        """Write the condition with the column in its place."""
        column, of_column = compiler.compile(self.get_source_expressions()[0])
        sql, parameters = run_of_quarters(within=self.within, minutes=self.minutes, instrument=column)
        return sql, (*of_column, *parameters)


def is_maybe_free(instrument: str = "pk", *, within: Period, minutes: int) -> IsMaybeFree:
    """
    Return a condition for a queryset whose `instrument` (a path) is an instrument's key: it may be free.

    It holds for every instrument on which a use of so many minutes that begins inside `within` could be booked, and
    for some others. `Offering.objects.filter(is_maybe_free("instrument_id", within=..., minutes=...))` asks only
    about the rows that the other conditions leave.
    """
    return IsMaybeFree(F(instrument), within=within, minutes=minutes)


def maybe_free(*, within: Period, minutes: int) -> QuerySet[Instrument, int]:
    """Return the keys of all instruments that may be free; see `is_maybe_free`."""
    return Instrument.objects.filter(is_maybe_free(within=within, minutes=minutes)).values_list("pk", flat=True)


MAYBE = "SELECT given.id FROM unnest(%s::bigint[]) WITH ORDINALITY AS given (id, place) WHERE {free} ORDER BY place"


def maybe_free_of(instrument_ids: Iterable[int], *, within: Period, minutes: int) -> list[int]:
    """Return which of these instruments may be free, in their order, in one statement."""
    free, parameters = run_of_quarters(within=within, minutes=minutes, instrument="given.id")
    with connection.cursor() as cursor:
        cursor.execute(MAYBE.format(free=free), [list(instrument_ids), *parameters])
        return [row[0] for row in cursor.fetchall()]


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

    The rules of a hold decide, as for `starts`: each of these starts can be booked now by this member (BK-25). `mode`
    None looks at either mode. Those that may be free are sought among the first few, then among eight times as many,
    and so on: one statement each, and one for twice as many as are wanted.
    """
    found: list[tuple[int, datetime]] = []
    reach = Period(within.start, within.end + timedelta(minutes=minutes))
    at_once = max(JUDGED_AT_ONCE, 2 * most)
    looked_at, waiting = 0, 2 * at_once
    while looked_at < len(instrument_ids):
        some = instrument_ids[looked_at : looked_at + waiting]
        looked_at, waiting = looked_at + len(some), 8 * waiting
        for judged in batched(maybe_free_of(some, within=within, minutes=minutes), at_once):
            told = terms(judged, within=reach, member=member, now=now)
            for pk in judged:
                if pk in told and (start := _first_start(told[pk].facts, within, minutes, mode, now)):
                    found.append((pk, start))
                    if len(found) == most:
                        return found
    return found


def _first_start(facts: rules.Facts, within: Period, minutes: int, mode: str | None, now: datetime) -> datetime | None:
    firsts = [
        start
        for one in (sorted(facts.modes) if mode is None else [mode])
        for start in islice(rules.starts(facts, within=within, minutes=minutes, mode=one, units=1, now=now), 1)
    ]
    return min(firsts, default=None)
