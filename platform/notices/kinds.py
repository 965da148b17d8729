"""
What a person may be told: the kinds, each with its sentence, its group, and how it is mailed unless they choose.

Each step names its own in its `kinds.py`; all stand together on one page, `config/kinds.py`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kernel.events import Event

type Facts = Mapping[str, Any]
type Gathering = Callable[[Facts, datetime], Facts | None]


class Group(TextChoices):
    """What people choose for, together."""

    BOOKINGS = "bookings", _("My bookings")
    APPROVALS = "approvals", _("Approvals")
    WAITLIST = "waitlist", _("Waitlist")
    DESK = "desk", _("Lab desk")
    ORGANISATION = "organisation", _("Organisation and account")
    CERTIFICATES = "certificates", _("Certificates and validity")


class Mail(TextChoices):
    """When a notice is mailed; in the platform it stands always."""

    AT_ONCE = "at_once", _("At once")
    DIGEST = "digest", _("Once a day, together")
    NEVER = "never", _("Never")


STAFF_GROUPS = frozenset({Group.APPROVALS, Group.DESK, Group.CERTIFICATES})
"""What only people of a laboratory or of the platform are told."""


def nothing_more(facts: Facts, now: datetime) -> Facts | None:
    """Gather nothing: the letter needs only what was told."""
    del facts, now
    return {}


@dataclass(frozen=True, slots=True)
class Kind:
    """
    One kind of notice.

    `sentence` is shown in the platform, filled from the facts (`notices.facts`). `mail` counts until a person chooses
    for the group; `must_mail` counts whatever they chose: a warning that somebody else may use their account. What is
    not `is_mailed` is told in the platform only: the step sends a mail of its own. An urgent kind breaks quiet hours.
    `gather` reads, when the letter is written, the rows that its template shows, from the facts told and the instant;
    None where there is nothing left to write about. What asks somebody to act is read once one of the events of
    `done_by` has happened to what it is `about`: the words of `Telling.about`, filled from the event.
    """

    name: str
    group: Group
    label: str | Promise
    sentence: str | Promise
    mail: Mail = Mail.AT_ONCE
    is_urgent: bool = False
    must_mail: bool = False
    is_mailed: bool = True
    gather: Gathering = nothing_more
    done_by: tuple[type[Event], ...] = ()
    about: str = ""


class UnknownKindError(LookupError):
    """Somebody is told what no step has named: a fault; name it in the `kinds.py` of the step."""


_kinds: dict[str, Kind] = {}


def connect(kinds: Iterable[Kind]) -> None:
    """Set what people may be told; called once, by `config/kinds.py`, when the platform starts."""
    _kinds.clear()
    _kinds.update({kind.name: kind for kind in kinds})


def named(name: str) -> Kind:
    """
    Return a kind.

    Raises:
        UnknownKindError: there is no such kind.
    """
    if name not in _kinds:
        raise UnknownKindError(name)
    return _kinds[name]


def find(name: str) -> Kind | None:
    """Return a kind, or None for one of an older release that nobody tells any more."""
    return _kinds.get(name)


def done_by(event: type[Event]) -> list[Kind]:
    """Return the kinds that ask for something which an event has done."""
    return [kind for kind in _kinds.values() if event in kind.done_by]


def of_group(group: str) -> list[Kind]:
    """Return the kinds of a group, in the order of `config/kinds.py`."""
    return [kind for kind in _kinds.values() if kind.group == group]
