"""
What a query in one box means: standards, quantities, places, labs and kinds are told apart; the rest stays words.

Note [One box]
    `GB/T 228.1 拉伸 50kN 黄埔` is a standard, a parameter, a capability and a district. Numbers of standards are read
    by their form, quantities by `measured`, everything else by the names the catalogue knows. What is read twice is
    read once: the longest run of words wins, the leftmost first. Reading what is left changes nothing any more.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from labs.catalogue import rules

MOST_WORDS_OF_A_NAME = 6
MOST_WORDS_OF_A_QUANTITY = 4

STRONG = r"GB/?T|GB/?Z|GB|GJB|DB\d{2,4}(?:\s*/?\s*T)?|JJG|JJF|ISO/IEC|ISO/?TS|ISO|IEC|ASTM|JESD"
"""Numbers that begin so are standards wherever they stand."""
WITH_A_SLASH = r"(?:JY|HJ|QB|SJ|FZ|HG|JB|YY|NY|LY|YS|CJ|JC|JG|MT|WS|SN|EN)\s*/\s*T|[TQ]\s*/\s*[A-Z]{2,10}"
"""Codes of industries, groups and firms are short: only with their slash are they not the name of a model."""
STANDARD = re.compile(
    rf"(?<![A-Za-z0-9])(?:{STRONG}|{WITH_A_SLASH})[\s:]*"
    r"[A-Z]?\d+[A-Z]?(?:\.\d+)*(?:/[A-Z]\d+[A-Z]?)?(?:\s*[-:]\s*\d+)*(?![\w.])",
    re.IGNORECASE,
)
WITHOUT_SLASH = re.compile(r"^(GB)([TZ])(?=\s*\d)", re.IGNORECASE)
STARTS_LIKE_A_NUMBER = re.compile(r"[<>=≥≤±+-]*\s*\d")

KINDS: dict[str, tuple[str, str]] = {
    word: meaning
    for meaning, words in {
        ("kind", "rental"): "租赁 出租 租用 自助上机 上机",
        ("kind", "testing"): "检测 检验检测 委托检测 委托测试",
        ("kind", "calibration"): "校准",
        ("kind", "verification"): "检定",
        ("kind", "agent_inspection"): "验货 代理检验 委托检验",
        ("accreditation", "CMA"): "cma 资质认定",
        ("accreditation", "CNAS"): "cnas 实验室认可",
    }.items()
    for word in words.split()
}
"""Words that mean a kind of service or an accreditation, when they stand alone; English ones stand in many names."""


@dataclass(frozen=True, slots=True)
class Term:
    """One thing understood: the parameters of the catalogue's query it stands for, and the words it was read from."""

    name: str
    parameters: tuple[tuple[str, str], ...]
    words: str
    is_guess: bool = False
    """Whether the words are written otherwise: see Note [Understood as]."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text was understood as, and the words that are left."""

    terms: tuple[Term, ...]
    rest: str

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """The parameters of the query, all terms together."""
        return [pair for term in self.terms for pair in term.parameters]


type Names = Mapping[str, tuple[str, str]]
"""Names in their normal form (`rules.normalised`), each with the parameter and the value it stands for."""
NONE: Names = {}
type Measured = Callable[[str], Mapping[str, str] | None]
"""Reads a quantity (`50kN`, `-40~150 ℃`) as parameters of the query, or says that it is none."""


def nothing_measured(text: str) -> None:
    """Read no quantity at all."""
    del text


def words_in(text: str) -> list[str]:
    """Return the words of a text, full width folded, dashes of one kind; commas part words too."""
    folded = rules.DASHES.sub("-", unicodedata.normalize("NFKC", text))
    return [word for word in re.split(r"[\s\0,;、。]+", folded) if word]


def runs_of(text: str) -> list[str]:
    """Return every run of neighbouring words in its normal form: what may be a name the catalogue knows."""
    words = words_in(STANDARD.sub(" ", text))
    runs = [
        " ".join(words[at:until]) for at in range(len(words)) for until in range(at + 1, len(words) + 1)
        if until - at <= MOST_WORDS_OF_A_NAME
    ]  # fmt: skip
    return list(dict.fromkeys(rules.normalised(run) for run in runs))


def read(text: str, *, names: Names, measured: Measured = nothing_measured, guesses: Names = NONE) -> Reading:
    """Return what a query means; see Note [One box]. `guesses` are names and numbers, as they are mistyped."""
    terms: list[Term] = []
    standards = list(_standards(" ".join(words_in(text))))
    left = " ".join(words_in(text))
    for written in standards:
        left = left.replace(written, " ", 1)
        number = number_in(written)
        meant = guesses.get(number)
        terms.append(Term("standard", (meant or ("standard", number),), written, is_guess=meant is not None))
    rest: list[str] = []
    words = words_in(left)
    at = 0
    while at < len(words):
        term, taken = _term_at(words, at, names, measured)
        if term is None and (guess := guesses.get(rules.normalised(words[at]))) is not None:
            term = Term(guess[0], (guess,), words[at], is_guess=True)
        if term is None:
            beside, word = _beside(words[at], names)
            terms += beside
            rest.append(word)
        else:
            terms.append(term)
        at += taken
    once = {term.parameters: term for term in terms}
    return Reading(tuple(once.values()), " ".join(rest))


def number_in(written: str) -> str:
    """Return a number of a standard, as it stands in a query, in its normal form: GBT228.1 is GB/T 228.1."""
    return rules.standard_number(WITHOUT_SLASH.sub(r"\1/\2", written))


def numbers_in(text: str) -> list[str]:
    """Return the numbers of standards in a text, in their normal form."""
    return [number_in(written) for written in _standards(" ".join(words_in(text)))]


def _standards(text: str) -> Iterator[str]:
    for found in STANDARD.finditer(text):
        yield found[0].strip()


def _term_at(words: Sequence[str], at: int, names: Names, measured: Measured) -> tuple[Term | None, int]:
    """Return what the longest run of words from a place means, and how many words it takes."""
    for length in range(min(MOST_WORDS_OF_A_NAME, len(words) - at), 0, -1):
        run = " ".join(words[at : at + length])
        if length <= MOST_WORDS_OF_A_QUANTITY and STARTS_LIKE_A_NUMBER.match(run):
            quantity = measured(run)
            if quantity is not None:
                return Term("capability", tuple(quantity.items()), run), length
        meaning = names.get(rules.normalised(run)) or KINDS.get(rules.normalised(run))
        if meaning is not None and not _is_part_of_a_name(words, at, length, meaning[0]):
            return Term(meaning[0], (meaning,), run), length
    return None, 1


def _is_part_of_a_name(words: Sequence[str], at: int, length: int, kind: str) -> bool:
    """Return whether Latin words are only a part of a longer name: `testing machine` in `universal testing machine`."""
    if kind not in ("category", "parameter", "cluster") or not words[at].isascii():
        return False
    beside = [*words[max(at - 1, 0) : at], *words[at + length : at + length + 1]]
    return any(word.isascii() and word.isalpha() for word in beside)


def _beside(word: str, names: Names) -> tuple[list[Term], str]:
    """Return the district that a Chinese word begins or ends with, and what is left of the word: 黄埔拉伸试验."""
    places = sorted((name for name, meaning in names.items() if meaning[0] == "district"), key=len, reverse=True)
    for name in places:
        if not rules.HAN.match(name) or len(word) < len(name) + 2:
            continue
        for left in (word.removeprefix(name), word.removesuffix(name)):
            if left != word and rules.HAN.match(left):
                return [Term("district", (names[name],), name)], left.removeprefix("区").removeprefix("的")
    return [], word
