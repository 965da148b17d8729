"""Giving back the rest of what is taken, while what was used stays."""

from datetime import datetime
from typing import Any

from django.db import connection

from bookings.schedule.models import Occupancy
from kernel.refusals import bounded_wait

NOT_BEGUN = """
DELETE FROM bookings_occupancy WHERE holder_kind = %(kind)s AND holder_id = %(holder)s AND lower(period) >= %(until)s
"""

SHORTEN = """
UPDATE bookings_occupancy SET period = kept.period,
    usage = CASE WHEN isempty(usage * kept.period) THEN kept.period ELSE usage * kept.period END
FROM (
    SELECT id, tstzrange(lower(period), %(until)s) AS period FROM bookings_occupancy
    WHERE holder_kind = %(kind)s AND holder_id = %(holder)s AND lower(period) < %(until)s AND upper(period) > %(until)s
) AS kept
WHERE kept.id = bookings_occupancy.id
"""


def shorten(*, holder_kind: Occupancy.Holder, holder_id: int, until: datetime) -> None:
    """
    Let a holder's occupancies end at an instant; those that end before stay, those that have not begun are given back.

    Raises:
        Busy: a change of the instrument's hours kept its weeks for too long (docs/adr/0010).
    """
    told: dict[str, Any] = {"kind": holder_kind.value, "holder": holder_id, "until": until}
    with bounded_wait(), connection.cursor() as cursor:
        cursor.execute(NOT_BEGUN, told)
        cursor.execute(SHORTEN, told)
