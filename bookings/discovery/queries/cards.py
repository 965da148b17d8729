"""What stands on a card of the catalogue: price from, next free time, calibration; a few statements a page."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from django.db import connection
from django.db.models import prefetch_related_objects
from django.utils import timezone
from django.utils.http import urlencode

from accounts.models import Membership
from billing.pricing.rules import Rates, bands_of
from billing.pricing.rules import price as price_of
from bookings.availability import queries as availability
from bookings.availability import rules as booking
from bookings.discovery import rules, sorting
from bookings.discovery.filters import Asking
from bookings.discovery.models import Punctuality
from bookings.discovery.wishes import Offered
from bookings.discovery.wording import MODES
from kernel.money import Money
from kernel.periods import Period
from labs.calibration.rules import COUNTING
from labs.capabilities import queries as capable
from labs.capabilities import wording
from labs.capabilities.rules import Fit
from labs.catalogue import scope
from labs.models import Instrument, Lab, Offering, Tariff


@dataclass(slots=True)
class Known:
    """What finding a list has told already of its instruments: their terms, and under free time what they offer."""

    terms: dict[int, availability.Terms] = field(default_factory=dict)
    offered: dict[int, Offered] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Card:
    """One thing in the catalogue: an instrument by the hour, or a service by its unit."""

    offering: Offering
    lab: Lab
    instrument: Instrument | None
    price: Money | None
    calibrated_until: date | None = None
    next_free: datetime | None = None
    offered: Offered | None = None
    offered_price: Money | None = None
    use_minutes: int | None = None
    use_price: Money | None = None
    distance_km: float | None = None
    fit: Fit | None = None
    accredited: frozenset[str] = frozenset()
    punctuality: Punctuality | None = None

    @property
    def query(self) -> str:
        """The time it offers, as the query of the instrument's page; empty where it offers none."""
        if self.offered is None:
            return ""
        local = self.offered.at.astimezone(self.lab.tz)
        fields = {
            "date": f"{local:%Y-%m-%d}",
            "start": f"{local:%H:%M}",
            "minutes": str(self.offered.minutes),
            "mode": self.offered.mode,
        }
        return f"?{urlencode(fields)}#booking"

    @property
    def offered_mode(self) -> str:
        """How the offered time is operated, in words."""
        return str(MODES[self.offered.mode]) if self.offered else ""

    @property
    def why(self) -> list[str]:
        """Why it fits what must be measured, and by what margin."""
        return wording.why(self.fit) if self.fit else []

    @property
    def marks(self) -> list[tuple[str, bool]]:
        """The accreditation marks a service claims, and whether each stands today (LAB-1, LAB-2)."""
        claimed = {"CMA": self.offering.cma_in_scope, "CNAS": self.offering.cnas_in_scope}
        return [(mark, mark in self.accredited) for mark, is_claimed in claimed.items() if is_claimed]

    @property
    def has_price(self) -> bool:
        """Whether a price is known; a free service has one, and it is zero."""
        return self.price is not None


def cards(
    offerings: Iterable[Offering],
    *,
    member: Membership | None,
    now: datetime,
    asked: Asking | None = None,
    known: Known | None = None,
) -> list[Card]:
    """
    Return the cards of a page of offerings; two statements for all its instruments, three under a capability; one for
    the standards of its services, one for the marks they claim, and one where it is sorted by who is on time. What is
    known already is not asked again.

    `asked` is the query they answer: a card then says the time it offers, and what the use asked for costs.
    """
    offerings, known = list(offerings), known or Known()
    ids = [offering.instrument_id for offering in offerings if offering.instrument_id is not None]
    free = asked.free if asked else None
    within = Period(now, now + availability.LOOK_AHEAD) if free is None else free.within
    unknown = [pk for pk in ids if pk not in known.terms]
    terms = known.terms | (availability.terms(unknown, within=within, member=member, now=now) if unknown else {})
    valid = calibrated_until(ids, now) if ids else {}
    fits = capable.fits(ids, asked.capability) if asked and asked.capability else {}
    services = [offering for offering in offerings if offering.instrument_id is None]
    prefetch_related_objects(services, "standards")
    claiming = [each for each in services if each.cma_in_scope or each.cnas_in_scope]
    accredited = scope.accreditations_of(claiming, timezone.localdate(now)) if claiming else {}
    kept = _punctuality(offerings) if asked and asked.order == sorting.PUNCTUALITY else {}
    made = []
    for offering in offerings:
        distance = _distance(offering.lab, asked)
        if offering.instrument_id is None:
            price = Money(offering.unit_price_fen)
            kinds = frozenset(accredited.get(offering.pk, ()))
            made.append(Card(offering, offering.lab, None, price, distance_km=distance, accredited=kinds))
            continue
        found = terms.get(offering.instrument_id)
        card = Card(
            offering=offering,
            lab=offering.lab,
            instrument=offering.instrument,
            price=rules.lowest_rate(found.rates) if found else None,
            calibrated_until=valid.get(offering.instrument_id),
            next_free=next_free(found, within, now) if free is None else None,
            distance_km=distance,
            fit=fits.get(offering.instrument_id),
        )
        offered = known.offered.get(offering.instrument_id)
        made.append(_with_use(card, found, asked, offered, now) if asked and found else card)
    return [replace(card, punctuality=kept.get(card.lab.pk)) for card in made] if kept else made


