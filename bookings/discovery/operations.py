"""What discovery keeps: how reliably labs keep what was booked with them."""

from datetime import datetime, timedelta

from django.db import connection, transaction

LOOK_BACK = timedelta(days=365)
GRACE_MINUTES = 15
"""A use that begins so long after the booked start is still on time."""

COUNT = """
WITH told AS (
    SELECT i.lab_id, count(*) AS due, count(*) FILTER (
        WHERE r.checked_in_at <= lower(r.period) + make_interval(mins => %(grace)s)
        AND NOT EXISTS (SELECT FROM bookings_interruption WHERE rental_id = r.id)) AS on_time
    FROM bookings_rental r JOIN labs_instrument i ON i.id = r.instrument_id
    WHERE lower(r.period) >= %(since)s AND lower(r.period) < %(now)s AND r.confirmed_at IS NOT NULL
        AND (r.checked_in_at IS NOT NULL
            OR r.status = 'cancelled' AND (r.reason <> '' OR r.needs_rebooking_since IS NOT NULL))
    GROUP BY i.lab_id
), counted AS (
    INSERT INTO bookings_punctuality (lab_id, due, on_time, counted_at)
    SELECT lab_id, due, on_time, %(now)s FROM told ORDER BY lab_id
    ON CONFLICT (lab_id) DO UPDATE
        SET due = excluded.due, on_time = excluded.on_time, counted_at = excluded.counted_at
    RETURNING lab_id
)
SELECT count(*) FROM counted
"""
FORGET = "DELETE FROM bookings_punctuality WHERE counted_at <> %s"


@transaction.atomic
def count_punctuality(*, now: datetime) -> int:
    """
    Count anew, for every lab, what was due in the last year and how much of it was on time; return how many have any.

    See Note [On time]. One pass over the rentals, for a nightly job; safe to run twice. A lab that nothing was due at
    any more is told of no more. Only a cancellation by the lab says why (`reason`).
    """
    with connection.cursor() as cursor:
        cursor.execute(COUNT, {"now": now, "since": now - LOOK_BACK, "grace": GRACE_MINUTES})
        found: int = cursor.fetchone()[0]
        cursor.execute(FORGET, [now])
    return found
