"""One instrument: what it is, how sure its readings are, what it costs, on what terms, and what is like it."""

from datetime import date, datetime
from typing import Any

from django.db.models import Max, Min
from django.utils.translation import gettext as _

from accounts.models import Membership
from bookings.availability.queries import Terms
from bookings.discovery import rules, wording
from bookings.discovery.queries.offers import days_of, usual_minutes
from kernel.money import Money
from labs.calibration.rules import COUNTING
from labs.models import BookingPolicy, CalibrationRecord, Instrument, Offering, Tariff
from labs.tariffs import wording as price_lists
from labs.tariffs.models import default_ladder

SIMILAR = 4


def instrument_page(
    instrument: Instrument, terms: Terms | None, *, member: Membership | None, now: datetime
) -> dict[str, Any]:
    """Return what an instrument's page shows beside the booking card; the number of statements is constant."""
    today = now.astimezone(instrument.lab.tz).date()
    records = list(instrument.calibration_records.order_by("-valid_to", "-pk")[:8])
    context: dict[str, Any] = {
        "parameters": list(instrument.parameters.order_by("position")),
        "photos": list(instrument.photos.order_by("position", "pk")),
        "customer_texts": customer_texts(instrument),
        "records": records,
        "certificate": certificate_on(records, today),
        "today": today,
        "accreditations": list(instrument.lab.accreditations.order_by("kind", "number")),
        "services": list(instrument.services.published().order_by("name_pinyin", "pk")[:12]),
        "similar": similar(instrument),
        "groups": list(instrument.groups.order_by("code")),
        "offset": offset(now.astimezone(instrument.lab.tz)),
    }
    if terms is not None:
        context |= _terms(instrument, terms, now)
    return context


def customer_texts(instrument: Instrument) -> list[tuple[str, str]]:
    """Return what customers read before they come, each text with its title; those the lab wrote."""
    rental = Offering.objects.filter(instrument=instrument).first()
    if rental is None:
        return []
    texts = [
        (_("What to bring"), rental.bring),
        (_("Safety rules"), rental.safety),
        (_("How data are taken along"), rental.data_export),
    ]
    return [(title, text) for title, text in texts if text]


def certificate_on(records: list[CalibrationRecord], day: date) -> CalibrationRecord | None:
    """Return the certificate that makes the instrument calibrated on a day, or None (CAL-1)."""
    counting = (record for record in records if record.result in COUNTING)
    return next((record for record in counting if record.valid_from <= day <= record.valid_to), None)


def offset(local: datetime) -> str:
    """Return the distance of a local clock from UTC, as calendars take it: +08:00."""
    sign = f"{local:%z}"
    return f"{sign[:3]}:{sign[3:5]}"


def similar(instrument: Instrument) -> list[Instrument]:
    """Return some published instruments of the same category, in one statement."""
    alike = Instrument.objects.published().filter(category_id=instrument.category_id).exclude(pk=instrument.pk)
    return list(alike.select_related("lab__district").order_by("name_pinyin", "pk")[:SIMILAR])


def _terms(instrument: Instrument, terms: Terms, now: datetime) -> dict[str, Any]:
    facts = terms.facts
    tariff = Tariff.objects.get(pk=terms.tariff_id)
    policy = BookingPolicy.objects.get(pk=terms.policy_id)
    first, last = days_of(facts, now)
    rates = terms.rates
    return {
        "rates": rates,
        "base_rate": Money(rates.base_rate_fen_per_hour),
        "fees": wording.fees_told(rates),
        "picture": [{"days": wording.day_types_told(row.day_types), "row": row} for row in rules.picture(rates)],
        "bands": wording.bands_told(rates),
        "sme_discount": price_lists.percent(tariff.sme_discount_bp) if tariff.sme_discount_bp else "",
        "terms": wording.terms_told(
            facts.policy,
            span_closed=facts.span_closed,
            needs_qualification=facts.needs_qualification,
            modes=facts.modes,
            bill_mode=tariff.bill_mode,
        ),
        "ladder": price_lists.ladder(policy.cancellation or default_ladder()),
        "first_day": first,
        "last_day": last,
        "usual_minutes": usual_minutes(facts),
        "shown_hours": shown_hours(instrument),
    }


def shown_hours(instrument: Instrument) -> tuple[str, str]:
    """Return between which clocks the calendar shows a day: the lab's hours, or all of it where runs go on."""
    if instrument.span_closed:
        return "00:00", "24:00"
    seen = instrument.lab.opening_windows.aggregate(first=Min("opens_minute"), last=Max("closes_minute"))
    if seen["first"] is None:
        return "08:00", "18:00"
    return f"{seen['first'] // 60:02d}:00", f"{-(-seen['last'] // 60):02d}:00"
