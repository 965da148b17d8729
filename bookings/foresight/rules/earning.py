"""What uses of an instrument come to under another price list: a pure function on frozen bookings."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from billing.pricing import metering, replaying
from billing.pricing import rules as pricing
from kernel.money import Money
from kernel.periods import Period


@dataclass(frozen=True, slots=True)
class Use:
    """
    A use as it was booked, what is known of how it was used, and its frozen lines.

    `came` and `left` are there once it is over, `runs` where a fault broke it off (BL-24). Where it `shares_setup`, an
    earlier date of its series left the instrument set up (BL-5); a `rest` makes good what a fault broke off; of
    `no_use` is what nobody pays.
    """

    period: Period
    with_operator: bool
    units: int
    is_sme: bool
    lines: tuple[pricing.Line, ...]
    came: datetime | None = None
    left: datetime | None = None
    runs: tuple[Period, ...] | None = None
    consumables: tuple[Mapping[str, Any], ...] = ()
    shares_setup: bool = False
    is_rest: bool = False
    is_of_no_use: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """A price list that is being written: its rates, whether the time used is charged, the discount for SMEs."""

    rates: pricing.Rates
    is_metered: bool
    sme_discount_bp: int


@dataclass(frozen=True, slots=True)
class Sum:
    """What one kind of line comes to: as it was booked, and under the draft; a usage line has its band."""

    kind: str
    band: str
    band_zh: str
    booked: Money
    draft: Money

    @property
    def change(self) -> Money:
        """What the draft brings more; less is below zero."""
        return self.draft - self.booked


@dataclass(frozen=True, slots=True)
class Comparison:
    """The uses of a stretch of time under what they were booked at and under a draft."""

    uses: int
    minutes: int
    sums: tuple[Sum, ...]
    booked: Money
    draft: Money

    @property
    def change(self) -> Money:
        """What the draft would have brought more; less is below zero."""
        return self.draft - self.booked

    @property
    def change_bp(self) -> int | None:
        """The change in basis points of what was booked, towards zero; None where nothing was."""
        return int(self.change.fen * 10_000 / self.booked.fen) if self.booked else None


ORDER = (*pricing.LINE_KINDS, "discount")


def compared(
    uses: Iterable[Use], *, draft: Draft, zone: ZoneInfo, day_type: Callable[[date], pricing.DayType]
) -> Comparison:
    """
    Return what uses came to and what they would come to under a draft, line by line (BL-1 to BL-11, BL-24).

    Lengths, modes, units, and when people came and went stay what they were: nobody books more because it is cheaper.
    """
    booked: dict[tuple[str, str], int] = {}
    drafted: dict[tuple[str, str], int] = {}
    names: dict[str, str] = {}
    count = minutes = 0
    for use in uses:
        count, minutes = count + 1, minutes + use.period.minutes
        price = inputs_under(use, draft=draft, zone=zone, day_type=day_type).price()
        for sums, lines in ((booked, use.lines), (drafted, price.lines)):
            for line in lines:
                key = (line.kind, line.band)
                sums[key] = sums.get(key, 0) + line.list_fen
                names[line.band] = names.get(line.band) or line.band_zh
                if line.discount_fen:
                    sums["discount", ""] = sums.get(("discount", ""), 0) - line.discount_fen
    keys = sorted({*booked, *drafted}, key=lambda key: (ORDER.index(key[0]), key[1] != pricing.STANDARD_BAND, key[1]))
    return Comparison(
        uses=count,
        minutes=minutes,
        sums=tuple(
            Sum(
                kind, band, names.get(band, ""), Money(booked.get((kind, band), 0)), Money(drafted.get((kind, band), 0))
            )
            for kind, band in keys
        ),
        booked=Money(sum(booked.values())),
        draft=Money(sum(drafted.values())),
    )


def inputs_under(
    use: Use, *, draft: Draft, zone: ZoneInfo, day_type: Callable[[date], pricing.DayType]
) -> replaying.Inputs:
    """Return what a use would be priced from under a draft: as booked, by the time used, or to where it broke off."""
    rates = draft.rates
    if use.is_rest:
        rates = metering.rest_rates(rates)
    elif use.shares_setup:
        rates = replace(rates, setup_fee_fen=0)
    inputs = replaying.booked(
        tariff=0,
        rates=rates,
        period=use.period,
        zone=zone,
        day_type=day_type,
        with_operator=use.with_operator,
        discounts=(pricing.Discount("sme", draft.sme_discount_bp),) if use.is_sme and draft.sme_discount_bp else (),
        units=use.units,
    )
    if use.is_of_no_use:
        return replace(inputs, kind="of_no_use")
    inputs = replace(inputs, consumables=use.consumables)
    if use.runs is not None:
        return replace(inputs, kind="broken_off", runs=use.runs)
    if not draft.is_metered or use.came is None or use.left is None:
        return inputs
    over = metering.overtime_of(rates=rates, booked=use.period, left=use.left)
    beyond = replaying.days_of(over, zone=zone, day_type=day_type) if over else {}
    return replace(inputs, kind="metered", came=use.came, left=use.left, days={**inputs.days, **beyond})


def month_before(day: date) -> tuple[date, date]:
    """Return the first day of the calendar month before a date's, and the first day of the date's own."""
    end = day.replace(day=1)
    first = end.replace(year=end.year - 1, month=12) if end.month == 1 else end.replace(month=end.month - 1)
    return first, end
