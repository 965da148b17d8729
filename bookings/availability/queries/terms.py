"""
The facts of the booking rules and the prices behind a use, gathered in one statement.

The customer's request is judged by the same functions when it asks and when it books (BK-25); nothing here decides.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils.translation import get_language

from accounts.models import Membership
from billing.pricing import rules as pricing
from bookings.availability import rules
from kernel.multiranges import as_periods
from kernel.periods import Period
from labs.hours import rules as hours
from labs.models import UserQualification

MARGIN = timedelta(days=1)
"""How far beyond a request the facts reach: whole local days on both sides, and buffers, which are at most a day."""

FACTS = """
SELECT i.id, i.code, i.name_zh, i.name_en, i.capacity, i.rental_mode, i.training_required, i.span_closed,
    i.unattended_buffers, l.timezone,
    l.is_active AND (i.status IN ('available', 'in_use')
        OR (i.status IN ('maintenance', 'calibration', 'fault') AND i.expected_back_at IS NOT NULL))
        AND EXISTS (SELECT FROM labs_offering f
            WHERE f.instrument_id = i.id AND f.kind = 'rental' AND f.state = 'published'),
    p.id, p.slot_grid_min, p.min_minutes, p.max_minutes, p.pre_buffer_min, p.post_buffer_min, p.lead_time_min,
    p.advance_days, p.requires_approval, p.hold_minutes,
    t.id, t.base_rate_fen_per_hour, t.billing_increment_min, t.min_billable_minutes, t.min_charge_fen,
    t.setup_fee_fen, t.operator_fee_fen_per_hour, t.bands, t.sme_discount_bp,
    o.open * w.during, o.blocked * w.during, o.calibrated * w.during, upper(o.calibrated),
    ri.id, rr.id, room.capacity,
    busy.resources, busy.units, busy.starts, busy.ends, busy.holders,
    (SELECT jsonb_object_agg(h.date, h.kind) FROM labs_holidaydate h
        WHERE h.date BETWEEN (lower(w.during))::date - 1 AND (upper(w.during))::date + 1),
    org.name_zh, org.name_en, org.suspended_until,
    org.size IN ('micro', 'small', 'medium') AND org.verification = 'verified',
    (SELECT max(q.valid_to) FROM labs_userqualification q WHERE q.instrument_id = i.id AND q.user_id = %(user)s),
    o.version,
    CASE WHEN NOT i.requires_calibration THEN w.during * (
        SELECT coalesce(range_agg(tstzrange(timezone(l.timezone, c.valid_from::timestamp),
            timezone(l.timezone, (c.valid_to + 1)::timestamp))), '{}')
        FROM labs_calibrationrecord c WHERE c.instrument_id = i.id AND c.result IN ('pass', 'limited')) END
FROM labs_instrument i
CROSS JOIN (SELECT tstzmultirange(tstzrange(%(start)s, %(end)s)) AS during) w
JOIN labs_lab l ON l.id = i.lab_id
JOIN LATERAL (SELECT * FROM labs_bookingpolicy v WHERE v.instrument_id = i.id AND v.valid_from <= %(now)s
    ORDER BY v.valid_from DESC, v.version DESC LIMIT 1) p ON true
JOIN LATERAL (SELECT * FROM labs_tariff v WHERE v.instrument_id = i.id AND v.valid_from <= %(now)s
    ORDER BY v.valid_from DESC, v.version DESC LIMIT 1) t ON true
