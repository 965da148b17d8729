"""What a query in one box means, with the names that the catalogue knows; see Note [One box], Note [Understood as]."""

from collections.abc import Collection, Iterable
from decimal import Decimal

from django.db import connection
from django.http import QueryDict

from labs.capabilities import rules as capabilities
from labs.catalogue import guessing, rules, understanding
from labs.models import Standard

NAMES = """
WITH wanted AS (SELECT unnest(%(runs)s::text[]) AS run)
SELECT 'district', adcode, run FROM accounts_district, wanted
    WHERE run IN (lower(name_zh), regexp_replace(name_zh, '[区市县]$', ''), lower(name_en))
UNION ALL
SELECT 'zone', code, run FROM labs_zone, wanted WHERE run IN (lower(name_zh), lower(name_en))
UNION ALL
SELECT 'cluster', code, run FROM labs_cluster, wanted WHERE run IN (lower(name_zh), lower(name_en))
UNION ALL
SELECT 'category', code, run FROM labs_instrumentcategory, wanted WHERE run IN (lower(name_zh), lower(name_en))
UNION ALL
SELECT 'lab', code, run FROM labs_lab, wanted
    WHERE is_active AND run IN (lower(name_zh), lower(name_en), lower(code))
UNION ALL
SELECT 'parameter', run, run FROM wanted
    WHERE length(run) > 1 AND (
        EXISTS (SELECT FROM labs_offering WHERE kind <> 'rental' AND state = 'published'
            AND (parameter_zh ILIKE '%%' || run || '%%' OR lower(parameter_en) = run))
        OR EXISTS (SELECT FROM labs_scopeentry
            WHERE parameter_zh ILIKE '%%' || run || '%%' OR lower(parameter_en) = run))
UNION ALL
SELECT 'inside', adcode, regexp_replace(name_zh, '[区市县]$', '') FROM accounts_district, wanted
    WHERE length(run) > 3 AND (run LIKE regexp_replace(name_zh, '[区市县]$', '') || '%%'
        OR run LIKE '%%' || regexp_replace(name_zh, '[区市县]$', ''))
UNION ALL
SELECT 'inside', adcode, name_zh FROM accounts_district, wanted
    WHERE length(run) > 4 AND run LIKE '%%' || name_zh
UNION ALL
SELECT 'place', adcode, lower(each) FROM accounts_district, unnest(ARRAY[name_zh, name_en]) AS each
"""
"""Everything that has one of the names; where a name means several things, the first kind is meant."""


IS_FOUND = """
SELECT word FROM unnest(%(words)s::text[]) AS word WHERE
    EXISTS (SELECT FROM labs_instrument WHERE search_text LIKE '%%' || word || '%%'
        AND search_bigrams @> ARRAY[left(word, 2)])
    OR EXISTS (SELECT FROM labs_offering WHERE kind <> 'rental' AND search_text LIKE '%%' || word || '%%'
        AND search_bigrams @> ARRAY[left(word, 2)])
    OR EXISTS (SELECT FROM labs_lab
        WHERE lower(name_zh) LIKE '%%' || word || '%%' OR lower(name_en) LIKE '%%' || word || '%%')
"""


def understood(text: str, *, exactly: bool = False) -> understanding.Reading:
    """
    Return what a text means, in one statement; none where there is nothing to look up.

    What is mistyped is guessed, in one or two statements more, but where it shall be read `exactly`.
    """
    runs = [run.replace("%", "").replace("_", "") for run in understanding.runs_of(text)]
    found: dict[str, tuple[str, str]] = {}
    places: dict[str, str] = {}
    if runs:
        with connection.cursor() as cursor:
            cursor.execute(NAMES, {"runs": runs})
            for name, value, run in cursor.fetchall():
                if name == "place":
                    places[run] = value
                else:
                    found.setdefault(run, ("district" if name == "inside" else name, value))
    guesses: dict[str, tuple[str, str]] = {}
    if not exactly:
        guesses = {**_places(runs, found, places), **_standards(understanding.numbers_in(text))}
    return understanding.read(text, names=found, measured=measured, guesses=guesses)


def _places(runs: Iterable[str], found: Collection[str], places: dict[str, str]) -> dict[str, tuple[str, str]]:
    """Return the districts that words are meant as which are found nowhere."""
    words = [run for run in runs if len(run) > 1 and " " not in run and run not in found]
    words = [word for word in words if word not in understanding.KINDS]
    meant = {word: code for word in words if (code := guessing.place_meant(word, places)) is not None}
    if not meant:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(IS_FOUND, {"words": list(meant)})
        known = {row[0] for row in cursor.fetchall()}
    return {word: ("district", code) for word, code in meant.items() if word not in known}


def _standards(numbers: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Return the standards that numbers are meant as which are no part of any number."""
    meant: dict[str, tuple[str, str]] = {}
    for number in numbers:
        pattern = guessing.standard_pattern(number)
        if pattern is None or Standard.objects.filter(number_key__contains=rules.standard_key(number)).exists():
            continue
        others = Standard.objects.filter(number_key__regex=pattern).order_by("number").values_list("number", flat=True)
        if (other := guessing.standard_meant(number, others[:10])) is not None:
            meant[number] = ("standard", other)
    return meant


def measured(text: str) -> dict[str, str] | None:
    """Return a quantity as the parameters of the query: `50kN` is 50 of kN."""
    wish = capabilities.understood(text)
    if wish is None:
        return None
    low, high = (_plain(wish.its_unit.of(each)) for each in (wish.low, wish.high))
    asked = {"quantity": wish.quantity, "value": low, "unit": wish.unit}
    return asked if low == high else {**asked, "value_to": high}


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


TYPED, EXACTLY = "typed", "exactly"
"""Parameters of the address: what was typed for what is guessed, and that nothing shall be guessed."""
GUESS = "{name}:{value}:{words}"
SEVERAL = ("kind", "category", "district", "zone", "cluster", "lab", "accreditation")
"""Parameters of the query that may have several values: what is understood is added to them."""


def with_terms(query: QueryDict, reading: understanding.Reading) -> QueryDict:
    """Return the query with what was understood as its parameters, and what is left as its words."""
    told = query.copy()
    told.pop("page", None)
    if any(term.name == "capability" for term in reading.terms):
        for name in ("quantity", "value", "value_to", "unit"):
            told.pop(name, None)
    for term in reading.terms:
        if term.is_guess:
            told.appendlist(TYPED, GUESS.format(name=term.name, value=term.parameters[0][1], words=term.words))
    for name, value in reading.parameters:
        if name not in SEVERAL:
            told[name] = value
        elif value not in told.getlist(name):
            told.appendlist(name, value)
    if reading.rest:
        told["q"] = reading.rest
    else:
        told.pop("q", None)
    return told
