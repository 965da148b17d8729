"""What a rental costs in the end, by the price list it was booked under; each price with what it was computed from."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from billing.bills import operations as bills
from billing.bills.models import Bill
from billing.bills.rules import Order
from billing.pricing import metering, replaying
from billing.pricing import rules as pricing
from billing.pricing.replaying import Added, Inputs
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


def inputs_of(rental: Rental) -> Inputs | None:
    """Return what the booked price of a rental was computed from; None where that was not kept yet."""
    if rental.priced_from is None:
        return None
    found = replaying.from_json(rental.priced_from)
    return found if isinstance(found, Inputs) else None


def final_price(rental: Rental, usage: UsageRecord, *, left: datetime) -> Price:
    """
    Return what a use costs that has ended at `left`: broken off (BL-24), by the time used (BL-2), or as booked.

    Consumables come on top; they have the discount of the rental, too.
    """
    consumed = tuple(usage.consumables)
    if rental.interrupted_at is not None:
        return replace(_broken_off(rental, left=left), consumables=consumed).price()
    if rental.tariff.bill_mode == Tariff.BillMode.METERED:
        return replace(_metered(rental, usage, left=left), consumables=consumed).price()
    inputs = inputs_of(rental)
    if inputs is not None:
        return replace(inputs, consumables=consumed).price()
    lines = tuple(pricing.Line(**line) for line in rental.price_lines if line["kind"] != "consumable")
    frozen = Price(lines=lines, billed=rental.time, discount=rental.discount)
    bp = max((one.bp for one in discounts_of(rental)), default=0)
    return metering.with_more(frozen, metering.consumables(consumed), bp=bp)


def broken_off(rental: Rental, *, left: datetime) -> Price:
    """Return what an interrupted use costs: the minutes of its runs, to the minute (BL-24)."""
    return _broken_off(rental, left=left).price()


def of_no_use(rental: Rental) -> Price:
    """Return what a run costs that the customer declared of no use, and the lab did not contradict: nothing (BL-24)."""
    return replace(_inputs(rental, rental.time), kind="of_no_use").price()


def rest_price(rental: Rental, *, start: datetime, minutes: int) -> Price:
    """
    Return what the rest of an interrupted use costs at another time: at the rates it was booked under (BL-24).

    To the minute, without minimum and set-up; the operator's time is owed where one takes part.
    """
    rates = metering.rest_rates(rates_of(rental.tariff))
    return _inputs(rental, Period.starting(start, minutes), rates=rates).price()


def add_time(rental: Rental, rates: Rates, *, until: datetime) -> int:
    """Let a rental say what going on until an instant adds, at the rates now in force; return it in fen."""
    booked, before = rental.time, rental.total_fen
    snapshot = rates_of(rental.tariff)
    beyond = pricing.billed_period(rates=rates, period=Period(booked.start, until)).end
    zone, kinds = rental.instrument.lab.tz, day_types(booked.end, beyond)
    inputs = inputs_of(rental)
    if inputs is not None:
        days = replaying.days_of(Period(booked.end, beyond), zone=zone, day_type=kinds)
        longer = replace(
            inputs, days={**days, **inputs.days}, added=(*inputs.added, Added(rates, booked, until))
        ).price()
        freeze(rental, longer)
        return rental.total_fen - before
    lines = metering.added(
        snapshot=snapshot,
        rates=rates,
        booked=booked,
        until=until,
        zone=zone,
        day_type=kinds,
        with_operator=_with_operator(rental),
        discounts=discounts_of(rental),
        units=rental.units,
    )
    rental.price_lines += [line.as_json() for line in lines]
    rental.total_fen += sum(line.amount_fen for line in lines)
    return rental.total_fen - before


def _broken_off(rental: Rental, *, left: datetime) -> Inputs:
    runs = tuple(
        Period(run.began_at, ended)
        for run in rental.runs.order_by("began_at")
        if run.began_at < (ended := run.ended_at or left)
    )
    return replace(_inputs(rental, rental.time), kind="broken_off", runs=runs)


def _metered(rental: Rental, usage: UsageRecord, *, left: datetime) -> Inputs:
    prolonged = {one["tariff"]: datetime.fromisoformat(one["from"]) for one in reversed(rental.extensions)}
    newer = Tariff.objects.in_bulk([key for key in prolonged if key != rental.tariff_id])
    snapshot = rates_of(rental.tariff)
    if all(line["kind"] != "setup" for line in rental.price_lines):
        snapshot = replace(snapshot, setup_fee_fen=0)  # an earlier date of its series left it set up (BL-5)
    later = tuple((since, rates_of(newer[key])) for key, since in prolonged.items() if key in newer)
    last = later[-1][1] if later else snapshot
    over = metering.overtime_of(rates=last, booked=rental.time, left=left)
    inputs = _inputs(rental, rental.time, rates=snapshot, until=over.end if over else None)
    return replace(inputs, kind="metered", tariffs=(*inputs.tariffs, *later), came=usage.started_at, left=left)


def _inputs(rental: Rental, period: Period, *, rates: Rates | None = None, until: datetime | None = None) -> Inputs:
    """Return what a period is priced from under the terms of a rental; day types reach `until`, where that is later."""
    used = rates or rates_of(rental.tariff)
    zone = rental.instrument.lab.tz
    billed = pricing.billed_period(rates=used, period=period)
    reach = Period(billed.start, max(billed.end, until or billed.end))
    return Inputs(
        kind="booked",
        tariff=rental.tariff_id,
        tariffs=((period.start, used),),
        period=period,
        zone=zone.key,
        days=replaying.days_of(reach, zone=zone, day_type=day_types(reach.start, reach.end)),
        with_operator=_with_operator(rental),
        discounts=discounts_of(rental),
        units=rental.units,
    )


def _with_operator(rental: Rental) -> bool:
    return rental.mode != Rental.Mode.SELF


def freeze(rental: Rental, price: Price) -> None:
    """Let a rental say what it costs now; the discount's name stays where it takes nothing off any more."""
    rental.price_lines, rental.total_fen = price.as_json(), price.total.fen
    rental.voucher_fen = min(rental.voucher_fen, rental.total_fen)
    rental.priced_from = dict(price.priced_from) if price.priced_from is not None else None


