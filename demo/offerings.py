"""The demo's operators, standards and services."""

from pathlib import Path
from typing import Any

from demo.records import Record, read, upsert
from labs.models import Instrument, Lab, Offering, Operator, OperatorQualification, Standard


def load_operators(folder: Path, labs: dict[str, Lab], instruments: dict[str, Instrument]) -> int:
    """Load the operators with what they are qualified for."""
    records = read(folder, "operators.json", "code")
    for each in records:
        each.each_of("roles", {role: role for role in Operator.Role.values})
    upsert(
        (
            each.checked(
                Operator(
                    code=each.name,
                    lab=each.one_of("lab", labs),
                    name_zh=each.text("name_zh"),
                    roles=each.take("roles", list),
                )
            )
            for each in records
        ),
        leave=("user",),
    )
    operators = Operator.objects.in_bulk([each.name for each in records], field_name="code")
    upsert(
        (
            OperatorQualification(
                operator=operators[each.name],
                instrument=inner.one_of("instrument", instruments),
                valid_to=inner.day("valid_to"),
            )
            for each in records
            for inner in each.records("qualified_for")
        ),
        by=("operator", "instrument"),
    )
    return len(operators)


def load_standards(folder: Path) -> dict[str, Standard]:
    """Load the standards, and return them by number."""
    records = read(folder, "standards.json", "number")
    upsert(
        (
            each.checked(
                Standard(
                    number=each.name,
                    title_zh=each.text("title_zh", ""),
                    title_en=each.text("title_en", ""),
                    status=each.take("status", str),
                    confidence=each.text("confidence"),
                )
            )
            for each in records
        ),
        by=("number",),
    )
    return Standard.objects.in_bulk([each.name for each in records], field_name="number")


def load_services(
    folder: Path, labs: dict[str, Lab], instruments: dict[str, Instrument], standards: dict[str, Standard]
) -> int:
    """Load the services with the standards they follow and the instruments they need."""
    records = read(folder, "services.json", "code")
    kinds = [kind for kind in Offering.Kind.values if kind != Offering.Kind.RENTAL]
    upsert(
        (each.checked(_service(each, each.one_of("lab", labs), each.choice("kind", kinds))) for each in records),
        leave=("state",),
    )
    services = Offering.objects.in_bulk([each.name for each in records], field_name="code")
    for through, field, column, known in (
        (Offering.instruments.through, "instruments", "instrument_id", instruments),
        (Offering.standards.through, "standards", "standard_id", standards),
    ):
        _join(through, column, {services[each.name].pk: each.each_of(field, known) for each in records})
    return len(services)


def _service(each: Record, lab: Lab, kind: str) -> Offering:
    return Offering(
        code=each.name,
        lab=lab,
        kind=kind,
        name_zh=each.text("name_zh"),
        name_en=each.text("name_en", ""),
        state=Offering.State.PUBLISHED,
        price_unit_zh=each.text("price_unit_zh"),
        unit_price_fen=each.take("unit_price_fen", int),
        turnaround_workdays=each.take("turnaround_workdays", int),
        urgent_options=each.take("urgent_options", list),
        tiers=each.take("tiers", list),
        min_qty=each.take("min_qty", int),
        sample_requirement_zh=each.text("sample_requirement_zh", ""),
        sample_requirement_en=each.text("sample_requirement_en", ""),
        cma_in_scope=each.take("cma_in_scope", bool),
        cnas_in_scope=each.take("cnas_in_scope", bool),
        tax_category=each.text("tax_category"),
        report_languages=each.take("report_languages", list),
    )


def _join(through: Any, column: str, wanted: dict[int, list[Any]]) -> None:
    """Make a relation what the data say, with no row taken out that is to stay."""
    pairs = {(key, row.pk) for key, rows in wanted.items() for row in rows}
    known = through.objects.filter(offering__in=wanted)
    gone = [pk for pk, key, other in known.values_list("pk", "offering_id", column) if (key, other) not in pairs]
    if gone:
        through.objects.filter(pk__in=gone).delete()
    rows = [through(**{"offering_id": key, column: other}) for key, other in sorted(pairs)]
    through.objects.bulk_create(rows, ignore_conflicts=True)
