"""Open time, kept in step with what it follows from; see Note [Open time]."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import QuerySet

from kernel.locks import lock
from kernel.periods import Period, merged
from labs.calibration.rules import calibrated_periods
from labs.catalogue.models import Instrument
from labs.hours import inputs, rules
from labs.hours.models import OpenTime

HORIZON_DAYS = 220
"""How far ahead, in local dates, open time is kept; nothing is bookable beyond."""

MISSING = """
INSERT INTO labs_opentime
    (instrument_id, open, blocked, calibrated, horizon_from, horizon_to, version, built_at)
SELECT id, '{}', '{}', '{}', '0001-01-01', '0001-01-02', 0, %(now)s
FROM unnest(%(instruments)s::bigint[]) AS id ORDER BY id
ON CONFLICT (instrument_id) DO NOTHING
"""

REBUILT = """
WITH hours AS MATERIALIZED (
    SELECT number, told::tstzmultirange AS open FROM unnest(%(opens)s::text[]) WITH ORDINALITY AS given (told, number)
), built AS MATERIALIZED (
    SELECT instrument_id, hours.open, blocked::tstzmultirange AS blocked, calibrated::tstzmultirange AS calibrated,
        horizon_from, horizon_to
    FROM unnest(%(instruments)s::bigint[], %(hours)s::bigint[], %(blocked)s::text[], %(calibrated)s::text[],
                %(horizon_from)s::date[], %(horizon_to)s::date[])
            AS given (instrument_id, number, blocked, calibrated, horizon_from, horizon_to)
        JOIN hours USING (number)
)
UPDATE labs_opentime AS kept
SET open = built.open, blocked = built.blocked, calibrated = built.calibrated, horizon_from = built.horizon_from,
    horizon_to = built.horizon_to, version = kept.version + 1, built_at = %(now)s
FROM built
WHERE kept.instrument_id = built.instrument_id AND (%(moved)s OR
    (kept.open, kept.blocked, kept.calibrated, kept.horizon_from, kept.horizon_to) IS DISTINCT FROM
        (built.open, built.blocked, built.calibrated, built.horizon_from, built.horizon_to))
"""
"""The hours that many instruments share are read once, however many share them."""


@transaction.atomic
def rebuild_open_time(instruments: Iterable[Instrument], now: datetime, *, moved: bool = False) -> list[int]:
    """
    Compute the open time of instruments anew and return their keys; rows that come out as they were stay untouched.

    The rows are locked first, then the inputs are read: of two changes at once, the second sees the first. See
    Note [Open time]. Where something else has `moved` that bookings must look at again (some units are out, who may
    operate it), all rows get another version: a booking that has judged before judges anew.

    Raises:
        Busy: bookings or other changes held the rows for too long.
    """
    if isinstance(instruments, QuerySet):
        keys = list(instruments.order_by("pk").values_list("pk", flat=True))
    else:
        keys = sorted({instrument.pk for instrument in instruments})
    if not keys:
        return []
    rows = OpenTime.objects.filter(instrument_id__in=keys).only("pk")
    if len(lock(rows)) < len(keys):
        with connection.cursor() as cursor:
            cursor.execute(MISSING, {"instruments": keys, "now": now})
            made_by_others = cursor.rowcount < len(keys)
        if made_by_others:
            lock(rows)
    today = now.date()
    gathered = inputs.of(keys, today - timedelta(days=2), today + timedelta(days=HORIZON_DAYS + 2))
    opens: dict[str, int] = {}
    by_lab: dict[tuple[int, date], str] = {}
    columns: dict[str, list[Any]] = {
        name: [] for name in ("instruments", "hours", "blocked", "calibrated", "horizon_from", "horizon_to")
    }
    for one in gathered:
        first, end = horizon(now, one.lab.tz)
        if one.exceptions:
            text = _text(_open(one, first, end))
        elif (one.lab_id, first) in by_lab:
            text = by_lab[one.lab_id, first]
        else:
            text = by_lab[one.lab_id, first] = _text(_open(one, first, end))
        whole = Period(rules.midnight(first, one.lab.tz), rules.midnight(end, one.lab.tz))
        columns["instruments"].append(one.instrument_id)
        columns["hours"].append(opens.setdefault(text, len(opens) + 1))
        columns["blocked"].append(_text(_blocked(one, whole, now)))
        columns["calibrated"].append(_text(_calibrated(one, whole)))
        columns["horizon_from"].append(first)
        columns["horizon_to"].append(end)
    with connection.cursor() as cursor:
        cursor.execute(REBUILT, {**columns, "opens": list(opens), "now": now, "moved": moved})
    return keys


def behind(now: datetime) -> list[int]:
    """Return the keys of the instruments whose open time is missing or does not reach as far as it should."""
    rows = Instrument.objects.order_by("pk").values_list("pk", "lab__timezone", "open_time__horizon_to")
    ends: dict[str, date] = {}
    for _, zone, _ in rows:
        if zone not in ends:
            ends[zone] = horizon(now, ZoneInfo(zone))[1]
    return [key for key, zone, until in rows if until is None or until < ends[zone]]


def horizon(now: datetime, tz: ZoneInfo) -> tuple[date, date]:
    """Return the local dates [first, end) for which open time is kept."""
    today = now.astimezone(tz).date()
    return today - timedelta(days=1), today + timedelta(days=HORIZON_DAYS)


def _open(one: inputs.Inputs, first: date, end: date) -> list[Period]:
    return rules.open_periods(first, end, one.lab.hours, one.lab.holidays, one.lab.tz, one.exceptions)


def _blocked(one: inputs.Inputs, whole: Period, now: datetime) -> list[Period]:
    """Return the outages of all units, and the time until an instrument that is away is expected back."""
    out = [outage.period for outage in one.outages if outage.units is None]
    if one.expected_back_at and one.status in Instrument.AWAY and now < one.expected_back_at:
        out.append(Period(now, one.expected_back_at))
    return [part for period in merged(out) if (part := period.clipped(whole))]


def _calibrated(one: inputs.Inputs, whole: Period) -> list[Period]:
    """Return when a booking finds the instrument calibrated: always, where it need not be (CAL-2)."""
    if not one.requires_calibration:
        return [whole]
    certified = calibrated_periods(one.validities, one.lab.tz)
    return [part for period in certified if (part := period.clipped(whole))]


def _text(periods: Iterable[Period]) -> str:
    """Return periods as PostgreSQL reads a multirange: one text shared by all instruments with the same hours."""
    return "{" + ",".join(f"[{period.start.isoformat()},{period.end.isoformat()})" for period in periods) + "}"
