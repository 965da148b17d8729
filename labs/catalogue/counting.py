"""How many rows each value of each facet would leave, in one statement for all of them and one for their names."""

from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Case, Count, F, Q, QuerySet, Value, When
from django.db.models.fields import BooleanField

from kernel.bilingual import chosen
from kernel.planning import planned_for_what_is_asked
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


YES, NO = Value(value=True), Value(value=False)


def facets(filterset: CatalogueFilter) -> list[Facet]:
    """
    Return the facets of a catalogue with the number of rows that each value would leave; three statements.

    A value's number counts under the words and all other facets: choosing a second value of a facet widens the list.
    """
    return list(counted(filterset).facets)


def counted(filterset: CatalogueFilter) -> Counted:
    """Return the facets with their numbers, and the number of rows found: two statements, and one to plan them."""
    tally = _tally(filterset)
    counts, labels = _told(tally, filterset)
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
            for name in filterset.facet_names
        ),
        sum(each.passing for each in tally["lab"].values()),
    )


def without_each(filterset: CatalogueFilter) -> dict[str, int]:
    """
    Return how many rows would be left without each condition, and without the words (`q`); four statements at most.

    For a search that found nothing: what to loosen first.
    """
    conditions = filterset.narrowed
    columns = _conditions_as_columns(conditions)
    others = {
        f"without_{name}": Count("pk", filter=Q(**{f"in_{other}": True for other in conditions if other != name}))
        for name in conditions
    }
    found: dict[str, int] = {}
    if others:
        rows = filterset.found.order_by().annotate(**columns)
        with planned_for_what_is_asked():
            numbers = rows.aggregate(**others)
        found = {name.removeprefix("without_"): number for name, number in numbers.items()}
    if filterset.text:
        with planned_for_what_is_asked():
            found["q"] = filterset.queryset.filter(*conditions.values()).order_by().count()
    return found


def _conditions_as_columns(conditions: dict[str, Q]) -> dict[str, Case]:
    return {
        f"in_{name}": Case(When(condition, then=YES), default=NO, output_field=BooleanField())
        for name, condition in conditions.items()
    }


@dataclass(slots=True)
class Group:
    """How many rows pass all conditions, and how many all but one, by that one: it would let them in."""

    passing: int = 0
    but_for: dict[str, int] = field(default_factory=dict)

    def under(self, facet: str) -> int:
        """How many rows pass whatever this facet says."""
        return self.passing + self.but_for.get(facet, 0)


type Tally = dict[str, dict[Any, Group]]
"""Groups by kind, by key of the category, by key of the lab."""


def _tally(filterset: CatalogueFilter) -> Tally:
    """Count the rows in one statement: each says what it is, and which condition alone keeps it out."""
    asked = filterset.narrowed
    names = filterset.facet_names
    conditions = {name: condition for name, condition in asked.items() if name in names}
    for_all = [condition for name, condition in asked.items() if name not in names]  # no facet is counted without it
    paths = {"kind": "kind", "category": f"{filterset.to_category}_id", "lab": "lab_id"}
    groups = [name for name in paths if name in names]
    columns: dict[str, Any] = {f"v_{name}": F(paths[name]) for name in groups} | _conditions_as_columns(conditions)
    rows, params = _rows(filterset.found.filter(*for_all).order_by().values(**columns))
    once = f"{rows} OFFSET 0"  # the fence: each condition is asked once a row
    cases = [(" AND ".join(f"in_{other}" for other in conditions if other != name), name) for name in conditions]
    whens = " ".join(f"WHEN {passing or 'true'} THEN '{name}'" for passing, name in cases)
    kept_out = f"CASE WHEN {' AND '.join(f'in_{name}' for name in conditions)} THEN '' {whens} END" if cases else "''"
    keys = ", ".join(f"v_{name}" for name in groups)
    sets = ", ".join(f"(v_{name}, kept_out)" for name in groups)
    statement = (
        f"SELECT grouping({keys}), kept_out, count(*), {keys}"  # noqa: S608 -- our own names
        f" FROM (SELECT {keys}, {kept_out} AS kept_out FROM ({once}) AS rows OFFSET 0) AS told"
        f" WHERE kept_out IS NOT NULL GROUP BY GROUPING SETS ({sets})"
    )
    with planned_for_what_is_asked(), connection.cursor() as cursor:
        cursor.execute(statement, params)
        found = cursor.fetchall()
    by_mask = {(1 << len(groups)) - 1 ^ (1 << (len(groups) - 1 - at)): name for at, name in enumerate(groups)}
    tally: Tally = {name: {} for name in paths}
    for mask, condition, number, *values in found:
        name = by_mask[mask]
        group = tally[name].setdefault(values[groups.index(name)], Group())
        if condition:
            group.but_for[condition] = number
        else:
            group.passing = number
    return tally


