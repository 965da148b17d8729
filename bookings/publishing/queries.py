"""The rows of the open catalogue, in batches, and a mark that changes when they do."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet
from django.urls import reverse

from bookings.discovery.queries.cards import calibrated_until
from bookings.discovery.structured import absolute
from labs.catalogue.scope import accreditations_of
from labs.models import Capability, Instrument, Lab, Offering, Parameter, Tariff

type Row = dict[str, Any]

BATCH = 500
"""So many rows are read at once: a file of any length needs little memory, and a few statements a batch."""

SOURCES = (
    "labs_lab", "labs_lab_zones", "labs_lab_clusters", "labs_zone", "labs_cluster", "labs_accreditation",
    "labs_scopeentry", "labs_instrument", "labs_instrumentcategory", "labs_parameter", "labs_capability",
    "labs_calibrationrecord", "labs_tariff", "labs_offering", "labs_offering_standards", "labs_offering_instruments",
    "labs_standard", "accounts_district",
)  # fmt: skip
SUM = "(SELECT concat(count(*), ':', sum(hashtextextended(t::text, 0))) FROM {} t)"
MARK = ", ".join(["SELECT (SELECT count(*) FROM labs_tariff WHERE valid_from <= %s)", *map(SUM.format, SOURCES)])


def mark(*, today: date, now: datetime) -> str:
    """Return a text that is another one as soon as a row of the file could be: a sum over all it is made from."""
    with connection.cursor() as cursor:
        cursor.execute(MARK, [now])
        told = "|".join(map(str, cursor.fetchone()))
    licence = f"{settings.OPEN_DATA_LICENCE}|{settings.PLATFORM_URL}"
    return hashlib.sha256(f"{told}|{today}|{licence}".encode()).hexdigest()[:32]


def rows(table: str, *, today: date, now: datetime) -> Iterator[Row]:
    """Return the rows of one table of the open catalogue: only what is published, and nothing private."""
    made = {"labs": labs, "instruments": instruments, "services": services}[table]
    return made(today, now)


def _batches(rows: QuerySet[Any]) -> Iterator[list[Any]]:
    """Read rows by their keys, some at a time."""
    last = 0
    while batch := list(rows.filter(pk__gt=last).order_by("pk")[:BATCH]):
        yield batch
        last = batch[-1].pk


def labs(today: date, now: datetime) -> Iterator[Row]:
    """Return the labs."""
    del today, now
    for batch in _batches(
        Lab.objects.published().select_related("district").prefetch_related("zones", "clusters", "accreditations")
    ):
        for lab in batch:
            yield {
                "code": lab.code,
                "name_zh": lab.name_zh,
                "name_en": lab.name_en,
                "type": lab.lab_type,
                "district": lab.district.adcode if lab.district else "",
                "address_zh": lab.address_zh,
                "lat": lab.lat,
                "lon": lab.lon,
                "timezone": lab.timezone,
                "phone": lab.contact_phone,
                "fields_zh": lab.fields_zh,
                "fields_en": lab.fields_en,
                "zones": sorted(zone.code for zone in lab.zones.all()),
                "clusters": sorted(cluster.code for cluster in lab.clusters.all()),
                "accreditations": [
                    {
                        "kind": each.kind,
                        "number": each.number,
                        "valid_from": each.valid_from.isoformat(),
                        "valid_to": each.valid_to.isoformat(),
                    }
                    for each in sorted(lab.accreditations.all(), key=lambda each: (each.kind, each.number))
                ],
                "url": absolute(reverse("discovery:lab", args=[lab.code])),
            }


def instruments(today: date, now: datetime) -> Iterator[Row]:
    """Return the instruments, with what they can and what they cost."""
    del today
    for batch in _batches(Instrument.objects.published().select_related("lab", "category")):
        keys = [instrument.pk for instrument in batch]
        rates = dict(
            Tariff.objects.in_force(now)
            .filter(instrument_id__in=keys)
            .values_list("instrument_id", "base_rate_fen_per_hour")
        )
        certified = calibrated_until(keys, now)
        parameters, capabilities = _parameters(keys), _capabilities(keys)
        for instrument in batch:
            until = certified.get(instrument.pk)
            yield {
                "code": instrument.code,
                "name_zh": instrument.name_zh,
                "name_en": instrument.name_en,
                "model": instrument.model,
                "maker": instrument.maker,
                "category": instrument.category.code,
                "lab": instrument.lab.code,
                "status": instrument.status,
                "rental_mode": instrument.rental_mode,
                "training_required": instrument.training_required,
                "capacity": instrument.capacity,
                "commissioned_year": instrument.commissioned_year,
                "requires_calibration": instrument.requires_calibration,
                "calibrated_until": until.isoformat() if until else None,
                "base_rate_fen_per_hour": rates.get(instrument.pk),
                "parameters": parameters[instrument.pk],
                "capabilities": capabilities[instrument.pk],
                "url": absolute(reverse("discovery:instrument", args=[instrument.code])),
            }


def _parameters(keys: list[int]) -> defaultdict[int, list[Row]]:
    found: defaultdict[int, list[Row]] = defaultdict(list)
    names = ("name_zh", "name_en", "range", "unit", "accuracy")
    for key, *values in (
        Parameter.objects.filter(instrument_id__in=keys)
        .order_by("instrument_id", "position")
        .values_list("instrument_id", *names)
    ):
        found[key].append(dict(zip(names, values, strict=True)))
    return found


def _capabilities(keys: list[int]) -> defaultdict[int, list[Row]]:
    found: defaultdict[int, list[Row]] = defaultdict(list)
    for key, quantity, low, high, unit, uncertainty in (
        Capability.objects.filter(instrument_id__in=keys)
        .order_by("instrument_id", "pk")
        .values_list("instrument_id", "quantity", "stated_low", "stated_high", "unit", "uncertainty")
    ):
        found[key].append(
            {
                "quantity": quantity,
                "low": None if low is None else float(low),
                "high": None if high is None else float(high),
                "unit": unit,
                "uncertainty": uncertainty,
            }
        )
    return found


def services(today: date, now: datetime) -> Iterator[Row]:
    """Return the services, with their prices and what vouches for them."""
    del now
    whole = Offering.objects.published().services().select_related("lab").prefetch_related("standards", "instruments")
    public = set(Instrument.objects.published().filter(services__isnull=False).values_list("pk", flat=True))
    for batch in _batches(whole):
        kinds = accreditations_of(batch, today)
        for service in batch:
            yield {
                "code": service.code,
                "kind": service.kind,
                "name_zh": service.name_zh,
                "name_en": service.name_en,
                "lab": service.lab.code,
                "standards": sorted(standard.number for standard in service.standards.all()),
                "parameter_zh": service.parameter_zh,
                "parameter_en": service.parameter_en,
                "accredited": sorted(kinds[service.pk]),
                "price_unit_zh": service.price_unit_zh,
                "unit_price_fen": service.unit_price_fen,
                "tiers": service.tiers,
                "min_qty": service.min_qty,
                "turnaround_workdays": service.turnaround_workdays,
                "urgent_options": service.urgent_options,
                "sample_requirement_zh": service.sample_requirement_zh,
                "sample_requirement_en": service.sample_requirement_en,
                "instruments": sorted(each.code for each in service.instruments.all() if each.pk in public),
                "url": absolute(reverse("discovery:service", args=[service.code])),
            }
