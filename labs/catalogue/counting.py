"""How many rows each value of each facet would leave, in one statement for all of them and one for their names."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Case, Count, F, Q, QuerySet, Value, When
from django.db.models.fields import BooleanField

from kernel.bilingual import chosen
from labs.catalogue.filters import CatalogueFilter
from labs.catalogue.models import Accreditation, Honour, Lab, Offering


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

    @property
    def shown(self) -> list[FacetValue]:
        """Its most frequent values, and those that are chosen: as many as a person looks through."""
        return [value for place, value in enumerate(self.values) if place < MOST_SHOWN or value.is_chosen]

    @property
    def more(self) -> int:
        """How many values are not shown; they are found by their names."""
        return len(self.values) - len(self.shown)


MOST_SHOWN = 24


@dataclass(frozen=True, slots=True)
class Counted:
    """The facets, and how many rows all conditions together leave."""

    facets: tuple[Facet, ...]
    total: int


GROUPED = ("kind", "category", "district", "lab", "lab_type")
"""Facets whose value stands in the row itself."""
OF_LABS = ("zone", "cluster", "honour")
"""Facets a lab may have several values of: counted by lab, and given to each of its values."""

YES, NO = Value(value=True), Value(value=False)


def facets(filterset: CatalogueFilter) -> list[Facet]:
    """
    Return the facets of a catalogue with the number of rows that each value would leave; two statements.

    A value's number counts under the words and all other facets: choosing a second value of a facet widens the list.
    """
    return list(counted(filterset).facets)


def counted(filterset: CatalogueFilter) -> Counted:
    """Return the facets with their numbers, and the number of rows found; two statements."""
    names = filterset.facet_names
    counts, by_lab, total = _counts(filterset, names)
    labels = _labels(counts, by_lab, filterset)
    wanted = filterset.values
    return Counted(
        tuple(
            Facet(
                name,
                str(filterset.filters[name].label),
                tuple(
                    sorted(
                        (
                            FacetValue(value, labels[name].get(value, value), number, value in wanted.get(name, ()))
                            for value, number in counts[name].items()
                            if number or value in wanted.get(name, ())
                        ),
                        key=lambda each: (-each.count, each.value),
                    )
                ),
            )
            for name in names
        ),
        total,
    )


def without_each(filterset: CatalogueFilter) -> dict[str, int]:
    """
    Return how many rows would be left without each condition, and without the words (`q`); two statements at most.

    For a search that found nothing: what to loosen first.
    """
    conditions = filterset.conditions()
    columns = _conditions_as_columns(conditions)
    others = {
        f"without_{name}": Count("pk", filter=Q(**{f"in_{other}": True for other in conditions if other != name}))
        for name in conditions
    }
    found: dict[str, int] = {}
    if others:
        rows = filterset.found.order_by().annotate(**columns)
        found = {name.removeprefix("without_"): number for name, number in rows.aggregate(**others).items()}
    if filterset.text:
        found["q"] = filterset.queryset.filter(*conditions.values()).order_by().count()
    return found


def _conditions_as_columns(conditions: dict[str, Q]) -> dict[str, Case]:
    return {
        f"in_{name}": Case(When(condition, then=YES), default=NO, output_field=BooleanField())
        for name, condition in conditions.items()
    }


type Counts = dict[str, dict[str, int]]


def _counts(filterset: CatalogueFilter, names: list[str]) -> tuple[Counts, Counts, int]:
    """
    Count all facets in one statement: each row says what it is and which conditions let it through.

    Returns the numbers by facet and value, those of the labs' facets by facet and lab, and the number of rows found.
    """
    asked = filterset.conditions()
    conditions = {name: condition for name, condition in asked.items() if name in names}
    for_all = [condition for name, condition in asked.items() if name not in names]  # no facet is counted without it
    grouped = [name for name in GROUPED if name in names]
    of_labs = [name for name in OF_LABS if name in names]
    paths = {
        "kind": "kind",
        "category": f"{filterset.to_category}__code",
        "district": "lab__district",
        "lab": "lab__code",
        "lab_type": "lab__lab_type",
    }
    columns: dict[str, Any] = {f"v_{name}": F(paths[name]) for name in grouped}
    columns |= {f"is_{kind.lower()}": filterset.accredited([kind]) for kind in Accreditation.Kind.values}
    columns |= _conditions_as_columns(conditions)
    rows, params = _rows(filterset.found.filter(*for_all).order_by().values(**columns))
    passes = {
        name: " AND ".join(f"in_{other}" for other in conditions if other != name) or "true"
        for name in (*grouped, *of_labs, "accreditation", "")
    }
    sums = [f"count(*) FILTER (WHERE {passes[name]})" for name in (*grouped, *of_labs, "")]
    sums += [
        f"count(*) FILTER (WHERE is_{kind.lower()} AND {passes['accreditation']})" for kind in Accreditation.Kind.values
    ]
    keys = ", ".join(f"v_{name}" for name in grouped)
    sets = ", ".join([*(f"(v_{name})" for name in grouped), "()"])
    once = f"{rows} OFFSET 0"  # the fence: each condition is asked once a row, and not once a number
    statement = (
        f"SELECT grouping({keys}), {keys}, {', '.join(sums)} FROM ({once}) AS rows GROUP BY GROUPING SETS ({sets})"  # noqa: S608 -- our own names
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        found = cursor.fetchall()
    width = len(grouped)
    everything = (1 << width) - 1
    counts: Counts = {name: dict.fromkeys(filterset.values.get(name, ()), 0) for name in names}
    by_lab: Counts = {name: {} for name in of_labs}
    total = 0
    for row in found:
        numbers = row[1 + width :]
        if row[0] == everything:
            total = numbers[width + len(of_labs)]
            accredited = numbers[width + len(of_labs) + 1 :]
            counts["accreditation"] |= dict(zip(Accreditation.Kind.values, accredited, strict=True))
            continue
        place = next(at for at in range(width) if row[0] == everything ^ (1 << (width - 1 - at)))
        value = row[1 + place]
        if value is None:
            continue
        counts[grouped[place]][value] = numbers[place]
        if grouped[place] == "lab":
            for at, name in enumerate(of_labs):
                by_lab[name][value] = numbers[width + at]
    return counts, by_lab, total


def _rows(found: QuerySet[Any, Any]) -> tuple[str, tuple[Any, ...]]:
    """Return the SQL of the rows, also where Django knows beforehand that there are none."""
    try:
        return found.query.sql_with_params()
    except EmptyResultSet:
        kinds = {name: "text" if name.startswith("v_") else "boolean" for name in found.query.annotation_select}
        columns = ", ".join(f"NULL::{kind} AS {name}" for name, kind in kinds.items())
        return f"SELECT {columns} WHERE false", ()


NAMES = """
SELECT 'category', code, '', name_zh, name_en FROM labs_instrumentcategory WHERE code = ANY(%(category)s)
UNION ALL
SELECT 'district', adcode, '', name_zh, name_en FROM accounts_district WHERE adcode = ANY(%(district)s)
UNION ALL
SELECT 'lab', code, '', name_zh, name_en FROM labs_lab WHERE code = ANY(%(lab)s)
UNION ALL
SELECT 'zone', zone.code, lab.code, zone.name_zh, zone.name_en FROM labs_lab lab
    JOIN labs_lab_zones link ON link.lab_id = lab.id JOIN labs_zone zone ON zone.id = link.zone_id
    WHERE lab.code = ANY(%(lab)s)
