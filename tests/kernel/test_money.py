"""Money: whole fen, rounded half up in one place."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.money import Money, half_up


@pytest.mark.parametrize(
    ("value", "rounded"),
    [
        (Fraction(1, 2), 1),
        (Fraction(3, 2), 2),
        (Fraction(5, 2), 3),
        (Fraction(-1, 2), -1),
        (Fraction(-5, 2), -3),
        (Fraction(249, 100), 2),
        (7, 7),
        (0, 0),
    ],
)
def test_ties_go_away_from_zero(value, rounded):
    assert half_up(value) == rounded


@given(st.integers(-(10**9), 10**9), st.sampled_from([1, 2, 4, 5, 8, 10, 20, 25, 50, 100, 10_000]))
def test_rounding_agrees_with_the_decimal_library(numerator, denominator):
    expected = (Decimal(numerator) / Decimal(denominator)).quantize(Decimal(1), ROUND_HALF_UP)

    assert half_up(Fraction(numerator, denominator)) == int(expected)


@pytest.mark.parametrize("fen", [1.0, "1", True, Decimal(1)])
def test_money_is_a_whole_number_of_fen(fen):
    with pytest.raises(TypeError):
        Money(fen)


def test_basis_points_are_rounded_once():
    assert Money(1_005).basis_points(1_000) == Money(101)
    assert Money(37_500).basis_points(1_000) == Money(3_750)


@pytest.mark.parametrize(
    ("fen", "said", "yuan"),
    [(123_450, "¥1,234.50", "1234.50"), (5, "¥0.05", "0.05"), (-5, "-¥0.05", "-0.05"), (0, "¥0.00", "0.00")],
)
def test_amounts_are_said_in_yuan(fen, said, yuan):
    assert (str(Money(fen)), Money(fen).yuan) == (said, yuan)
