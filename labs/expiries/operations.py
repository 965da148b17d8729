"""Giving notice of what runs out, once for each threshold."""

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby

from django.db import connection, transaction

from kernel.events import announce
from labs.expiries import rules
from labs.expiries.events import ExpiriesNoticed
from labs.expiries.queries import Expiring, ending

NOTICE = """
INSERT INTO labs_expirynotice (kind, thing_id, lab_id, ends_on, threshold, noticed_at)
SELECT kind, thing_id, lab_id, ends_on, threshold, %(now)s
FROM unnest(%(kinds)s::text[], %(things)s::bigint[], %(labs)s::bigint[], %(ends)s::date[], %(thresholds)s::smallint[])
    AS due (kind, thing_id, lab_id, ends_on, threshold)
ORDER BY kind, thing_id, ends_on, threshold
ON CONFLICT ON CONSTRAINT expiry_noticed_once DO NOTHING
RETURNING id
"""


def give_notices(*, now: datetime) -> int:
    """
    Give notice of all that is due and was not noticed yet, and return of how much; each organisation by itself.

    Safe to run twice, late, or beside itself: the constraint `expiry_noticed_once` lets one run notice a thing. Of
    something whose nearest threshold is noticed already, the farther ones that were slept through are left out.
    """
    due = sorted(ending(now=now), key=lambda each: each.organisation_id)
    total = 0
    for organisation_id, things in groupby(due, key=lambda each: each.organisation_id):
        total += _notice(organisation_id, things, now)
    return total


@transaction.atomic
def _notice(organisation_id: int, things: Iterable[Expiring], now: datetime) -> int:
    due = [(each, threshold) for each in things if (threshold := rules.nearest(each.days_left)) is not None]
    with connection.cursor() as cursor:
        cursor.execute(
            NOTICE,
            {
                "now": now,
                "kinds": [each.kind for each, _ in due],
                "things": [each.thing_id for each, _ in due],
                "labs": [each.lab_id for each, _ in due],
                "ends": [each.ends_on for each, _ in due],
                "thresholds": [threshold for _, threshold in due],
            },
        )
        noticed = sorted(key for (key,) in cursor.fetchall())
    if noticed:
        announce(ExpiriesNoticed(occurred_at=now, actor_id=None, organisation_id=organisation_id, notice_ids=noticed))
    return len(noticed)
