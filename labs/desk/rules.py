"""Whether an instrument or a service is ready for the catalogue: what must not be missing, and what would be good."""

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class InstrumentFacts:
    """What is known of an instrument before its rental is published."""

    is_retired: bool
    lab_is_active: bool
    has_parameters: bool
    has_capabilities: bool
    has_price: bool
    has_policy: bool
    has_hours: bool
    needs_calibration: bool
    is_calibrated: bool
    has_photo: bool
    has_english: bool
    has_description: bool
    has_safety: bool


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    """What is known of a service before it is published."""

    kind: str
    lab_is_active: bool
    price_fen: int
    is_mandatory: bool
    has_unit: bool
    has_turnaround: bool
    has_parameter: bool
    has_standards: bool
    has_sample: bool
    has_form: bool
    day_rate_fen: int
    has_english: bool
    superseded: Collection[str] = ()
    out_of_scope: bool = False


@dataclass(frozen=True, slots=True)
class Readiness:
    """What is missing, by code: without the first nobody could order it, without the second fewer find it."""

    missing: tuple[str, ...]
    advised: tuple[str, ...]

    @property
    def is_ready(self) -> bool:
        """Whether it may be published."""
        return not self.missing


def instrument_readiness(facts: InstrumentFacts) -> Readiness:
    """Return what an instrument lacks: whatever would make every booking of it fail must be there."""
    missing = {
        "retired": facts.is_retired,
        "lab_inactive": not facts.lab_is_active,
        "parameters": not facts.has_parameters,
        "price": not facts.has_price,
        "policy": not facts.has_policy,
        "hours": not facts.has_hours,
        "calibration": facts.needs_calibration and not facts.is_calibrated,
    }
    advised = {
        "capabilities": not facts.has_capabilities,
        "photo": not facts.has_photo,
        "description": not facts.has_description,
        "safety": not facts.has_safety,
        "english": not facts.has_english,
    }
    return Readiness(_those(missing), _those(advised))


def service_readiness(facts: ServiceFacts) -> Readiness:
    """Return what a service lacks, by its kind."""
    is_inspection = facts.kind == "agent_inspection"
    is_free = facts.price_fen == 0 and not (is_inspection and facts.day_rate_fen)
    missing = {
        "lab_inactive": not facts.lab_is_active,
        "unit_price": is_free and not facts.is_mandatory,
        "mandatory_price": facts.is_mandatory and facts.price_fen > 0,
        "price_unit": not facts.has_unit and not facts.is_mandatory,
        "turnaround": not is_inspection and not facts.has_turnaround,
        "parameter": not is_inspection and not facts.has_parameter,
        "standards": facts.kind in {"testing", "verification"} and not facts.has_standards,
        "form": is_inspection and not facts.has_form,
    }
    advised = {
        "superseded": bool(facts.superseded),
        "out_of_scope": facts.out_of_scope,
        "sample": not is_inspection and not facts.has_sample,
        "english": not facts.has_english,
    }
    return Readiness(_those(missing), _those(advised))


def _those(flags: dict[str, bool]) -> tuple[str, ...]:
    return tuple(code for code, holds in flags.items() if holds)
