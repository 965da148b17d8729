"""Keeping the weeks of instruments true: what the database does at once is looked over, and mended, once a day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import batched

from django.db import connection, transaction

from bookings.availability.models import InstrumentWeek
from bookings.availability.rules.quarters import week_of
from kernel.refusals import bounded_wait
from labs.models import OpenTime

BATCH = 500
"""Instruments in one transaction: who changes their hours waits for one batch at most."""


@dataclass(frozen=True, slots=True)
class Mended:
    """How many weeks hid a free quarter-hour (a fault), and how many showed one that is taken (no harm)."""

    hid: int
    showed: int


def repair_weeks(*, now: datetime, instrument_ids: Iterable[int] | None = None) -> Mended:
    """
    Bring the weeks of instruments (of all) to what open time and the schedule say; weeks gone by are forgotten.

    In batches, each a transaction. Safe to run twice or beside bookings.

    Raises:
        Busy: others held the rows for too long.
    """
    keys = instrument_ids
    if keys is None:
        keys = OpenTime.objects.order_by("instrument_id").values_list("instrument_id", flat=True)
        InstrumentWeek.objects.filter(week__lt=week_of(now) - 1).delete()
    hid = showed = 0
    for some in batched(sorted(keys), BATCH):
        with transaction.atomic(), bounded_wait(), connection.cursor() as cursor:
            cursor.execute("SELECT hid, showed FROM bookings_repair_weeks(%s, %s)", [list(some), week_of(now) - 1])
            of_these = cursor.fetchone()
        hid, showed = hid + of_these[0], showed + of_these[1]
    return Mended(hid, showed)
