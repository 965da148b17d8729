"""What a mistyped word was meant as; see Note [Understood as]."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labs.catalogue.guessing import place_meant, slips, standard_meant, standard_pattern
from labs.catalogue.rules import standard_key
from labs.catalogue.understanding import read

PLACES = {
    "黄埔区": "440112", "huangpu": "440112", "天河区": "440106", "tianhe": "440106", "荔湾区": "440103",
    "liwan": "440103", "番禺区": "440113", "panyu": "440113", "增城区": "440118", "zengcheng": "440118",
    "南沙区": "440115", "nansha": "440115", "越秀区": "440104", "yuexiu": "440104",
}  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("黄浦", "440112"),
        ("黄浦区", "440112"),
        ("天合", "440106"),
        ("荔弯", "440103"),
        ("番愚", "440113"),
        ("曾城", "440118"),
        ("蓝沙", "440115"),
        ("hunagpu", "440112"),
        ("tinahe", "440106"),
        ("zhengcheng", "440118"),
        ("黄金", None),
        ("天平", None),
        ("拉伸", None),
        ("黄浦江", None),
        ("lian", None),
        ("nansha", None),
        ("panel", None),
    ],
)
def test_a_place_is_meant_by_its_sound_or_by_nearly_its_letters(typed: str, meant: str | None) -> None:
    assert place_meant(typed, PLACES) == meant


def test_a_word_that_is_near_two_places_means_neither() -> None:
    assert place_meant("xinghua", {"xinghe": "1", "xinhua": "2", "xinghua": "3"}) == "2"
    assert place_meant("shanxy", {"shanxi": "1", "shanxa": "2"}) is None


@given(st.text("abcd", min_size=1, max_size=8), st.text("abcd", min_size=1, max_size=8))
def test_slips_are_counted_the_same_from_both_sides_and_are_none_for_the_same_word(one: str, other: str) -> None:
    assert slips(one, other) == slips(other, one)
    assert (slips(one, other) == 0) == (one == other)
    assert slips(one, other) <= max(len(one), len(other))


@pytest.mark.parametrize(
    ("typed", "is_meant"),
    [
        ("GB/T 2281", True),
        ("GB 228.1", True),
        ("GBT2281-2021", True),
        ("GB/T 22.81", True),
        ("GB/T 228.2", False),
        ("GB/T 228", False),
        ("GB/T 282.1", False),
        ("JJG 228.1", False),
        ("GB/T 2281-2010", False),
    ],
)
def test_a_number_of_a_standard_may_lack_its_dots_but_keeps_its_digits(typed: str, is_meant: bool) -> None:
    pattern = standard_pattern(typed)

    assert pattern is not None
    assert bool(re.match(pattern, standard_key("GB/T 228.1-2021"))) == is_meant


def test_the_year_is_told_only_where_one_was_asked_for() -> None:
    editions = ["GB/T 228.1-2010", "GB/T 228.1-2021"]

    assert standard_meant("GB/T 2281", editions) == "GB/T 228.1"
    assert standard_meant("GB/T 2281-2021", editions[1:]) == "GB/T 228.1-2021"
    assert standard_meant("GB/T 2281", ["GB/T 22.81-2010", "GB/T 228.1-2021"]) is None


def test_what_is_guessed_is_said_to_be_a_guess() -> None:
    reading = read(
        "GB/T 2281 黄浦 拉伸",
        names={"拉伸": ("parameter", "拉伸")},
        guesses={"黄浦": ("district", "440112"), "GB/T 2281": ("standard", "GB/T 228.1")},
    )

    assert [(term.parameters, term.words, term.is_guess) for term in reading.terms] == [
        ((("standard", "GB/T 228.1"),), "GB/T 2281", True),
        ((("district", "440112"),), "黄浦", True),
        ((("parameter", "拉伸"),), "拉伸", False),
    ]
