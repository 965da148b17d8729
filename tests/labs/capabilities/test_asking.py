"""What is asked is read from fields or from a few words; what cannot be read is refused by its field."""

from decimal import Decimal

import pytest

from labs.capabilities import rules


@pytest.mark.parametrize(
    ("text", "quantity", "low", "high"),
    [
        ("50kN", "force", "50000", "50000"),
        ("50 kN", "force", "50000", "50000"),
        ("50KN", "force", "50000", "50000"),
        ("５０ｋＮ", "force", "50000", "50000"),
        ("≥50kN", "force", "50000", "50000"),
        ("50千牛", "force", "50000", "50000"),
        ("0.05 mm", "length", "0.00005", "0.00005"),
        ("-40~150℃", "temperature", "233.15", "423.15"),
        ("-40-150 ℃", "temperature", "233.15", "423.15"),
        ("-40℃～150℃", "temperature", "233.15", "423.15"),
        ("0.5-100 mm", "length", "0.0005", "0.1"),
        ("0.5–100mm", "length", "0.0005", "0.1"),
        ("0.5到100毫米", "length", "0.0005", "0.1"),
        ("10 MHz–67 GHz", "frequency", "1e7", "6.7e10"),
        ("0.5×10⁻⁶ A", "current", "5e-7", "5e-7"),
        ("1e-6 A", "current", "1e-6", "1e-6"),
        ("3000 r/min", "rotational_speed", "50", "50"),
        ("316 L", "volume", "0.316", "0.316"),
    ],
)
def test_a_few_words_are_understood(text, quantity, low, high):
    wish = rules.understood(text)

    assert (wish.quantity, wish.low, wish.high) == (quantity, Decimal(low), Decimal(high))


@pytest.mark.parametrize(
    "text",
    [
        "±2 ℃",
        "5 %",
        "0.1级",
        "316L",
        "5G",
        "50",
        "100~200",
        "GB/T 228.1-2021",
        "M8",
        "5mm厚",
        "12位",
        "100~50 mm",
        "5 mm~20 kN",
        "拉伸",
        "",
        "1" * 100 + "mm",
    ],
)
def test_other_words_ask_for_nothing(text):
    assert rules.understood(text) is None


def test_fields_become_a_wish():
    wish = rules.wish(quantity="force", value="10", value_to="50", unit="kN", uncertainty="0.5 %")

    assert wish == rules.Wish("force", Decimal(10_000), Decimal(50_000), "kN", rules.Line(Decimal(0), Decimal("0.005")))


def test_a_single_value_may_be_either_end_and_carry_its_unit():
    one = rules.wish(quantity="force", value="50", unit="kN")

    assert rules.wish(quantity="force", value_to="50", unit="kN") == one
    assert rules.wish(value="50 kN") == one
    assert rules.wish(quantity="力值", value=Decimal(50)) == one


def test_a_range_may_carry_its_unit_at_its_end():
    assert rules.wish(value="10", value_to="50 kN") == rules.wish(
        quantity="force", value="10", value_to="50", unit="kN"
    )


def test_what_is_asked_at_another_coverage_factor_is_normalised():
    wish = rules.wish(value="50", unit="mm", uncertainty="0.3 µm (k=3)")

    assert wish.uncertainty.at(Decimal("0.05")) == Decimal("2e-7")


@pytest.mark.parametrize(
    ("changed", "refusal", "field"),
    [
        ({"quantity": "beauty"}, rules.QuantityUnknown, "quantity"),
        ({"unit": "furlongish"}, rules.UnitUnknown, "unit"),
        ({"quantity": "", "unit": ""}, rules.UnitUnknown, "unit"),
        ({"unit": "mm"}, rules.UnitOfAnotherQuantity, "unit"),
        ({"unit": "N·m"}, rules.UnitOfAnotherQuantity, "unit"),
        ({"value": "fifty"}, rules.ValueUnreadable, "value"),
        ({"value": ""}, rules.ValueUnreadable, "value"),
        ({"value_to": "10"}, rules.RangeUpsideDown, "value_to"),
        ({"uncertainty": "class 0.5"}, rules.UncertaintyUnreadable, "uncertainty"),
        ({"uncertainty": "sqrt((0.2 kN)^2+(0.1 %)^2)"}, rules.UncertaintyUnreadable, "uncertainty"),
        ({"quantity": "temperature", "unit": "℃", "uncertainty": "1 %"}, rules.UncertaintyUnreadable, "uncertainty"),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_field(changed, refusal, field):
    asked = {"quantity": "force", "value": "50", "unit": "kN", **changed}

    with pytest.raises(refusal) as refused:
        rules.wish(**asked)

    assert (refused.value.status, refused.value.field) == (422, field)
    assert "{" not in str(refused.value)
