"""The demo's instruments: what they measure, what they cost, how they are booked, whether calibrated."""

from datetime import UTC, datetime
from pathlib import Path

from demo.records import Record, read, upsert
from labs.models import (
    BookingPolicy,
    CalibrationRecord,
    Instrument,
    InstrumentCategory,
    Lab,
    Offering,
    Parameter,
    Room,
    Tariff,
)
from labs.tariffs.rules import band_problem, ladder_problem

MAKERS = ("示例精密仪器有限公司", "示例科学仪器(上海)有限公司", "示例试验设备有限公司", "Example Instruments GmbH")
SINCE = datetime(2025, 12, 31, 16, tzinfo=UTC)
"""Prices and terms hold from New Year's Day 2026 in Guangzhou."""


def load_instruments(folder: Path, labs: dict[str, Lab], rooms: dict[str, Room]) -> dict[str, Instrument]:
    """Load the instruments with their categories and parameters, and return them by code."""
    records = read(folder, "instruments.json", "code")
    upsert(
        {
            each.text("category_code"): each.checked(
                InstrumentCategory(
                    code=each.text("category_code"),
                    name_zh=each.text("category_zh"),
                    name_en=each.text("category_en", ""),
                ),
                code="category_code",
                name_zh="category_zh",
                name_en="category_en",
            )
            for each in records
        }.values(),
        by=("scheme", "code"),
    )
    scheme = InstrumentCategory._meta.get_field("scheme").get_default()
    categories = {category.code: category for category in InstrumentCategory.objects.filter(scheme=scheme)}
    english = {each.name: each.text("name_en") for each in read(folder, "parameter_names.json", "name_zh")}
    words = {each.name: each.text("keywords") for each in read(folder, "keywords.json", "instrument")}
    rows = (
        each.checked(
            Instrument(
                code=each.name,
                lab=each.one_of("lab", labs),
                category=categories[each.text("category_code")],
                name_zh=each.text("name_zh"),
                name_en=each.text("name_en", ""),
                keywords=words.get(each.name, ""),
                class_kind=each.take("class_kind", str),
                model=each.text("model", ""),
                maker=each.text("maker", MAKERS[int(each.text("category_code")[:2]) % len(MAKERS)]),
                serial_no=each.text("serial_no", f"SN-{each.name}"),
                asset_no=each.text("asset_no", f"示例资产-{each.name}"),
                original_value_fen=each.take("original_value_fen", int),
                commissioned_year=each.take("commissioned_year", int),
                status=each.take("status", str),
                capacity=each.take("capacity", int),
                capacity_unit_zh=each.text("capacity_unit_zh"),
                shared_condition_profile=each.take("shared_condition_profile", bool),
                rental_mode=each.take("rental_mode", str),
                training_required=each.take("training_required", bool),
                span_closed=each.take("span_closed", bool),
                room=each.one_of("room", rooms) if each.fields.get("room") else None,
            )
        )
        for each in records
    )
    upsert(rows, leave=("status", "expected_back_at"))
    instruments = Instrument.objects.in_bulk([each.name for each in records], field_name="code")
    for each in read(folder, "keywords.json", "instrument"):
        each.one_of("instrument", instruments)
    upsert(
        (
            inner.checked(
                Parameter(
                    instrument=instruments[each.name],
                    position=position,
                    name_zh=inner.text("name_zh"),
                    name_en=english.get(inner.text("name_zh"), ""),
                    range=inner.text("range", ""),
                    unit=inner.text("unit", ""),
                    accuracy=inner.text("accuracy", ""),
                )
            )
            for each in records
            for position, inner in enumerate(each.records("parameters"))
        ),
        by=("instrument", "position"),
    )
    return instruments


