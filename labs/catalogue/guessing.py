"""
What a mistyped word was meant as: the name of a place by its sound or by its letters, a standard by its digits.

Note [Understood as]
    A guess is made only where the word, as it is typed, is found nowhere, and where just one thing comes near it. It is
    said to the person, who may take it back. A digit is never changed: GB/T 228.2 is another standard than GB/T 228.1.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from pypinyin import Style, pinyin

from labs.catalogue import rules

ENDINGS = ("区", "市", "县")
SHORTEST_LATIN = 5
"""Shorter names are too near to one another."""
LONG_LATIN = 9
"""A name of so many letters may have two mistakes, a shorter one has one."""
BY_EAR = str.maketrans({"r": "l", "n": "l"})
FUZZY = ((re.compile(r"^([zcs])h"), r"\1"), (re.compile(r"ng$"), "n"))


def place_meant(word: str, names: Mapping[str, str]) -> str | None:
    """Return what the one name stands for that a word sounds like or is spelt nearly as, or None."""
    near = {value for name, value in names.items() if _sounds_like(word, name) or _is_spelt_like(word, name)}
    return near.pop() if len(near) == 1 else None


def _sounds_like(word: str, name: str) -> bool:
    """黄浦 sounds like 黄埔: as many characters, each the same or with a reading in common; one at least is right."""
    said, meant = _bare(word), _bare(name)
    if len(said) != len(meant) or len(said) < 2 or not (_is_han(said) and _is_han(meant)):
        return False
    pairs = list(zip(said, meant, strict=True))
    return any(one == other for one, other in pairs) and all(
        one == other or not _readings(one).isdisjoint(_readings(other)) for one, other in pairs
    )


@lru_cache(maxsize=4096)
def _readings(character: str) -> frozenset[str]:
    """Return how a character may be read, as an ear from the south hears it: no tones, z as zh, n as l, -n as -ng."""
    heard = set()
    for reading in pinyin(character, style=Style.NORMAL, heteronym=True)[0]:
        for sound, plain in FUZZY:
            reading = sound.sub(plain, reading)  # noqa: PLW2901 -- step by step
        heard.add(reading[:1].translate(BY_EAR) + reading[1:])
    return frozenset(heard)


def _bare(text: str) -> str:
    return text[:-1] if len(text) > 2 and text.endswith(ENDINGS) else text


def _is_han(text: str) -> bool:
    return all(rules.HAN.match(character) for character in text)


def _is_spelt_like(word: str, name: str) -> bool:
    """Hunagpu is spelt like huangpu: one letter wrong, missing, too many, or two exchanged; never the first."""
    if not (word.isascii() and name.isascii() and word.isalpha()) or word[0] != name[0]:
        return False
    if min(len(word), len(name)) < SHORTEST_LATIN or word == name:
        return False
    return slips(word, name) <= (2 if len(name) >= LONG_LATIN else 1)


def slips(one: str, other: str) -> int:
    """Return by how many slips of the fingers two words differ: a letter wrong, missing, too many, two exchanged."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, start=1):
        earlier, before, row = before, row, [at]
        for place, wanted in enumerate(other, start=1):
            steps = min(before[place] + 1, row[-1] + 1, before[place - 1] + (letter != wanted))
            if at > 1 and place > 1 and letter == other[place - 2] and one[at - 2] == wanted:
                steps = min(steps, earlier[place - 2] + 1)
            row.append(steps)
    return row[-1]


KEY = re.compile(r"(?P<kind>GB(?=[TZ]?\d)|[A-Z/]*?)(?P<more>[TZ]?)(?P<number>[A-Z]?[\d.]+)$")


def standard_pattern(number: str) -> str | None:
    """
    Return the pattern of the keys that differ from a number only by its dots, and GB by its T or Z; None for no number.

    `GB/T 2281` and `GB 228.1` mean `GB/T 228.1`; the year may be left out.
    """
    found = KEY.match(rules.standard_key(number))
    if found is None:
        return None
    digits = r"\.?".join(re.escape(each) for each in found["number"].replace(".", ""))
    more = "[TZ]?" if found["kind"] == "GB" else re.escape(found["more"])
    return rf"^{re.escape(found['kind'])}{more}{digits}(\d{{4}})?$"


def standard_meant(number: str, others: Iterable[str]) -> str | None:
    """Return the one number among those that the pattern has found, with a year where one was asked for, or None."""
    with_years = sorted(others)
    bases = {each.rpartition("-")[0] or each for each in with_years}
    if len(bases) != 1:
        return None
    asks_a_year = re.search(r"-\d{4}$", number) is not None
    return with_years[0] if asks_a_year and len(with_years) == 1 else bases.pop()
