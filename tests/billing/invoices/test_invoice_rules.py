"""What an invoice must say, and what a credit note may take back (BL-17, BL-26, BL-27)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.invoices.rules import (
    Flaw,
    InvoiceLine,
    Party,
    buyer_flaws,
    credit,
    is_category_code,
    is_number,
    left_of,
    lines_of,
    spread,
)
from billing.pricing.rules import Line
from billing.pricing.vat import split

RIGHT = "91110000600037341L"
FULL = Party("示例公司", RIGHT, "广州市天河区", "020-1", "示例银行", "6222")


def flaws(buyer: Party, kind: str = "ordinary", *, verified: bool = True, taxpayer: str | None = "general"):
    return buyer_flaws(buyer, kind=kind, is_verified=verified, taxpayer_type=taxpayer)


def test_bl_26_an_ordinary_invoice_needs_a_title_and_a_right_tax_id():
    assert flaws(Party("示例公司", RIGHT), verified=False, taxpayer=None) == []
    assert flaws(Party("", "")) == [Flaw.TITLE_MISSING, Flaw.TAX_ID_MISSING]
    assert flaws(Party("示例公司", RIGHT[:-1] + "0")) == [Flaw.TAX_ID_WRONG]
    assert (
        buyer_flaws(Party("Abroad", ""), kind="ordinary", is_verified=False, taxpayer_type=None, needs_tax_id=False)
        == []
    )


def test_bl_26_a_special_invoice_is_for_verified_general_taxpayers_with_the_full_block():
    assert flaws(FULL, "special") == []
    assert flaws(FULL, "special", verified=False) == [Flaw.NOT_VERIFIED]
    assert flaws(FULL, "special", taxpayer="small_scale") == [Flaw.NOT_GENERAL]
    assert flaws(Party("示例公司", RIGHT), "special") == [
        Flaw.ADDRESS_MISSING,
        Flaw.PHONE_MISSING,
        Flaw.BANK_MISSING,
        Flaw.ACCOUNT_MISSING,
    ]


def test_a_block_is_tidied_as_people_type_it():
    assert Party(" 示例公司 ", "９1110000-600037341l ").tidied == Party("示例公司", RIGHT)


@pytest.mark.parametrize(
    ("number", "on", "right"),
    [
        ("26440000000000000001", date(2026, 12, 1), True),
        ("25440000000000000001", date(2026, 12, 1), False),
        ("2644000000000000001", date(2026, 12, 1), False),
        ("264400000000000000012", date(2026, 12, 1), False),
        ("２６440000000000000001", date(2026, 12, 1), False),
        ("2644000000000000000X", date(2026, 12, 1), False),
    ],
)
def test_bl_26_a_number_has_twenty_digits_and_begins_with_its_year(number: str, on: date, right: bool):
    assert is_number(number, on) == right


def test_a_category_code_has_nineteen_digits():
    assert (is_category_code("3040602000000000000"), is_category_code("304060200000000000")) == (True, False)


def usage(amount: int, minutes: int = 75) -> Line:
    return Line("usage", list_fen=amount, amount_fen=amount, minutes=minutes, rate_fen_per_hour=30_000)


def test_bl_17_lines_are_taxed_each_by_itself_and_say_how_much_at_what_price():
    made = lines_of(
        [usage(37_500), Line("setup", 8_000, 8_000), Line("operator", 0, 0, minutes=60, rate_fen_per_hour=0)],
        names=["上机", "开机", "操作"],
        total_fen=45_500,
        rate_bp=600,
    )

    assert made == [
        InvoiceLine("上机", "1.25", "小时", "283.016", 35_377, 2_123, 600),
        InvoiceLine("开机", "1", "项", "75.47", 7_547, 453, 600),
    ]


def test_bl_15_an_invoice_net_of_a_voucher_takes_its_share_of_each_line():
    made = lines_of([usage(60_000), Line("setup", 8_001, 8_001)], names=["a", "b"], total_fen=40_801, rate_bp=600)

    assert [line.amount_fen for line in made] == [36_000, 4_801]


AMOUNTS = st.lists(st.integers(0, 10_000_000), min_size=1, max_size=8)


@given(AMOUNTS, st.data())
def test_what_is_spread_sums_to_the_total_and_no_part_is_above_its_amount(amounts: list[int], data: st.DataObject):
    total = data.draw(st.integers(0, sum(amounts)))

    parts = spread(amounts, total)

    assert sum(parts) == total
    assert all(0 <= part <= amount for part, amount in zip(parts, amounts, strict=True))


def test_more_than_all_cannot_be_spread():
    with pytest.raises(ValueError, match="cannot be divided"):
        spread([1, 2], 4)


def invoiced(amount: int, rate_bp: int) -> InvoiceLine:
    return InvoiceLine("上机", "1", "项", "1", *split(amount, rate_bp), rate_bp)


@given(st.lists(st.integers(1, 1_000_000), min_size=1, max_size=5), st.sampled_from([100, 300, 600, 1_300]), st.data())
def test_bl_27_an_invoice_taken_back_in_parts_is_taken_back_to_the_fen_and_no_line_beyond(
    amounts: list[int], rate_bp: int, data: st.DataObject
):
    lines = [invoiced(amount, rate_bp) for amount in amounts]
    left, notes = left_of(lines, []), []
    while any(left):
        fen = data.draw(st.integers(1, sum(left)))
        notes.append(credit(lines, left=left, parts=spread(left, fen)))
        assert sum(each.amount_fen for each in notes[-1]) == -fen
        assert all(each.net_fen <= 0 and each.tax_fen <= 0 for each in notes[-1])
        left = left_of(lines, notes)
        assert all(rest >= 0 for rest in left)
        if len(notes) == 4:
            notes.append(credit(lines, left=left, parts=left))
            left = left_of(lines, notes)
    for at, line in enumerate(lines):
        of_line = [each for note in notes for each in note if each.line == at]
        assert -sum(each.net_fen for each in of_line) == line.net_fen
        assert -sum(each.tax_fen for each in of_line) == line.tax_fen


def test_bl_27_more_than_is_left_of_a_line_cannot_be_taken_back():
    with pytest.raises(ValueError, match="left"):
        credit([invoiced(1_000, 600)], left=[400], parts=[401])