def load_terms(folder: Path, instruments: dict[str, Instrument], labs: dict[str, Lab], house: Record) -> None:
    """Load what each instrument costs, how it is booked, its certificate, and its place in the catalogue."""
    if problem := ladder_problem(house.take("cancellation", list)):
        raise house.wrong(problem, "is no step of a cancellation ladder")
    texts = {each.name: each for each in read(folder, "rental_texts.json", "category")}
    tariffs, policies, certificates, rentals = [], [], [], []
    for each in read(folder, "instruments.json", "code"):
        instrument = instruments[each.name]
        tariff = each.record("tariff")
        if problem := band_problem(tariff.take("bands", list)):
            raise tariff.wrong(problem, "is not as an hour band wants it")
        tariffs.append(tariff.checked(_tariff(instrument, tariff, house)))
        booking = each.record("booking")
        policies.append(booking.checked(_policy(instrument, booking, house)))
        certificate = each.record("calibration")
        certificates.append(certificate.checked(_certificate(instrument, certificate, labs)))
        told = texts.get(each.text("category_code")[:2])
        rentals.append(_rental(instrument, tariffs[-1], told or Record(each.file, each.name, {})))
    upsert(tariffs, by=("instrument", "version"))
    upsert(policies, by=("instrument", "version"))
    upsert(certificates, by=("instrument", "certificate_no"))
    upsert(rentals, leave=("state",))


def _tariff(instrument: Instrument, given: Record, house: Record) -> Tariff:
    return Tariff(
        instrument=instrument,
        version=1,
        valid_from=SINCE,
        base_rate_fen_per_hour=given.take("base_rate_fen_per_hour", int),
        billing_increment_min=given.take("billing_increment_min", int),
        setup_fee_fen=given.take("setup_fee_fen", int),
        operator_fee_fen_per_hour=given.take("operator_fee_fen_per_hour", int),
        min_charge_fen=given.take("min_charge_fen", int),
        bill_mode=given.take("bill_mode", str),
        bands=given.take("bands", list),
        tax_category=given.choice("tax_category", house.take("tax_categories", dict)),
        sme_discount_bp=house.take("sme_discount_bp", int),
    )


def _policy(instrument: Instrument, given: Record, house: Record) -> BookingPolicy:
    return BookingPolicy(
        instrument=instrument,
        version=1,
        valid_from=SINCE,
        slot_grid_min=given.take("slot_grid_min", int),
        min_minutes=given.take("min_minutes", int),
        max_minutes=given.take("max_minutes", int),
        pre_buffer_min=given.take("pre_buffer_min", int),
        post_buffer_min=given.take("post_buffer_min", int),
        lead_time_min=given.take("lead_time_min", int),
        advance_days=given.take("advance_days", int),
        requires_approval=given.take("requires_approval", bool),
        sme_reserve_bp=given.take("sme_reserve_bp", int),
        hold_minutes=house.take("hold_minutes", int),
        cancellation=house.take("cancellation", list),
    )


def _certificate(instrument: Instrument, given: Record, labs: dict[str, Lab]) -> CalibrationRecord:
    issuer = given.text("issued_by")
    if given.day("valid_to") < given.day("valid_from"):
        raise given.wrong("valid_to", "comes before valid_from")
    return CalibrationRecord(
        instrument=instrument,
        kind=given.take("kind", str),
        method=given.text("method", ""),
        certificate_no=given.text("certificate_no"),
        issued_by_zh=labs[issuer].name_zh if issuer in labs else issuer,
        calibrated_on=given.day("calibrated_on"),
        valid_from=given.day("valid_from"),
        valid_to=given.day("valid_to"),
        result=given.take("result", str),
        traceable_to_zh=given.text("traceable_to_zh", ""),
    )


def _rental(instrument: Instrument, tariff: Tariff, told: Record) -> Offering:
    return Offering(
        code=f"RENT-{instrument.code}",
        lab_id=instrument.lab_id,
        kind=Offering.Kind.RENTAL,
        instrument=instrument,
        name_zh=instrument.name_zh,
        name_en=instrument.name_en,
        state=Offering.State.PUBLISHED,
        price_unit_zh="元/小时",
        unit_price_fen=tariff.base_rate_fen_per_hour,
        tax_category=tariff.tax_category,
        bring_zh=told.text("bring_zh", ""),
        bring_en=told.text("bring_en", ""),
        safety_zh=told.text("safety_zh", ""),
        safety_en=told.text("safety_en", ""),
        data_export_zh=told.text("data_export_zh", ""),
        data_export_en=told.text("data_export_en", ""),
    )
