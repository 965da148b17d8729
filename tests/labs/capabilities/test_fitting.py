"""What fits, by what margin, and how it is told."""

from decimal import Decimal

import pytest
from django.utils.translation import override

from labs.capabilities import rules, wording
from labs.capabilities.rules import Fit, NoFit


def can(low="0.2", high="100", unit="kN", uncertainty="±0.5 %", quantity="force", **changed):
    ends = (Decimal(each) if each is not None else None for each in (low, high))
    low, high = ends
    return rules.capable(quantity=quantity, low=low, high=high, unit=unit, uncertainty=uncertainty, **changed)


def ask(value="50", unit="kN", **changed):
    return rules.wish(value=value, unit=unit, **changed)


@pytest.mark.parametrize(
    ("capable", "wish", "why"),
    [
        (can(), ask(), ""),
        (can(), ask("0.2", value_to="100"), ""),
        (can(), ask("100.0001"), "above"),
        (can(), ask("0.1999"), "below"),
        (can(), ask("0.1", value_to="200"), "below"),
        (can(), ask("50", "mm"), "quantity"),
        (can(low=None), ask("0.0001"), ""),
        (can(high=None), ask("5000"), ""),
        (can(), ask(uncertainty="0.5 %"), ""),
        (can(), ask(uncertainty="0.4999 %"), "uncertainty"),
        (can(), ask(uncertainty="0.25 kN"), ""),
        (can(), ask(value_to="60", uncertainty="0.25 kN"), "uncertainty"),
        (can(uncertainty="±0.25 kN"), ask("10", value_to="50", uncertainty="0.5 %"), "uncertainty"),
        (can(uncertainty="±0.25 kN"), ask("50", value_to="60", uncertainty="0.5 %"), ""),
        (can(uncertainty=""), ask(uncertainty="50 %"), "not_comparable"),
        (can(uncertainty="0.5级"), ask(uncertainty="50 %"), "not_comparable"),
        (can(uncertainty="0.1 kN", kind="resolution"), ask(uncertainty="50 %"), "not_comparable"),
        (can(uncertainty="U=0.6 % (k=3)"), ask(uncertainty="0.4 %"), ""),
        (can(uncertainty="U=0.6 % (k=3)"), ask(uncertainty="0.6 % (k=3)"), ""),
        (can(uncertainty="U=0.6 % (k=2)"), ask(uncertainty="0.6 % (k=3)"), "uncertainty"),
        (can(low="-600", high="600", unit="A", quantity="current"), ask("0", "A", uncertainty="0.5 %"), ""),
        (
            can(low="-600", high="600", unit="A", quantity="current", uncertainty="±0.05 % FS"),
            ask("-1", "A", value_to="1", uncertainty="0.5 %"),
            "uncertainty",
        ),
    ],
)
def test_a_capability_fits_when_it_covers_all_that_is_asked_surely_enough(capable, wish, why):
    found = rules.fit(capable, wish)

    assert (found.why if isinstance(found, NoFit) else "") == why


def test_the_margin_is_the_room_at_both_ends_and_how_many_times_over():
    found = rules.fit(can(), ask(uncertainty="1 %"))

    assert isinstance(found, Fit)
    assert (found.room_below, found.room_above, found.used) == (Decimal(49_800), Decimal(50_000), Decimal("0.5"))
    assert (found.at, found.offered, found.asked, found.ratio) == (50_000, 250, 500, 2)


def test_an_uncertainty_is_judged_where_it_is_tightest():
    found = rules.fit(can(uncertainty="±0.1 kN"), ask("10", value_to="50", uncertainty="1 %"))

    assert (found.at, found.ratio) == (10_000, 1)


def test_the_better_of_two_is_the_one_met_more_times_over():
    better, worse, unsaid = (
        rules.fit(can(uncertainty=said), ask(uncertainty=asked))
        for said, asked in (("±0.1 %", "1 %"), ("±0.5 %", "1 %"), ("", ""))
    )

    assert rules.better(better, worse)
    assert rules.better(worse, unsaid)
    assert not rules.better(worse, better)


FORCE = can(parameter_zh="力值", parameter_en="force")
HEAT = can("-70", "150", "℃", "U=0.03 ℃ (k=3)", "temperature", parameter_zh="温度", parameter_en="temperature")


