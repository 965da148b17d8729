"""What the desk shows of a lab's things."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from kernel.periods import Period
from labs.calibration.models import CalibrationRecord
from labs.calibration.rules import COUNTING, Validity, calibrated_periods
from labs.capabilities.models import Capability
from labs.catalogue import scope
from labs.catalogue.models import Instrument, InstrumentPhoto, InstrumentQuerySet, Offering, Parameter, Standard
from labs.desk import rules
from labs.hours.models import OpeningWindow
from labs.tariffs.models import BookingPolicy, Tariff
from labs.tariffs.queries import with_price_from

EXPIRES_SOON = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Line:
    """An instrument in the desk's list: its rental, how long it is calibrated, the lowest price of an hour in fen."""

    instrument: Instrument
    rental: Offering | None
    calibrated_until: date | None
    expires_soon: bool
    price_from: int | None


def calibrated(records: Iterable[CalibrationRecord], zone: Any) -> list[Period]:
    """Return when an instrument is calibrated by its certificates (CAL-1)."""
    return calibrated_periods([Validity(each.valid_from, each.valid_to, each.result) for each in records], zone)


def until(periods: Iterable[Period], now: datetime, zone: Any) -> date | None:
    """Return the last day of the calibration that holds now, or None."""
    holding = next((each for each in periods if each.start <= now < each.end), None)
    return (holding.end.astimezone(zone) - timedelta(days=1)).date() if holding else None


def instruments(found: InstrumentQuerySet, now: datetime) -> QuerySet[Instrument]:
    """Return instruments with what their lines show, ordered by lab and code; three statements for any number."""
    counting = CalibrationRecord.objects.filter(result__in=COUNTING).order_by("valid_from", "pk")
    return (
        with_price_from(found, now)
        .select_related("lab", "category", "rental_offering")
        .prefetch_related(Prefetch("calibration_records", counting, to_attr="certificates"))
        .order_by("lab__code", "code", "pk")
    )


def line(instrument: Any, now: datetime) -> Line:
    """Return an instrument of `instruments` as its line."""
    zone = instrument.lab.tz
    last = until(calibrated(instrument.certificates, zone), now, zone)
    return Line(
        instrument=instrument,
        rental=getattr(instrument, "rental_offering", None),
        calibrated_until=last,
        expires_soon=last is not None and last < now.astimezone(zone).date() + EXPIRES_SOON,
        price_from=instrument.price_from,
    )


def by_calibration(found: InstrumentQuerySet, wanted: str, today: date) -> InstrumentQuerySet:
    """Keep instruments that are calibrated (`valid`), will not be in 90 days (`soon`), or are not today (`none`)."""
    mine = CalibrationRecord.objects.filter(instrument=OuterRef("pk"), result__in=COUNTING)
    holds = Exists(mine.filter(valid_from__lte=today, valid_to__gte=today))
    then = today + EXPIRES_SOON
    holds_then = Exists(mine.filter(valid_from__lte=then, valid_to__gte=then))
    if wanted == "valid":
        return found.filter(holds)
    if wanted == "soon":
        return found.filter(holds).exclude(holds_then)
    return found.filter(requires_calibration=True).exclude(holds)


# --- Ready to be seen ------------------------------------------------------------------------------------------------


def instrument_readiness(instrument: Instrument, now: datetime) -> rules.Readiness:
    """Return what an instrument lacks before its rental may be published."""
    rental = Offering.objects.filter(instrument=instrument).first()
    zone = instrument.lab.tz
    periods = calibrated(instrument.calibration_records.all(), zone)
    return rules.instrument_readiness(
        rules.InstrumentFacts(
            is_retired=instrument.status == Instrument.Status.RETIRED,
            lab_is_active=instrument.lab.is_active,
            has_parameters=Parameter.objects.filter(instrument=instrument).exists(),
            has_capabilities=Capability.objects.filter(instrument=instrument).exists(),
            has_price=Tariff.objects.filter(instrument=instrument, valid_from__lte=now).exists(),
            has_policy=BookingPolicy.objects.filter(instrument=instrument, valid_from__lte=now).exists(),
            has_hours=OpeningWindow.objects.filter(lab=instrument.lab_id).exists(),
            needs_calibration=instrument.requires_calibration,
            is_calibrated=any(each.end > now for each in periods),
            has_photo=InstrumentPhoto.objects.filter(instrument=instrument).exists(),
            has_english=bool(instrument.name_en),
            has_description=bool(instrument.description_zh or instrument.description_en),
            has_safety=bool(rental and rental.safety),
        )
    )


def service_readiness(offering: Offering, today: date) -> rules.Readiness:
    """Return what a service lacks before it may be published."""
    standards = list(offering.standards.order_by("number"))
    claims = {kind for kind, claimed in (("CMA", offering.cma_in_scope), ("CNAS", offering.cnas_in_scope)) if claimed}
    covered = scope.accreditations_of([offering], today).get(offering.pk, set()) if claims else set()
    return rules.service_readiness(
        rules.ServiceFacts(
            kind=offering.kind,
            lab_is_active=offering.lab.is_active,
            price_fen=offering.unit_price_fen,
            is_mandatory=offering.mandatory,
            has_unit=bool(offering.price_unit_zh),
            has_turnaround=offering.turnaround_workdays is not None,
            has_parameter=bool(offering.parameter_zh),
            has_standards=bool(standards),
            has_sample=bool(offering.sample_requirement_zh or offering.sample_quantity),
            has_form=bool(offering.form),
            day_rate_fen=offering.day_rate_fen,
            has_english=bool(offering.name_en),
            superseded=tuple(each.number for each in standards if not each.is_current),
            out_of_scope=bool(claims - covered),
        )
    )


# --- In scope (LAB-1) ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Covered:
    """A standard of a service, and which entries of the lab's accreditations cover its method on a day (LAB-1)."""

    standard: Standard
    entries: tuple[Any, ...]


def covered(*, lab: Any, standards: Iterable[Standard], parameters: Iterable[str], on: date) -> list[Covered]:
    """Return, by standard, the entries that cover one of the parameters by it (LAB-1)."""
    named = [each for each in parameters if each]
    found = []
    for standard in standards:
        entries = {
            entry.pk: entry
            for parameter in named
            for entry in scope.in_scope(lab=lab, standard=standard, parameter=parameter, on=on)
        }
        found.append(Covered(standard, tuple(entries.values())))
    return found
