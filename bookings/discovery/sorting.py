"""What the catalogue is sorted by, as the database reckons it: prices, distances; each has its twin in Python."""

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    Expression,
    F,
    FloatField,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.expressions import RawSQL
from django.db.models.functions import ASin, Cos, Power, Radians, Sin, Sqrt
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual

from bookings.availability.rules import ASSISTED
from bookings.discovery.models import Punctuality
from bookings.discovery.wishes import Origin
from labs.models import Offering, Tariff

EARTH_KM = 6371.0088
"""The mean radius of the earth."""

BEST, EARLIEST, PRICE, DISTANCE, UNCERTAINTY, TURNAROUND, PUNCTUALITY = (
    "best",
    "earliest",
    "price",
    "distance",
    "uncertainty",
    "turnaround",
    "punctuality",
)


def distance_km(lat: float, lon: float, origin: Origin) -> float:
    """Return the distance of two points over the earth (haversine)."""
    here, there = math.radians(origin.lat), math.radians(lat)
    half = math.sin((there - here) / 2) ** 2
    half += math.cos(here) * math.cos(there) * math.sin(math.radians(lon - origin.lon) / 2) ** 2
    return 2 * EARTH_KM * math.asin(math.sqrt(half))


def distance(origin: Origin, to_lab: str) -> Expression:
    """Return the distance of a row's lab from a place in km; the same as `distance_km`."""
    lat, lon = F(f"{to_lab}lat"), F(f"{to_lab}lon")
    here = math.radians(origin.lat)
    half: Any = Power(Sin((Radians(lat) - Value(here)) / 2), 2) + Value(math.cos(here)) * Cos(Radians(lat)) * Power(
        Sin((Radians(lon) - Value(math.radians(origin.lon))) / 2), 2
    )
    found: Expression = 2 * EARTH_KM * ASin(Sqrt(half), output_field=FloatField())
    return found


def in_force(now: datetime, instrument: str) -> Any:
    """Return the price list in force of a row's instrument."""
    return Tariff.objects.filter(instrument=OuterRef(instrument), valid_from__lte=now).order_by(
        "-valid_from", "-version"
    )


LOWEST = """
least(base_rate_fen_per_hour, (
    SELECT min(round(base_rate_fen_per_hour * (band->>'rate_bp')::bigint / 10000.0))
    FROM jsonb_array_elements(bands) AS band))::bigint
"""
COST = """
(SELECT sum(line - round(line * %s * sme_discount_bp / 10000.0)) FROM (
    SELECT unnest(ARRAY[usage, greatest(min_charge_fen - usage, 0), setup_fee_fen]) AS line FROM (
        SELECT round(base_rate_fen_per_hour * billing_increment_min * greatest(
            ceil(%s::numeric / billing_increment_min), ceil(min_billable_minutes::numeric / billing_increment_min)
        ) / 60.0) AS usage) AS used) AS lines)::bigint
+ CASE WHEN %s OR (SELECT rental_mode = 'assisted' FROM labs_instrument WHERE labs_instrument.id = instrument_id)
    THEN round(operator_fee_fen_per_hour * billing_increment_min * ceil(%s::numeric / billing_increment_min) / 60.0)
    ELSE 0 END::bigint
"""


def lowest_price(now: datetime, instrument: str) -> Expression:
    """Return what a card says a row costs from, in fen: an instrument an hour at its cheapest, a service its unit."""
    lowest = RawSQL(LOWEST, (), output_field=BigIntegerField())  # noqa: S611 -- our own text
    return _of_both(Subquery(in_force(now, instrument).annotate(lowest=lowest).values("lowest")[:1]), instrument)


def cost_of_use(*, minutes: int, mode: str | None, is_sme: bool, now: datetime, instrument: str) -> Expression:
    """
    Return what a use of so many minutes costs in standard hours, in fen, with the discount of the buyer's size.

    A service costs its unit. The same as `billing.pricing.rules.price` without hour bands; the operator is counted
    where that mode is asked for, or is the only one.
    """
    parameters = (int(is_sme), minutes, mode == ASSISTED, minutes)
    cost = RawSQL(COST, parameters, output_field=BigIntegerField())  # noqa: S611 -- our own text
    return _of_both(Subquery(in_force(now, instrument).annotate(cost=cost).values("cost")[:1]), instrument)


def _of_both(of_instrument: Any, instrument: str) -> Expression:
    """Return an instrument's amount, and for services the price of their unit."""
    if instrument == "pk":
        found: Expression = of_instrument
        return found
    return Case(
        When(kind=Offering.Kind.RENTAL, then=of_instrument),
        default=F("unit_price_fen"),
        output_field=BigIntegerField(),
    )


def at_least(amount: Expression, fen: int) -> GreaterThanOrEqual:
    """Return the condition that an amount is not below so many fen."""
    return GreaterThanOrEqual(amount, fen)


def at_most(amount: Expression, fen: int) -> LessThanOrEqual:
    """Return the condition that an amount is not above so many fen."""
    return LessThanOrEqual(amount, fen)


def lateness(to_lab: str) -> Expression:
    """Return the share of rentals that a row's lab did not keep on time; None below what is told (Note [On time])."""
    due, on_time = F(f"{to_lab}punctuality__due"), F(f"{to_lab}punctuality__on_time")
    enough = Q(**{f"{to_lab}punctuality__due__gte": Punctuality.FEWEST})
    late: Any = (due - on_time) * Value(1.0) / due
    return Case(When(enough, then=late), output_field=FloatField())


def not_named(word: str) -> Expression:
    """Return 0 for rows whose name has the word, 1 for the others."""
    named = Q(name_zh__icontains=word) | Q(name_en__icontains=word)
    return Case(When(named, then=Value(0)), default=Value(1), output_field=IntegerField())


def smallest_first(found: QuerySet[Any], by: Any, rest: Sequence[Any]) -> QuerySet[Any]:
    """Return the rows by an amount, the smallest first, those without one last, then as they were."""
    ordered: QuerySet[Any] = found.annotate(sort_by=by).order_by(F("sort_by").asc(nulls_last=True), *rest)
    return ordered
