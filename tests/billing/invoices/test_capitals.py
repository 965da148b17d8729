"""Amounts in capitals (BL-26)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.invoices.capitals import DIGITS, MOST_YUAN, in_capitals

CASES = {
    0: "零元整",
    5: "伍分",
    50: "伍角整",
    1_05: "壹元零伍分",
    10_00: "壹拾元整",
    100_05: "壹佰元零伍分",
    1_010_00: "壹仟零壹拾元整",
    1_234_50: "壹仟贰佰叁拾肆元伍角整",
    1_680_32: "壹仟陆佰捌拾元叁角贰分",
    16_409_02: "壹万陆仟肆佰零玖元零贰分",
    100_000_00: "壹拾万元整",
    100_001_00: "壹拾万零壹元整",
    1_000_100_00: "壹佰万零壹佰元整",
    100_000_000_00: "壹亿元整",
    100_001_000_00: "壹亿零壹仟元整",
    120_030_004_05: "壹亿贰仟零叁万零肆元零伍分",
    999_999_999_999_99: "玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分",
    -1_234_50: "负壹仟贰佰叁拾肆元伍角整",
}


@pytest.mark.parametrize(("fen", "said"), CASES.items())
def test_bl_26_an_amount_is_written_as_a_bank_writes_it(fen: int, said: str):
    assert in_capitals(fen) == said


def read(said: str) -> int:
    """Read capitals as fen, by another way than they are written."""
    sign = -1 if said.startswith("负") else 1
    said = said.removeprefix("负")
    total = section = digit = fen = 0
    for character in said:
        if character in DIGITS:
            digit = DIGITS.index(character)
        elif character in "拾佰仟":
            section, digit = section + digit * {"拾": 10, "佰": 100, "仟": 1_000}[character], 0
        elif character in "万亿":
            total, section, digit = total + (section + digit) * {"万": 10**4, "亿": 10**8}[character], 0, 0
        elif character == "元":
            fen, digit = (total + section + digit) * 100, 0
        elif character in "角分":
            fen, digit = fen + digit * {"角": 10, "分": 1}[character], 0
    return sign * fen


@given(st.integers(-MOST_YUAN * 100, MOST_YUAN * 100) | st.integers(-2_000_000, 2_000_000))
def test_what_is_written_reads_as_the_same_amount(fen: int):
    said = in_capitals(fen)

    assert read(said) == fen
    assert "零零" not in said
    assert said.endswith("整") == (fen % 10 == 0)


def test_more_than_is_ever_invoiced_is_not_written():
    with pytest.raises(ValueError, match="too much"):
        in_capitals((MOST_YUAN + 1) * 100)
