"""Where the demo's labs belong, and what they are recognised for: zones, clusters, honours, standards, scope."""

from pathlib import Path
from typing import Any

from demo.records import Record, joined, read, upsert
from labs.models import (
    Accreditation,
    Cluster,
    Honour,
    Lab,
    MeasurementStandard,
    Offering,
    ScopeEntry,
    Standard,
    Zone,
)

DISCIPLINES = ("01", "04", "12", "15", "23", "25", "28", "33", "37", "46")
"""The first level of JJF 1022."""


def load_places(folder: Path, labs: dict[str, Lab]) -> dict[str, int]:
    """Load the zones and the clusters with the labs in them, and return how many of each there are."""
    zones = _tags(folder, "zones.json", Zone, Lab.zones.through, "zone_id", labs)
    clusters = _tags(folder, "clusters.json", Cluster, Lab.clusters.through, "cluster_id", labs)
    return {"zones": zones, "clusters": clusters}


def _tags(folder: Path, file: str, model: Any, through: Any, column: str, labs: dict[str, Lab]) -> int:
    records = read(folder, file, "code")
    upsert(
        each.checked(model(code=each.name, name_zh=each.text("name_zh"), name_en=each.text("name_en", "")))
        for each in records
    )
    rows = model.objects.in_bulk([each.name for each in records], field_name="code")
    joined(through, column, "lab_id", {rows[each.name].pk: each.each_of("labs", labs) for each in records})
    return len(records)


def load_recognition(folder: Path, labs: dict[str, Lab]) -> dict[str, int]:
    """Load the measurement standards and the honours, and return how many of each there are."""
    standards = read(folder, "measurement_standards.json", "certificate_no")
    upsert((each.checked(_measurement_standard(each, labs)) for each in standards), by=("certificate_no",))
    honours = read(folder, "honours.json", "name_zh")
    upsert((each.checked(_honour(each, labs)) for each in honours), by=("lab", "kind", "name_zh"))
    return {"measurement standards": len(standards), "honours": len(honours)}


def _measurement_standard(each: Record, labs: dict[str, Lab]) -> MeasurementStandard:
    if each.day("valid_to") < each.day("valid_from"):
        raise each.wrong("valid_to", "comes before valid_from")
    return MeasurementStandard(
        lab=each.one_of("lab", labs),
        certificate_no=each.name,
        discipline_code=each.choice("discipline_code", DISCIPLINES),
        discipline_zh=each.text("discipline_zh"),
        name_zh=each.text("name_zh"),
        name_en=each.text("name_en", ""),
        range_text=each.text("range", ""),
        uncertainty_text=each.text("uncertainty", ""),
        valid_from=each.day("valid_from"),
        valid_to=each.day("valid_to"),
        objects_zh=each.take("objects_zh", list),
    )


def _honour(each: Record, labs: dict[str, Lab]) -> Honour:
    return Honour(
        lab=each.one_of("lab", labs),
        kind=each.choice("kind", Honour.Kind.values),
        name_zh=each.name,
        name_en=each.text("name_en", ""),
        granted_on=each.day("granted_on"),
        valid_to=each.day_or_none("valid_to"),
    )


SCOPE_KEY = ("accreditation", "object_zh", "parameter_zh", "standard", "method", "range_text", "valid_from")


def load_scope(folder: Path, labs: dict[str, Lab], standards: dict[str, Standard]) -> int:
    """
    Load what the accreditations cover, and return how many entries there are.

    A service that says it is in the scope of CMA or CNAS has its entry; `scope.json` holds what calibration can at
    best, and entries of earlier editions.
    """
    known = Accreditation.objects.filter(lab__in=labs.values()).order_by("number")
    accreditations = {(each.lab_id, str(each.kind)): each for each in known}
    rows = [
        each.checked(_entry(each, labs, standards, accreditations), range_text="range", coverage_factor="k")
        for each in read(folder, "scope.json", "id")
    ]
    details = {each.name: each for each in read(folder, "service_details.json", "code")}
    services = Offering.objects.filter(code__in=details).prefetch_related("standards").order_by("code")
    for service in services:
        rows += _entries(service, details[service.code], accreditations)
    unique = {tuple(getattr(row, name) for name in SCOPE_KEY): row for row in rows}
    upsert(unique.values(), by=SCOPE_KEY)
    return len(unique)


def _entry(
    each: Record,
    labs: dict[str, Lab],
    standards: dict[str, Standard],
    accreditations: dict[tuple[int, str], Accreditation],
) -> ScopeEntry:
    accreditation = accreditations.get((each.one_of("lab", labs).pk, each.choice("kind", Accreditation.Kind.values)))
    if accreditation is None:
        raise each.wrong("kind", "the lab has no such accreditation")
    return ScopeEntry(
        accreditation=accreditation,
        object_zh=each.text("object_zh"),
        parameter_zh=each.text("parameter_zh"),
        parameter_en=each.text("parameter_en", ""),
        standard=each.one_of("standard", standards) if each.fields.get("standard") else None,
        method=each.text("method", ""),
        quantity=each.text("quantity", ""),
        range_text=each.text("range", ""),
        limits_zh=each.text("limits_zh", ""),
        cmc=each.text("cmc", ""),
        coverage_factor=each.decimal("k"),
        valid_from=each.day("valid_from"),
        valid_to=each.day_or_none("valid_to"),
    )


def _entries(
    service: Offering, details: Record, accreditations: dict[tuple[int, str], Accreditation]
) -> list[ScopeEntry]:
    kinds = [kind for kind, within in (("CMA", service.cma_in_scope), ("CNAS", service.cnas_in_scope)) if within]
    return [
        ScopeEntry(
            accreditation=accreditation,
            object_zh=details.text("object_zh"),
            parameter_zh=details.text("parameter_zh"),
            parameter_en=details.text("parameter_en"),
            standard=standard,
            valid_from=accreditation.valid_from,
        )
        for kind in kinds
        if (accreditation := accreditations.get((service.lab_id, kind)))
        for standard in service.standards.all()
    ]
