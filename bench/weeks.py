"""What keeping the weeks costs a booking: the same occupancy written with its trigger and without, by turns."""

import random
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import connection

from bench.measuring import Figure

WRITE = """
INSERT INTO bookings_occupancy (resource_id, unit, period, usage, holder_kind, holder_id)
SELECT r.id, 1, tstzrange(%(start)s, %(end)s), tstzrange(%(start)s, %(end)s), 'rental', -1
FROM bookings_resource r WHERE r.instrument_id = %(instrument)s
ON CONFLICT ON CONSTRAINT occupancy_no_overlap DO NOTHING
"""
WITHOUT = "ALTER TABLE bookings_occupancy DISABLE TRIGGER bookings_occupancy_made"
WARM_UP = 10
"""Pairs that are done first and not counted: they plan the statements."""


def trigger(keys: list[int], now: datetime, acts: int) -> Iterator[str]:
    """Yield the lines: an insert with the trigger, without it, and the median of their differences, pair by pair."""
    chosen = random.Random(2)
    start = now.replace(minute=0, second=0, microsecond=0) + timedelta(days=45)
    kept, bare = Figure("a booking of 4 h marks its week"), Figure("  the same without the trigger")
    apart: list[float] = []
    connection.ensure_connection()
    with connection.connection.cursor() as cursor:
        for number in range(acts + WARM_UP):
            asked = {"instrument": chosen.choice(keys), "start": start, "end": start + timedelta(hours=4)}
            order = (True, False) if number % 2 else (False, True)  # whoever is second finds its pages read
            took = {is_kept: _written(cursor, asked, is_kept=is_kept) for is_kept in order}
            if number >= WARM_UP:
                kept.each.append(took[True])
                bare.each.append(took[False])
                apart.append(took[True] - took[False])
    for figure in (kept, bare):
        figure.wall, figure.statements = sum(figure.each), 1
        yield figure.row()
    yield f"  the trigger costs {1000 * sorted(apart)[len(apart) // 2]:.3f} ms, the median of {len(apart)} pairs"


def _written(cursor: object, asked: dict[str, object], *, is_kept: bool) -> float:
    execute = cursor.execute  # type: ignore[attr-defined]  # psycopg's cursor, whose type Django does not tell
    execute("BEGIN")
    if not is_kept:
        execute(WITHOUT)
    begun = time.perf_counter()
    execute(WRITE, asked)
    took = time.perf_counter() - begun
    execute("ROLLBACK")
    return took
