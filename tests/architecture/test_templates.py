"""Templates hold no script, no style, no text that nobody can translate, and nothing unescaped."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.architecture.tree import code, files, text_of

TEMPLATES = files(".html", ".txt", under="templates")
PAGES = [path for path in TEMPLATES if path.suffix == ".html"]

SPOKEN = ("title", "alt", "aria-label", "aria-description", "placeholder", "data-bs-title", "label")
"""Attributes that a person reads or hears."""
SAME_IN_EVERY_LANGUAGE = {
    "API", "CSV", "ICS", "iCal", "JSON", "OpenAPI", "PDF", "QR", "URL", "UTC", "XLSX",
    "CMA", "CNAS", "GB", "Gongheng", "公衡",
    "qxsp",  # what one types for 气相色谱
    "Apple", "Google", "Outlook", "Thunderbird", "WeCom", "Android", "iPhone", "iPad", "Mac", "Microsoft",
}  # fmt: skip
WORD = re.compile(r"[A-Za-z][A-Za-z'-]+|[㐀-鿿]+")
LITERAL_IN_TAG = re.compile(r"""{%\s*(?:translate|trans)\s+(["'])(.*?)\1""")

OF_THE_PERSON = (
    "account_",
    "mfa_",
    "notices:",
    "portal:accept",
    "portal:register",
    "portal:profile",
    "web:acting",
    "web:language",
)
"""What a person does for themselves, for no organisation."""
UNESCAPED: dict[str, str] = {
    "bookings/templatetags/structured.py": "JSON with <, > and & as escapes: it cannot end its element",
    "platform/web/codes.py": "a QR code, drawn there",
    "platform/web/forms.py": "inputs and selects, each part of them escaped there",
    "platform/web/templatetags/gongheng.py": "the icons: our own drawings",
}
"""Where `mark_safe` or `|safe` stands, and why that is safe."""
WITHOUT_CSRF: dict[str, str] = {
    "bookings/calendars/feeds.py": "nothing can be posted to a feed: a POST is answered 405, not 403",
    "platform/notices/views.py": "a mail program stops mails by one click (RFC 8058): the signed link is the key",
}
"""Where `csrf_exempt` stands, and why."""


def without_tags(text: str) -> str:
    """Return a template's fixed part: no comments, tags, variables, and nothing that is translated."""
    text = re.sub(r"{% comment %}.*?{% endcomment %}", "", text, flags=re.DOTALL)
    text = re.sub(r"{#.*?#}", "", text)
    text = re.sub(r"{% block (?:container|wide) %}[\w\s-]*{% endblock[^%]*%}", "", text)  # names of classes
    text = re.sub(
        r"{%\s*(?:blocktranslate|blocktrans)\b.*?{%\s*end(?:blocktranslate|blocktrans)\s*%}", "", text, flags=re.DOTALL
    )
    text = re.sub(r"{%.*?%}", "", text, flags=re.DOTALL)
    return re.sub(r"{{.*?}}", "", text, flags=re.DOTALL)


class Texts(HTMLParser):
    """Collects what a person would read, outside elements that say in which language they are."""

    VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}

    def __init__(self) -> None:
        super().__init__()
        self.open: list[bool] = []
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        fixed = tag != "html" and any(name == "lang" for name, _value in attrs)
        if tag not in self.VOID:
            self.open.append(fixed or tag in {"script", "style", "code", "kbd", "samp"})
        if not fixed and not any(self.open):
            self.found += [value for name, value in attrs if name in SPOKEN and value]

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID and self.open:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if not any(self.open):
            self.found.append(data)


def untranslated(path: Path) -> list[str]:
    """Return the words of a template that stay as they are in every language."""
    text = without_tags(text_of(path))
    texts = [text]
    if path.suffix == ".html":
        parser = Texts()
        parser.feed(text)
        texts = parser.found
    return [word for each in texts for word in WORD.findall(each) if word not in SAME_IN_EVERY_LANGUAGE]


@pytest.mark.parametrize("path", TEMPLATES, ids=str)
def test_every_text_can_be_translated(path: Path) -> None:
    assert untranslated(path) == [], "put it into {% translate %}; what is never translated says so with lang="


@pytest.mark.parametrize("path", TEMPLATES, ids=str)
def test_texts_to_translate_are_written_in_english(path: Path) -> None:
    assert [text for _quote, text in LITERAL_IN_TAG.findall(text_of(path)) if re.search("[㐀-鿿]", text)] == []


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_no_script_and_no_style_stands_in_a_template(path: Path) -> None:
    text = text_of(path)

    assert re.findall(r"<script(?![^>]*\ssrc=)[^>]*>", text) == []
    assert re.findall(r"<style\b|\sstyle=|\son[a-z]+=|\shx-on|javascript:", text) == []


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_a_form_that_is_posted_carries_its_token(path: Path) -> None:
    forms = re.findall(r"<form\b[^>]*method=[\"']post[\"'].*?</form>", text_of(path), flags=re.DOTALL | re.IGNORECASE)

    assert [form[:80] for form in forms if "csrf_token" not in form] == []


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_a_form_says_for_which_organisation_it_acts(path: Path) -> None:
    forms = re.findall(r"<form\b[^>]*method=[\"']post[\"'].*?</form>", text_of(path), flags=re.DOTALL | re.IGNORECASE)
    silent = [form for form in forms if "{% acting %}" not in form]
    names = [name for form in silent for name in re.findall(r"""{% url ["']([\w:]+)["']""", form)[:1]]

    assert len(names) == len(silent), "name the address with {% url %}"
    assert [name for name in names if not name.startswith(OF_THE_PERSON)] == []


def test_what_is_not_escaped_is_declared() -> None:
    in_code = {str(path) for path in code() if re.search(r"\bmark_safe\(|SafeString\(", text_of(path))}
    in_templates = {str(path) for path in PAGES if re.search(r"\|\s*safe\b|autoescape off", text_of(path))}

    assert in_code | in_templates == set(UNESCAPED)


def test_what_needs_no_csrf_token_is_declared() -> None:
    assert {str(path) for path in code() if "csrf_exempt" in text_of(path)} == set(WITHOUT_CSRF)
