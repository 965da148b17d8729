"""What is booked where a change would fall."""

from datetime import date, datetime
from typing import Any

from billing.pricing import rules as pricing
from bookings.foresight import rules
from bookings.foresight.rules import Comparison, Use
from bookings.rentals import rules as rentals
from bookings.rentals.models import Rental
from bookings.rentals.queries import as_of
from kernel.periods import Period
from labs.hours.queries import ByInstrument
from labs.hours.rules import day_type, midnight
from labs.models import HolidayDate, Instrument

EARNING = (
    rentals.CONFIRMED,
    rentals.CHECKED_IN,
    rentals.INTERRUPTED,
    rentals.CHECKED_OUT,
    rentals.SETTLED,
)
"""States of rentals that were agreed and used, or are to be."""


def last_month_under(instrument: Instrument, terms: dict[str, Any], now: datetime) -> tuple[date, Comparison]:
    """
    Return the first day of the last calendar month, and what its rentals would have earned under a price list.

    A rental belongs to the month in which it began, by the lab's clock. `terms` are the fields of a tariff.
    """
    zone = instrument.lab.tz
    first, end = rules.month_before(now.astimezone(zone).date())
    within = Period(midnight(first, zone), midnight(end, zone))
    rows = (
        Rental.objects.filter(
            instrument=instrument,
            status__in=EARNING,
            period__startswith__gte=within.start,
            period__startswith__lt=within.end,
        )
        .select_related("organisation")
        .order_by("period", "pk")
    )
    uses = [
        Use(
            period=row.time,
            mode=row.mode,
            units=row.units,
            is_sme=row.discount == "sme" or row.organisation.is_sme,
            lines=tuple(pricing.Line(**line) for line in row.price_lines),
        )
        for row in rows
    ]
    last_end = max((use.period.end for use in uses), default=within.end)
    until = last_end.astimezone(zone).date() + (end - first)  # a stretched minimum may reach beyond the month
    holidays = dict(HolidayDate.objects.filter(date__gte=first, date__lte=until).values_list("date", "kind"))
    rates = pricing.Rates(
        base_rate_fen_per_hour=terms["base_rate_fen_per_hour"],
        billing_increment_min=terms["billing_increment_min"],
        min_billable_minutes=terms["min_billable_minutes"],
        min_charge_fen=terms["min_charge_fen"],
        setup_fee_fen=terms["setup_fee_fen"],
        operator_fee_fen_per_hour=terms["operator_fee_fen_per_hour"],
        bands=pricing.bands_of(terms["bands"]),
    )
    return first, rules.compared(
        uses,
        rates=rates,
        sme_discount_bp=terms["sme_discount_bp"],
        zone=zone,
        day_type=lambda day: day_type(day, holidays),
    )


def booked_into(closed: ByInstrument, now: datetime) -> list[Rental]:
    """Return the bookings not over that fall into closed time, given by instrument, in order of time; one statement."""
    spans = [period for periods in closed.values() for period in periods]
    if not spans:
        return []
    whole = Period(min(period.start for period in spans), max(period.end for period in spans))
    rows = as_of(
        Rental.objects.blocking(now)
        .filter(
            instrument_id__in=[key for key, periods in closed.items() if periods],
            period__overlap=whole.as_range(),
            period__endswith__gt=now,
        )
        .with_places(),
        now,
    ).order_by("period", "instrument__code", "pk")
    return [row for row in rows if any(row.time.overlaps(period) for period in closed[row.instrument_id])]


def ahead(instrument: Instrument, now: datetime) -> list[Rental]:
    """Return the bookings of an instrument that are not over, in order of time; one statement."""
    rows = Rental.objects.blocking(now).filter(instrument=instrument, period__endswith__gt=now).with_places()
    return list(as_of(rows, now).order_by("period", "pk"))
