"""What a lab has and says, as the rows of its workbook."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from labs.calibration.models import CalibrationRecord
from labs.capabilities.models import Capability
from labs.catalogue.models import Instrument, Lab, Offering, Parameter
from labs.hours.models import OpeningWindow
from labs.tariffs.models import BookingPolicy, Tariff

type Row = dict[str, Any]
type Rows = dict[str, list[Row]]


def rows(lab: Lab) -> Rows:
    """Return everything of a lab, by sheet and in the order of the file; ten statements however much there is."""
    instruments = list(lab.instruments.select_related("category", "room").order_by("code", "pk"))
    parameters = Parameter.objects.filter(instrument__lab=lab).select_related("instrument")
    certificates = CalibrationRecord.objects.filter(instrument__lab=lab).select_related("instrument")
    offerings = Offering.objects.filter(lab=lab).prefetch_related("standards", "instruments")
    newest = list(last_versions(Tariff, lab))
    capabilities = Capability.objects.filter(instrument__lab=lab).select_related("instrument", "parameter")
    return {
        "instruments": [instrument_row(each) for each in instruments],
        "parameters": [
            parameter_row(each, place)
            for _, of_one in _grouped(parameters.order_by("instrument__code", "position", "pk"))
            for place, each in enumerate(of_one, 1)
        ],
        "capabilities": [
            capability_row(each, place)
            for _, of_one in _grouped(capabilities.order_by("instrument__code", "pk"))
            for place, each in enumerate(of_one, 1)
        ],
        "certificates": [
            certificate_row(each) for each in certificates.order_by("instrument__code", "calibrated_on", "pk")
        ],
        "offerings": [offering_row(each) for each in offerings.order_by("code", "pk")],
        "tariffs": [tariff_row(each, lab) for each in newest],
        "bands": [
            {"instrument": each.instrument.code, "order": place, **band_row(band)}
            for each in newest
            for place, band in enumerate(each.bands, 1)
        ],
        "policies": [policy_row(each, lab) for each in last_versions(BookingPolicy, lab)],
        "hours": [
            {"day": str(each.day), "opens": each.opens_minute, "closes": each.closes_minute}
            for each in OpeningWindow.objects.filter(lab=lab).order_by("day", "opens_minute", "pk")
        ],
    }


def last_versions(model: Any, lab: Lab) -> Any:
    """Return the newest version of each instrument's price list, or of its terms of booking; one statement."""
    return (
        model.objects.filter(instrument__lab=lab)
        .order_by("instrument__code", "-version")
        .distinct("instrument__code")
        .select_related("instrument")
    )


def _grouped(rows: Any) -> list[tuple[int, list[Any]]]:
    found: dict[int, list[Any]] = {}
    for each in rows:
        found.setdefault(each.instrument_id, []).append(each)
    return list(found.items())


INSTRUMENT = (
    "code", "name_zh", "name_en", "keywords", "class_kind", "model", "maker", "serial_no", "asset_no",
    "commissioned_year", "original_value_fen", "description_zh", "description_en", "not_for_loan_zh", "rental_mode",
    "training_required", "capacity", "capacity_unit_zh", "shared_condition_profile", "span_closed",
    "unattended_buffers", "requires_calibration",
)  # fmt: skip
PARAMETER = ("name_zh", "name_en", "range", "unit", "accuracy")
CAPABILITY = (
    "quantity", "stated_low", "stated_high", "unit", "uncertainty", "uncertainty_kind", "coverage_factor", "note",
)  # fmt: skip
CERTIFICATE = (
    "certificate_no", "kind", "method", "issued_by_zh", "traceable_to_zh", "calibrated_on", "valid_from", "valid_to",
    "result", "issuer_accreditation", "uncertainty", "corrections_zh", "confirmed_by",
)  # fmt: skip
OFFERING = (
    "code", "kind", "name_zh", "name_en", "keywords", "parameter_zh", "parameter_en", "price_unit_zh", "unit_price_fen",
    "min_qty", "turnaround_workdays", "tax_category", "sample_quantity", "sample_form_zh", "sample_storage_zh",
    "sample_requirement_zh", "sample_requirement_en", "return_policy", "subcontracting", "cma_in_scope",
    "cnas_in_scope", "mandatory", "form", "inspection_level", "day_rate_fen", "trip_fee_fen", "zone_fee_fen",
    "bring_zh", "bring_en", "safety_zh", "safety_en", "data_export_zh", "data_export_en",
)  # fmt: skip
TARIFF = (
    "base_rate_fen_per_hour", "billing_increment_min", "min_billable_minutes", "min_charge_fen", "setup_fee_fen",
    "operator_fee_fen_per_hour", "sme_discount_bp", "bill_mode",
)  # fmt: skip


