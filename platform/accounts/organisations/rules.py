"""
How organisations are identified in China: ORG-1 (GB 32100-2015), ORG-2 (GB 11714), ORG-3 (what people type).

Nothing is corrected in silence: O stays O and is named, with its place.
"""

import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""The 31 characters of a credit code: no I, O, S, V, Z."""
LENGTH = 18
AUTHORITIES = frozenset("123456789ANY")
"""Who registers: 1 机构编制, 5 民政, 9 市场监管, Y others, and the rest of the standard's list."""
REGION = range(2, 8)
"""The places (from 0) of the administrative code, digits only."""
WEIGHTS = tuple(pow(3, place, 31) for place in range(LENGTH - 1))
ORGANISATION_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
SME_SIZES = frozenset({"micro", "small", "medium"})


class Flaw(StrEnum):
    """What can be wrong with a credit code."""

    LENGTH = "length"
    CHARACTER = "character"
    AUTHORITY = "authority"
    REGION = "region"
    CHECK = "check"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a credit code; `position` counts from 1, and is 0 for the whole of it."""

    flaw: Flaw
    position: int = 0
    character: str = ""
    expected: str = ""


def normalised(text: str) -> str:
    """Return what was typed with full-width characters folded, upper-cased, without spaces and hyphens (ORG-3)."""
    folded = unicodedata.normalize("NFKC", text).upper()
    return "".join(c for c in folded if not c.isspace() and unicodedata.category(c) not in {"Pd", "Cf"} and c != "−")


def check_character(first17: str) -> str:
    """Return the 18th character that belongs to the first 17 (ORG-1)."""
    total = sum(ALPHABET.index(character) * weight for character, weight in zip(first17, WEIGHTS, strict=True))
    return ALPHABET[(31 - total % 31) % 31]


def check_uscc(text: str) -> list[Problem]:
    """Return what is wrong with a credit code as typed, in reading order; nothing when it is right (ORG-1, ORG-3)."""
    code = normalised(text)
    problems = [
        Problem(Flaw.CHARACTER, place + 1, character)
        for place, character in enumerate(code)
        if character not in ALPHABET
    ]
    if code and code[0] in ALPHABET and code[0] not in AUTHORITIES:
        problems.append(Problem(Flaw.AUTHORITY, 1, code[0]))
    problems += [
        Problem(Flaw.REGION, place + 1, code[place])
        for place in REGION
        if place < len(code) and code[place] in ALPHABET and not code[place].isdigit()
    ]
    problems.sort(key=lambda problem: problem.position)
    if len(code) != LENGTH:
        problems.append(Problem(Flaw.LENGTH, 0, str(len(code)), str(LENGTH)))
    elif not problems and code[-1] != (expected := check_character(code[:-1])):
        problems.append(Problem(Flaw.CHECK, LENGTH, code[-1], expected))
    return problems


def organisation_check_character(first8: str) -> str:
    """Return the check character of an organisation code's first eight (GB 11714)."""
    total = sum(
        ORGANISATION_ALPHABET.index(character) * weight
        for character, weight in zip(first8, ORGANISATION_WEIGHTS, strict=True)
    )
    value = 11 - total % 11
    return {10: "X", 11: "0"}.get(value, str(value))


def organisation_code_warning(uscc: str) -> Problem | None:
    """
    Return the mismatch of the organisation code inside a right credit code, or None (ORG-2).

    It only warns: old codes may predate the rule.
    """
    code = normalised(uscc)
    if check_uscc(code):
        return None
    expected = organisation_check_character(code[8:16])
    return None if code[16] == expected else Problem(Flaw.CHECK, 17, code[16], expected)


def is_sme(*, size: str, verification: str) -> bool:
    """Whether an organisation gets what small and medium enterprises get: the right size, and verified."""
    return size in SME_SIZES and verification == "verified"


def taxpayer_type_on(history: list[tuple[date, str]], day: date) -> str | None:
    """Return the taxpayer type that held on a day, from (valid_from, type) pairs; None before the first."""
    held = [entry for entry in history if entry[0] <= day]
    return max(held)[1] if held else None


# --- What a profile says -------------------------------------------------------------------------------------------

HOME_COUNTRY = "CN"
VERIFIED_FIELDS = frozenset({"name_zh", "name_en", "org_type", "uscc", "foreign_reg_no", "country", "size"})
"""What the platform's operator looks at: a change of one of these ends the verification."""


def has_credit_code(country: str) -> bool:
    """Whether an organisation is identified by a credit code; abroad, in HK, MO and TW by a number and a country."""
    return country == HOME_COUNTRY


def ends_verification(changed: set[str], verification: str) -> bool:
    """Whether a change makes what was verified, or handed in to be, void."""
    return verification in {"verified", "submitted"} and bool(changed & VERIFIED_FIELDS)


# --- Licences ------------------------------------------------------------------------------------------------------

LARGEST_LICENCE = 5 * 1024 * 1024
