"""
What a use of an instrument costs: one pure function from a tariff and a period to lines (requirements 5.1).

Amounts are whole fen with tax included, percentages basis points, times minutes. Every line is rounded half up once,
on the exact rational value; nothing else is rounded.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, date, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from kernel.money import BASIS_POINTS, Money, ratio
from kernel.periods import Period

type DayType = Literal["workday", "restday", "holiday"]
type LineKind = Literal[
    "usage", "minimum", "setup", "operator", "overtime", "consumable", "sample", "test", "travel", "urgent"
]

STANDARD_BAND = "standard"
MINUTES_A_DAY = 24 * 60
MINUTE = timedelta(minutes=1)
LINE_KINDS: tuple[LineKind, ...] = (
    "usage", "minimum", "setup", "operator", "overtime", "consumable", "sample", "test", "travel", "urgent",
)  # fmt: skip
DISCOUNTABLE: frozenset[str] = frozenset({"usage", "minimum", "setup", "consumable", "sample", "test"})
"""BL-10: the lines a discount reaches; operator, overtime, urgent, travel, damage and deposits are never among them."""

FIRST_OF_EQUALS = "sme"
"""BL-10: of discounts that take off the same, this one is named."""


@dataclass(frozen=True, slots=True)
class Band:
    """
    A stretch of the day with its own rate (分时电价式时段, BL-3).

    `starts` and `ends` are minutes from local midnight; where `ends <= starts` the band wraps midnight and covers
    `[starts, 24:00)` and `[00:00, ends)` of every date it applies to.
    """

    name: str
    name_zh: str
    starts: int
    ends: int
    day_types: frozenset[str]
    rate_bp: int

    def covers(self, minute: int, day_type: str) -> bool:
        """Whether the minute of a day of that type belongs to the band."""
        if day_type not in self.day_types:
            return False
        if self.ends <= self.starts:
            return minute >= self.starts or minute < self.ends
        return self.starts <= minute < self.ends


@dataclass(frozen=True, slots=True)
class Rates:
    """A tariff version as values: fen, minutes, basis points."""

    base_rate_fen_per_hour: int
    billing_increment_min: int
    min_billable_minutes: int = 0
    min_charge_fen: int = 0
    setup_fee_fen: int = 0
    operator_fee_fen_per_hour: int = 0
    bands: tuple[Band, ...] = ()


@dataclass(frozen=True, slots=True)
class Discount:
    """A price cut a customer may have (BL-10): sme, member, chain, campaign; the best single one wins."""

    name: str
    bp: int


@dataclass(frozen=True, slots=True)
class Line:
    """
    One line of a price and how it came about.

    `list_fen` is the amount before discount, `amount_fen` what is charged. Usage and operator lines carry the minutes
    and the hourly rate; usage and overtime lines their band and its basis points too. Lines of things say what it was
    (`item`), how much of it, the price of one, and in `rate_bp` the tier's share of it where it is not the whole; an
    urgent surcharge the amount it is a share of, as the price of one. Minimum and set-up say what one unit's is.
    """

    kind: LineKind
    list_fen: int
    amount_fen: int
    discount_fen: int = 0
    discount_bp: int = 0
    minutes: int | None = None
    rate_fen_per_hour: int | None = None
    rate_bp: int | None = None
    band: str = ""
    band_zh: str = ""
    units: int = 1
    item: str = ""
    quantity: str = ""
    unit_price_fen: int | None = None

    def as_json(self) -> dict[str, Any]:
        """The line as it is frozen on a rental or a bill."""
        return {name: getattr(self, name) for name in _LINE_FIELDS}


_LINE_FIELDS = tuple(one.name for one in fields(Line))


@dataclass(frozen=True, slots=True)
class Price:
    """
    The lines of a price in their order; the total is their sum (BL-11), tax included.

    `billed` is the time it is for, None for a price of things; `discount` is the name of the one that was given;
    `priced_from` is what it was computed from, as it is stored beside it (`billing.pricing.replaying`).
    """

    lines: tuple[Line, ...]
    billed: Period | None
    discount: str = ""
    priced_from: Mapping[str, Any] | None = field(default=None, compare=False, repr=False)
    total: Money = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "total", Money(sum(line.amount_fen for line in self.lines)))

    @property
    def saved(self) -> Money:
        """What the discount takes off."""
        return Money(sum(line.discount_fen for line in self.lines))

    def as_json(self) -> list[dict[str, Any]]:
        """The lines as they are frozen on a rental or a bill."""
        return [line.as_json() for line in self.lines]


def rounded_up(minutes: int, increment: int) -> int:
    """Return the minutes rounded up to a whole number of increments."""
    return -(-minutes // increment) * increment


def billed_period(*, rates: Rates, period: Period) -> Period:
    """Return what a booked use is billed for (BL-1): its length rounded up, at least the minimum, from its start."""
    increment = rates.billing_increment_min
    minutes = max(rounded_up(period.minutes, increment), rounded_up(rates.min_billable_minutes, increment))
    return Period.starting(period.start, minutes)


def band_minutes(
    *, bands: Iterable[Band], period: Period, zone: ZoneInfo, day_type: Callable[[date], DayType]
) -> dict[Band | None, int]:
    """
    Count the minutes of a period in each band, first match wins; None is the standard rate (BL-3).

    Each minute belongs to its own local date and that date's day type. Walks from edge to edge, not minute by minute,
    but where the lab's clock is put forward or back on the way.
    """
    bands = tuple(bands)
    edges = sorted({*(band.starts for band in bands), *(band.ends % MINUTES_A_DAY for band in bands), MINUTES_A_DAY})
    counted: dict[Band | None, int] = {}
    local, left = period.start.astimezone(zone), period.minutes
    while left:
        minute, kind = local.hour * 60 + local.minute, day_type(local.date())
        run = min(next(edge for edge in edges if edge > minute) - minute, left)
        then = (local.astimezone(UTC) + run * MINUTE).astimezone(zone)
        if then.utcoffset() != local.utcoffset():
            run, then = 1, (local.astimezone(UTC) + MINUTE).astimezone(zone)
        band = next((one for one in bands if one.covers(minute, kind)), None)
        counted[band] = counted.get(band, 0) + run
        local, left = then, left - run
    return counted


def price(
    *,
    rates: Rates,
    period: Period,
    zone: ZoneInfo,
    day_type: Callable[[date], DayType],
    with_operator: bool,
    discounts: Iterable[Discount] = (),
    units: int = 1,
) -> Price:
    """
    Price a booked use: usage by band, minimum-charge top-up, set-up, operator (BL-1, BL-3 to BL-7, BL-10, BL-11).

    Usage, top-up and set-up count once a unit, multiplied before rounding (BL-7); the operator's time is booked once
    and is neither scaled by bands nor stretched by the billable minimum (BL-6).
    """
    billed = billed_period(rates=rates, period=period)
    counted = band_minutes(bands=rates.bands, period=billed, zone=zone, day_type=day_type)
    lines = usage_lines(counted, rates=rates, units=units)
    missing = rates.min_charge_fen * units - sum(line.list_fen for line in lines)
    if missing > 0:
        lines.append(minimum_line(rates, missing, units=units))
    if rates.setup_fee_fen:
        lines.append(setup_line(rates, units=units))
    if with_operator and rates.operator_fee_fen_per_hour:
        lines.append(operator_line(rates, rounded_up(period.minutes, rates.billing_increment_min)))
    best, bp = best_discount(lines, discounts)
    return Price(lines=tuple(discounted(line, bp) for line in lines), billed=billed, discount=best)


def usage_lines(
    counted: dict[Band | None, int],
    *,
    rates: Rates,
    units: int,
    kind: LineKind = "usage",
    factor_bp: int = BASIS_POINTS,
) -> list[Line]:
    """
    Return one line a band for the minutes counted in it, standard first, then in the order of the tariff (BL-3).

    Bands of one name and rate are one band, however many hours of the week it was drawn over. `factor_bp` scales the
    band's rate (overtime, BL-2); each line is rounded once.
    """
    named: dict[tuple[str, str, int], int] = {}
    if None in counted:
        named[STANDARD_BAND, "", BASIS_POINTS] = counted[None]
    for band in rates.bands:
        if minutes := counted.get(band, 0):
            key = (band.name, band.name_zh, band.rate_bp)
            named[key] = named.get(key, 0) + minutes
    hourly = rates.base_rate_fen_per_hour
    return [
        plain(
            kind,
            ratio(hourly * minutes * rate_bp * factor_bp * units, 60 * BASIS_POINTS * BASIS_POINTS),
            minutes=minutes,
            rate_fen_per_hour=hourly,
            rate_bp=ratio(rate_bp * factor_bp, BASIS_POINTS),
            band=name,
            band_zh=name_zh,
            units=units,
        )
        for (name, name_zh, rate_bp), minutes in named.items()
    ]


def minimum_line(rates: Rates, missing_fen: int, *, units: int) -> Line:
    """Return the top-up to the minimum charge (BL-4); the minimum of one unit stands beside it."""
    return plain("minimum", missing_fen, units=units, unit_price_fen=rates.min_charge_fen)


def setup_line(rates: Rates, *, units: int) -> Line:
    """Return the set-up fee, once a booking for each unit (BL-5, BL-7)."""
    return plain("setup", rates.setup_fee_fen * units, units=units, unit_price_fen=rates.setup_fee_fen)


def operator_line(rates: Rates, minutes: int) -> Line:
    """Return what the operator's time costs: by the hour, not scaled by bands, rounded once (BL-6)."""
    rate = rates.operator_fee_fen_per_hour
    return plain("operator", ratio(rate * minutes, 60), minutes=minutes, rate_fen_per_hour=rate)


