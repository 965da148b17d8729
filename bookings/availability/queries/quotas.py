"""
What an organisation has booked already (BK-12), counted where it is asked: with all facts, or again under the lock.

The parts below belong into statements that know `i` (the instrument), `o` (its open time), `l` (its lab), and the
parameters organisation, now, start, end and but_for.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.conf import settings
from django.db import connection

from bookings.availability.rules import Facts, Quota, Wish
from bookings.schedule.rules import Want
from kernel.periods import Period


class Customer(Protocol):
    """Whoever is booked for: a membership, or an organisation and a person named by those who act for them."""

    @property
    def organisation_id(self) -> int:
        """Whose rights and quotas count."""

    @property
    def user_id(self) -> int:
        """Who asks."""


BOOKED = """
    SELECT count(*) FILTER (WHERE lower(r.period) > %(now)s) AS ahead,
        count(*) FILTER (WHERE r.status = 'held') AS holds
    FROM bookings_rental r
    WHERE r.organisation_id = %(organisation)s
        AND r.status IN ('held', 'pending_approval', 'awaiting_payment', 'confirmed')
        AND (r.held_until IS NULL OR r.held_until > %(now)s) AND r.id IS DISTINCT FROM %(but_for)s::bigint
"""
"""Bookings that lie ahead, and times on hold; a hold that has run out is neither."""

SPENT = """
    SELECT array_agg(r.period) AS periods FROM bookings_rental r
    WHERE r.organisation_id = %(organisation)s AND r.instrument_id = i.id
        AND r.status IN ('held', 'pending_approval', 'awaiting_payment', 'confirmed', 'checked_in', 'interrupted',
            'checked_out', 'settled', 'no_show')
        AND (r.held_until IS NULL OR r.held_until > %(now)s) AND r.id IS DISTINCT FROM %(but_for)s::bigint
        AND r.period && tstzrange(%(start)s - interval '7 days', %(end)s + interval '7 days')
        AND CASE WHEN i.span_closed THEN o.open @> r.period OR lower(r.period) < lower(o.open)
            AND timezone(l.timezone, lower(r.period))::date = timezone(l.timezone, upper(r.period))::date
            ELSE true END
"""
"""
The customer's uses of the instrument, attended ones, in whole weeks around the window. What lies before the horizon of
open time counts as attended where it began and ended on one day.
"""

TAKEN = """
    SELECT want.resource_id FROM unnest(%(resources)s::bigint[], %(periods)s::tstzrange[]) AS want (resource_id, period)
    WHERE EXISTS (
        SELECT FROM bookings_occupancy c WHERE c.resource_id = want.resource_id AND c.period && want.period
            AND (c.lapses_at IS NULL OR c.lapses_at > %(now)s)
    )
"""
"""Resources that are taken for part of what is wanted of them."""

AGAIN = f"""
SELECT i.id, org.id, org.most_bookings_ahead, org.most_holds, booked.ahead, booked.holds, spent.periods, ARRAY({TAKEN})
FROM labs_instrument i
JOIN labs_lab l ON l.id = i.lab_id
LEFT JOIN labs_opentime o ON o.instrument_id = i.id
JOIN accounts_organisation org ON org.id = %(organisation)s
CROSS JOIN ({BOOKED}) booked
CROSS JOIN LATERAL ({SPENT}) spent
WHERE i.id = ANY(%(instruments)s)
"""  # noqa: S608 -- put together from the parts above


def quota_of(
    organisation_id: int | None,
    most_ahead: int | None,
    most_holds: int | None,
    ahead: int,
    holds: int,
    spent: Iterable[Any] | None,
) -> Quota | None:
    """Read a customer's quota from a row; None for a visitor. What is not set is as for everybody."""
    if organisation_id is None:
        return None
    return Quota(
        ahead=ahead,
        most_ahead=settings.MOST_BOOKINGS_AHEAD if most_ahead is None else most_ahead,
        holds=holds,
        most_holds=settings.MOST_HOLDS if most_holds is None else most_holds,
        spent=tuple(Period.from_range(one) for one in spent or ()),
    )


def quotas(instrument_ids: Iterable[int], *, within: Period, customer: Customer, now: datetime) -> dict[int, Quota]:
    """Return a customer's quota on each instrument, as it is now; one statement."""
    rows = _asked_again(instrument_ids, within, customer, now)
    return {pk: quota for pk, *told, _taken in rows if (quota := quota_of(*told)) is not None}


def without_a_hold(quota: Quota) -> Quota:
    """Return a quota as it counts for what is only moved or prolonged: that is no hold more."""
    return replace(quota, most_holds=None)


@dataclass(frozen=True, slots=True)
class Recounted:
    """What holds now: the facts with the customer's quota, and the resources of one unit that are taken meanwhile."""

    facts: Facts
    taken: frozenset[int]


def recounted(facts: Facts, wish: Wish, *, customer: Customer, now: datetime) -> Recounted:
    """
    Return what a hold must look at again under the locks of organisation and resources; one statement.

    Asked before anything is written, so that losers write nothing. Where there are more units the rules count.
    """
    wants = [want for want in facts.wants(wish) if want.decides_alone]
    ((_, *told, taken),) = _asked_again([facts.instrument_id], wish.period, customer, now, wants)
    quota = quota_of(*told)
    return Recounted(facts if quota is None else facts.counted(quota), frozenset(taken))


def _asked_again(
    instrument_ids: Iterable[int], within: Period, customer: Customer, now: datetime, wants: Sequence[Want] = ()
) -> list[tuple[Any, ...]]:
    asked: dict[str, Any] = {
        "instruments": list(instrument_ids),
        "organisation": customer.organisation_id,
        "now": now,
        "but_for": None,
        "start": within.start - timedelta(days=1),
        "end": within.end + timedelta(days=1),
        "resources": [want.resource_id for want in wants],
        "periods": [want.period.as_range() for want in wants],
    }
    with connection.cursor() as cursor:
        cursor.execute(AGAIN, asked)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