def adjust_bill(rental: Rental, *, now: datetime, **how: Any) -> None:
    """Let the bill of a rental follow its frozen price; `how` and refusals are those of `bills.adjust`."""
    bill = bills.adjust(
        order_number=rental.number,
        lines=rental.price_lines,
        priced_from=rental.priced_from,
        total=rental.total,
        lab_id=rental.instrument.lab_id,
        now=now,
        **how,
    )
    rental.voucher_fen = bill.voucher_fen


def settle_bill(rental: Rental, *, now: datetime) -> None:
    """Make the bill of a used rental final (E6, E7); refusals are those of `bills.settle`."""
    bill = bills.settle(
        order_number=rental.number,
        lines=rental.price_lines,
        priced_from=rental.priced_from,
        total=rental.total,
        now=now,
    )
    rental.voucher_fen = bill.voucher_fen


def charge_of(rental: Rental) -> bills.Charge:
    """Return a rental as what its customer is charged for."""
    lab = rental.instrument.lab
    order = Order(
        kind=Bill.Kind.RENTAL,
        number=rental.number,
        organisation_id=rental.organisation_id,
        lab_id=lab.pk,
        served_on=service_day(rental),
        tax_category=rental.tariff.tax_category,
    )
    return bills.Charge(
        order=order,
        lines=rental.price_lines,
        total=rental.total,
        voucher=rental.voucher,
        priced_from=rental.priced_from,
    )


def service_day(rental: Rental) -> date:
    """Return the local day on which the service begins: voucher and VAT look at it (BL-16, BL-17)."""
    return rental.time.start.astimezone(rental.instrument.lab.tz).date()


def is_of_no_use(interruption: Interruption | None) -> bool:
    """Whether the customer said so, and the lab did not contradict: then nothing is owed (BL-24)."""
    return interruption is not None and interruption.unusable_at is not None and interruption.objected_at is None


def booked_minutes_left(rental: Rental, interruption: Interruption) -> int:
    """Return how many whole minutes of an interrupted use are left, rounded up."""
    return metering.minutes_up(rules.remaining(booked=rental.time, interrupted_at=interruption.began_at))
