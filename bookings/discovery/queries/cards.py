"""What stands on a card of the catalogue: price from, next free time, calibration; a few statements a page."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models import Max

from accounts.models import Membership
from billing.pricing.rules import Rates, bands_of
from bookings.availability import queries as availability
from bookings.availability import rules as booking
from bookings.discovery import rules
from kernel.money import Money
from kernel.periods import Period
from labs.calibration.rules import COUNTING
from labs.models import CalibrationRecord, Instrument, Lab, Offering, Tariff


@dataclass(frozen=True, slots=True)
class Card:
    """One thing in the catalogue: an instrument by the hour, or a service by its unit."""

    offering: Offering
    lab: Lab
    instrument: Instrument | None
    price: Money | None
    calibrated_until: date | None = None
    next_free: datetime | None = None

    @property
    def has_price(self) -> bool:
        """Whether a price is known; a free service has one, and it is zero."""
        return self.price is not None


def cards(offerings: Iterable[Offering], *, member: Membership | None, now: datetime) -> list[Card]:
    """Return the cards of a page of offerings; two statements for all its instruments, none where there is none."""
    offerings = list(offerings)
    ids = [offering.instrument_id for offering in offerings if offering.instrument_id is not None]
    if not ids:
        return [Card(offering, offering.lab, None, Money(offering.unit_price_fen)) for offering in offerings]
    within = Period(now, now + availability.LOOK_AHEAD)
    terms = availability.terms(ids, within=within, member=member, now=now)
    valid = calibrated_until(ids, now)
    return [
        Card(offering, offering.lab, None, Money(offering.unit_price_fen))
        if offering.instrument_id is None
        else Card(
            offering=offering,
            lab=offering.lab,
            instrument=offering.instrument,
            price=rules.lowest_rate(terms[offering.instrument_id].rates) if offering.instrument_id in terms else None,
            calibrated_until=valid.get(offering.instrument_id),
            next_free=next_free(terms.get(offering.instrument_id), within, now),
        )
        for offering in offerings
    ]


def next_free(terms: availability.Terms | None, within: Period, now: datetime) -> datetime | None:
    """
    Return the next start of the shortest booking, or None where there is none inside the window.

    It is the instrument's time that is told: whether this person may operate it alone is said beside it.
    """
    if terms is None:
        return None
    facts = replace(terms.facts, needs_qualification=False)
    minutes = facts.policy.min_minutes
    firsts = (
        next(booking.starts(facts, within=within, minutes=minutes, mode=mode, units=1, now=now), None)
        for mode in sorted(facts.modes)
    )
    return min((first for first in firsts if first is not None), default=None)


def lowest_rates(instrument_ids: Iterable[int], now: datetime) -> dict[int, Money]:
    """Return the lowest rate an hour of each instrument, at any time of the day; one statement."""
    return {
        tariff.instrument_id: rules.lowest_rate(
            Rates(tariff.base_rate_fen_per_hour, tariff.billing_increment_min, bands=bands_of(tariff.bands))
        )
        for tariff in Tariff.objects.in_force(now).filter(instrument_id__in=list(instrument_ids))
    }


def calibrated_until(instrument_ids: Iterable[int], now: datetime) -> dict[int, date]:
    """Return the last day of the certificate in force of each instrument that has one; one statement."""
    today = now.date()
    counting = CalibrationRecord.objects.filter(
        instrument_id__in=list(instrument_ids), result__in=COUNTING, valid_from__lte=today, valid_to__gte=today
    )
    return dict(counting.values_list("instrument_id").annotate(until=Max("valid_to")))
