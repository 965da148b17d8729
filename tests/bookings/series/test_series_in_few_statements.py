"""A series is booked in few statements, however many dates it has (BK-21): its locks are held for a moment."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Membership
from billing.models import Bill
from bookings.models import Occupancy, Rental, Series
from bookings.series import operations, rules
from labs.models import Instrument
from tests.factories.bookings import MONDAY_9, buyer, held, hours
from tests.factories.labs import ALWAYS, InstrumentFactory, LabFactory, RoomFactory
from tests.factories.series import book_series, plan

pytestmark = pytest.mark.django_db

MOST = 60


def statements(act: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as asked:
        act()
    return len(asked)


def always(**how: Any) -> Instrument:
    """An instrument that is open day and night, in a room, and has been booked before."""
    lab = LabFactory(weekly=ALWAYS)
    instrument = InstrumentFactory(lab=lab, room=RoomFactory(lab=lab), policy__advance_days=200, **how)
    held(instrument=instrument, period=hours(-6, -5))
    return instrument


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"capacity": 3},
        {"policy__requires_approval": True},
        {"policy__sme_reserve_bp": 1_000},
    ],
    ids=["confirmed", "of several units", "sent to the lab", "beside a reserve"],
)
@pytest.mark.parametrize("mode", ["self", "assisted"])
def test_booking_asks_the_database_as_often_for_4_dates_as_for_12_and_for_52(how: dict[str, Any], mode: str) -> None:
    member = buyer()
    counts = []
    for number in (4, 12, 52):
        instrument = always(**how)
        rule = f"FREQ=DAILY;COUNT={number}"
        counts.append(
            statements(
                lambda instrument=instrument, rule=rule: book_series(
                    instrument=instrument, by=member, rule=rule, mode=mode
                )
            )
        )

    assert counts == [counts[0]] * 3
    assert counts[0] < MOST
    assert Rental.objects.filter(series_date__isnull=False).count() == 4 + 12 + 52


def test_confirming_and_going_on_ask_as_often_for_4_dates_as_for_12() -> None:
    member = buyer()
    confirming, going_on = [], []
    for number in (4, 12):
        series = book_series(instrument=always(), by=member, rule=f"FREQ=DAILY;COUNT={number}", then=rules.HOLD)
        confirming.append(statements(lambda series=series: operations.confirm(series=series, by=member, now=MONDAY_9)))
        series.refresh_from_db()
        going_on.append(
            statements(
                lambda series=series, number=number: operations.extend(
                    series=series, count=2 * number, by=member, now=MONDAY_9
                )
            )
        )

    assert confirming == [confirming[0]] * 2
    assert going_on == [going_on[0]] * 2
    assert max(*confirming, *going_on) < MOST
    assert Bill.objects.count() == 2 * (4 + 12)


@pytest.mark.parametrize("by_lab", [False, True], ids=["by the customer", "by the lab"])
def test_cancelling_asks_as_often_for_4_dates_as_for_12_and_for_52(by_lab: bool) -> None:
    member = buyer()
    counts = []
    for number in (4, 12, 52):
        series = book_series(instrument=always(), by=member, rule=f"FREQ=DAILY;COUNT={number}")
        counts.append(statements(lambda series=series: cancelled(series, member, by_lab=by_lab)))

    assert counts == [counts[0]] * 3
    assert counts[0] < MOST
    assert set(Bill.objects.values_list("state", flat=True)) == {Bill.State.CANCELLED}
    assert not Occupancy.objects.filter(holder_id__in=Rental.objects.filter(status="cancelled").values("pk")).exists()


def cancelled(series: Series, member: Membership, *, by_lab: bool) -> None:
    how: dict[str, Any] = {"series": series, "which": rules.ALL, "by": member, "now": MONDAY_9 - timedelta(days=2)}
    if by_lab:
        operations.cancel_by_lab(**how, reason="搬迁")
    else:
        operations.cancel(**how)


def test_where_no_unit_is_free_throughout_others_change_their_units_for_all_dates_of_a_series() -> None:
    lab = LabFactory(weekly=ALWAYS)
    instrument = InstrumentFactory(lab=lab, capacity=2, policy__pre_buffer_min=0, policy__post_buffer_min=0)
    first, day = date(2026, 11, 24), timedelta(days=1)
    for number in range(2):
        early = held(instrument=instrument, period=hours(24 * number - 1, 24 * number + 1), mode="self")
        late = held(instrument=instrument, period=hours(24 * number + 1, 24 * number + 4), mode="self")
        places = Occupancy.objects.filter(resource__instrument=instrument)
        places.filter(holder_id=early.pk).update(unit=1)
        places.filter(holder_id=late.pk).update(unit=2)

    series = book_series(instrument=instrument, rule="FREQ=DAILY;COUNT=2", first=first, mode="self")

    assert [each.on for each in series.dates.filter(rental__isnull=False)] == [first, first + day]
    assert Occupancy.objects.filter(resource__instrument=instrument, holder_id__in=_rentals(series)).count() == 2


def test_a_series_of_two_units_takes_two_of_three_on_every_date_beside_others() -> None:
    instrument = InstrumentFactory(capacity=3)
    other = held(instrument=instrument, period=hours(0, 2), mode="self")

    operations.book(
        instrument=instrument,
        plan=plan("FREQ=DAILY;COUNT=3", mode="self", units=2),
        policy=rules.ALL_OR_NOTHING,
        by=buyer(),
        now=MONDAY_9,
    )

    taken = Occupancy.objects.filter(resource__instrument=instrument).order_by("period", "unit")
    others = taken.get(holder_id=other.pk)
    theirs = list(taken.exclude(pk=others.pk).values_list("unit", flat=True))
    assert (others.unit, theirs) == (1, [2, 3, 1, 2, 1, 2])
    assert {one.lapses_at for one in taken} == {None, other.held_until}


def _rentals(series: Series) -> list[int]:
    return list(series.dates.values_list("rental_id", flat=True))
