"""What an instrument's bookings would have earned under another price list."""

from datetime import date, datetime
from typing import Any

from billing.pricing import rules as pricing
from bookings.foresight.rules import earning as rules
from bookings.foresight.rules.earning import Comparison, Use
from bookings.rentals import rules as rentals
from bookings.rentals.models import Rental, UsageRecord
from kernel.periods import Period
from labs.hours.rules import day_type, midnight
from labs.models import HolidayDate, Instrument, Tariff

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
        .select_related("organisation", "tariff", "usage")
        .prefetch_related("runs")
        .order_by("period", "pk")
    )
    uses = [_use(row) for row in rows]
    last_end = max((use.period.end for use in uses), default=within.end)
    until = last_end.astimezone(zone).date() + (end - first)  # a stretched minimum may reach beyond the month
    holidays = dict(HolidayDate.objects.filter(date__gte=first, date__lte=until).values_list("date", "kind"))
    draft = rules.Draft(
        rates=pricing.Rates(
            base_rate_fen_per_hour=terms["base_rate_fen_per_hour"],
            billing_increment_min=terms["billing_increment_min"],
            min_billable_minutes=terms["min_billable_minutes"],
            min_charge_fen=terms["min_charge_fen"],
            setup_fee_fen=terms["setup_fee_fen"],
            operator_fee_fen_per_hour=terms["operator_fee_fen_per_hour"],
            bands=pricing.bands_of(terms["bands"]),
        ),
        is_metered=terms["bill_mode"] == Tariff.BillMode.METERED,
        sme_discount_bp=terms["sme_discount_bp"],
    )
    return first, rules.compared(uses, draft=draft, zone=zone, day_type=lambda day: day_type(day, holidays))


def _use(row: Rental) -> Use:
    usage: UsageRecord | None = getattr(row, "usage", None)
    is_over = usage is not None and usage.ended_at is not None
    kinds = {line["kind"] for line in row.price_lines}
    return Use(
        period=row.time,
        with_operator=row.mode != Rental.Mode.SELF,
        units=row.units,
        is_sme=row.discount == "sme" or row.organisation.is_sme,
        lines=tuple(pricing.Line(**line) for line in row.price_lines),
        came=usage.started_at if usage and is_over else None,
        left=usage.ended_at if usage and is_over else None,
        runs=_runs(row) if is_over and row.interrupted_at else None,
        consumables=tuple(usage.consumables) if usage else (),
        shares_setup=bool(row.tariff.setup_fee_fen) and "setup" not in kinds,
        is_rest=row.rebooks_id is not None and "setup" not in kinds,
        is_of_no_use=(row.priced_from or {}).get("kind") == "of_no_use",
    )


def _runs(row: Rental) -> tuple[Period, ...]:
    return tuple(
        Period(run.began_at, run.ended_at) for run in row.runs.all() if run.ended_at and run.began_at < run.ended_at
    )
