"""
What a use of an instrument costs once it is over: by the time used (BL-2), or broken off by a fault (BL-24).

Pure, like the quote beside it: fen, minutes, basis points; the snapshot of the tariff in, lines out.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from billing.pricing.rules import (
    MINUTE,
    Band,
    DayType,
    Discount,
    Line,
    Price,
    Rates,
    band_minutes,
    best_discount,
    billed_period,
    discounted,
    minimum_line,
    operator_line,
    plain,
    rounded_up,
    setup_line,
    usage_lines,
)
from kernel.money import BASIS_POINTS, half_up
from kernel.periods import Period

EARLY_FINISH_FLOOR_BP = 5_000
"""BL-2: at least this share of the booked time is billed, however early somebody leaves."""

OVERTIME_GRACE_MIN = 10
"""BL-2: so many minutes beyond the booked end are free."""

OVERTIME_BP = 15_000
"""BL-2: what overtime costs, against the band's rate."""


def minutes_up(length: timedelta) -> int:
    """Return a length in whole minutes, rounded up; nothing for less than nothing."""
    return max(-(-length // MINUTE), 0)


def billed_run(*, rates: Rates, booked: Period, came: datetime, left: datetime) -> Period:
    """
    Return what of a metered use is billed inside the booked time (BL-2).

    The run, from arrival (not before the booked start, on the whole minute) to leaving (not after the booked end),
    rounded up to the increment, at least the floor for those who finish early, never past the booked end. Who comes so
    late that the floor no longer fits is billed the last of the booked time instead.
    """
    began = min(max(came, booked.start), booked.end)
    run = minutes_up(min(left, booked.end) - began)
    floor = half_up(Fraction(booked.minutes * EARLY_FINISH_FLOOR_BP, BASIS_POINTS))
    increment = rates.billing_increment_min
    least = min(rounded_up(floor, increment), booked.minutes)
    start = booked.start + (began - booked.start) // MINUTE * MINUTE
    until_end = (booked.end - start) // MINUTE
    billed = min(max(rounded_up(run, increment), least), until_end)
    if billed < least:
        return Period(booked.end - least * MINUTE, booked.end)
    return Period.starting(start, billed)


def overtime_of(*, rates: Rates, booked: Period, left: datetime) -> Period | None:
    """Return the overtime billed: none within the grace, else all of it, rounded up to the increment (BL-2)."""
    over = minutes_up(left - booked.end)
    if over <= OVERTIME_GRACE_MIN:
        return None
    return Period.starting(booked.end, rounded_up(over, rates.billing_increment_min))


def metered(
    *,
    tariffs: Iterable[tuple[datetime, Rates]],
    booked: Period,
    came: datetime,
    left: datetime,
    zone: ZoneInfo,
    day_type: Callable[[date], DayType],
    with_operator: bool,
    discounts: Iterable[Discount] = (),
    units: int = 1,
) -> Price:
    """
    Price a use by the time used: usage by band, top-up, set-up, operator, overtime (BL-2, BL-4 to BL-6, BL-10).

    `tariffs` are the rates from an instant on, the snapshot's first; others follow where the use was prolonged and a
    newer price list was in force by then. Increment, minimum, set-up and operator are those of the snapshot; overtime
    is scaled by the rates that held at the booked end.
    """
    changes = sorted(tariffs, key=lambda change: change[0])
    first, last = changes[0][1], changes[-1][1]
    billed = billed_run(rates=first, booked=booked, came=came, left=left)
    lines: list[Line] = []
    for place, (since, rates) in enumerate(changes):
        until = changes[place + 1][0] if place + 1 < len(changes) else booked.end
        begins, ends = max(billed.start, since) if place else billed.start, min(billed.end, until)
        if begins < ends:
            counted = band_minutes(bands=rates.bands, period=Period(begins, ends), zone=zone, day_type=day_type)
            lines += usage_lines(counted, rates=rates, units=units)
    missing = first.min_charge_fen * units - sum(line.list_fen for line in lines)
    if missing > 0:
        lines.append(minimum_line(first, missing, units=units))
    if first.setup_fee_fen:
        lines.append(setup_line(first, units=units))
    if with_operator and first.operator_fee_fen_per_hour:
        lines.append(operator_line(first, billed.minutes))
    over = overtime_of(rates=last, booked=booked, left=left)
    if over is not None:
        counted = band_minutes(bands=last.bands, period=over, zone=zone, day_type=day_type)
        lines += usage_lines(counted, rates=last, units=units, kind="overtime", factor_bp=OVERTIME_BP)
    return _reduced(lines, billed=billed, discounts=discounts)


def broken_off(
    *,
    rates: Rates,
    runs: Iterable[Period],
    booked: Period,
    zone: ZoneInfo,
    day_type: Callable[[date], DayType],
    discounts: Iterable[Discount] = (),
    units: int = 1,
) -> Price:
    """
    Price a use that a fault of the lab interrupted: the minutes used, to the minute, at the snapshot's bands (BL-24).

    No increment, no minimum, no set-up, no operator; the same discount. Only what was used inside the booked time
    counts, each run rounded up to a whole minute that the booked end cuts off.
    """
    counted: dict[Band | None, int] = {}
    for run in runs:
        inside = run.clipped(booked)
        if inside is None:
            continue
        start = booked.start + (inside.start - booked.start) // MINUTE * MINUTE
        minutes = min(minutes_up(inside.end - inside.start), (booked.end - start) // MINUTE)
        if minutes < 1:
            continue
        whole = Period.starting(start, minutes)
        for band, number in band_minutes(bands=rates.bands, period=whole, zone=zone, day_type=day_type).items():
            counted[band] = counted.get(band, 0) + number
    return _reduced(usage_lines(counted, rates=rates, units=units), billed=booked, discounts=discounts)


def rest_rates(rates: Rates) -> Rates:
    """Return the rates at which the rest of an interrupted use is made good: to the minute, no minimum or set-up."""
    return replace(rates, billing_increment_min=1, min_billable_minutes=0, min_charge_fen=0, setup_fee_fen=0)


def added(
    *,
    snapshot: Rates,
    rates: Rates,
    booked: Period,
    until: datetime,
    zone: ZoneInfo,
    day_type: Callable[[date], DayType],
    with_operator: bool,
    discounts: Iterable[Discount] = (),
    units: int = 1,
) -> tuple[Line, ...]:
    """
    Return what going on until an instant adds, at the rates then in force: the time beyond what is billed already.

    No minimum and no set-up, which were paid; the operator's time by the increments that are new. `snapshot` are the
    rates that the booked time was billed by.
    """
    longer = Period(booked.start, until)
    billed = billed_period(rates=snapshot, period=booked)
    wanted = billed_period(rates=replace(rates, min_billable_minutes=0), period=longer)
    if wanted.end <= billed.end:
        return ()
    counted = band_minutes(bands=rates.bands, period=Period(billed.end, wanted.end), zone=zone, day_type=day_type)
    lines = usage_lines(counted, rates=rates, units=units)
    _name, bp = best_discount(lines, discounts)
    if with_operator and rates.operator_fee_fen_per_hour:
        increment = rates.billing_increment_min
        minutes = rounded_up(longer.minutes, increment) - rounded_up(booked.minutes, increment)
        if minutes > 0:
            lines.append(operator_line(rates, minutes))
    return tuple(discounted(line, bp) for line in lines)


def consumables(used: Iterable[Mapping[str, Any]]) -> list[Line]:
    """Return a line for each {name, quantity, unit_price_fen}: quantity times unit price, rounded once (BL-7)."""
    return [
        plain(
            "consumable",
            half_up(Fraction(Decimal(str(one["quantity"]))) * int(one["unit_price_fen"])),
            item=str(one["name"]),
            quantity=str(one["quantity"]),
            unit_price_fen=int(one["unit_price_fen"]),
        )
        for one in used
    ]


def with_more(price: Price, more: Iterable[Line], *, bp: int) -> Price:
    """Return a price with lines added that have the same discount, in basis points."""
    return replace(price, lines=(*price.lines, *(discounted(line, bp) for line in more)))


def _reduced(lines: list[Line], *, billed: Period, discounts: Iterable[Discount]) -> Price:
    best, bp = best_discount(lines, discounts)
    return Price(lines=tuple(discounted(line, bp) for line in lines), billed=billed, discount=best)
