"""Taking time on resources, and giving it back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from bookings.schedule.models import Occupancy, Resource
from kernel.periods import Period
from kernel.refusals import bounded_wait
from labs.models import Instrument, Room


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """One unit of one resource."""

    resource_id: int
    unit: int


LOCK_FOR_BOOKING = """
WITH gate AS MATERIALIZED (
    SELECT version FROM labs_opentime WHERE instrument_id = %(instrument)s FOR SHARE
), wanted AS MATERIALIZED (
    SELECT id FROM bookings_resource
    WHERE instrument_id = %(instrument)s OR room_id = %(room)s ORDER BY id FOR UPDATE
)
SELECT (SELECT version FROM gate), (SELECT count(*) FROM wanted)
"""


def lock_for_booking(instrument: Instrument) -> int | None:
    """
    Lock what the rules of a booking span, and return the version of the instrument's open time.

    That is its open time (hours, outages, calibration) and its resources.

    Note [Lock, then insert]: open time before resources, resources in key order; every booking takes the same path.
    Who asks for a taken time is refused before: losers of a hot slot do not queue for the lock.
    """
    wanted = 1 if instrument.room_id is None else 2
    parameters = {"instrument": instrument.pk, "room": instrument.room_id}
    with bounded_wait(), connection.cursor() as cursor:
        cursor.execute(LOCK_FOR_BOOKING, parameters)
        version, found = cursor.fetchone()
        if found < wanted:
            add_missing_resources()
            cursor.execute(LOCK_FOR_BOOKING, parameters)
            version, found = cursor.fetchone()
    known: int | None = version
    return known


TAKEN = """
SELECT EXISTS (
    SELECT FROM unnest(%s::bigint[], %s::smallint[]) AS place (resource_id, unit)
    JOIN bookings_occupancy o ON o.resource_id = place.resource_id AND o.unit = place.unit AND o.period && %s
    WHERE o.lapses_at IS NULL OR o.lapses_at > %s
)
"""


def is_taken(places: Iterable[Place], *, period: Period, now: datetime) -> bool:
    """Say whether one of the places is taken for part of the period; under the lock, so that losers write nothing."""
    wanted = list(places)
    units = [place.resource_id for place in wanted], [place.unit for place in wanted]
    with connection.cursor() as cursor:
        cursor.execute(TAKEN, [*units, period.as_range(), now])
        taken: bool = cursor.fetchone()[0]
    return taken


OCCUPY = """
INSERT INTO bookings_occupancy (resource_id, unit, period, usage, holder_kind, holder_id, lapses_at)
SELECT place.resource_id, place.unit, %s, %s, %s, %s, %s
FROM unnest(%s::bigint[], %s::smallint[]) AS place (resource_id, unit)
ORDER BY place.resource_id, place.unit
ON CONFLICT ON CONSTRAINT occupancy_no_overlap DO NOTHING
RETURNING id
"""


def occupy(
    places: Iterable[Place],
    *,
    period: Period,
    usage: Period,
    holder_kind: Occupancy.Holder,
    holder_id: int,
    lapses_at: datetime | None,
) -> bool:
    """
    Take every place for the period (buffers included), in key order; say whether all were free.

    Part of a caller's transaction: where the answer is no, the caller refuses, and the places that were free go back
    with the rollback. The constraint `occupancy_no_overlap` decides; see Note [Lock, then insert].

    Raises:
        Busy: another transaction holds part of it undecided for too long.
    """
    wanted = sorted(places)
    with bounded_wait(), connection.cursor() as cursor:
        cursor.execute(
            OCCUPY,
            [
                period.as_range(),
                usage.as_range(),
                holder_kind.value,
                holder_id,
                lapses_at,
                [place.resource_id for place in wanted],
                [place.unit for place in wanted],
            ],
        )
        return len(cursor.fetchall()) == len(wanted)


def keep(*, holder_kind: Occupancy.Holder, holder_id: int, lapses_at: datetime | None) -> int:
    """Let a holder's occupancies last: until another instant, or (None) for good. Return how many there are."""
    held = Occupancy.objects.filter(holder_kind=holder_kind, holder_id=holder_id)
    return held.update(lapses_at=lapses_at)


def release(*, holder_kind: Occupancy.Holder, holder_ids: Iterable[int]) -> int:
    """
    Give back all the time of these holders; return how many occupancies that were.

    Raises:
        Busy: a change of the instrument's hours kept its weeks for too long (docs/adr/0010).
    """
    with bounded_wait():
        count, _ = Occupancy.objects.filter(holder_kind=holder_kind, holder_id__in=list(holder_ids)).delete()
    return count


def add_missing_resources() -> int:
    """
    Make a resource for every instrument and room that has none; return how many are new. Safe to run twice at once.

    Called when the catalogue grows, and by a hold that finds none.
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
    ]
    Resource.objects.bulk_create(missing, batch_size=2_000, ignore_conflicts=True)
    return len(missing)
