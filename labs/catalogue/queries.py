"""The catalogue, ready to show."""

from typing import Any

from django.db import connection

from kernel.rows import Joined
from labs.catalogue import searching
from labs.catalogue.counting import Counted, Facet, FacetValue, counted, facets, without_each
from labs.catalogue.models import Instrument, InstrumentCategory, Lab

search_instruments = searching.instruments
search_offerings = searching.offerings

__all__ = [
    "Counted",
    "Facet",
    "FacetValue",
    "comparable_instruments",
    "counted",
    "facets",
    "published_instrument",
    "search_instruments",
    "search_offerings",
    "without_each",
]

PLACED = Joined(instrument=Instrument, lab=Lab, category=InstrumentCategory)

PUBLISHED = """
SELECT {columns} FROM labs_instrument instrument
JOIN labs_lab lab ON lab.id = instrument.lab_id
JOIN labs_instrumentcategory category ON category.id = instrument.category_id
WHERE lab.is_active AND instrument.status <> 'retired' AND EXISTS (
    SELECT FROM labs_offering offering WHERE offering.instrument_id = instrument.id AND offering.state = 'published')
"""
BY_CODE = PUBLISHED + "AND instrument.code = %s"
COMPARABLE = (
    PUBLISHED
    + """
AND category.scheme = %s AND left(category.code, 2) = left(%s, 2) AND instrument.id <> %s
ORDER BY category.code <> %s, instrument.id LIMIT %s
"""
)


def published_instrument(code: str) -> Instrument | None:
    """
    Return the instrument of the public catalogue with that code, its lab and category with it, in one statement.

    The same as `Instrument.objects.published()`, on the way of every hold: see Note [Rows by hand].
    """
    return next(iter(_placed(BY_CODE, [code])), None)


def comparable_instruments(instrument: Instrument, *, most: int) -> list[Instrument]:
    """
    Return published instruments of the same kind, the same category first, then the same first level of it.

    On the way of every hold that comes too late: see Note [Rows by hand].
    """
    category = instrument.category
    return _placed(COMPARABLE, [category.scheme, category.code, instrument.pk, category.code, most])


def _placed(statement: str, parameters: list[Any]) -> list[Instrument]:
    with connection.cursor() as cursor:
        cursor.execute(statement.format(columns=PLACED.columns), parameters)
        rows = cursor.fetchall()
    found = []
    for row in rows:
        instrument, lab, category = PLACED.read(row)
        instrument.lab, instrument.category = lab, category
        found.append(instrument)
    return found
