"""What is booked where time is closed, or would be."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from bookings.foresight.rules.displacing import Claim, Loss, displaced
from bookings.rentals import rules
from bookings.rentals.models import Rental
from bookings.rentals.queries import as_of
from kernel.multiranges import as_periods
from kernel.periods import Period
from labs.hours.rules import lies_open
from labs.models import Instrument, Outage


def ahead(instrument: Instrument, now: datetime) -> list[Rental]:
    """Return the bookings of an instrument that are not over, in order of time; one statement."""
    rows = Rental.objects.blocking(now).filter(instrument=instrument, period__endswith__gt=now).with_places()
    return list(as_of(rows, now).order_by("period", "pk"))


def without_place(
    instrument_ids: Collection[int],
    now: datetime,
    *,
    planned: Iterable[Outage] = (),
    without: Outage | None = None,
    opened: Mapping[int, Sequence[Period]] | None = None,
) -> dict[int, dict[str, Any]]:
    """
    Return which bookings ahead have no place any more, by key, and why (as a rental keeps it); four statements.

    See `displaced_by` and `shut_out` for what would be. Uses under way are among them where an outage ends them early.
    """
    shut = {key: {"why": rules.CLOSED} for key in shut_out(instrument_ids, now, opened=opened)}
    lost = displaced_by(instrument_ids, now, planned=planned, without=without)
    return (
        shut
        | away(instrument_ids, now)
        | {
            key: {"why": rules.OUTAGE, "outage": loss.key, "until": loss.period.end.isoformat()}
            for key, loss in lost.items()
        }
    )


def newly_without_place(instrument_ids: Collection[int], now: datetime, **change: Any) -> list[Rental]:
    """Return the bookings that have a place now and would have none after a change, as `without_place` takes it."""
    before, after = without_place(instrument_ids, now), without_place(instrument_ids, now, **change)
    return told(after.keys() - before.keys(), now)


# --- What an outage displaces (BK-8) ---------------------------------------------------------------------------------

CLAIMS = """
SELECT i.id, i.capacity, r.id, min(lower(o.period)), max(upper(o.period)), count(*),
    r.status IN ('checked_in', 'interrupted'), r.status, r.period
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
    is using an instrument is named where the outage begins before their booked end; buffers do not count then.
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
    stay = {row[2] for row in rows if row[6] and row[2] in found and not _ends_early(row[7], row[8], found[row[2]])}
    return {key: loss for key, loss in found.items() if key not in stay}


def _ends_early(status: str, booked: Any, loss: Loss) -> bool:
    return status == rules.CHECKED_IN and Period.from_range(booked).overlaps(loss.period)


def _outages(instrument_ids: list[int], lab_ids: set[int], now: datetime, without: Outage | None) -> Iterable[Outage]:
    theirs = Outage.objects.filter(instrument_id__in=instrument_ids) | Outage.objects.filter(lab_id__in=lab_ids)
    found = theirs.filter(period__endswith__gt=now).order_by("period", "pk")
    return found.exclude(pk=without.pk) if without else found


# --- What other hours shut out (BK-3, BK-4) ---------------------------------------------------------------------------

AROUND = """
SELECT r.id, i.id, r.period, p.pre_buffer_min, p.post_buffer_min, i.span_closed, i.unattended_buffers,
    t.open * tstzmultirange(tstzrange(lower(r.period) - interval '1 day', upper(r.period) + interval '1 day'))
FROM bookings_rental r
JOIN labs_instrument i ON i.id = r.instrument_id
JOIN labs_lab l ON l.id = i.lab_id
JOIN labs_opentime t ON t.instrument_id = i.id
JOIN labs_bookingpolicy p ON p.id = r.policy_id
WHERE i.id = ANY(%(instruments)s) AND r.status = ANY(%(before_use)s) AND upper(r.period) > %(now)s
    AND (r.held_until IS NULL OR r.held_until > %(now)s)
    AND lower(r.period) >= t.horizon_from::timestamp AT TIME ZONE l.timezone
    AND upper(r.period) <= t.horizon_to::timestamp AT TIME ZONE l.timezone
"""
"""Bookings to come, with their buffers and what is open around them; buffers are at most a day."""


def shut_out(
    instrument_ids: Collection[int], now: datetime, *, opened: Mapping[int, Sequence[Period]] | None = None
) -> set[int]:
    """
    Return the keys of the bookings to come that do not lie in opening hours any more; one statement.

    `opened` is when instruments would be open, by key; without it, the hours they have are asked.
    """
    asked: dict[str, Any] = {
        "instruments": list(instrument_ids),
        "before_use": list(rules.BEFORE_USE),
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(AROUND, asked)
        rows = cursor.fetchall()
    found = set()
    for key, instrument_id, booked, before, after, runs_unattended, buffers_are_free, around in rows:
        used = Period.from_range(booked)
        taken = Period(used.start - timedelta(minutes=before), used.end + timedelta(minutes=after))
        windows = as_periods(around) if opened is None else opened.get(instrument_id, ())
        kept = used if buffers_are_free else taken
        if not lies_open(used, kept, windows, runs_unattended=runs_unattended):
            found.add(key)
    return found


# --- Whose instrument is away -----------------------------------------------------------------------------------------


def away(instrument_ids: Collection[int], now: datetime) -> dict[int, dict[str, Any]]:
    """
    Return the bookings to come whose instrument is not back by then, by key, and why; one statement.

    Nobody knows when it comes back where the lab has not said so: then all of them.
    """
    rows = Rental.objects.blocking(now).filter(
        instrument_id__in=list(instrument_ids), status__in=rules.BEFORE_USE, period__endswith__gt=now
    )
    gone = rows.exclude(instrument__status__in=Instrument.BOOKABLE).select_related("instrument", "policy")
    found: dict[int, dict[str, Any]] = {}
    for rental in gone:
        instrument = rental.instrument
        back = instrument.expected_back_at if instrument.status in Instrument.AWAY else None
        prepared = rental.time.start - timedelta(minutes=rental.policy.pre_buffer_min)
        if back is None or prepared < back:
            found[rental.pk] = {"why": rules.OUTAGE, **({"until": back.isoformat()} if back else {})}
    return found


# --- Who is concerned ------------------------------------------------------------------------------------------------

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


def outages_begin(outage_ids: Collection[int]) -> dict[int, datetime]:
    """Return when outages begin, by key; at most one statement."""
    found = Outage.objects.filter(pk__in=outage_ids).values_list("pk", "period") if outage_ids else ()
    return {key: Period.from_range(period).start for key, period in found}


def to_come(instrument_ids: Iterable[int], now: datetime) -> set[int]:
    """Return the keys of the bookings of instruments whose use has not begun; one statement."""
    rows = Rental.objects.filter(instrument_id__in=list(instrument_ids), status__in=rules.BEFORE_USE)
    return set(rows.filter(period__endswith__gt=now).values_list("pk", flat=True))


def marked(instrument_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Return the bookings of instruments that say an outage or other hours took their place, and what they say."""
    rows = Rental.objects.filter(instrument_id__in=list(instrument_ids), needs_rebooking_since__isnull=False)
    found = rows.filter(status__in=rules.BEFORE_USE).values_list("pk", "needs_rebooking")
    return {pk: why for pk, why in found if why and why["why"] in (rules.OUTAGE, rules.CLOSED)}


def told(rental_ids: Collection[int], now: datetime) -> list[Rental]:
    """Return bookings with what a list shows of them, in order of time; one statement."""
    rows = as_of(Rental.objects.filter(pk__in=rental_ids).with_places(), now)
    return list(rows.order_by("period", "instrument__code", "pk"))
