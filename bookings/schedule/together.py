"""Taking time for many holders in one act, and letting it last; as `operations` does for one, in few statements."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from bookings.schedule import rules
from bookings.schedule.models import Occupancy
from bookings.schedule.operations import reseat
from bookings.schedule.rules import Want
from kernel.periods import Period
from kernel.refusals import bounded_wait


@dataclass(frozen=True, slots=True)
class Taking:
    """What one holder takes, and when that lapses (None: it lasts)."""

    holder_id: int
    wants: Sequence[Want]
    lapses_at: datetime | None


OCCUPY_ALL = """
INSERT INTO bookings_occupancy (resource_id, unit, period, usage, holder_kind, holder_id, lapses_at)
SELECT place.resource_id, place.unit, place.period, place.usage, %s, place.holder_id, place.lapses_at
FROM unnest(%s::bigint[], %s::smallint[], %s::tstzrange[], %s::tstzrange[], %s::bigint[], %s::timestamptz[])
    AS place (resource_id, unit, period, usage, holder_id, lapses_at)
ORDER BY place.resource_id, place.unit, place.period
ON CONFLICT ON CONSTRAINT occupancy_no_overlap DO NOTHING
RETURNING id
"""


def occupy_all(takings: Iterable[Taking], *, holder_kind: Occupancy.Holder, now: datetime) -> bool:
    """
    Take what many holders want, and say whether all of it was free; as `operations.occupy`, for all of them together.

    One statement, one more for each resource of several units, and two where others change their units. All rows are
    written in the order of resource, unit and time: see Note [Who operates]. Part of a caller's transaction that holds
    the lock; where the answer is no, the caller undoes it.

    Raises:
        Busy: another transaction holds part of it undecided for too long.
    """
    wanted = [(taking, want) for taking in takings for want in taking.wants]
    units: list[list[int]] = [[1] if want.decides_alone else [] for _, want in wanted]
    shared = defaultdict(list)
    for number, (_, want) in enumerate(wanted):
        if not want.decides_alone:
            shared[want.resource_id].append(number)
    with bounded_wait(), connection.cursor() as cursor:
        for numbers in shared.values():
            found = _units_for([wanted[number][1] for number in numbers], now=now)
            if found is None:
                return False
            for number, of_want in zip(numbers, found, strict=True):
                units[number] = of_want
        places = [(*each, unit) for each, of_want in zip(wanted, units, strict=True) for unit in of_want]
        cursor.execute(
            OCCUPY_ALL,
            [
                holder_kind.value,
                [want.resource_id for _, want, _ in places],
                [unit for *_, unit in places],
                [want.period.as_range() for _, want, _ in places],
                [want.usage.as_range() for _, want, _ in places],
                [taking.holder_id for taking, *_ in places],
                [taking.lapses_at for taking, *_ in places],
            ],
        )
        return len(cursor.fetchall()) == len(places)


def _units_for(wants: Sequence[Want], *, now: datetime) -> list[list[int]] | None:
    """
    Return units for wants of one resource, each free throughout; None where there is no such arrangement (BK-6).

    Others make way only where somebody must: whose use has begun stays.
    """
    resource_id, capacity = wants[0].resource_id, wants[0].capacity
    rows = Occupancy.objects.filter(resource_id=resource_id, period__endswith__gt=now).order_by("pk")
    standing = [
        rules.Share(row.pk, Period.from_range(row.period), row.unit, is_fixed=row.period.lower <= now) for row in rows
    ]
    new: list[rules.Share] = []
    for number, want in enumerate(wants):
        taken = {one.unit for one in [*standing, *new] if one.period.overlaps(want.period)}
        free = [unit for unit in range(1, capacity + 1) if unit not in taken][: want.units]
        free_or_not: list[int | None] = [*free, *[None] * (want.units - len(free))]
        new += [rules.Share(-number - 1, want.period, unit) for unit in free_or_not]
    if all(one.unit is not None for one in new):
        return _by_want(new, {}, len(wants))
    numbered = [rules.Share(-number, one.period, one.unit) for number, one in enumerate(new, start=1)]
    arranged = rules.arranged([*standing, *numbered], capacity=capacity)
    if arranged is None:
        return None
    moved = {one.key: arranged[one.key] for one in standing if arranged[one.key] != one.unit}
    if moved:
        reseat(moved)
    return _by_want(new, {at: arranged[-at - 1] for at in range(len(new))}, len(wants))


def _by_want(new: Sequence[rules.Share], arranged: Mapping[int, int], number: int) -> list[list[int]]:
    """Return the units of each want, in their order: as arranged (by place in the list), else as they were found."""
    found: list[list[int]] = [[] for _ in range(number)]
    for at, share in enumerate(new):
        unit = arranged.get(at, share.unit)
        assert unit is not None  # noqa: S101 -- found free, or arranged
        found[-share.key - 1].append(unit)
    return found


KEEP_ALL = """
UPDATE bookings_occupancy o SET lapses_at = kept.lapses_at
FROM unnest(%s::bigint[], %s::timestamptz[]) AS kept (holder_id, lapses_at)
WHERE o.holder_kind = %s AND o.holder_id = kept.holder_id
"""


def keep_all(until: Mapping[int, datetime | None], *, holder_kind: Occupancy.Holder) -> None:
    """Let the time of many holders last: each until another instant, or (None) for good; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(KEEP_ALL, [list(until), list(until.values()), holder_kind.value])
