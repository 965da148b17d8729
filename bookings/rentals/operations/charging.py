"""What a rental costs in the end, by the price list it was booked under."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from typing import Any

from billing.pricing import metering
from billing.pricing import rules as pricing
from billing.pricing.rules import Price, Rates
from bookings.rentals import rules
from bookings.rentals.models import Interruption, Rental, UsageRecord
from kernel.periods import Period
from labs.hours.rules import day_type
from labs.models import HolidayDate, Tariff

ONE_DAY = timedelta(days=1)


def rates_of(tariff: Tariff) -> Rates:
    """Return a price list as the values that prices are worked out from."""
    return Rates(
        base_rate_fen_per_hour=tariff.base_rate_fen_per_hour,
        billing_increment_min=tariff.billing_increment_min,
        min_billable_minutes=tariff.min_billable_minutes,
        min_charge_fen=tariff.min_charge_fen,
        setup_fee_fen=tariff.setup_fee_fen,
        operator_fee_fen_per_hour=tariff.operator_fee_fen_per_hour,
        bands=pricing.bands_of(tariff.bands),
    )


def discounts_of(rental: Rental) -> tuple[pricing.Discount, ...]:
    """Return the discount a rental was booked with: it stays, whatever the customer is now."""
    bp = max((line["discount_bp"] for line in rental.price_lines), default=0)
    return (pricing.Discount(rental.discount, bp),) if rental.discount and bp else ()


def day_types(first: datetime, last: datetime) -> Callable[[date], pricing.DayType]:
    """Return what kind of day each local date between two instants is; one statement."""
    reach = (first.date() - ONE_DAY, last.date() + ONE_DAY)
    known = dict(HolidayDate.objects.filter(date__range=reach).values_list("date", "kind"))
    return lambda day: day_type(day, known)


def final_price(rental: Rental, usage: UsageRecord, *, left: datetime) -> Price:
    """
    Return what a use costs that has ended at `left`: broken off (BL-24), by the time used (BL-2), or as booked.

    Consumables come on top; they have the discount of the rental, too.
    """
    discounts = discounts_of(rental)
    bp = discounts[0].bp if discounts else 0
    interrupted = rental.interrupted_at is not None
    if interrupted:
        used = broken_off(rental, left=left)
    elif rental.tariff.bill_mode == Tariff.BillMode.METERED:
        used = _metered(rental, usage, left=left)
    else:
        lines = tuple(pricing.Line(**line) for line in rental.price_lines if line["kind"] != "consumable")
        used = Price(lines=lines, billed=rental.time, discount=rental.discount)
    return metering.with_more(used, metering.consumables(usage.consumables), bp=bp)


def broken_off(rental: Rental, *, left: datetime) -> Price:
    """Return what an interrupted use costs: the minutes of its runs, to the minute (BL-24)."""
    runs = [
        Period(run.began_at, ended)
        for run in rental.runs.order_by("began_at")
        if run.began_at < (ended := run.ended_at or left)
    ]
    return metering.broken_off(
        rates=rates_of(rental.tariff),
        runs=runs,
        booked=rental.time,
        zone=rental.instrument.lab.tz,
        day_type=day_types(rental.time.start, left),
        discounts=discounts_of(rental),
        units=rental.units,
    )


def _metered(rental: Rental, usage: UsageRecord, *, left: datetime) -> Price:
    prolonged = {one["tariff"]: datetime.fromisoformat(one["from"]) for one in reversed(rental.extensions)}
    newer = Tariff.objects.in_bulk([key for key in prolonged if key != rental.tariff_id])
    snapshot = rates_of(rental.tariff)
    if all(line["kind"] != "setup" for line in rental.price_lines):
        snapshot = replace(snapshot, setup_fee_fen=0)  # an earlier date of its series left it set up (BL-5)
    tariffs = [(rental.time.start, snapshot)]
    tariffs += [(since, rates_of(newer[key])) for key, since in prolonged.items() if key in newer]
    return metering.metered(
        tariffs=tariffs,
        booked=rental.time,
        came=usage.started_at,
        left=left,
        zone=rental.instrument.lab.tz,
        day_type=day_types(rental.time.start, left),
        with_operator=rental.mode != Rental.Mode.SELF,
        discounts=discounts_of(rental),
        units=rental.units,
    )


def added_lines(rental: Rental, rates: Rates, *, until: datetime) -> list[pricing.Line]:
    """
    Return what going on until an instant adds, at the rates now in force: the time beyond what is billed already.

    No minimum and no set-up, which were paid; the operator's time by the increments that are new.
    """
    snapshot = rates_of(rental.tariff)
    old, new = rental.time, Period(rental.time.start, until)
    billed = pricing.billed_period(rates=snapshot, period=old)
    wanted = pricing.billed_period(rates=replace(rates, min_billable_minutes=0), period=new)
    if wanted.end <= billed.end:
        return []
    zone = rental.instrument.lab.tz
    whole = Period(billed.end, wanted.end)
    price = pricing.price(
        rates=replace(
            rates, billing_increment_min=1, min_billable_minutes=0, min_charge_fen=0, setup_fee_fen=0,
            operator_fee_fen_per_hour=0,
        ),
        period=whole,
        zone=zone,
        day_type=day_types(whole.start, whole.end),
        with_operator=False,
        discounts=discounts_of(rental),
        units=rental.units,
    )  # fmt: skip
    lines = list(price.lines)
    if rental.mode != Rental.Mode.SELF and rates.operator_fee_fen_per_hour:
        increment = rates.billing_increment_min
        minutes = pricing.rounded_up(new.minutes, increment) - pricing.rounded_up(old.minutes, increment)
        if minutes > 0:
            lines.append(pricing.operator_line(rates, minutes))
    return lines


def rest_price(rental: Rental, *, start: datetime, minutes: int) -> Price:
    """
    Return what the rest of an interrupted use costs at another time: at the rates it was booked under (BL-24).

    To the minute, without minimum and set-up; the operator's time is owed where one takes part.
    """
    period = Period.starting(start, minutes)
    rates = replace(
        rates_of(rental.tariff), billing_increment_min=1, min_billable_minutes=0, min_charge_fen=0, setup_fee_fen=0
    )
    return pricing.price(
        rates=rates,
        period=period,
        zone=rental.instrument.lab.tz,
        day_type=day_types(period.start, period.end),
        with_operator=rental.mode != Rental.Mode.SELF,
        discounts=discounts_of(rental),
        units=rental.units,
    )


def as_json(lines: Iterable[pricing.Line]) -> list[dict[str, Any]]:
    """Return lines as they are frozen on a rental."""
    return [asdict(line) for line in lines]


def freeze(rental: Rental, price: Price) -> None:
    """Let a rental say what it costs now; the discount's name stays where it takes nothing off any more."""
    rental.price_lines, rental.total_fen = price.as_json(), price.total.fen


def is_of_no_use(interruption: Interruption | None) -> bool:
    """Whether the customer said so, and the lab did not contradict: then nothing is owed (BL-24)."""
    return interruption is not None and interruption.unusable_at is not None and interruption.objected_at is None


def booked_minutes_left(rental: Rental, interruption: Interruption) -> int:
    """Return how many whole minutes of an interrupted use are left, rounded up."""
    return metering.minutes_up(rules.remaining(booked=rental.time, interrupted_at=interruption.began_at))
