"""`manage.py replay_prices`: whatever was frozen in a rental's life is computed again to the fen."""

from datetime import timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from billing.models import Bill
from bookings.models import Rental
from bookings.rentals import operations as rentals
from tests.factories.bookings import (
    TUESDAY_9,
    buyer,
    checked_in,
    checked_out,
    confirmed,
    held,
    hours,
    interrupted,
    lab_of,
)
from tests.factories.labs import InstrumentFactory, TariffFactory

pytestmark = pytest.mark.django_db
NIGHT = {
    "name": "late", "name_zh": "晚间", "start": "10:00", "end": "08:00", "day_types": ["workday"], "rate_bp": 6_000,
}  # fmt: skip
FEES = {
    "tariff__bands": [NIGHT],
    "tariff__setup_fee_fen": 8_000,
    "tariff__operator_fee_fen_per_hour": 12_000,
    "tariff__min_charge_fen": 50_000,
    "tariff__sme_discount_bp": 1_000,
}


def replay(*arguments: str) -> str:
    told = StringIO()
    call_command("replay_prices", *arguments, stdout=told, stderr=told)
    return told.getvalue()


def lives() -> None:
    """A rental of each way in which prices come about."""
    a_while = timedelta(hours=1)
    customer = buyer(size="micro")
    consumed = rentals.UsageGiven(
        condition="good", consumables=[{"name": "液氮", "quantity": Decimal("0.5"), "unit_price_fen": 333}]
    )
    held(instrument=InstrumentFactory(**FEES), by=customer)
    confirmed(instrument=InstrumentFactory(**FEES), by=customer)
    checked_out(instrument=InstrumentFactory(**FEES), by=customer, usage=consumed)
    by_the_clock = InstrumentFactory(tariff__bill_mode="metered", **FEES)
    checked_out(instrument=by_the_clock, by=customer, at=TUESDAY_9 + timedelta(minutes=155), usage=consumed)
    for mode in ("booked", "metered"):
        instrument = InstrumentFactory(tariff__bill_mode=mode, **FEES)
        rental = checked_in(instrument=instrument, by=customer, period=hours(0, 1.5))
        TariffFactory(
            instrument=instrument, version=2, valid_from=TUESDAY_9 + timedelta(minutes=5),
            base_rate_fen_per_hour=45_000, operator_fee_fen_per_hour=10_000, bill_mode=mode,
        )  # fmt: skip
        for until in (2, 3):
            now = TUESDAY_9 + a_while
            rental = rentals.extend(rental=rental, until=hours(0, until).end, by=lab_of(rental), now=now)
        used = rentals.check_out(
            rental=rental, usage=consumed, by=lab_of(rental), now=TUESDAY_9 + timedelta(hours=3, minutes=25)
        )
        rentals.settle(rental=used, by=customer, now=TUESDAY_9 + timedelta(hours=5))
    broken = interrupted(instrument=InstrumentFactory(**FEES), by=customer, back_at=TUESDAY_9 + timedelta(hours=2))
    rentals.rebook(
        rental=broken, instrument=broken.instrument, period=hours(24, 25.5), by=customer, now=TUESDAY_9 + a_while
    )
    useless = interrupted(instrument=InstrumentFactory(**FEES), by=customer)
    gone = rentals.abandon(rental=useless, by=customer, now=TUESDAY_9 + a_while, unusable=True)
    rentals.settle(rental=gone, by=None, now=TUESDAY_9 + timedelta(days=9))
    moving = confirmed(instrument=InstrumentFactory(**FEES), by=customer, period=hours(48, 50))
    rentals.reschedule(rental=moving, period=hours(50, 53), by=customer, now=TUESDAY_9)


def test_every_way_a_price_comes_about_is_computed_again_to_the_fen():
    lives()

    told = replay()

    assert told == f"{Rental.objects.count() + Bill.objects.count()} prices, each to the fen.\n"
    kinds = set(Rental.objects.values_list("priced_from__kind", flat=True))
    assert kinds == {"booked", "metered", "broken_off", "of_no_use"}
    assert not Rental.objects.filter(priced_from__isnull=True).exists()
    assert not Bill.objects.filter(priced_from__isnull=True).exists()
    assert Rental.objects.filter(priced_from__added__1__isnull=False).count() == 1
    rest = Rental.objects.get(rebooks__isnull=False)
    assert "setup" not in {line["kind"] for line in rest.price_lines}


def test_a_fen_that_differs_is_told_and_ends_with_an_error():
    rental = confirmed()
    lines = [{**rental.price_lines[0], "list_fen": 60_001, "amount_fen": 60_001}]
    Bill.objects.update(lines=lines, total_fen=60_001)
    told = StringIO()

    with pytest.raises(CommandError, match="1 of 2 prices differ"):
        call_command("replay_prices", "--every", "1", stdout=told, stderr=told)

    assert told.getvalue().splitlines() == [
        "1 prices, 0 differ",
        f"bill {rental.number}: comes to 60000 fen, and 60001 is stored",
        "2 prices, 1 differ",
    ]


def test_prices_from_before_their_inputs_were_kept_are_only_added_up():
    rental = confirmed()
    Rental.objects.update(priced_from=None)
    Bill.objects.update(priced_from=None)

    assert replay().splitlines() == [
        "2 prices were frozen before their inputs were kept; only their lines are summed.",
        "2 prices, each to the fen.",
    ]
    Bill.objects.filter(order_number=rental.number).update(total_fen=1)
    with pytest.raises(CommandError, match="1 of 2"):
        replay()


def test_a_rental_from_before_goes_on_and_ends_at_its_frozen_price():
    used = rentals.UsageGiven(condition="good", consumables=[{"name": "x", "quantity": "1", "unit_price_fen": 100}])
    rental = checked_in(period=hours(0, 2))
    Rental.objects.update(priced_from=None)
    rental.refresh_from_db()

    rentals.extend(rental=rental, until=hours(0, 3).end, by=lab_of(rental), now=TUESDAY_9 + timedelta(hours=1))
    done = rentals.check_out(rental=rental, usage=used, by=lab_of(rental), now=hours(0, 3).end)

    assert (done.total_fen, done.priced_from) == (90_100, None)
