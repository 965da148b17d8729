"""
All that a price was computed from, as a value that is frozen beside the price: any price can be computed again.

A price is only ever computed from such inputs, so that what is stored is what was used. `version` is that of the rules
(requirements 5.1): a change of them that changes a price by a fen is a new version, and the old one stays readable.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal
from zoneinfo import ZoneInfo

from billing.pricing import items as things
from billing.pricing import metering
from billing.pricing.rules import Band, DayType, Discount, Line, Price, Rates, billed_period, price
from kernel.periods import Period

VERSION = 1
ONE_DAY = timedelta(days=1)
MOMENT = timedelta(microseconds=1)

type Kind = Literal["booked", "metered", "broken_off", "of_no_use"]


class ReplayError(ValueError):
    """What is stored is not what this code can compute a price from."""


@dataclass(frozen=True, slots=True)
class Added:
    """Going on until an instant, at the rates then in force; `booked` is what was booked before."""

    rates: Rates
    booked: Period
    until: datetime


@dataclass(frozen=True, slots=True)
class Inputs:
    """
    What the price of a use was computed from.

    `booked`: the booked `period`, at the first of `tariffs`, and what was `added` by going on. `metered`: the run from
    `came` to `left` (BL-2), by the `tariffs` from an instant on. `broken_off`: the `runs` up to a fault (BL-24).
    `of_no_use`: nothing. `consumables` come on top of each. `days` are the day types of the local dates it touches;
    `tariff` is the key of the price list, whose values stand in `tariffs`.
    """

    kind: Kind
    tariff: int
    tariffs: tuple[tuple[datetime, Rates], ...]
    period: Period
    zone: str
    days: Mapping[date, DayType]
    with_operator: bool = False
    units: int = 1
    discounts: tuple[Discount, ...] = ()
    came: datetime | None = None
    left: datetime | None = None
    runs: tuple[Period, ...] = ()
    added: tuple[Added, ...] = ()
    consumables: tuple[Mapping[str, Any], ...] = ()

    @property
    def rates(self) -> Rates:
        """The rates it was booked at."""
        return self.tariffs[0][1]

    def price(self) -> Price:
        """
        Return the price, computed from nothing but these values.

        Raises:
            ReplayError: the day type of a date it touches is not among them.
        """
        try:
            used = self._used()
        except KeyError as error:
            raise ReplayError(f"the day type of {error} is not known") from error
        agreed = [one.bp for one in self.discounts if self.kind != "booked" or one.name == used.discount]
        bp = max(agreed, default=0)  # a use too short for it to take anything off still has the discount
        whole = metering.with_more(used, metering.consumables(self.consumables), bp=bp)
        return replace(whole, priced_from=self.as_json())

    def _used(self) -> Price:
        common: dict[str, Any] = {
            "zone": ZoneInfo(self.zone),
            "day_type": self.days.__getitem__,
            "discounts": self.discounts,
            "units": self.units,
        }
        if self.kind == "of_no_use":
            return Price(lines=(), billed=self.period)
        if self.kind == "broken_off":
            return metering.broken_off(rates=self.rates, runs=self.runs, booked=self.period, **common)
        common["with_operator"] = self.with_operator
        if self.kind == "metered":
            assert self.came is not None and self.left is not None  # noqa: S101, PT018 -- of its kind
            return metering.metered(tariffs=self.tariffs, booked=self.period, came=self.came, left=self.left, **common)
        booked = price(rates=self.rates, period=self.period, **common)
        common["discounts"] = [one for one in self.discounts if one.name == booked.discount]
        more = [
            line
            for one in self.added
            for line in metering.added(
                snapshot=self.rates, rates=one.rates, booked=one.booked, until=one.until, **common
            )
        ]
        return replace(booked, lines=(*booked.lines, *more)) if more else booked

    def as_json(self) -> dict[str, Any]:
        """Return the values as they are stored; what is empty is left out."""
        told: dict[str, Any] = {
            "version": VERSION,
            "kind": self.kind,
            "tariff": self.tariff,
            "tariffs": [[since.isoformat(), _rates_json(rates)] for since, rates in self.tariffs],
            "period": _period_json(self.period),
            "zone": self.zone,
            "days": {day.isoformat(): kind for day, kind in self.days.items()},
        }
        if self.with_operator:
            told["with_operator"] = True
        if self.units != 1:
            told["units"] = self.units
        if self.discounts:
            told["discounts"] = [[one.name, one.bp] for one in self.discounts]
        if self.came is not None and self.left is not None:
            told["came"], told["left"] = self.came.isoformat(), self.left.isoformat()
        if self.runs:
            told["runs"] = [_period_json(run) for run in self.runs]
        if self.added:
            told["added"] = [
                {"rates": _rates_json(one.rates), "booked": _period_json(one.booked), "until": one.until.isoformat()}
                for one in self.added
            ]
        if self.consumables:
            told["consumables"] = [dict(one) for one in self.consumables]
        return told


@dataclass(frozen=True, slots=True)
class ItemInputs:
    """What the price of things was computed from (BL-7 to BL-10): the items in their order, and the discounts."""

    items: tuple[things.Item, ...]
    discounts: tuple[Discount, ...] = ()
    kind: Literal["items"] = field(default="items", init=False)

    def price(self) -> Price:
        """Return the price, computed from nothing but these values."""
        return replace(things.price(self.items, discounts=self.discounts), priced_from=self.as_json())

    def as_json(self) -> dict[str, Any]:
        """Return the values as they are stored."""
        return {
            "version": VERSION,
            "kind": self.kind,
            "items": [
                {
                    **asdict(item),
                    "quantity": str(item.quantity),
                    "tiers": [[tier.min_qty, tier.rate_bp] for tier in item.tiers],
                }
                for item in self.items
            ],
            "discounts": [[one.name, one.bp] for one in self.discounts],
        }


def booked(
    *,
    tariff: int,
    rates: Rates,
    period: Period,
    zone: ZoneInfo,
    day_type: Callable[[date], DayType],
    with_operator: bool,
    discounts: Iterable[Discount] = (),
    units: int = 1,
) -> Inputs:
    """Return the inputs of a booked use: its day types are looked up once, here."""
    return Inputs(
        kind="booked",
        tariff=tariff,
        tariffs=((period.start, rates),),
        period=period,
        zone=zone.key,
        days=days_of(billed_period(rates=rates, period=period), zone=zone, day_type=day_type),
        with_operator=with_operator,
        units=units,
        discounts=tuple(discounts),
    )


def days_of(*periods: Period, zone: ZoneInfo, day_type: Callable[[date], DayType]) -> dict[date, DayType]:
    """Return the day type of each local date that periods touch, in order."""
    found: dict[date, DayType] = {}
    for period in periods:
        day, last = period.start.astimezone(zone).date(), (period.end - MOMENT).astimezone(zone).date()
        while day <= last:
            found[day] = day_type(day)
            day += ONE_DAY
    return found


def from_json(stored: Mapping[str, Any]) -> Inputs | ItemInputs:
    """
    Read the inputs of a price as they were stored.

    Raises:
        ReplayError: they are of a version or a shape that this code does not know.
    """
    if stored.get("version") != VERSION:
        raise ReplayError(f"version {stored.get('version')} is not known")
    try:
        return _items(stored) if stored["kind"] == "items" else _use(stored)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise ReplayError(f"{type(error).__name__}: {error}") from error


def _use(stored: Mapping[str, Any]) -> Inputs:
    return Inputs(
        kind=stored["kind"],
        tariff=stored["tariff"],
        tariffs=tuple((datetime.fromisoformat(since), _rates(rates)) for since, rates in stored["tariffs"]),
        period=_period(stored["period"]),
        zone=stored["zone"],
        days={date.fromisoformat(day): kind for day, kind in stored["days"].items()},
        with_operator=stored.get("with_operator", False),
        units=stored.get("units", 1),
        discounts=tuple(Discount(*one) for one in stored.get("discounts", ())),
        came=datetime.fromisoformat(stored["came"]) if "came" in stored else None,
        left=datetime.fromisoformat(stored["left"]) if "left" in stored else None,
        runs=tuple(_period(run) for run in stored.get("runs", ())),
        added=tuple(
            Added(_rates(one["rates"]), _period(one["booked"]), datetime.fromisoformat(one["until"]))
            for one in stored.get("added", ())
        ),
        consumables=tuple(stored.get("consumables", ())),
    )


def _items(stored: Mapping[str, Any]) -> ItemInputs:
    return ItemInputs(
        items=tuple(
            things.Item(
                **{
                    **one,
                    "quantity": Decimal(one["quantity"]),
                    "tiers": tuple(things.Tier(*tier) for tier in one["tiers"]),
                }
            )
            for one in stored["items"]
        ),
        discounts=tuple(Discount(*one) for one in stored["discounts"]),
    )


_PLAIN_RATES = tuple(one.name for one in fields(Rates) if one.name != "bands")


def _rates_json(rates: Rates) -> dict[str, Any]:
    told: dict[str, Any] = {name: value for name in _PLAIN_RATES if (value := getattr(rates, name))}
    if rates.bands:
        told["bands"] = [
            [band.name, band.name_zh, band.starts, band.ends, sorted(band.day_types), band.rate_bp]
            for band in rates.bands
        ]
    return told


def _rates(stored: Mapping[str, Any]) -> Rates:
    bands = tuple(
        Band(name, name_zh, starts, ends, frozenset(day_types), rate_bp)
        for name, name_zh, starts, ends, day_types, rate_bp in stored.get("bands", ())
    )
    return Rates(
        **{"base_rate_fen_per_hour": 0, **{name: value for name, value in stored.items() if name != "bands"}},
        bands=bands,
    )


def _period_json(period: Period) -> list[str]:
    return [period.start.isoformat(), period.end.isoformat()]


def _period(stored: Sequence[str]) -> Period:
    return Period(datetime.fromisoformat(stored[0]), datetime.fromisoformat(stored[1]))


def difference(priced_from: Mapping[str, Any] | None, *, lines: Sequence[Mapping[str, Any]], total_fen: int) -> str:
    """
    Compute a frozen price again, and return in words how it differs from what is stored; empty: not by one fen.

    Without inputs, only the sum of the lines is compared with the total.
    """
    said = sum(line["amount_fen"] for line in lines)
    if said != total_fen:
        return f"the lines come to {said} fen, and the total says {total_fen}"
    if priced_from is None:
        return ""
    try:
        again = from_json(priced_from).price()
    except ReplayError as error:
        return f"cannot be computed again: {error}"
    if again.total.fen != total_fen:
        return f"comes to {again.total.fen} fen, and {total_fen} is stored"
    for place, (computed, stored) in enumerate(zip(again.lines, lines, strict=False), 1):
        if computed != Line(**stored):
            return f"line {place} is {computed.kind} {computed.amount_fen} fen, and {dict(stored)} is stored"
    if len(again.lines) != len(lines):
        return f"has {len(again.lines)} lines, and {len(lines)} are stored"
    return ""
