"""
The facts of the booking rules and the prices behind a use, gathered in one statement.

The customer's request is judged by the same functions when it asks and when it books (BK-25); nothing here decides.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, overload
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils.translation import get_language

from accounts.models import Membership
from billing.pricing import replaying
from billing.pricing import rules as pricing
from bookings.availability import rules
from bookings.availability.queries import quotas
from bookings.availability.queries.quotas import Customer
from bookings.availability.queries.statement import FACTS
from kernel.multiranges import as_periods
from kernel.periods import Period, merged, without
from labs.hours import rules as hours
from labs.models import UserQualification

MARGIN = timedelta(hours=25)
"""How far beyond a request the facts reach: whole local days on both sides, and buffers, which are at most a day."""


@dataclass(frozen=True, slots=True)
class Lapsed:
    """A hold that has run out and still stands in the schedule: it blocks nobody, and is cleared on the way."""

    holder_id: int
    period: Period


@dataclass(frozen=True, slots=True)
class Terms:
    """
    What one instrument offers one customer inside a window: the facts of the rules, and what a use costs.

    `open_time_version` counts the changes of hours, outages and certificates that the facts have seen. `unannounced`
    are years inside the window whose holiday arrangement is not known yet.
    """

    facts: rules.Facts
    open_time_version: int | None
    lapsed: tuple[Lapsed, ...]
    policy_id: int
    tariff_id: int
    rates: pricing.Rates
    discounts: tuple[pricing.Discount, ...]
    holidays: dict[date, str]
    unannounced: frozenset[int]

    def day_type(self, day: date) -> pricing.DayType:
        """The day type of a lab-local date (BK-3)."""
        return hours.day_type(day, self.holidays)

    def unannounced_year(self, period: Period) -> int | None:
        """Return the year of the period whose holiday arrangement is not announced (BK-23), or None."""
        ends = (period.start, period.end - timedelta(microseconds=1))
        years = sorted({end.astimezone(self.facts.zone).year for end in ends} & self.unannounced)
        return years[0] if years else None

    def price(self, wish: rules.Wish, *, with_setup: bool = True) -> pricing.Price:
        """What the wish costs this customer at the tariff in force; without set-up where it is set up yet (BL-5)."""
        return replaying.booked(
            tariff=self.tariff_id,
            rates=self.rates if with_setup else replace(self.rates, setup_fee_fen=0),
            period=wish.period,
            zone=self.facts.zone,
            day_type=self.day_type,
            with_operator=wish.needs_operator,
            discounts=self.discounts,
            units=wish.units,
        ).price()


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
    return {row[0]: _terms_of(row, places_a_hold=but_for is None) for row in rows}


def _terms_of(row: Sequence[Any], *, places_a_hold: bool) -> Terms:
    take = iter(row).__next__
    english = (get_language() or "").startswith("en")
    instrument_id, name_zh, name_en, capacity = (take() for _ in range(4))
    rental_mode, training, span_closed, unattended, shares_condition = (take() for _ in range(5))
    materials, zone, is_bookable = take(), ZoneInfo(take()), take()
    policy_id = take()
    policy = rules.Policy(*(take() for _ in range(11)))
    tariff_id = take()
    base, increment, least, floor, setup, operator = (take() for _ in range(6))
    rates = pricing.Rates(base, increment, least, floor, setup, operator, pricing.bands_of(_json(take()) or ()))
    sme_bp = take()
    open_, blocked, calibrated, calibrated_until = take(), take(), take(), take()
    opens_later, calibrated_later, open_time_version, certified = take(), take(), take(), take()
    holidays = {date.fromisoformat(day): kind for day, kind in (_json(take()) or {}).items()}
    unannounced = frozenset(take())
    resource_id, room_resource_id, room_capacity = take(), take(), take()
    staff = _rows(take, 5)
    busy = _rows(take, 5)
    outages = _outages(_rows(take, 4))
    uses = tuple(_use(*each) for each in _rows(take, 5))
    organisation_zh, organisation_en, suspended_until, is_sme, qualified_to = (take() for _ in range(5))
    quota = quotas.quota_of(*(take() for _ in range(6)))
    if quota is not None and not places_a_hold:
        quota = quotas.without_a_hold(quota)
    supplies = [rules.Supply(resource_id or 0, False, capacity, _taken(busy, resource_id), outages.of_units)]  # noqa: FBT003 -- a field
    if room_capacity is not None:
        supplies.append(rules.Supply(room_resource_id or 0, True, room_capacity, _taken(busy, room_resource_id)))  # noqa: FBT003 -- a field
    facts = rules.Facts(
        instrument_id=instrument_id,
        instrument=(english and name_en) or name_zh,
        is_bookable=is_bookable,
        zone=zone,
        policy=policy,
        modes=_modes(rental_mode, training=training),
        span_closed=span_closed,
        unattended_buffers=unattended,
        open=tuple(as_periods(open_ or ())),
        blocked=outages.blocked(as_periods(blocked or ())),
        external=outages.external,
        calibrated=tuple(as_periods(calibrated or ())),
        calibrated_until=calibrated_until,
        opens_later=opens_later,
        calibrated_later=calibrated_later,
        supplies=tuple(supplies),
        operators=tuple(
            rules.Operator(
                key=key,
                code=code,
                resource_id=resource,
                qualified_until=_through(until, zone),
                works=None if works is None else tuple(as_periods(works)),
                busy=tuple(one.period for one in _taken(busy, resource)),
            )
            for key, code, resource, until, works in staff
        ),
        uses=uses,
        shares_condition=shares_condition,
        materials_allowed=frozenset(materials),
        organisation=(english and organisation_en) or organisation_zh or "",
        suspended_until=suspended_until,
        is_sme=bool(is_sme),
        quota=quota,
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
        unannounced=unannounced,
    )


def _rows(take: Callable[[], Any], columns: int) -> list[tuple[Any, ...]]:
    """Read columns that the database gathered as arrays, a tuple a row."""
    return list(zip(*(take() or () for _ in range(columns)), strict=True))


def _modes(rental_mode: str, *, training: bool) -> frozenset[str]:
    """Return how it may be used; where training is needed, as training too (BK-11)."""
    modes = {rules.SELF, rules.ASSISTED} if rental_mode == "both" else {rental_mode}
    return frozenset(modes | {rules.TRAINING} if training else modes)


@dataclass(frozen=True, slots=True)
class _Outages:
    """What is out: of all units, by other calendars, and of some units, a period each."""

    whole: tuple[Period, ...]
    external: tuple[Period, ...]
    of_units: tuple[Period, ...]

    def blocked(self, told: list[Period]) -> tuple[Period, ...]:
        """Return what open time calls blocked, but for what only other calendars say; in order."""
        if not self.external:
            return tuple(told)
        away = without(told, [*self.whole, *self.external])
        return tuple(merged([*away, *(part for one in self.whole for full in told if (part := one.clipped(full)))]))


def _outages(rows: list[tuple[Any, ...]]) -> _Outages:
    known = [(Period(start, end), units, kind == "external") for start, end, units, kind in rows]
    return _Outages(
        whole=tuple(period for period, units, is_external in known if units is None and not is_external),
        external=tuple(period for period, units, is_external in known if units is None and is_external),
        of_units=tuple(period for period, units, _ in known if units for _ in range(units)),
    )


def _use(usage: Any, period: Any, units: int, profile: str, is_sme: bool) -> rules.Use:
    return rules.Use(Period.from_range(usage), Period.from_range(period), units, profile, is_sme)


@overload
def _through(day: date, zone: ZoneInfo) -> datetime: ...
@overload
def _through(day: date | None, zone: ZoneInfo) -> datetime | None: ...
def _through(day: date | None, zone: ZoneInfo) -> datetime | None:
    """The instant at which a local day has ended."""
    return None if day is None else datetime.combine(day + timedelta(days=1), datetime.min.time(), zone)


def as_seen_by(
    member: Membership | None,
    visitors: Iterable[rules.Facts],
    *,
    within: Period,
    now: datetime,
    used_by: int | None = None,
) -> list[rules.Facts]:
    """
    Return the facts that a visitor was told as those of a member: standing, quotas, reserves, qualifications.

    `used_by` is who will operate it, where that is not the member: their qualifications count (BK-11).

    One statement for the quotas, and one for qualifications where one of the instruments needs one.
    """
    facts = list(visitors)
    if member is None or not facts:
        return facts
    organisation = member.organisation
    keys = [one.instrument_id for one in facts]
    theirs = quotas.quotas(keys, within=within, customer=member, now=now)
    needing = [one.instrument_id for one in facts if one.needs_qualification]
    held: dict[int, date] = {}
    if needing:
        who, alone = used_by or member.user_id, UserQualification.Level.INDEPENDENT
        mine = UserQualification.objects.filter(user_id=who, instrument_id__in=needing, level=alone)
        held = dict(mine.values_list("instrument_id", "valid_to"))
    return [
        replace(
            one,
            organisation=organisation.name,
            suspended_until=organisation.suspended_until,
            is_sme=organisation.is_sme,
            quota=theirs.get(one.instrument_id),
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
