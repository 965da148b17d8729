"""The demo's operators, standards and services."""

from datetime import datetime
from pathlib import Path

from accounts.models import Organisation
from demo.records import Record, joined, read, upsert
from labs.models import Instrument, Lab, Offering, OfferingVersion, Operator, OperatorQualification, Standard


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
                    published_on=each.day_or_none("published_on"),
                    effective_on=each.day_or_none("effective_on"),
                    adoption=each.text("adoption", ""),
                    confidence=each.text("confidence"),
                )
            )
            for each in records
        ),
        by=("number",),
        leave=("superseded_by",),
    )
    standards = Standard.objects.in_bulk([each.name for each in records], field_name="number")
    replaced = []
    for each in records:
        if each.fields.get("superseded_by"):
            standard = standards[each.name]
            standard.superseded_by = each.one_of("superseded_by", standards)
            replaced.append(standard)
    Standard.objects.bulk_update(replaced, ["superseded_by"])
    return standards


def load_services(
    folder: Path, labs: dict[str, Lab], instruments: dict[str, Instrument], standards: dict[str, Standard]
) -> int:
    """Load the services and agents' services with the standards they follow and the instruments they need."""
    details = {each.name: each for each in read(folder, "service_details.json", "code")}
    records = read(folder, "services.json", "code")
    agents = read(folder, "agent_services.json", "code")
    kinds = [kind for kind in Offering.Kind.values if kind != Offering.Kind.RENTAL]
    organisations = Organisation.objects.in_bulk(field_name="code")
    rows = [
        each.checked(_service(each, each.one_of("lab", labs), each.choice("kind", kinds), details.get(each.name)))
        for each in records
    ]
    rows += [
        each.checked(
            _agent_service(each, each.one_of("lab", labs), each.one_of("provider", organisations)),
            inspection_level="default_inspection_level",
            aql="default_aql",
        )
        for each in agents
    ]
    upsert(rows, leave=("state",))
    services = Offering.objects.in_bulk([each.name for each in (*records, *agents)], field_name="code")
    wanted = {services[each.name].pk: each for each in (*records, *agents)}
    using = {key: each for key, each in wanted.items() if "instruments" in each.fields}
    needed = {key: each.each_of("instruments", instruments) for key, each in using.items()}
    joined(Offering.instruments.through, "offering_id", "instrument_id", needed)
    followed = {key: each.each_of("standards", standards) for key, each in wanted.items()}
    joined(Offering.standards.through, "offering_id", "standard_id", followed)
    return len(services)


def keep_versions(now: datetime) -> None:
    """Keep what each published offering of the demo says, where nothing was kept before."""
    offerings = (
        Offering.objects.filter(state=Offering.State.PUBLISHED, versions=None)
        .select_related("lab", "instrument", "provider")
        .prefetch_related("instruments", "standards")
        .order_by("pk")
    )
    OfferingVersion.objects.bulk_create(
        OfferingVersion(
            offering=offering, version=1, state=offering.state, snapshot=offering.snapshot(), published_at=now
        )
        for offering in offerings
    )


def _service(each: Record, lab: Lab, kind: str, details: Record | None) -> Offering:
    told = details or Record(each.file, each.name, {})
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
        parameter_zh=told.text("parameter_zh", ""),
        parameter_en=told.text("parameter_en", ""),
        sample_quantity=told.text("sample_quantity", ""),
        sample_form_zh=told.text("sample_form_zh", ""),
        sample_storage_zh=told.text("sample_storage_zh", ""),
        return_policy=told.text("return_policy", ""),
        subcontracting=told.take("subcontracting", bool) if details else False,
    )


def _agent_service(each: Record, lab: Lab, provider: Organisation) -> Offering:
    return Offering(
        code=each.name,
        lab=lab,
        kind=each.choice("kind", [Offering.Kind.AGENT_INSPECTION]),
        name_zh=each.text("name_zh"),
        name_en=each.text("name_en", ""),
        state=Offering.State.PUBLISHED,
        price_unit_zh=each.text("price_unit_zh"),
        unit_price_fen=each.take("unit_price_fen", int),
        tax_category=each.text("tax_category"),
        report_languages=["zh", "en"],
        form=each.text("form"),
        inspection_level=each.text("default_inspection_level", ""),
        aql=each.fields.get("default_aql") or {},
        day_rate_fen=each.take("day_rate_fen", int),
        trip_fee_fen=each.take("trip_fee_fen", int),
        zone_fee_fen=each.take("zone_fee_fen", int),
        provider=provider,
        host_workstation=each.text("host_workstation", ""),
    )
