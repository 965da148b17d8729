"""Every text of the product stands in the Chinese catalogue, translated, with its placeholders."""

import io
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from string import Formatter

import allauth
import django
import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

from tests.architecture.tree import ROOT, files, text_of

CATALOGUE = Path("locale/zh_Hans/LC_MESSAGES/django.po")
OUTSIDE = {"tests", "bench", "tools", "node_modules"}
"""Folders that say nothing to those who use the product; `make messages` leaves them out, too."""

KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), None),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
"""The functions that Django translates by, and which of their arguments are texts."""
MENTION = re.compile(r"\b(?:_|n?p?gettext(?:_lazy|_noop)?)\(")
BY_NAME = re.compile(r"%\((\w+)\)[#0\- +]*\d*(?:\.\d+)?[diouxXeEfFgGcrsa]")
BY_PLACE = re.compile(r"(?<!%)%[ds]")
BORROWED = Path("platform/web/borrowed.py")

type Key = tuple[str, str, str]
"""A context, a text and its plural; what a text lacks is empty."""


def sources() -> list[Path]:
    """Return the files that may hold texts to translate. The large folders of others are not walked through."""
    folders = (folder.name for folder in ROOT.iterdir() if folder.is_dir() and not folder.name.startswith("."))
    return [path for name in sorted({*folders} - OUTSIDE) for path in files(".py", ".html", ".txt", under=name)]


def as_python(path: Path) -> str:
    """Return a file as code that Babel reads: a template with everything crossed out but its texts."""
    text = text_of(path)
    if path.suffix == ".py":
        return text if MENTION.search(text) else ""
    if "translate" not in text and "trans " not in text and "_(" not in text:
        return ""
    return "\n".join(line.strip() for line in templatize(text, origin=str(path)).splitlines())


def texts_in(path: Path) -> Iterator[tuple[Key, int]]:
    """Yield the texts of a file, each with its line."""
    code = io.BytesIO(as_python(path).encode())
    for line, found, _comments, context in extract("python", code, keywords=KEYWORDS, options={"encoding": "utf-8"}):
        text, plural = (found[0], found[1]) if isinstance(found, tuple) else (found, "")
        if text:
            yield (context or "", text, plural or ""), line


@cache
def texts() -> dict[Key, str]:
    """Return the texts of the product, each with the first place it stands in."""
    places: dict[Key, str] = {}
    for path in sources():
        for key, line in texts_in(path):
            places.setdefault(key, f"{path}:{line}")
    return places


@cache
def catalogue() -> Catalog:
    """Return the Chinese translations."""
    with (ROOT / CATALOGUE).open("rb") as file:
        return read_po(file, locale="zh_Hans", abort_invalid=True)


def entries() -> list[Message]:
    """Return the catalogue's entries, without its header."""
    return [message for message in catalogue() if message.id]


def key_of(message: Message) -> Key:
    """Return what names an entry."""
    text, plural, *_none = *strings(message.id), ""
    return message.context or "", text, plural


def strings(value: str | Iterable[str] | None) -> list[str]:
    """Return one text or several as a list."""
    return [value] if isinstance(value, str) else list(value or [""])


def placeholders(text: str) -> set[str]:
    """Return what a text leaves open, in braces or after per cent signs."""
    try:
        braced = {f"{{{name}}}" for _before, name, _form, _how in Formatter().parse(text) if name is not None}
    except ValueError:  # a lone brace: no text to format
        braced = set()
    return braced | {f"%({name})s" for name in BY_NAME.findall(text)} | {*BY_PLACE.findall(text)}


def said_by_others() -> set[str]:
    """Return the texts that Django and allauth bring translations for."""
    theirs: set[str] = set()
    for package in (django, allauth):
        for path in Path(*package.__path__).rglob("locale/zh_Hans/LC_MESSAGES/django.po"):
            with path.open("rb") as file:
                theirs |= {key_of(message)[1] for message in read_po(file, locale="zh_Hans")}
    return theirs


def show(key: Key) -> str:
    """Return how a text is named in a failure."""
    context, text, plural = key
    return " | ".join(part for part in (context and f"({context})", text, plural) if part)


def test_every_text_stands_in_the_catalogue() -> None:
    known = {key_of(message) for message in entries()}

    missing = sorted(f"{place}: {show(key)}" for key, place in texts().items() if key not in known)
    assert missing == [], "run `make messages`, and translate them"


def test_the_catalogue_holds_no_text_that_is_gone() -> None:
    gone = sorted(show(key_of(message)) for message in entries() if key_of(message) not in texts())

    assert gone == [], "run `make messages`, and delete what it puts aside"
    assert [show(key_of(message)) for message in catalogue().obsolete.values()] == []


def test_every_entry_is_translated() -> None:
    empty = [
        show(key_of(message)) for message in entries() if not all(part.strip() for part in strings(message.string))
    ]

    assert empty == []


def test_no_entry_is_a_guess() -> None:
    assert [show(key_of(message)) for message in entries() if message.fuzzy] == [], "check them, and take `fuzzy` away"


def test_a_translation_leaves_open_what_its_text_leaves_open() -> None:
    wrong = [
        f"{show(key_of(message))}: {string}"
        for message in entries()
        for string in strings(message.string)
        if placeholders(string) != placeholders(strings(message.id)[-1])
    ]

    assert wrong == []


def test_chinese_knows_no_plural() -> None:
    assert catalogue().num_plurals == 1
    assert [show(key_of(message)) for message in entries() if len(strings(message.string)) != 1] == []


def test_what_is_borrowed_is_still_said_by_its_owner() -> None:
    assert sorted({text for (_context, text, _plural), _line in texts_in(BORROWED)} - said_by_others()) == []


def test_chinese_is_set_in_its_own_punctuation() -> None:
    half = re.compile(r"[㐀-鿿] ?[,;:?!()\"]|[,;:?!()\"] ?[㐀-鿿]")

    assert [string for message in entries() for string in strings(message.string) if half.search(string)] == []


def test_people_are_addressed_politely() -> None:
    assert [string for message in entries() for string in strings(message.string) if "你" in string] == []


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("{number} of %(total)s", {"{number}", "%(total)s"}),
        ("%(share)d%% of it", {"%(share)s"}),
        ("%d of 5 {", {"%d"}),
    ],
)
def test_placeholders_are_found_in_every_spelling(text: str, names: set[str]) -> None:
    assert placeholders(text) == names