@pytest.mark.parametrize(
    ("capable", "wish", "zh", "en"),
    [
        (
            FORCE,
            ask(uncertainty="1 %"),
            [
                "覆盖 50 kN：力值 0.2–100 kN，下方余量 49.8 kN，上方余量 50 kN。",
                "在 50 kN 处最大允许误差为 ±0.25 kN（按原值比较）。",
                "要求为 0.5 kN，是所能做到的 2 倍。",
            ],
            [
                "Covers 50 kN: force is 0.2–100 kN, with 49.8 kN to spare below and 50 kN above.",
                "At 50 kN its permissible error is ±0.25 kN, taken as it stands.",
                "0.5 kN is asked, and met 2 times over.",
            ],
        ),
        (
            FORCE,
            ask(uncertainty="0.5 %"),
            [
                "覆盖 50 kN：力值 0.2–100 kN，下方余量 49.8 kN，上方余量 50 kN。",
                "在 50 kN 处最大允许误差为 ±0.25 kN（按原值比较）。",
                "要求为 0.25 kN，恰好满足。",
            ],
            [
                "Covers 50 kN: force is 0.2–100 kN, with 49.8 kN to spare below and 50 kN above.",
                "At 50 kN its permissible error is ±0.25 kN, taken as it stands.",
                "0.25 kN is asked, and that is just what it does.",
            ],
        ),
        (
            HEAT,
            ask("-40", "℃", value_to="140"),
            [
                "覆盖 −40~140 ℃：温度 −70~150 ℃，下方余量 30 ℃，上方余量 10 ℃。",
                "在 140 ℃ 处不确定度为 0.02 ℃（k = 2，由 k = 3 换算）。",
            ],
            [
                "Covers −40 to 140 ℃: temperature is −70 to 150 ℃, with 30 ℃ to spare below and 10 ℃ above.",
                "At 140 ℃ its uncertainty is 0.02 ℃ (k = 2, worked out from k = 3).",
            ],
        ),
        (
            can(None, "125", "MPa", "", "pressure"),
            ask("5e-4", "MPa"),
            ["覆盖 0.0005 MPa：压力 ≤ 125 MPa，上方余量 125 MPa。"],
            ["Covers 0.0005 MPa: pressure is ≤ 125 MPa, with 125 MPa to spare above."],
        ),
        (
            can("5", None, "g", "U=1 mg", "mass"),
            ask("10", "g", uncertainty="2 mg"),
            [
                "覆盖 10 g：质量 ≥ 5 g，下方余量 5 g。",
                "在 10 g 处不确定度为 0.001 g；未注明包含因子，按 k = 2 计。",
                "要求为 0.002 g，是所能做到的 2 倍。",
            ],
            [
                "Covers 10 g: mass is ≥ 5 g, with 5 g to spare below.",
                "At 10 g its uncertainty is 0.001 g; it states no coverage factor, so k = 2 is taken.",
                "0.002 g is asked, and met 2 times over.",
            ],
        ),
    ],
)
def test_why_something_fits_is_told_in_both_languages(capable, wish, zh, en):
    assert wording.in_both_languages(rules.fit(capable, wish)) == {"zh": zh, "en": en}


@pytest.mark.parametrize(
    ("capable", "wish", "said"),
    [
        (FORCE, ask("200"), "It does not reach up to 200 kN: force 0.2–100 kN, ±0.5 %."),
        (FORCE, ask("0.1"), "It does not reach down to 0.1 kN: force 0.2–100 kN, ±0.5 %."),
        (FORCE, ask("1", "mm"), "It measures another quantity: force 0.2–100 kN, ±0.5 %."),
        (FORCE, ask(uncertainty="0.1 %"), "At 50 kN it is sure to 0.25 kN, and 0.05 kN is asked."),
        (
            can(uncertainty="0.5级"),
            ask(uncertainty="1 %"),
            "It covers 50 kN, but states no uncertainty that can be compared: force 0.2–100 kN, 0.5级.",
        ),
    ],
)
def test_why_something_does_not_fit_is_told(capable, wish, said):
    with override("en"):
        assert wording.why_not(rules.fit(capable, wish)) == said


@pytest.mark.parametrize(
    ("value", "told"),
    [("50", "50"), ("0.25", "0.25"), ("123456", "123500"), ("1e-9", "1×10⁻⁹"), ("-1.5e10", "−1.5×10¹⁰"), ("0", "0")],
)
def test_numbers_are_told_as_people_write_them(value, told):
    assert wording.number(Decimal(value)) == told
