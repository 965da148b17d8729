"""Every kind that is told is named, can be said, and has its letter."""

import ast
import re
from pathlib import Path

import pytest
from django.template.loader import get_template
from django.utils import translation

from config import reactions
from config.kinds import KINDS
from notices.kinds import Group, Kind, Mail
from notices.models import Choice
from tests.architecture.tree import code, files, parsed, text_of

NAMES = [kind.name for kind in KINDS]
PLACE = re.compile(r"{(\w+)}")
ALL = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


def test_each_kind_is_named_once():
    assert len(NAMES) == len(set(NAMES))


def test_whoever_reacts_by_telling_tells_a_kind_that_is_named():
    """A reaction `tell_...` tells kinds named after the event, or named in its module."""
    unnamed = [
        f"{event.__name__}: {reaction.__module__}.{reaction.__name__}"
        for event, reacting in reactions.TO_EACH.items()
        for reaction in reacting
        if reaction.__name__.startswith("tell")
        and not any(name.startswith(event.name()) for name in NAMES)
        and not literal_kinds(Path(str(reaction.__code__.co_filename))) & set(NAMES)
    ]

    assert unnamed == []


def test_every_kind_that_is_told_by_its_name_is_named():
    told = {name: path for path in code() for name in literal_kinds(path)}

    assert {name: str(path) for name, path in told.items() if name not in NAMES} == {}
    assert "expiries_noticed" in told


def literal_kinds(path: Path) -> set[str]:
    """Return the kinds that a module tells by writing their names: `tell(kind="...")`."""
    calls = [node for node in ast.walk(parsed(path)) if isinstance(node, ast.Call)]
    return {
        keyword.value.value
        for call in calls
        if getattr(call.func, "attr", getattr(call.func, "id", "")) in ("tell", "_tell")
        for keyword in call.keywords
        if keyword.arg == "kind" and isinstance(keyword.value, ast.Constant)
    }


@ALL
def test_a_kind_is_said_in_both_languages_with_the_same_facts(kind: Kind):
    with translation.override("en"):
        english, label = str(kind.sentence), str(kind.label)
    with translation.override("zh-hans"):
        chinese, named = str(kind.sentence), str(kind.label)

    assert english != chinese
    assert label != named
    assert set(PLACE.findall(chinese)) == set(PLACE.findall(english))


@ALL
def test_a_kind_that_is_mailed_has_a_letter_of_its_name_with_a_subject(kind: Kind):
    letters = [path for path in files(".txt", under="templates") if path.name == f"{kind.name}.txt"]

    assert len(letters) == (1 if kind.is_mailed else 0)
    assert all("\n\n" in text_of(path).strip() for path in letters)


@ALL
def test_no_sentence_speaks_of_money_or_results(kind: Kind):
    assert not set(PLACE.findall(str(kind.sentence))) & {"price", "total", "fee", "amount", "result", "token"}


def test_the_database_knows_the_groups_and_ways_of_the_code():
    known = {each.name: each for each in Choice._meta.constraints}

    assert dict(known["choice_group_is_known"].condition.children)["group__in"] == Group.values
    assert dict(known["choice_mail_is_known"].condition.children)["mail__in"] == Mail.values


@pytest.mark.parametrize("name", ["foot", "digest"])
def test_the_notices_own_letters_are_there(name: str):
    assert get_template(f"notices/mail/{name}.txt")