def _punctuality(offerings: Iterable[Offering]) -> dict[int, Punctuality]:
    """Return how reliably the labs keep what is booked, where that is told; one statement."""
    labs = {offering.lab_id for offering in offerings}
    return {each.lab_id: each for each in Punctuality.objects.filter(lab__in=labs) if each.is_told}


def _distance(lab: Lab, asked: Asking | None) -> float | None:
    origin = asked.origin if asked else None
    if origin is None or lab.lat is None or lab.lon is None:
        return None
    return sorting.distance_km(lab.lat, lab.lon, origin)


def _with_use(card: Card, terms: availability.Terms, asked: Asking, offered: Offered | None, now: datetime) -> Card:
    """Return the card with the time it offers and its price, or with the price of the use asked for."""
    if offered is not None:
        price = terms.price(booking.Wish(offered.period, offered.mode)).total
        return replace(card, offered=offered, offered_price=price)
    if "minutes" not in asked.chosen and asked.order != sorting.PRICE:
        return card
    minutes = asked.minutes_of_use
    return replace(card, use_minutes=minutes, use_price=standard_price(terms, minutes, asked.mode_of_use, now))


def standard_price(terms: availability.Terms, minutes: int, mode: str | None, now: datetime) -> Money:
    """Return what a use of so many minutes costs in standard hours; the twin of `sorting.cost_of_use`."""
    alone = booking.SELF in terms.facts.modes
    with_operator = mode == booking.ASSISTED or not alone
    return price_of(
        rates=replace(terms.rates, bands=()),
        period=Period.starting(now, minutes),
        zone=terms.facts.zone,
        day_type=terms.day_type,
        with_operator=with_operator,
        discounts=terms.discounts,
    ).total


def next_free(terms: availability.Terms | None, within: Period, now: datetime) -> datetime | None:
    """
    Return the next start of the shortest booking, or None where there is none inside the window.

    It is the instrument's time that is told: whether this person may operate it alone is said beside it.
    """
    if terms is None:
        return None
    facts = replace(terms.facts, needs_qualification=False)
    minutes = facts.policy.min_minutes
    first = availability.first_start(facts, within=within, minutes=minutes, mode=None, now=now)
    return first[0] if first else None


def lowest_rates(instrument_ids: Iterable[int], now: datetime) -> dict[int, Money]:
    """Return the lowest rate an hour of each instrument, at any time of the day; one statement."""
    return {
        tariff.instrument_id: rules.lowest_rate(
            Rates(tariff.base_rate_fen_per_hour, tariff.billing_increment_min, bands=bands_of(tariff.bands))
        )
        for tariff in Tariff.objects.in_force(now).filter(instrument_id__in=list(instrument_ids))
    }


CALIBRATED = """
SELECT instrument_id, max(valid_to) FROM labs_calibrationrecord
WHERE instrument_id = ANY(%(instruments)s) AND result = ANY(%(counting)s) AND %(today)s BETWEEN valid_from AND valid_to
GROUP BY instrument_id
"""


def calibrated_until(instrument_ids: Iterable[int], now: datetime) -> dict[int, date]:
    """Return the last day of the certificate in force of each instrument that has one; one statement."""
    today = timezone.localdate(now)
    with connection.cursor() as cursor:
        cursor.execute(CALIBRATED, {"instruments": list(instrument_ids), "counting": sorted(COUNTING), "today": today})
        return dict(cursor.fetchall())
