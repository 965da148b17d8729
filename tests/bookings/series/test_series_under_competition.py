"""While a long series is booked others book single times on the same instrument: nothing lost or double (BK-17)."""

from collections.abc import Callable
from datetime import date
from time import monotonic
from typing import Any

import pytest
from django.conf import settings

from bookings.models import Occupancy, Rental, Series, SeriesDate
from bookings.rentals import operations as rentals
from bookings.series import operations
from bookings.series.previewing import preview
from config.invariants import ALL
from kernel.invariants import verified
from kernel.refusals import Busy, Refusal
from labs.models import Instrument
from tests.factories.bookings import MONDAY_9, buyer, held, hours
from tests.factories.labs import (
    ALWAYS,
    InstrumentFactory,
    LabFactory,
    OperatorFactory,
    OperatorQualificationFactory,
)
from tests.factories.racing import at_once
from tests.factories.series import book_series, plan

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

DAILY = "FREQ=DAILY;COUNT=52"
PATIENCE = 2 * settings.LOCK_WAIT_MILLISECONDS / 1_000
"""Seconds: nobody waits for one lock longer than half of that."""
ATTEMPTS = 5
"""How often it is sent again where many were booking; a loaded machine is slow, not wrong."""


def timed(act: Callable[[], Any]) -> tuple[Any, float]:
    """Return what an act made or the refusal it met, and the seconds of its longest attempt."""
    longest = 0.0
    for _ in range(ATTEMPTS):
        begun = monotonic()
        try:
            made = act()
        except Refusal as refusal:
            made = refusal
        longest = max(longest, monotonic() - begun)
        if not isinstance(made, Busy):
            break
    return made, longest


def singles(instrument: Instrument, days: range, *, at: float) -> list[tuple[Any, float]]:
    """Hold, and confirm, one time after the other."""
    member = buyer()

    def one(day: int) -> Rental:
        rental = held(instrument=instrument, period=hours(24 * day + at, 24 * day + at + 1), by=member, mode="self")
        return rentals.confirm_on_account(rental=rental, by=member, now=MONDAY_9)

    return [timed(lambda day=day: one(day)) for day in days]


def whole(results: list[Any]) -> list[tuple[Any, float]]:
    """Every act ended with what it made or with a refusal, each attempt in bounded time; nobody came again in vain."""
    found = [each for result in results for each in (result if isinstance(result, list) else [result])]
    assert [one for one in found if not isinstance(one, tuple)] == []
    assert [made for made, _ in found if isinstance(made, Busy)] == []
    assert max(seconds for _, seconds in found) < PATIENCE
    return found


def test_while_52_dates_are_booked_others_hold_single_times_and_nothing_is_lost_or_double() -> None:
    instrument = InstrumentFactory(lab=LabFactory(weekly=ALWAYS), policy__advance_days=200)

    results = whole(
        at_once(
            lambda: timed(lambda: book_series(instrument=instrument, rule=DAILY, mode="self")),
            lambda: singles(instrument, range(0, 52, 3), at=0),
            lambda: singles(instrument, range(51, 0, -4), at=1),
            lambda: singles(instrument, range(0, 52, 5), at=5),
            lambda: singles(instrument, range(2, 52, 5), at=-6),
        )
    )

    (series,) = [made for made, _ in results if isinstance(made, Series)]
    acknowledged = {made.pk for made, _ in results if isinstance(made, Rental)}
    of_series = set(SeriesDate.objects.filter(rental__isnull=False).values_list("rental_id", flat=True))
    confirmed = set(Rental.objects.filter(status="confirmed").values_list("pk", flat=True))
    assert confirmed == acknowledged | of_series
    assert set(Occupancy.objects.values_list("holder_id", flat=True)) == confirmed
    assert Rental.objects.exclude(status="confirmed").count() == 0
    assert series.dates.count() == 52
    left_out = series.dates.filter(rental__isnull=True)
    assert {each.skipped["code"] for each in left_out} <= {"CAPACITY_EXCEEDED"}
    assert [verdict.first for verdict in verified(ALL, now=MONDAY_9) if verdict.count] == []


def test_what_was_shown_is_booked_whole_or_not_at_all_while_others_take_its_times() -> None:
    for _ in range(3):
        instrument = InstrumentFactory(lab=LabFactory(weekly=ALWAYS), policy__advance_days=200)
        member = buyer()
        shown = preview(instrument=instrument, plan=plan(DAILY, mode="self"), member=member, now=MONDAY_9).shown

        results = whole(
            at_once(
                lambda instrument=instrument, member=member, shown=shown: timed(
                    lambda: book_series(instrument=instrument, by=member, rule=DAILY, mode="self", shown=shown)
                ),
                lambda instrument=instrument: singles(instrument, range(0, 52, 3), at=0),
                lambda instrument=instrument: singles(instrument, range(51, 0, -3), at=0),
            )
        )

        outcome = results[0][0]
        taken = sum(isinstance(made, Rental) for made, _ in results[1:])
        assert isinstance(outcome, Series | operations.SeriesChanged)
        booked = 52 if isinstance(outcome, Series) else 0
        assert Rental.objects.filter(instrument=instrument).count() == booked + taken
        assert Series.objects.filter(instrument=instrument).count() == bool(booked)


def test_series_on_two_instruments_that_share_operators_give_each_date_an_operator_of_its_own_or_a_reason() -> None:
    lab = LabFactory(weekly=ALWAYS)
    shared = OperatorFactory.create_batch(2, lab=lab)
    instruments = InstrumentFactory.create_batch(3, lab=lab, operator=False, policy__advance_days=200)
    for operator in shared:
        for instrument in instruments:
            OperatorQualificationFactory(operator=operator, instrument=instrument)

    results = at_once(
        *[
            lambda instrument=instrument: timed(
                lambda: book_series(instrument=instrument, rule="FREQ=DAILY;COUNT=20", first=date(2026, 11, 25))
            )
            for instrument in instruments
        ]
    )

    assert [one for one in results if not isinstance(one, tuple)] == []
    made = [one for one, _ in results if isinstance(one, Series)]
    assert all(isinstance(one, Series | operations.NoDateLeft | Busy) for one, _ in results)
    busy = Occupancy.objects.filter(resource__operator__isnull=False)
    assert busy.count() == Rental.objects.filter(operator__isnull=False).count() == Rental.objects.count()
    assert SeriesDate.objects.filter(series__in=made).count() == 20 * len(made)
    assert Rental.objects.count() == 2 * 20


def test_a_series_and_others_share_units_of_one_instrument_and_nobody_has_too_many() -> None:
    instrument = InstrumentFactory(lab=LabFactory(weekly=ALWAYS), capacity=3, policy__advance_days=200)

    whole(
        at_once(
            *[lambda: timed(lambda: book_series(instrument=instrument, rule=DAILY, mode="self")) for _ in range(2)],
            lambda: singles(instrument, range(0, 52, 2), at=1),
            lambda: singles(instrument, range(51, 0, -2), at=0),
        )
    )

    assert Rental.objects.count() == Occupancy.objects.count()
    assert SeriesDate.objects.count() == 2 * 52
    assert [verdict.first for verdict in verified(ALL, now=MONDAY_9) if verdict.count] == []