def plain(kind: LineKind, amount_fen: int, **how: Any) -> Line:
    """Return a line before any discount."""
    return Line(kind=kind, list_fen=amount_fen, amount_fen=amount_fen, **how)


def best_discount(lines: Iterable[Line], discounts: Iterable[Discount]) -> tuple[str, int]:
    """
    Return the name and basis points of the discount that takes most off (BL-10).

    Ties go to that for small and medium enterprises, then to the first.
    """
    reached = [line.list_fen for line in lines if line.kind in DISCOUNTABLE]
    name, bp, most = "", 0, 0
    for one in sorted(discounts, key=lambda each: each.name != FIRST_OF_EQUALS):
        effect = sum(_off(fen, one.bp) for fen in reached)
        if effect > most:
            name, bp, most = one.name, one.bp, effect
    return name, bp


def discounted(line: Line, bp: int) -> Line:
    """Return the line with a discount taken off, rounded half up once (BL-10); other kinds stay as they are."""
    if not bp or line.kind not in DISCOUNTABLE:
        return line
    off = _off(line.list_fen, bp)
    return replace(line, discount_fen=off, discount_bp=bp, amount_fen=line.list_fen - off)


def _off(list_fen: int, bp: int) -> int:
    return ratio(list_fen * bp, BASIS_POINTS)


def bands_of(stored: Iterable[dict[str, Any]]) -> tuple[Band, ...]:
    """Read bands as a tariff stores them: name, name_zh, start and end as 'HH:MM', day_types, rate_bp."""
    return tuple(
        Band(
            name=band["name"],
            name_zh=band.get("name_zh", ""),
            starts=_minute_of(band["start"]),
            ends=_minute_of(band["end"]),
            day_types=frozenset(band["day_types"]),
            rate_bp=band["rate_bp"],
        )
        for band in stored
    )


def _minute_of(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)
