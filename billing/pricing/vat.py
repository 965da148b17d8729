"""VAT within prices that include it (BL-17): fen and basis points, each line by itself, totals as sums of lines."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from billing.pricing.rules import Line
from kernel.money import BASIS_POINTS, half_up


def split(amount_fen: int, rate_bp: int) -> tuple[int, int]:
    """Return what of an amount with tax is net, rounded half up once, and what is tax: together the amount (BL-17)."""
    net = half_up(Fraction(amount_fen * BASIS_POINTS, BASIS_POINTS + rate_bp))
    return net, amount_fen - net


@dataclass(frozen=True, slots=True)
class TaxedLine:
    """A line of a price with what of its amount is net and what is tax."""

    line: Line
    net_fen: int
    tax_fen: int


@dataclass(frozen=True, slots=True)
class Taxed:
    """The lines of one document at one rate; its totals are the sums of its lines."""

    lines: tuple[TaxedLine, ...]
    rate_bp: int

    @property
    def net_fen(self) -> int:
        """What the lines are worth without tax."""
        return sum(each.net_fen for each in self.lines)

    @property
    def tax_fen(self) -> int:
        """The tax in the lines."""
        return sum(each.tax_fen for each in self.lines)

    @property
    def total_fen(self) -> int:
        """What is charged, tax included."""
        return sum(each.line.amount_fen for each in self.lines)


def with_vat(lines: Iterable[Line], rate_bp: int) -> Taxed:
    """Return lines with their tax, at the one rate of the booking's category (BL-17)."""
    return Taxed(tuple(TaxedLine(line, *split(line.amount_fen, rate_bp)) for line in lines), rate_bp)
