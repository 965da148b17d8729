"""What is booked where time would be closed."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db import connection

from bookings.foresight.rules.displacing import Claim, Loss, displaced
from bookings.rentals import rules
from bookings.rentals.models import Rental
from bookings.rentals.queries import as_of
from kernel.periods import Period
from labs.hours.queries import ByInstrument
from labs.models import Instrument, Outage


def booked_into(closed: ByInstrument, now: datetime) -> list[Rental]:
    """Return the bookings not over that fall into closed time, given by instrument, in order of time; one statement."""
    spans = [period for periods in closed.values() for period in periods]
    if not spans:
        return []
    whole = Period(min(period.start for period in spans), max(period.end for period in spans))
    rows = as_of(
        Rental.objects.blocking(now)
        .filter(
            instrument_id__in=[key for key, periods in closed.items() if periods],
            period__overlap=whole.as_range(),
            period__endswith__gt=now,
        )
        .with_places(),
        now,
    ).order_by("period", "instrument__code", "pk")
    return [row for row in rows if any(row.time.overlaps(period) for period in closed[row.instrument_id])]


def ahead(instrument: Instrument, now: datetime) -> list[Rental]:
    """Return the bookings of an instrument that are not over, in order of time; one statement."""
    rows = Rental.objects.blocking(now).filter(instrument=instrument, period__endswith__gt=now).with_places()
    return list(as_of(rows, now).order_by("period", "pk"))


# --- What an outage displaces (BK-8) ---------------------------------------------------------------------------------

CLAIMS = """
SELECT i.id, i.capacity, r.id, min(lower(o.period)), max(upper(o.period)), count(*),
    r.status IN ('checked_in', 'interrupted')
FROM labs_instrument i
JOIN bookings_resource e ON e.instrument_id = i.id
JOIN bookings_occupancy o ON o.resource_id = e.id AND o.holder_kind = 'rental' AND upper(o.period) > %(now)s
    AND o.period && %(reach)s AND (o.lapses_at IS NULL OR o.lapses_at > %(now)s)
JOIN bookings_rental r ON r.id = o.holder_id
WHERE i.id = ANY(%(instruments)s)
GROUP BY i.id, r.id
ORDER BY i.id, 7 DESC, r.confirmed_at NULLS LAST, r.created_at, r.id
"""
"""Bookings by instrument, in the order in which they keep their place: who is there, who confirmed first, who asked."""


def displaced_by(
    instrument_ids: Collection[int], now: datetime, *, planned: Iterable[Outage] = (), without: Outage | None = None
) -> dict[int, Loss]:
    """
    Return which bookings ahead have no place any more, by key, and the outage that took it; two statements.

    `planned` are outages as they would be, not saved; `without` is one that would be no more, or otherwise. Whoever
    is using an instrument stays: their time is the desk's to end.
    """
    keys = sorted(instrument_ids)
    instruments = dict(Instrument.objects.filter(pk__in=keys).values_list("pk", "lab_id"))
    outages = [*_outages(keys, set(instruments.values()), now, without), *planned]
    if not outages:
        return {}
    stretches = [one.stretch for one in outages]
    reach = Period(min(one.start for one in stretches), max(one.end for one in stretches))
    with connection.cursor() as cursor:
        cursor.execute(CLAIMS, {"instruments": keys, "now": now, "reach": reach.as_range()})
        rows = cursor.fetchall()
    found: dict[int, Loss] = {}
    for pk, lab_id in instruments.items():
        mine = [row for row in rows if row[0] == pk]
        losses = [
            Loss(one.pk or 0, one.stretch, one.units)
            for one in outages
            if one.instrument_id == pk or one.lab_id == lab_id
        ]
        claims = [Claim(row[2], Period(row[3], row[4]), row[5], is_fixed=row[6]) for row in mine]
        found |= displaced(claims, losses, capacity=mine[0][1] if mine else 1)
    return found


def _outages(instrument_ids: list[int], lab_ids: set[int], now: datetime, without: Outage | None) -> Iterable[Outage]:
    theirs = Outage.objects.filter(instrument_id__in=instrument_ids) | Outage.objects.filter(lab_id__in=lab_ids)
    found = theirs.filter(period__endswith__gt=now).order_by("period", "pk")
    return found.exclude(pk=without.pk) if without else found


OVERLAPPING = """
SELECT DISTINCT o.holder_id
FROM labs_instrument i
JOIN labs_outage x ON x.instrument_id = i.id OR x.lab_id = i.lab_id
JOIN bookings_resource e ON e.instrument_id = i.id
JOIN bookings_occupancy o ON o.resource_id = e.id AND o.period && x.period AND o.holder_kind = 'rental'
WHERE i.id = ANY(%(instruments)s) AND upper(x.period) > %(now)s AND upper(o.period) > %(now)s
"""


def overlapping(instrument_ids: Iterable[int], now: datetime) -> set[int]:
    """Return the keys of the bookings ahead that share an instant with an outage of their instrument; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(OVERLAPPING, {"instruments": list(instrument_ids), "now": now})
        return {key for (key,) in cursor.fetchall()}


def marked(instrument_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Return the bookings of instruments that say they were displaced by an outage, by key, with what they say."""
    rows = Rental.objects.filter(instrument_id__in=list(instrument_ids), needs_rebooking_since__isnull=False)
    found = rows.filter(status__in=rules.BEFORE_USE).values_list("pk", "needs_rebooking")
    return {pk: why for pk, why in found if why and "outage" in why}


def told(rental_ids: Collection[int], now: datetime) -> list[Rental]:
    """Return bookings with what a list shows of them, in order of time; one statement."""
    rows = as_of(Rental.objects.filter(pk__in=rental_ids).with_places(), now)
    return list(rows.order_by("period", "instrument__code", "pk"))