LEFT JOIN labs_opentime o ON o.instrument_id = i.id
LEFT JOIN labs_room room ON room.id = i.room_id
LEFT JOIN bookings_resource ri ON ri.instrument_id = i.id
LEFT JOIN bookings_resource rr ON rr.room_id = i.room_id
LEFT JOIN accounts_organisation org ON org.id = %(organisation)s
CROSS JOIN LATERAL (
    SELECT array_agg(c.resource_id) AS resources, array_agg(c.unit) AS units, array_agg(lower(c.period)) AS starts,
        array_agg(upper(c.period)) AS ends,
        array_agg(CASE WHEN c.lapses_at <= %(now)s THEN c.holder_id END) AS holders
    FROM unnest(ARRAY[ri.id, rr.id]) AS wanted (id)
    JOIN bookings_occupancy c ON c.resource_id = wanted.id
        AND c.period && tstzrange(%(start)s, %(end)s)
        AND (c.holder_kind, c.holder_id) IS DISTINCT FROM ('rental', %(but_for)s::bigint)
) busy
WHERE i.id = ANY(%(instruments)s)
"""


@dataclass(frozen=True, slots=True)
class Lapsed:
    """A hold that has run out and still stands in the schedule: it blocks nobody, and is cleared on the way."""

    holder_id: int
    period: Period


@dataclass(frozen=True, slots=True)
class Terms:
    """
    What one instrument offers one customer inside a window: the facts of the rules, and what a use costs.

    `open_time_version` counts the changes of hours, outages and certificates that the facts have seen.
    """

    facts: rules.Facts
    open_time_version: int | None
    lapsed: tuple[Lapsed, ...]
    policy_id: int
    tariff_id: int
    rates: pricing.Rates
    discounts: tuple[pricing.Discount, ...]
    holidays: dict[date, str]

    def day_type(self, day: date) -> pricing.DayType:
        """The day type of a lab-local date (BK-3)."""
        return hours.day_type(day, self.holidays)

    def price(self, wish: rules.Wish, *, with_setup: bool = True) -> pricing.Price:
        """What the wish costs this customer at the tariff in force; without set-up where it is set up yet (BL-5)."""
        return pricing.price(
            rates=self.rates if with_setup else replace(self.rates, setup_fee_fen=0),
            period=wish.period,
            zone=self.facts.zone,
            day_type=self.day_type,
            with_operator=wish.needs_operator,
            discounts=self.discounts,
            units=wish.units,
        )


class Customer(Protocol):
    """Whoever is booked for: a membership, or an organisation and a person named by those who act for them."""

    @property
    def organisation_id(self) -> int:
        """Whose rights and quotas count."""

    @property
    def user_id(self) -> int:
        """Who asks."""


def terms(
    instrument_ids: Iterable[int],
    *,
    within: Period,
    member: Customer | None,
    now: datetime,
    used_by: int | None = None,
    but_for: int | None = None,
) -> dict[int, Terms]:
    """
    Return the terms of each instrument for a member (or a visitor), by instrument id, in one statement.

    `used_by` is the person who will operate it, where that is not the member; `but_for` is a rental whose own time
    and share of the quotas are left out: it is about to be moved or prolonged.

    Instruments without a policy or a tariff in force are left out: they cannot be booked.
    """
    reach = Period(within.start - MARGIN, within.end + MARGIN)
    with connection.cursor() as cursor:
        cursor.execute(
            FACTS,
            {
                "instruments": list(instrument_ids),
                "start": reach.start,
                "end": reach.end,
                "now": now,
                "organisation": member.organisation_id if member else None,
                "user": used_by or (member.user_id if member else None),
                "but_for": but_for,
            },
        )
        rows = cursor.fetchall()
    return {row[0]: _terms_of(row) for row in rows}


def _terms_of(row: Sequence[Any]) -> Terms:
    take = iter(row).__next__
    english = (get_language() or "").startswith("en")
    instrument_id, _code, name_zh, name_en, capacity = take(), take(), take(), take(), take()
    rental_mode, training, span_closed, unattended, zone_name, is_bookable = (take() for _ in range(6))
    policy_id = take()
    policy = rules.Policy(*(take() for _ in range(9)))
    tariff_id = take()
    base, increment, least, floor, setup, operator = (take() for _ in range(6))
    rates = pricing.Rates(base, increment, least, floor, setup, operator, pricing.bands_of(_json(take()) or ()))
    sme_bp = take()
    open_, blocked, calibrated, calibrated_until = take(), take(), take(), take()
    resource_id, room_resource_id, room_capacity = take(), take(), take()
    busy = list(zip(*(take() or () for _ in range(5)), strict=True))
    holidays = {date.fromisoformat(day): kind for day, kind in (_json(take()) or {}).items()}
    organisation_zh, organisation_en, suspended_until, is_sme, qualified_to = (take() for _ in range(5))
    open_time_version, certified = take(), take()
    zone = ZoneInfo(zone_name)
    supplies = [rules.Supply(resource_id or 0, False, capacity, _taken(busy, resource_id))]  # noqa: FBT003 -- a field
    if room_capacity is not None:
        supplies.append(rules.Supply(room_resource_id or 0, True, room_capacity, _taken(busy, room_resource_id)))  # noqa: FBT003 -- a field
    facts = rules.Facts(
        instrument_id=instrument_id,
        instrument=(english and name_en) or name_zh,
        is_bookable=is_bookable,
        zone=zone,
        policy=policy,
        modes=frozenset({rules.SELF, rules.ASSISTED} if rental_mode == "both" else {rental_mode}),
        span_closed=span_closed,
        unattended_buffers=unattended,
        open=tuple(as_periods(open_ or ())),
        blocked=tuple(as_periods(blocked or ())),
        calibrated=tuple(as_periods(calibrated or ())),
        calibrated_until=calibrated_until,
        supplies=tuple(supplies),
        organisation=(english and organisation_en) or organisation_zh or "",
        suspended_until=suspended_until,
        needs_qualification=training,
        qualified_until=_through(qualified_to, zone),
        certified=None if certified is None else tuple(as_periods(certified)),
    )
    return Terms(
        facts=facts,
        open_time_version=open_time_version,
        lapsed=tuple(Lapsed(lapsed, Period(start, end)) for _r, _u, start, end, lapsed in busy if lapsed is not None),
        policy_id=policy_id,
        tariff_id=tariff_id,
        rates=rates,
        discounts=(pricing.Discount("sme", sme_bp),) if is_sme and sme_bp else (),
        holidays=holidays,
    )


def _through(day: date | None, zone: ZoneInfo) -> datetime | None:
    """The instant at which a local day has ended."""
    return None if day is None else datetime.combine(day + timedelta(days=1), datetime.min.time(), zone)


def as_seen_by(member: Membership | None, visitors: Iterable[rules.Facts]) -> list[rules.Facts]:
    """
    Return the facts that a visitor was told as those of a member: suspension (BK-1) and own qualifications (BK-11).

    One statement, and only where one of the instruments needs a qualification.
    """
    facts = list(visitors)
    if member is None:
        return facts
    organisation = member.organisation
    needing = [one.instrument_id for one in facts if one.needs_qualification]
    held: dict[int, date] = {}
    if needing:
        mine = UserQualification.objects.filter(user_id=member.user_id, instrument_id__in=needing)
        held = dict(mine.values_list("instrument_id", "valid_to"))
    return [
        replace(
            one,
            organisation=organisation.name,
            suspended_until=organisation.suspended_until,
            qualified_until=_through(held.get(one.instrument_id), one.zone),
        )
        for one in facts
    ]


def _json(stored: Any) -> Any:
    return json.loads(stored) if isinstance(stored, str) else stored


def _taken(busy: list[tuple[Any, ...]], resource_id: int | None) -> tuple[rules.Taken, ...]:
    return tuple(
        rules.Taken(unit, Period(start, end))
        for resource, unit, start, end, lapsed in busy
        if resource == resource_id and lapsed is None
    )
