"""The catalogue, ready to show."""

from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Case, F, Q, Value, When
from django.db.models.fields import BooleanField

from accounts.models import District
from kernel.rows import Joined
from labs.catalogue import searching
from labs.catalogue.filters import CatalogueFilter
from labs.catalogue.models import Accreditation, Instrument, InstrumentCategory, Lab, Offering

search_instruments = searching.instruments
search_offerings = searching.offerings


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value of a facet: how it is called, how many rows it would leave, and whether it is chosen."""

    value: str
    label: str
    count: int
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """A facet with its values, the most frequent first."""

    name: str
    label: str
    values: tuple[FacetValue, ...]


GROUPED = ("kind", "category", "district", "lab", "lab_type")


def facets(filterset: CatalogueFilter) -> list[Facet]:
    """
    Return the facets of a catalogue with the number of rows that each value would leave; four statements.

    A value's number counts under the words and all other facets: choosing a second value of a facet widens the list.
    """
    names = filterset.facet_names
    conditions = filterset.conditions()
    counts = _counts(filterset, names, conditions)
    labels = _labels(counts)
    chosen = filterset.values
    return [
        Facet(
            name,
            str(filterset.filters[name].label),
            tuple(
                sorted(
                    (
                        FacetValue(value, labels[name].get(value, value), number, value in chosen.get(name, ()))
                        for value, number in counts[name].items()
                        if number or value in chosen.get(name, ())
                    ),
                    key=lambda each: (-each.count, each.value),
                )
            ),
        )
        for name in names
    ]


def _counts(filterset: CatalogueFilter, names: list[str], conditions: dict[str, Q]) -> dict[str, dict[str, int]]:
    """Count all facets in one statement: each row says what it is and which facets let it through."""
    grouped = [name for name in GROUPED if name in names]
    paths = {
        "kind": "kind",
        "category": f"{filterset.to_category}__code",
        "district": "lab__district",
        "lab": "lab__code",
        "lab_type": "lab__lab_type",
    }
    yes, no = Value(value=True), Value(value=False)
    columns: dict[str, Any] = {f"v_{name}": F(paths[name]) for name in grouped}
    columns |= {f"is_{kind.lower()}": filterset.accredited([kind]) for kind in Accreditation.Kind.values}
    columns |= {
        f"in_{name}": Case(When(condition, then=yes), default=no, output_field=BooleanField())
        for name, condition in conditions.items()
    }
    rows, params = filterset.found.order_by().values(**columns).query.sql_with_params()
    passes = {
        name: " AND ".join(f"in_{other}" for other in conditions if other != name) or "true"
        for name in (*grouped, "accreditation")
    }
    sums = [f"count(*) FILTER (WHERE {passes[name]})" for name in grouped]
    sums += [
        f"count(*) FILTER (WHERE is_{kind.lower()} AND {passes['accreditation']})" for kind in Accreditation.Kind.values
    ]
    keys = ", ".join(f"v_{name}" for name in grouped)
    sets = ", ".join([*(f"(v_{name})" for name in grouped), "()"])
    statement = (
        f"SELECT grouping({keys}), {keys}, {', '.join(sums)} FROM ({rows}) AS rows GROUP BY GROUPING SETS ({sets})"  # noqa: S608 -- our own names
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        found = cursor.fetchall()
    width = len(grouped)
    everything = (1 << width) - 1
    counts: dict[str, dict[str, int]] = {name: {} for name in names}
    for row in found:
        if row[0] == everything:
            numbers = row[1 + 2 * width :]
            counts["accreditation"] = dict(zip(Accreditation.Kind.values, numbers, strict=True))
            continue
        place = next(at for at in range(width) if row[0] == everything ^ (1 << (width - 1 - at)))
        value, number = row[1 + place], row[1 + width + place]
        if value is not None:
            counts[grouped[place]][value] = number
    return counts


def _labels(counts: dict[str, dict[str, int]]) -> dict[str, dict[str, str]]:
    """Return how the values are called, in the language of the page."""
    labels: dict[str, dict[str, str]] = {
        "kind": {value: str(label) for value, label in Offering.Kind.choices},
        "lab_type": {value: str(label) for value, label in Lab.Type.choices},
        "accreditation": {value: str(label) for value, label in Accreditation.Kind.choices},
    }
    labels["category"] = {row.code: row.name for row in InstrumentCategory.objects.filter(code__in=counts["category"])}
    labels["district"] = {row.adcode: row.name for row in District.objects.filter(adcode__in=counts["district"])}
    labels["lab"] = {
        row.code: row.name for row in Lab.objects.only("code", "name_zh", "name_en").filter(code__in=counts["lab"])
    }
    return labels


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
