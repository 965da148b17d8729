"""What uses of an instrument come to under another price list: a pure function on frozen bookings."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from billing.pricing import rules as pricing
from kernel.money import Money
from kernel.periods import Period

ASSISTED = "assisted"


@dataclass(frozen=True, slots=True)
class Use:
    """A booked use as it was priced: when, with how many units, in which mode, for whom, and its frozen lines."""

    period: Period
    mode: str
    units: int
    is_sme: bool
    lines: tuple[pricing.Line, ...]


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


ORDER = ("usage", "minimum", "setup", "operator", "discount")


def compared(
    uses: Iterable[Use],
    *,
    rates: pricing.Rates,
    sme_discount_bp: int,
    zone: ZoneInfo,
    day_type: Callable[[date], pricing.DayType],
) -> Comparison:
    """
    Return what uses came to and what they would come to under other rates, line by line (BL-1 to BL-11).

    The lengths, modes and units stay what they were: nobody books more because it is cheaper.
    """
    booked: dict[tuple[str, str], int] = {}
    draft: dict[tuple[str, str], int] = {}
    names: dict[str, str] = {}
    count = minutes = 0
    for use in uses:
        count, minutes = count + 1, minutes + use.period.minutes
        discounts = (pricing.Discount("sme", sme_discount_bp),) if use.is_sme and sme_discount_bp else ()
        price = pricing.price(
            rates=rates,
            period=use.period,
            zone=zone,
            day_type=day_type,
            with_operator=use.mode == ASSISTED,
            discounts=discounts,
            units=use.units,
        )
        for sums, lines in ((booked, use.lines), (draft, price.lines)):
            for line in lines:
                key = (line.kind, line.band)
                sums[key] = sums.get(key, 0) + line.list_fen
                names[line.band] = names.get(line.band) or line.band_zh
                if line.discount_fen:
                    sums["discount", ""] = sums.get(("discount", ""), 0) - line.discount_fen
    keys = sorted({*booked, *draft}, key=lambda key: (ORDER.index(key[0]), key[1] != pricing.STANDARD_BAND, key[1]))
    return Comparison(
        uses=count,
        minutes=minutes,
        sums=tuple(
            Sum(kind, band, names.get(band, ""), Money(booked.get((kind, band), 0)), Money(draft.get((kind, band), 0)))
            for kind, band in keys
        ),
        booked=Money(sum(booked.values())),
        draft=Money(sum(draft.values())),
    )


def month_before(day: date) -> tuple[date, date]:
    """Return the first day of the calendar month before a date's, and the first day of the date's own."""
    end = day.replace(day=1)
    first = end.replace(year=end.year - 1, month=12) if end.month == 1 else end.replace(month=end.month - 1)
    return first, end
