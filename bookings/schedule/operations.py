"""Taking time on resources, and giving it back."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db import connection

from bookings.schedule import rules
from bookings.schedule.models import Occupancy, Resource
from bookings.schedule.rules import Want
from kernel.periods import Period
from kernel.refusals import bounded_wait
from labs.models import Instrument, Operator, Room

LOCK_FOR_BOOKING = """
WITH payer AS MATERIALIZED (
    SELECT id FROM accounts_organisation WHERE id = %(organisation)s FOR NO KEY UPDATE
), gate AS MATERIALIZED (
    SELECT version FROM labs_opentime WHERE instrument_id = %(instrument)s FOR SHARE
), wanted AS MATERIALIZED (
    SELECT id FROM bookings_resource
    WHERE instrument_id = %(instrument)s OR room_id = %(room)s ORDER BY id FOR NO KEY UPDATE
)
SELECT (SELECT count(*) FROM payer), (SELECT version FROM gate), (SELECT count(*) FROM wanted)
"""


def lock_for_booking(instrument: Instrument, *, organisation_id: int | None = None) -> int | None:
    """
    Lock what the rules of a booking span, and return the version of the instrument's open time.

    That is the customer's organisation (its quotas, BK-12), the open time (hours, outages, calibration, who may operate
    it) and the resources of instrument and room. Operators are not locked: see Note [Who operates].

    Note [Lock, then insert]: the organisation before open time, open time before resources, resources in key order;
    every booking takes the same path. Who asks for a taken time is refused before: losers of a hot slot do not queue
    for the lock.

    Raises:
        Busy: others held one of them for too long.
    """
    asked = {"organisation": organisation_id, "instrument": instrument.pk, "room": instrument.room_id}
    with bounded_wait(), connection.cursor() as cursor:
        cursor.execute(LOCK_FOR_BOOKING, asked)
        _payers, version, _found = cursor.fetchone()
    known: int | None = version
    return known


OCCUPY = """
INSERT INTO bookings_occupancy (resource_id, unit, period, usage, holder_kind, holder_id, lapses_at)
SELECT place.resource_id, place.unit, place.period, place.usage, %s, %s, %s
FROM unnest(%s::bigint[], %s::smallint[], %s::tstzrange[], %s::tstzrange[])
    AS place (resource_id, unit, period, usage)