POLICY = (
    "slot_grid_min", "min_minutes", "max_minutes", "pre_buffer_min", "post_buffer_min", "lead_time_min", "advance_days",
    "requires_approval", "sme_reserve_bp", "week_max_minutes", "hold_minutes", "no_show_grace_min",
)  # fmt: skip


def _of(row: Any, names: Sequence[str]) -> Row:
    return {name: getattr(row, name) for name in names}


def instrument_row(each: Instrument) -> Row:
    """Return an instrument as a row."""
    return {**_of(each, INSTRUMENT), "category": each.category.code, "room": each.room.code if each.room else None}


def parameter_row(each: Parameter, place: int) -> Row:
    """Return a parameter as a row; places count from one."""
    return {"instrument": each.instrument.code, "position": place, **_of(each, PARAMETER)}


def capability_row(each: Capability, place: int) -> Row:
    """Return a capability as a row; places count from one."""
    parameter = each.parameter.name_zh if each.parameter else ""
    values = _of(each, CAPABILITY)
    plain = {name: value.normalize() for name, value in values.items() if isinstance(value, Decimal)}
    return {"instrument": each.instrument.code, "order": place, "parameter": parameter, **values, **plain}


def certificate_row(each: CalibrationRecord) -> Row:
    """Return a certificate as a row."""
    return {"instrument": each.instrument.code, **_of(each, CERTIFICATE)}


def offering_row(each: Offering) -> Row:
    """Return an offering as a row."""
    return {
        **_of(each, OFFERING),
        "state": str(each.get_state_display()),
        "standards": sorted(str(standard.number) for standard in each.standards.all()),
        "instruments": sorted(instrument.code for instrument in each.instruments.all()),
        "report_languages": list(each.report_languages),
        "tiers": [(tier["min_qty"], tier["price_bp"]) for tier in each.tiers],
        "urgent_options": [(option["workdays"], option["surcharge_bp"]) for option in each.urgent_options],
    }


def tariff_row(each: Tariff, lab: Lab) -> Row:
    """Return a price list as a row."""
    return {**_version(each, lab), **_of(each, TARIFF)}


def policy_row(each: BookingPolicy, lab: Lab) -> Row:
    """Return terms of booking as a row; the ladder as hours of notice with basis points."""
    ladder = [(step["min_notice_hours"], step["fee_bp"]) for step in each.cancellation]
    return {**_version(each, lab), **_of(each, POLICY), "cancellation": ladder}


def _version(each: Tariff | BookingPolicy, lab: Lab) -> Row:
    """Return which version it is; the moment is on the lab's clock."""
    local = each.valid_from.astimezone(lab.tz).replace(tzinfo=None, second=0, microsecond=0)
    return {"instrument": each.instrument.code, "version": each.version, "valid_from": local}


def band_row(band: Mapping[str, Any]) -> Row:
    """Return an hour band as a row; clocks are minutes."""
    return {
        "name": band["name"],
        "name_zh": band.get("name_zh", ""),
        "start": _minute(band["start"]),
        "end": _minute(band["end"]),
        "day_types": list(band["day_types"]),
        "rate_bp": band["rate_bp"],
    }


def _minute(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])
