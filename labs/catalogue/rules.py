"""
How words are compared: Chinese and English names, pinyin, numbers of standards.

Note [Search words]
    What is found by is stored once, at writing: names and models in one normal form, their pinyin and its initials.
    A two-character Chinese word has no trigram, so the database also keeps every pair of neighbours (bigrams) of
    that text, in a column it generates itself, under a GIN index.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from django.utils.translation import gettext_lazy as _
from pypinyin import Style, lazy_pinyin

DASHES = re.compile(r"[‐‑‒–—―−－﹣]")
SPACES = re.compile(r"\s+")
HAN = re.compile(r"[㐀-鿿豈-﫿]")

PREFIXES = re.compile(
    r"^(?P<kind>GB|GBZ|GJB|DB\d{2,4}|JJG|JJF|ISO/IEC|ISO|IEC|EN|ASTM|JESD|JY|HJ|QB|SJ|FZ|HG|JB|YY|NY|LY|YS|CJ|JC|JG|MT|"
    r"[TQ])(?P<slash>/[A-Z]+)?\s*(?P<rest>[A-Z]?\d.*)$"
)
"""How the number of a standard begins: GB/T, DB44/T, JJG, ISO, ASTM E, T/CAS, Q/ABC."""

MATERIALS = {
    "flammable": _("flammable"),
    "corrosive": _("corrosive"),
    "toxic": _("toxic"),
    "oxidising": _("oxidising"),
    "pressurised": _("gas under pressure"),
    "cryogenic": _("cryogenic"),
    "nanomaterial": _("nanomaterial"),
    "biological_1": _("biological, risk group 1"),
    "biological_2": _("biological, risk group 2"),
    "radioactive": _("radioactive"),
}
"""Hazardous classes that a customer declares and an instrument allows (BK-16)."""


def normalised(text: str) -> str:
    """Return the text as it is compared: full width folded, lower case, one kind of dash, single spaces."""
    folded = DASHES.sub("-", unicodedata.normalize("NFKC", text)).lower()
    return SPACES.sub(" ", folded).strip()


def bigrams(text: str) -> list[str]:
    """Return the pairs of neighbours within the words of a text, each once, in order; the database's twin."""
    found = {word[at : at + 2]: None for word in normalised(text).split(" ") for at in range(len(word) - 1)}
    return sorted(found)


@lru_cache(maxsize=4096)
def pinyin(text: str) -> tuple[str, str]:
    """Return the reading of the Chinese parts of a text: ("kachi", "kc"); empty where there are none."""
    if not HAN.search(text):
        return "", ""
    han = "".join(character for character in text if HAN.match(character))
    return "".join(lazy_pinyin(han)), "".join(lazy_pinyin(han, style=Style.FIRST_LETTER))


@lru_cache(maxsize=4096)
def sort_key(text: str) -> str:
    """Return what a name is sorted by: its pinyin, syllable by syllable, the rest as it is."""
    return normalised(" ".join(lazy_pinyin(text)))


def search_text(names: Iterable[str], codes: Iterable[str] = ()) -> str:
    """Return all that something is found by, in one text, names without their spaces too; see Note [Search words]."""
    words: list[str] = []
    for name in names:
        words += [normalised(name), normalised(name).replace(" ", ""), *pinyin(name)]
    words += [normalised(code) for code in codes]
    return " ".join(dict.fromkeys(word for word in words if word))


def standard_number(text: str) -> str:
    """
    Return the number of a standard as it is written: `gb/t228.1—2021` becomes `GB/T 228.1-2021`.

    Full-width characters, any dash, a missing or doubled space and lower case are put right; what does not look like
    a number of a standard keeps its words.
    """
    tidy = SPACES.sub(" ", DASHES.sub("-", unicodedata.normalize("NFKC", text))).strip()
    tight = re.sub(r"\s*([/.:-])\s*", r"\1", tidy.upper())
    found = PREFIXES.match(tight)
    if not found:
        return tidy
    rest = SPACES.sub(" ", found["rest"].strip())
    return f"{found['kind']}{found['slash'] or ''} {rest}"


def standard_kind(text: str) -> str:
    """Return the kind of a standard by its number: GB/T, DB44/T, JJG, ISO, T/CAS, Q/ABC; empty where it has none."""
    found = PREFIXES.match(standard_number(text))
    return f"{found['kind']}{found['slash'] or ''}" if found else ""


@lru_cache(maxsize=4096)
def standard_key(text: str) -> str:
    """Return what numbers of standards are compared by: `GB/T 228.1-2021` and `gbt228.1-2021` are the same."""
    return re.sub(r"[\s/:\-]", "", standard_number(text).upper())


# --- Accreditations --------------------------------------------------------------------------------------------------

CMA_NUMBER = re.compile(r"(?P<year>\d{2})(?P<issuer>\d{2})(?P<field>\d{2})\d{2}\d{4}")
LAST_CMA_FIELD = 21
CNAS_NUMBER = re.compile(r"CNAS\s?(?:L|IB)\s?\d{3,6}")


def accreditation_number_warning(kind: str, number: str) -> str:
    """
    Return what is odd about the number of a certificate, by a code, or an empty text; a warning, never a refusal.

    `cma_digits` (not twelve digits), `cma_field` (no such field), `cnas_form` (not CNAS L or CNAS IB with digits).
    Real certificates of some provinces deviate, so nobody is refused for it.
    """
    tidy = SPACES.sub(" ", unicodedata.normalize("NFKC", number)).strip().upper()
    if kind == "CMA":
        found = CMA_NUMBER.fullmatch(tidy.replace(" ", ""))
        if not found:
            return "cma_digits"
        return "cma_field" if int(found["field"]) > LAST_CMA_FIELD else ""
    if kind == "CNAS":
        return "" if CNAS_NUMBER.fullmatch(tidy) else "cnas_form"
    return ""


@dataclass(frozen=True, slots=True)
class InScope:
    """A line of an accreditation's scope, with the days the accreditation itself is valid, both included."""

    standards: tuple[str, ...]
    parameters: tuple[str, ...]
    valid_from: date
    valid_to: date | None
    accredited_from: date
    accredited_to: date

    def covers(self, *, standard: str, parameter: str, on: date) -> bool:
        """
        Whether a method is in scope on a day (LAB-1): standard and parameter match, and both are valid that day.

        Numbers of standards match exactly, the year too, however they are written: an entry of the 2014 edition does
        not cover that of 2021.
        """
        if not (self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)):
            return False
        if not self.accredited_from <= on <= self.accredited_to:
            return False
        wanted = standard_key(standard)
        if not wanted or wanted not in {standard_key(each) for each in self.standards if each}:
            return False
        return normalised(parameter) in {normalised(each) for each in self.parameters if each}