UNION ALL
SELECT 'cluster', cluster.code, lab.code, cluster.name_zh, cluster.name_en FROM labs_lab lab
    JOIN labs_lab_clusters link ON link.lab_id = lab.id JOIN labs_cluster cluster ON cluster.id = link.cluster_id
    WHERE lab.code = ANY(%(lab)s)
UNION ALL
SELECT 'zone', code, '', name_zh, name_en FROM labs_zone WHERE code = ANY(%(zone)s)
UNION ALL
SELECT 'cluster', code, '', name_zh, name_en FROM labs_cluster WHERE code = ANY(%(cluster)s)
UNION ALL
SELECT DISTINCT 'honour', honour.kind, lab.code, '', '' FROM labs_honour honour JOIN labs_lab lab
    ON lab.id = honour.lab_id WHERE lab.code = ANY(%(lab)s)
        AND (honour.valid_to IS NULL OR honour.valid_to >= %(on)s)
"""


def _labels(counts: Counts, by_lab: Counts, filterset: CatalogueFilter) -> dict[str, dict[str, str]]:
    """Return how the values are called, in the language of the page; and give the labs' numbers to their values."""
    labels: dict[str, dict[str, str]] = {
        "kind": {value: str(label) for value, label in Offering.Kind.choices},
        "lab_type": {value: str(label) for value, label in Lab.Type.choices},
        "accreditation": {value: str(label) for value, label in Accreditation.Kind.choices},
        "honour": {value: str(label) for value, label in Honour.Kind.choices},
        "category": {},
        "district": {},
        "lab": {},
        "zone": {},
        "cluster": {},
    }
    with connection.cursor() as cursor:
        codes = {name: list(counts.get(name, ())) for name in ("category", "district", "lab", "zone", "cluster")}
        cursor.execute(NAMES, {**codes, "on": filterset.on})
        rows = cursor.fetchall()
    for name, value, lab, zh, en in rows:
        if zh or en:
            labels[name][value] = chosen(zh, en)
        if lab and name in by_lab:
            counts[name][value] = counts[name].get(value, 0) + by_lab[name].get(lab, 0)
    return labels
