"""
Mails, written in the reader's language.

A letter is one template of the step it speaks of: its first line is the subject, the rest the text. Test results,
prices and secrets other than the link itself are never in them.
"""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

BETWEEN_LANGUAGES = "\n\n" + "-" * 40 + "\n\n"


def written(letter: str, language: str, facts: Mapping[str, Any]) -> tuple[str, str]:
    """Return the subject and the text of a letter in one language."""
    with translation.override(language):
        text = render_to_string(letter, {**facts, "platform": settings.PLATFORM_URL})
    subject, _, body = text.strip().partition("\n")
    return " ".join(subject.split()), body.strip() + "\n"


def send(letter: str, *, to: str, language: str | None, facts: Mapping[str, Any]) -> None:
    """Send a letter in the reader's language; in Chinese and English where nobody knows which that is."""
    languages = [language] if language else [code for code, _ in settings.LANGUAGES]
    subjects, bodies = zip(*(written(letter, each, facts) for each in languages), strict=True)
    EmailMessage(" / ".join(subjects), BETWEEN_LANGUAGES.join(bodies), to=[to]).send()


def address_of(name: str, **where: Any) -> str:
    """Return the whole address of a page, to be followed from a mail."""
    return whole(reverse(name, kwargs=where or None))


def whole(path: str) -> str:
    """Return the whole address of a path."""
    return settings.PLATFORM_URL.rstrip("/") + path
