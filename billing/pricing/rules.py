"""
What a use of an instrument costs: one pure function from a tariff and a period to lines (requirements 5.1).

Amounts are whole fen with tax included, percentages basis points, times minutes. Every line is rounded half up once,
on the exact rational value; nothing else is rounded.
"""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from typing import Any, Literal
from zoneinfo import ZoneInfo

from kernel.money import BASIS_POINTS, Money, half_up
from kernel.periods import Period

type DayType = Literal["workday", "restday", "holiday"]
type LineKind = Literal["usage", "minimum", "setup", "operator", "overtime", "consumable"]

STANDARD_BAND = "standard"
MINUTES_A_DAY = 24 * 60
LINE_KINDS: tuple[LineKind, ...] = ("usage", "minimum", "setup", "operator", "overtime", "consumable")
DISCOUNTABLE: frozenset[str] = frozenset({"usage", "minimum", "setup", "consumable"})
"""BL-10: which lines a discount reaches by default; the operator's time and overtime are never among them."""


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
    """A price cut a customer may have (BL-10); the best single one wins."""

    name: str
    bp: int


@dataclass(frozen=True, slots=True)
class Line:
    """
    One line of a price and how it came about.

    `list_fen` is the amount before discount, `amount_fen` what is charged. Usage and operator lines carry the minutes
    and the hourly rate; usage and overtime lines their band and its basis points too; those of consumables what it was
    (`item`), how much of it, and the price of one.
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


@dataclass(frozen=True, slots=True)
class Price:
    """The lines of a price in their order; the total is their sum (BL-11), tax included."""

    lines: tuple[Line, ...]
    billed: Period
    discount: str = ""
    total: Money = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "total", Money(sum(line.amount_fen for line in self.lines)))

    @property
    def saved(self) -> Money:
        """What the discount takes off."""
        return Money(sum(line.discount_fen for line in self.lines))

    def as_json(self) -> list[dict[str, Any]]:
        """The lines as they are frozen on a rental or a bill."""
        return [asdict(line) for line in self.lines]


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

    Each minute belongs to its own local date and that date's day type. Walks from edge to edge, not minute by minute.
    """
    bands = tuple(bands)
    edges = sorted({0, *(band.starts for band in bands), *(band.ends % MINUTES_A_DAY for band in bands)})
    counted: dict[Band | None, int] = {}
    moment = period.start
    while moment < period.end:
        local = moment.astimezone(zone)
        minute = local.hour * 60 + local.minute
        following = next((edge for edge in edges if edge > minute), MINUTES_A_DAY)
        until = min(_at_minute(local.date(), following, zone), period.end)
        kind = day_type(local.date())
        band = next((one for one in bands if one.covers(minute, kind)), None)
        counted[band] = counted.get(band, 0) + int((until - moment).total_seconds() // 60)
        moment = until
    return counted


def _at_minute(day: date, minute: int, zone: ZoneInfo) -> datetime:
    midnight = datetime.combine(day + timedelta(days=minute // MINUTES_A_DAY), time(), zone)
    return (midnight + timedelta(minutes=minute % MINUTES_A_DAY)).astimezone(UTC)


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
        lines.append(plain("minimum", missing, units=units))
    if rates.setup_fee_fen:
        lines.append(plain("setup", rates.setup_fee_fen * units, units=units))
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

    `factor_bp` scales the band's rate (overtime, BL-2); each line is rounded once.
    """
    order = {band: place for place, band in enumerate(rates.bands)}
    lines = []
    for band, minutes in sorted(counted.items(), key=lambda each: -1 if each[0] is None else order[each[0]]):
        rate_bp = BASIS_POINTS if band is None else band.rate_bp
        exact = Fraction(
            rates.base_rate_fen_per_hour * minutes * rate_bp * factor_bp * units, 60 * BASIS_POINTS * BASIS_POINTS
        )
        lines.append(
            plain(
                kind,
                half_up(exact),
                minutes=minutes,
                rate_fen_per_hour=rates.base_rate_fen_per_hour,
                rate_bp=half_up(Fraction(rate_bp * factor_bp, BASIS_POINTS)),
                band=STANDARD_BAND if band is None else band.name,
                band_zh="" if band is None else band.name_zh,
                units=units,
            )
        )
    return lines


def operator_line(rates: Rates, minutes: int) -> Line:
    """Return what the operator's time costs: by the hour, not scaled by bands, rounded once (BL-6)."""
    rate = rates.operator_fee_fen_per_hour
    return plain("operator", half_up(Fraction(rate * minutes, 60)), minutes=minutes, rate_fen_per_hour=rate)


def plain(kind: LineKind, amount_fen: int, **how: Any) -> Line:
    """Return a line before any discount."""
    return Line(kind=kind, list_fen=amount_fen, amount_fen=amount_fen, **how)


def best_discount(lines: Iterable[Line], discounts: Iterable[Discount]) -> tuple[str, int]:
    """Return the name and basis points of the discount that takes most off; ties go to the first (BL-10)."""
    lines = tuple(lines)
    name, bp, most = "", 0, 0
    for one in discounts:
        effect = sum(line.list_fen - discounted(line, one.bp).amount_fen for line in lines)
        if effect > most:
            name, bp, most = one.name, one.bp, effect
    return name, bp


def discounted(line: Line, bp: int) -> Line:
    """Return the line with a discount taken off, rounded half up once (BL-10); other kinds stay as they are."""
    if not bp or line.kind not in DISCOUNTABLE:
        return line
    off = Money(line.list_fen).basis_points(bp).fen
    return Line(**{**asdict(line), "discount_fen": off, "discount_bp": bp, "amount_fen": line.list_fen - off})


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
