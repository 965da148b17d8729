"""What a query in one box means, with the names that the catalogue knows; see Note [One box]."""

from decimal import Decimal

from django.db import connection
from django.http import QueryDict

from labs.capabilities import rules as capabilities
from labs.catalogue import understanding

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
"""
"""Everything that has one of the names; where a name means several things, the first kind is meant."""


def understood(text: str) -> understanding.Reading:
    """Return what a text means, in one statement; none where there is nothing to look up."""
    runs = understanding.runs_of(text)
    found: dict[str, tuple[str, str]] = {}
    if runs:
        with connection.cursor() as cursor:
            cursor.execute(NAMES, {"runs": [run.replace("%", "").replace("_", "") for run in runs]})
            for name, value, run in cursor.fetchall():
                found.setdefault(run, ("district" if name == "inside" else name, value))
    return understanding.read(text, names=found, measured=measured)


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


SEVERAL = ("kind", "category", "district", "zone", "cluster", "lab", "accreditation")
"""Parameters of the query that may have several values: what is understood is added to them."""


def with_terms(query: QueryDict, reading: understanding.Reading) -> QueryDict:
    """Return the query with what was understood as its parameters, and what is left as its words."""
    told = query.copy()
    told.pop("page", None)
    if any(term.name == "capability" for term in reading.terms):
        for name in ("quantity", "value", "value_to", "unit"):
            told.pop(name, None)
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
