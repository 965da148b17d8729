"""BL-7 to BL-11: what things cost by quantity, tiers and haste, to the fen."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.pricing.items import Item, Tier, portions, price
from billing.pricing.rules import Discount, Price
from kernel.money import Money

TIERS = (Tier(10, 9_000), Tier(50, 8_000))


def item(quantity: object = 1, unit_price_fen: int = 15_000, **how) -> Item:
    return Item(
        **{"kind": "test", "name": "铅的测定", **how}, quantity=Decimal(str(quantity)), unit_price_fen=unit_price_fen
    )


def told(result: Price) -> list[tuple]:
    return [(line.kind, line.quantity, line.rate_bp, line.list_fen, line.discount_fen) for line in result.lines]


@pytest.mark.parametrize(
    ("quantity", "unit_price", "amount"),
    [(3, 1_500, 4_500), ("0.5", 333, 167), ("2.50", 100, 250), (0, 500, None), (7, 0, 0)],
)
def test_bl_7_a_thing_costs_quantity_times_unit_price_rounded_once(quantity, unit_price, amount):
    lines = price([item(quantity, unit_price, kind="consumable")]).lines

    assert [line.amount_fen for line in lines] == ([] if amount is None else [amount])


@pytest.mark.parametrize(
    ("quantity", "amount"),
    [(1, 15_000), (9, 135_000), (10, 135_000), (49, 661_500), (50, 600_000), (100, 1_200_000)],
)
def test_bl_8_all_units_the_tier_reached_prices_the_whole_quantity(quantity, amount):
    assert price([item(quantity, tiers=TIERS)]).total == Money(amount)


@pytest.mark.parametrize(
    ("quantity", "parts"),
    [
        (9, [(9, 10_000)]),
        (10, [(9, 10_000), (1, 9_000)]),
        (49, [(9, 10_000), (40, 9_000)]),
        (60, [(9, 10_000), (40, 9_000), (11, 8_000)]),
    ],
)
def test_bl_8_graduated_each_tier_prices_what_lies_within_it(quantity, parts):
    ordered = item(quantity, tiers=TIERS, tiering="graduated")

    assert portions(ordered) == parts
    assert price([ordered]).total == Money(sum(number * 15_000 * bp // 10_000 for number, bp in parts))


def test_bl_8_the_price_of_one_is_rounded_half_up_before_it_is_multiplied():
    [line] = price([item(100, 15, tiers=(Tier(1, 9_000),))]).lines

    assert (line.list_fen, line.rate_bp) == (1_400, 9_000)  # 13.5 fen is 14, a hundred times


def test_bl_9_haste_is_a_share_of_the_amount_after_tier_a_line_of_its_own_and_never_discounted():
    result = price([item(10, tiers=TIERS, urgent_bp=5_000)], discounts=[Discount("sme", 1_000)])

    assert told(result) == [("test", "10", 9_000, 135_000, 13_500), ("urgent", "", 5_000, 67_500, 0)]
    assert result.lines[1].unit_price_fen == 135_000
    assert result.total == Money(135_000 - 13_500 + 67_500)


def test_bl_10_travel_is_not_discounted_and_tests_samples_and_consumables_are():
    kinds = ("test", "sample", "consumable", "travel")

    result = price([item(1, 1_000, kind=kind) for kind in kinds], discounts=[Discount("member", 1_000)])

    assert [(line.kind, line.amount_fen) for line in result.lines] == [
        ("test", 900), ("sample", 900), ("consumable", 900), ("travel", 1_000),
    ]  # fmt: skip


def test_bl_10_the_smes_discount_is_named_where_another_takes_off_the_same_whatever_their_order():
    even = [Discount("campaign", 1_000), Discount("sme", 1_000)]

    assert price([item()], discounts=even).discount == "sme"
    assert price([item()], discounts=[*even, Discount("chain", 1_001)]).discount == "chain"


@pytest.mark.parametrize(
    "wrong",
    [
        {"quantity": -1},
        {"quantity": "NaN"},
        {"unit_price_fen": -1},
        {"urgent_bp": -1},
        {"tiers": (Tier(0, 9_000),)},
        {"tiers": (Tier(10, 9_000), Tier(10, 8_000))},
        {"tiers": (Tier(50, 8_000), Tier(10, 9_000))},
        {"tiers": (Tier(10, -1),)},
    ],
)
def test_an_item_that_cannot_be_priced_is_not_made(wrong):
    with pytest.raises(ValueError, match="quantity"):
        item(**wrong)


QUANTITIES = st.decimals(0, 1_000, places=2)
ITEMS = st.builds(
    item,
    quantity=QUANTITIES,
    unit_price_fen=st.integers(0, 10**7),
    tiers=st.sampled_from([(), TIERS, (Tier(1, 9_999),)]),
    tiering=st.sampled_from(["all_units", "graduated"]),
    urgent_bp=st.sampled_from([0, 3_333, 10_000]),
)


@given(items=st.lists(ITEMS, max_size=4), bp=st.integers(0, 10_000))
def test_bl_11_lines_sum_to_the_total_and_no_line_falls_below_zero(items, bp):
    result = price(items, discounts=[Discount("sme", bp)])

    assert result.total == Money(sum(line.list_fen - line.discount_fen for line in result.lines))
    assert all(line.amount_fen >= 0 for line in result.lines)


@given(ordered=ITEMS)
def test_bl_8_portions_are_the_quantity_whole(ordered):
    assert sum(quantity for quantity, _bp in portions(ordered)) == ordered.quantity


@given(fewer=QUANTITIES, more=QUANTITIES, price_fen=st.integers(0, 10**6))
def test_bl_8_graduated_more_never_costs_less_but_for_a_fen_of_rounding_a_line(fewer, more, price_fen):
    fewer, more = sorted((fewer, more))
    cost = [price([item(each, price_fen, tiers=TIERS, tiering="graduated")]).total.fen for each in (fewer, more)]

    assert cost[1] >= cost[0] - len(TIERS) - 1
