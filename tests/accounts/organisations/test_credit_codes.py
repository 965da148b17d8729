"""ORG-1, ORG-2 and ORG-3 as tables of cases."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.organisations import rules
from accounts.organisations.operations import credit_code, credit_code_refusals
from accounts.organisations.rules import Flaw, Problem
from kernel.refusals import Refusals

RIGHT = "91110000600037341L"
DEMO = Path(__file__).parents[3] / "demo" / "data" / "organisations.json"


def test_the_worked_example_has_check_character_l():
    assert rules.check_character("91110000600037341") == "L"
    assert rules.check_uscc(RIGHT) == []


def test_the_weights_are_those_of_the_standard():
    assert rules.WEIGHTS == (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


def code_with_check_value_zero() -> str:
    """Return a code whose weighted sum is a multiple of 31."""
    return next(
        first17 + "0" for number in range(100_000) if rules.check_character(first17 := f"9144010661{number:07d}") == "0"
    )


def test_a_check_value_of_zero_is_written_0_never_31():
    code = code_with_check_value_zero()

    total = sum(rules.ALPHABET.index(c) * w for c, w in zip(code[:17], rules.WEIGHTS, strict=True))
    assert total % 31 == 0
    assert rules.check_uscc(code) == []


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (RIGHT.lower(), RIGHT),
        ("91110000-60003734-1L", RIGHT),
        ("  9111 0000 6000 3734 1L ", RIGHT),
        ("９１１１００００６０００３７３４１Ｌ", RIGHT),
        ("９１１１００００６０００３７３４１ｌ", RIGHT),
        ("91110000\u300060003734\u20131L", RIGHT),
        ("91110000\uff0d600037341L\u200b", RIGHT),
        ("\t91110000600037341L\n", RIGHT),
    ],
)
def test_what_people_type_is_folded_upper_cased_and_stripped(typed: str, kept: str):
    assert rules.normalised(typed) == kept
    assert credit_code(typed) == kept


@pytest.mark.parametrize(
    ("code", "position", "character"),
    [
        ("9111OOOO600037341L", 5, "O"),
        ("9I110000600037341L", 2, "I"),
        ("91110000600037341S", 18, "S"),
        ("911100006V0037341L", 10, "V"),
        ("91110000600037Z41L", 15, "Z"),
        ("91110000６０００３7Ｏ41L", 15, "O"),
        ("9111000060003734é L", 17, "É"),
        ("9111000060003734中L", 17, "中"),
    ],
)
def test_a_letter_that_cannot_stand_there_is_named_with_its_position(code: str, position: int, character: str):
    first = rules.check_uscc(code)[0]

    assert (first.flaw, first.position, first.character) == (Flaw.CHARACTER, position, character)
    assert character in str(credit_code_refusals(code)[0])
    assert str(position) in str(credit_code_refusals(code)[0])


def test_nothing_is_corrected_in_silence_and_every_wrong_place_is_named():
    with pytest.raises(Refusals) as refused:
        credit_code("9I11OO00600037341L")

    assert [refusal.facts["position"] for refusal in refused.value.refusals] == [2, 5, 6]
    assert refused.value.code == "credit_code_character"


@pytest.mark.parametrize(
    ("code", "problems"),
    [
        ("", [Problem(Flaw.LENGTH, 0, "0", "18")]),
        (RIGHT[:17], [Problem(Flaw.LENGTH, 0, "17", "18")]),
        (RIGHT + "0", [Problem(Flaw.LENGTH, 0, "19", "18")]),
        ("91110000600037341M", [Problem(Flaw.CHECK, 18, "M", "L")]),
        ("91110000600037314L", [Problem(Flaw.CHECK, 18, "L", rules.check_character("91110000600037314"))]),
        ("B1110000600037341L", [Problem(Flaw.AUTHORITY, 1, "B")]),
        ("01110000600037341L", [Problem(Flaw.AUTHORITY, 1, "0")]),
        ("9111A000600037341L", [Problem(Flaw.REGION, 5, "A")]),
    ],
)
def test_each_flaw_of_a_code_is_told_apart(code: str, problems: list[Problem]):
    assert rules.check_uscc(code) == problems


@pytest.mark.parametrize("authority", list("123456789ANY"))
def test_every_registration_authority_of_the_standard_is_taken(authority: str):
    first17 = authority + RIGHT[1:17]

    assert rules.check_uscc(first17 + rules.check_character(first17)) == []


@given(st.text(alphabet=rules.ALPHABET, min_size=9, max_size=9), st.integers(0, 16), st.sampled_from(rules.ALPHABET))
def test_one_mistyped_character_is_always_noticed(body: str, place: int, other: str):
    first17 = "91440106" + body
    code = first17 + rules.check_character(first17)
    mistyped = code[:place] + other + code[place + 1 :]

    assert (rules.check_uscc(mistyped) == []) == (mistyped == code)


@given(st.text(max_size=40))
def test_any_text_gets_an_answer(text: str):
    assert isinstance(rules.check_uscc(text), list)


@pytest.mark.parametrize(
    ("first8", "check"),
    [
        ("D2143569", "X"),  # the example of GB 11714
        ("60003734", "1"),
        ("00000000", "0"),  # 11 is written 0
    ],
)
def test_the_organisation_code_has_its_own_check_character(first8: str, check: str):
    assert rules.organisation_check_character(first8) == check


def test_a_wrong_organisation_code_inside_a_right_credit_code_only_warns():
    first17 = "91110000600037342"  # the organisation code should end in 1
    code = first17 + rules.check_character(first17)

    assert rules.check_uscc(code) == []
    assert credit_code(code) == code
    assert rules.organisation_code_warning(code) == Problem(Flaw.CHECK, 17, "2", "1")
    assert rules.organisation_code_warning(RIGHT) is None


def test_a_wrong_credit_code_brings_no_second_warning():
    assert rules.organisation_code_warning("91110000600037341M") is None


@pytest.mark.skipif(not DEMO.exists(), reason="the demo's data are not here")
def test_every_credit_code_of_the_demo_is_right():
    organisations = json.loads(DEMO.read_text())

    wrong = {o["code"]: rules.check_uscc(o["uscc"]) for o in organisations if o["uscc"] and rules.check_uscc(o["uscc"])}
    assert wrong == {}


@pytest.mark.parametrize(
    ("size", "verification", "expected"),
    [
        ("micro", "verified", True),
        ("small", "verified", True),
        ("medium", "verified", True),
        ("large", "verified", False),
        ("na", "verified", False),
        ("small", "submitted", False),
        ("small", "unverified", False),
        ("small", "rejected", False),
        ("small", "expired", False),
    ],
)
def test_only_verified_organisations_of_the_right_size_are_smes(size: str, verification: str, expected: bool):
    assert rules.is_sme(size=size, verification=verification) is expected