def _rows(found: QuerySet[Any, Any]) -> tuple[str, tuple[Any, ...]]:
    """Return the SQL of the rows, also where Django knows beforehand that there are none."""
    try:
        return found.query.sql_with_params()
    except EmptyResultSet:
        kinds = {name: "text" if name.startswith("v_") else "boolean" for name in found.query.annotation_select}
        columns = ", ".join(f"NULL::{kind} AS {name}" for name, kind in kinds.items())
        return f"SELECT {columns} WHERE false", ()


NAMES = """
SELECT 'category', code, id, name_zh, name_en FROM labs_instrumentcategory
    WHERE id = ANY(%(categories)s) OR code = ANY(%(category)s)
UNION ALL
SELECT 'district', adcode, NULL, name_zh, name_en FROM accounts_district
UNION ALL
SELECT 'lab', code, id, name_zh, name_en FROM labs_lab WHERE id = ANY(%(labs)s) OR code = ANY(%(lab)s)
UNION ALL
SELECT 'district', district_id, id, '', '' FROM labs_lab WHERE id = ANY(%(labs)s) AND district_id IS NOT NULL
UNION ALL
SELECT 'lab_type', lab_type, id, '', '' FROM labs_lab WHERE id = ANY(%(labs)s)
UNION ALL
SELECT 'zone', zone.code, link.lab_id, zone.name_zh, zone.name_en FROM labs_zone zone
    LEFT JOIN labs_lab_zones link ON zone.id = link.zone_id AND link.lab_id = ANY(%(labs)s)
UNION ALL
SELECT 'cluster', cluster.code, link.lab_id, cluster.name_zh, cluster.name_en FROM labs_cluster cluster
    LEFT JOIN labs_lab_clusters link ON cluster.id = link.cluster_id AND link.lab_id = ANY(%(labs)s)
UNION ALL
SELECT DISTINCT 'honour', kind, lab_id, '', '' FROM labs_honour
    WHERE lab_id = ANY(%(labs)s) AND (valid_to IS NULL OR valid_to >= %(on)s)
UNION ALL
SELECT DISTINCT 'accreditation', kind, lab_id, '', '' FROM labs_accreditation
    WHERE lab_id = ANY(%(labs)s) AND valid_from <= %(accredited_on)s AND valid_to >= %(accredited_on)s
"""
"""What things are called, and what labs and categories are: a facet, its value, the key of the lab or category."""

type Counts = dict[str, dict[str, int]]
type Labels = dict[str, dict[str, str]]


def _told(tally: Tally, filterset: CatalogueFilter) -> tuple[Counts, Labels]:
    """Return the numbers of all values, and how they are called in the language of the page; one statement."""
    wanted = filterset.values
    counts: Counts = {name: dict.fromkeys(wanted.get(name, ()), 0) for name in filterset.facet_names}
    labels: Labels = {
        "kind": {value: str(label) for value, label in Offering.Kind.choices},
        "lab_type": {value: str(label) for value, label in Lab.Type.choices},
        "accreditation": {value: str(label) for value, label in Accreditation.Kind.choices},
        "honour": {value: str(label) for value, label in Honour.Kind.choices},
        **{name: {} for name in ("category", "district", "lab", "zone", "cluster")},
    }
    in_english = chosen("", "x") == chosen("zh", "x")
    for kind, group in tally["kind"].items():
        counts["kind"][kind] = group.under("kind")
    for name, value, key, zh, en in _names(tally, filterset):
        if zh or en:
            labels[name][value] = en if in_english and en else zh or en
        of_key = tally["category" if name == "category" else "lab"].get(key)
        if of_key is not None and name in counts:
            counts[name][value] = counts[name].get(value, 0) + of_key.under(name)
    return counts, labels


def _names(tally: Tally, filterset: CatalogueFilter) -> list[tuple[str, str, int | None, str, str]]:
    asked = filterset.values
    with connection.cursor() as cursor:
        cursor.execute(
            NAMES,
            {
                "categories": [key for key in tally["category"] if key is not None],
                "labs": list(tally["lab"]),
                "category": asked.get("category", []),
                "lab": asked.get("lab", []),
                "on": filterset.on,
                "accredited_on": filterset.chosen.get("accredited_on") or filterset.on,
            },
        )
        found: list[tuple[str, str, int | None, str, str]] = cursor.fetchall()
        return found
