"""Money in whole fen, and the one place where it is rounded."""

from dataclasses import dataclass
from fractions import Fraction

BASIS_POINTS = 10_000
"""One whole in basis points (bp, 万分比): 10000 bp = 100 %."""


def half_up(value: Fraction | int) -> int:
    """
    Round an exact rational to a whole number, ties away from zero (四舍五入).

    Python's round() and Decimal's default both round ties to even: neither may be used on money.
    """
    exact = Fraction(value)
    return ratio(exact.numerator, exact.denominator)


def ratio(numerator: int, denominator: int) -> int:
    """Return `half_up` of a numerator over a denominator above zero, without making a fraction of them first."""
    whole = (2 * abs(numerator) + denominator) // (2 * denominator)
    return whole if numerator >= 0 else -whole


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """
    An amount of CNY in whole fen (分); tax included unless said otherwise.

    Raises:
        TypeError: an amount that is not a whole number.
    """

    fen: int

    def __post_init__(self) -> None:
        if not isinstance(self.fen, int) or isinstance(self.fen, bool):
            raise TypeError("money is a whole number of fen")

    def __add__(self, other: "Money") -> "Money":
        return Money(self.fen + other.fen)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.fen - other.fen)

    def __neg__(self) -> "Money":
        return Money(-self.fen)

    def __bool__(self) -> bool:
        return self.fen != 0

    def times(self, factor: Fraction | int) -> "Money":
        """Return the amount times an exact factor, rounded half up once."""
        return Money(half_up(self.fen * Fraction(factor)))

    def basis_points(self, bp: int) -> "Money":
        """Return so many basis points of the amount, rounded half up once."""
        return self.times(Fraction(bp, BASIS_POINTS))

    @property
    def yuan(self) -> str:
        """The amount in yuan with two decimals and no symbol: '1234.50'."""
        sign = "-" if self.fen < 0 else ""
        return f"{sign}{abs(self.fen) // 100}.{abs(self.fen) % 100:02d}"

    def __str__(self) -> str:
        sign = "-" if self.fen < 0 else ""
        return f"{sign}¥{abs(self.fen) // 100:,}.{abs(self.fen) % 100:02d}"


ZERO = Money(0)