ORDER BY place.resource_id, place.unit, place.period
ON CONFLICT ON CONSTRAINT occupancy_no_overlap DO NOTHING
RETURNING id
"""


def occupy(
    wants: Iterable[Want],
    *,
    holder_kind: Occupancy.Holder,
    holder_id: int,
    lapses_at: datetime | None,
    now: datetime,
) -> bool:
    """
    Take what is wanted of every resource, each for its own period, in key order; say whether all was free.

    Capacity is a count (BK-6): where no unit is free throughout, those whose use has not begun change their units. Part
    of a caller's transaction, which holds the lock: where the answer is no, the caller refuses, and what was taken and
    moved goes back with the rollback. The constraint `occupancy_no_overlap` decides; see Note [Lock, then insert].

    Note [Who operates]: operators have one unit each, and are not locked, for all instruments of a lab share them: who
    takes one waits only for whoever is taking the same time. Rows are written in the order of resource, unit and time,
    and whoever books several times of one operator in one transaction books them in order of time; so nobody waits for
    one who waits for him.

    Raises:
        Busy: another transaction holds part of it undecided for too long.
    """
    places: list[tuple[Want, int]] = []
    with bounded_wait(), connection.cursor() as cursor:
        for want in sorted(wants):
            units = [1] if want.decides_alone else _units_for(want, now=now)
            if units is None:
                return False
            places += [(want, unit) for unit in units]
        cursor.execute(
            OCCUPY,
            [
                holder_kind.value,
                holder_id,
                lapses_at,
                [want.resource_id for want, _ in places],
                [unit for _, unit in places],
                [want.period.as_range() for want, _ in places],
                [want.usage.as_range() for want, _ in places],
            ],
        )
        return len(cursor.fetchall()) == len(places)


def _units_for(want: Want, *, now: datetime) -> list[int] | None:
    """
    Return units that are free throughout, after others have made way where they must; None where there are too few.

    What has begun stays where it is: whoever has checked in uses that position, and the schedule has no other proof.
    Buffers may reach back before now: then what has just ended counts too.
    """
    since = min(now, want.period.start)
    rows = Occupancy.objects.filter(resource_id=want.resource_id, period__endswith__gt=since).order_by("pk")
    shares = [
        rules.Share(row.pk, Period(row.period.lower, row.period.upper), row.unit, is_fixed=row.period.lower <= now)
        for row in rows
    ]
    taken = {share.unit for share in shares if share.period.overlaps(want.period)}
    free = [unit for unit in want.at or range(1, want.capacity + 1) if unit not in taken]
    if len(free) >= want.units:
        return free[: want.units]
    new = [rules.Share(-number, want.period, unit, is_fixed=unit is not None) for number, unit in _placed(want)]
    arranged = rules.arranged([*shares, *new], capacity=want.capacity)
    if arranged is None:
        return None
    reseat({share.key: arranged[share.key] for share in shares if arranged[share.key] != share.unit})
    return [arranged[share.key] for share in new]


def _placed(want: Want) -> list[tuple[int, int | None]]:
    """Return the units wanted, numbered, each with the unit it keeps, or None."""
    kept: list[int | None] = [*want.at, *[None] * want.units]
    return list(enumerate(kept[: want.units], start=1))


AWAY = 16_384
"""Units beyond any capacity, where those wait who change places."""


def reseat(units: dict[int, int]) -> None:
    """
    Give occupancies other units of their resource, in two steps, so that none meets another on the way.

    Note [Moved, not made anew]: a row that is updated stays itself, so whoever confirms or cancels it at this moment
    finds it where it is; had it been deleted and inserted, that answer would go to a row that is gone.
    """
    moved: dict[str, Any] = {"keys": list(units), "units": list(units.values()), "away": AWAY}
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE bookings_occupancy SET unit = unit + %(away)s WHERE id = ANY (%(keys)s::bigint[])", moved
        )
        cursor.execute(
            """
            UPDATE bookings_occupancy o SET unit = place.unit
            FROM unnest(%(keys)s::bigint[], %(units)s::smallint[]) AS place (id, unit) WHERE o.id = place.id
            """,
            moved,
        )


def move_in(*, instrument_id: int, capacity: int, last: Collection[int], now: datetime) -> None:
    """
    Let whoever sits on a unit that is no more move to one that there is; `last` are rentals that make way for them.

    What has begun stays. Part of the transaction that changes how many units there are, and keeps bookings waiting.
    """
    mine = Occupancy.objects.filter(resource__instrument_id=instrument_id, period__endswith__gt=now)
    rows = list(mine.order_by("pk"))
    beyond = max([capacity, *(row.unit for row in rows)])
    shares = []
    for number, row in enumerate(rows, start=1):
        period = Period.from_range(row.period)
        is_fixed = period.start <= now
        unit = beyond + number if row.holder_id in last and not is_fixed else row.unit
        shares.append(rules.Share(row.pk, period, unit, is_fixed=is_fixed))
    found = rules.arranged(shares, capacity=capacity) or {}
    reseat({row.pk: found[row.pk] for row in rows if found.get(row.pk, row.unit) != row.unit})


KEPT = "UPDATE bookings_occupancy SET lapses_at = NULL WHERE holder_kind = %(holder_kind)s AND holder_id = %(holder)s"
"""Lets a holder's time last for good: part of the statement that makes the holder last."""


def keep(*, holder_kind: Occupancy.Holder, holder_id: int, lapses_at: datetime | None) -> int:
    """Let a holder's occupancies last: until another instant, or (None) for good. Return how many there are."""
    held = Occupancy.objects.filter(holder_kind=holder_kind, holder_id=holder_id)
    return held.update(lapses_at=lapses_at)


def release(*, holder_kind: Occupancy.Holder, holder_ids: Iterable[int], of_operators: bool = False) -> int:
    """
    Give back all the time of these holders, or that of operators alone; return how many occupancies that were.

    Raises:
        Busy: a change of the instrument's hours kept its weeks for too long (docs/adr/0010).
    """
    with bounded_wait():
        held = Occupancy.objects.filter(holder_kind=holder_kind, holder_id__in=list(holder_ids))
        if of_operators:
            held = held.filter(resource__kind=Resource.Kind.OPERATOR)
        count, _ = held.delete()
    return count


def add_missing_resources() -> int:
    """
    Make a resource for every instrument, room and operator that has none; return how many are new.

    Safe to run twice at once.

    Called when the catalogue grows, and by a hold that finds none.

    Raises:
        Busy: another transaction was making one of them for too long.
    """
    missing = [
        *(
            Resource(kind=Resource.Kind.INSTRUMENT, instrument_id=pk)
            for pk in Instrument.objects.filter(resource__isnull=True).values_list("pk", flat=True)
        ),
        *(
            Resource(kind=Resource.Kind.ROOM, room_id=pk)
            for pk in Room.objects.filter(resource__isnull=True).values_list("pk", flat=True)
        ),
        *(
            Resource(kind=Resource.Kind.OPERATOR, operator_id=pk)
            for pk in Operator.objects.filter(resource__isnull=True).values_list("pk", flat=True)
        ),
    ]
    with bounded_wait():
        Resource.objects.bulk_create(missing, batch_size=2_000, ignore_conflicts=True)
    return len(missing)
