"""
Mails, written in the reader's language.

A letter is one template of the step it speaks of: its first line is the subject, the rest the text. Test results,
prices and secrets other than the link itself are never in them.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from notices import kinds, posting, stopping
from notices.kinds import Group
from notices.models import Notice

BETWEEN_LANGUAGES = "\n\n" + "-" * 40 + "\n\n"
MOST_IN_DIGEST = 60
"""So many notices stand in a daily mail; the page has them all."""


def written(letter: str, language: str, facts: Mapping[str, Any]) -> tuple[str, str]:
    """Return the subject and the text of a letter in one language."""
    with translation.override(language):
        text = render_to_string(letter, {**facts, "platform": settings.PLATFORM_URL})
    subject, _, body = text.strip().partition("\n")
    return " ".join(subject.split()), body.strip() + "\n"


def send(letter: str, *, to: str, language: str | None, facts: Mapping[str, Any]) -> None:
    """
    Send a letter in the reader's language; in Chinese and English where nobody knows which that is.

    Raises:
        MailServerAwayError: the mail server does not answer.
        ReaderRefusedError: there is no such reader.
    """
    languages = [language] if language else [code for code, _ in settings.LANGUAGES]
    subjects, bodies = zip(*(written(letter, each, facts) for each in languages), strict=True)
    posting.hand_over(EmailMessage(" / ".join(subjects), BETWEEN_LANGUAGES.join(bodies), to=[to]))


def of_notice(notice: Notice, now: datetime) -> EmailMessage | None:
    """Return the mail of a notice; None where there is nothing left to write about."""
    kind, user = kinds.named(notice.kind), notice.user
    gathered = kind.gather(notice.facts, now)
    if gathered is None:
        return None
    facts = {**notice.facts, **gathered, "person": user, "link": whole(notice.link)}
    groups = () if kind.must_mail else (kind.group,)
    return _message(notice.letter, user, facts, groups=groups, name=f"notice-{notice.pk}")


def of_digest(notices: Sequence[Notice]) -> EmailMessage:
    """Return the daily mail of one person: all notices that waited for it, by their groups, each with its page."""
    user = notices[0].user
    order = {kind: (group, position) for position, (group, kind) in enumerate(_in_order())}
    known = sorted((each for each in notices if each.kind in order), key=lambda each: order[each.kind][1])
    shown = known[:MOST_IN_DIGEST]
    chapters = [
        (Group(group).label, [(each, whole(each.link)) for each in inside])
        for group, inside in groupby(shown, key=lambda each: order[each.kind][0])
    ]
    facts = {
        "person": user,
        "chapters": chapters,
        "number": len(notices),
        "more": len(notices) - len(shown),
        "link": address_of("notices:list"),
    }
    groups = tuple(Group(group) for group in dict.fromkeys(order[each.kind][0] for each in known))
    return _message("notices/mail/digest.txt", user, facts, groups=groups, name=f"digest-{notices[-1].pk}")


def _in_order() -> list[tuple[Group, str]]:
    return [(group, kind.name) for group in Group for kind in kinds.of_group(group)]


def _message(
    letter: str, user: User, facts: Mapping[str, Any], *, groups: tuple[Group, ...], name: str
) -> EmailMessage:
    """
    Return a mail with its foot, and with what mail programs need to stop it by one click (RFC 8058).

    Its Message-ID is that of what it tells: a mail that had to be sent twice is seen to be the same.
    """
    subject, body = written(letter, user.language, facts)
    headers = {"Message-ID": f"<{name}@{settings.PLATFORM_DOMAIN}>", "Auto-Submitted": "auto-generated"}
    stop = whole(stopping.path_of(stopping.Stop(user.pk, groups))) if groups else ""
    if stop:
        headers |= {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    with translation.override(user.language):
        told = {"stop": stop, "groups": groups, "preferences": address_of("notices:preferences")}
        foot = render_to_string("notices/mail/foot.txt", told)
    return EmailMessage(subject, f"{body}\n-- \n{foot.strip()}\n", to=[user.email], headers=headers)


def address_of(name: str, **where: Any) -> str:
    """Return the whole address of a page, to be followed from a mail."""
    return whole(reverse(name, kwargs=where or None))


def whole(path: str) -> str:
    """Return the whole address of a path."""
    return settings.PLATFORM_URL.rstrip("/") + path
