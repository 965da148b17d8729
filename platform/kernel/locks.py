"""Rows locked in one order, with a bounded wait."""

from django.db.models import Model, QuerySet

from kernel.refusals import bounded_wait


def lock[Row: Model](rows: QuerySet[Row]) -> list[Row]:
    """
    Lock the rows in key order until the transaction ends, and return them as they are now.

    Note [Lock, then insert]: the rows that a rule spans (a resource with its capacity, an organisation with its
    limits) are locked first, always in key order, then the occupancy is inserted under the exclusion constraint,
    which has the last word. See docs/adr/0003.

    Raises:
        Busy: others held them longer than the connection's `lock_timeout`.
    """
    with bounded_wait():
        return list(rows.order_by("pk").select_for_update(of=("self",)))
