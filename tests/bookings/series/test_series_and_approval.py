"""A series that the lab approves first (BK-21): sent and answered in one act, each date with its own deadline."""

from datetime import date, time

import pytest

from bookings.models import Occupancy, Rental
from bookings.rentals import operations as rentals
from bookings.series import operations
from bookings.series.previewing import preview
from tests.factories.bookings import MONDAY_9, buyer, held, hours
from tests.factories.labs import InstrumentFactory
from tests.factories.series import book_series, plan

pytestmark = pytest.mark.django_db


def test_what_the_lab_approves_first_is_sent_to_it_and_answered_in_one_act_but_for_exceptions():
    instrument = InstrumentFactory(policy__requires_approval=True)
    member = buyer()
    series = book_series(instrument=instrument, by=member, rule="FREQ=WEEKLY;COUNT=3")
    numbers = list(Rental.objects.order_by("period").values_list("number", flat=True))
    manager = buyer()

    answered = operations.approve(series=series, numbers=numbers[:2], by=manager, now=MONDAY_9)

    assert [rental.number for rental in answered.done] == numbers[:2]
    assert list(Rental.objects.order_by("period").values_list("status", flat=True)) == [
        "awaiting_payment",
        "awaiting_payment",
        "pending_approval",
    ]
    operations.confirm(series=series, by=member, now=MONDAY_9)
    operations.reject(series=series, reason="当天校准", by=manager, now=MONDAY_9)
    assert list(Rental.objects.order_by("period").values_list("status", "reason")) == [
        ("confirmed", ""),
        ("confirmed", ""),
        ("rejected", "当天校准"),
    ]


def test_a_lab_that_declines_says_why():
    series = book_series(instrument=InstrumentFactory(policy__requires_approval=True))

    with pytest.raises(rentals.ReasonMissing):
        operations.reject(series=series, reason=" ", by=buyer(), now=MONDAY_9)


def test_a_date_whose_approval_could_not_come_in_time_is_left_out_and_the_preview_says_so():
    instrument, member = InstrumentFactory(policy__requires_approval=True, policy__lead_time_min=0), buyer()

    wanted = plan("FREQ=DAILY;COUNT=2", first=date(2026, 11, 23), at=time(10))
    seen = preview(instrument=instrument, plan=wanted, member=member, now=MONDAY_9)

    assert [one.verdict for one in seen.dates] == ["APPROVAL_TOO_LATE", "60000"]
    series = book_series(
        instrument=instrument,
        by=member,
        rule="FREQ=DAILY;COUNT=2",
        first=date(2026, 11, 23),
        at=time(10),
        shown=seen.shown,
    )
    assert [each.skipped and each.skipped["code"] for each in series.dates.all()] == ["APPROVAL_TOO_LATE", None]


def test_each_date_has_the_deadline_of_an_approval_that_a_single_booking_would_have():
    instrument, member = InstrumentFactory(policy__requires_approval=True), buyer()

    series = book_series(instrument=instrument, by=member, rule="FREQ=DAILY;COUNT=3")

    alone = held(instrument=instrument, by=member, period=hours(3, 5))
    single = rentals.submit_for_approval(rental=alone, by=member, now=MONDAY_9)
    assert next(each.rental.held_until for each in series.dates.all()) == single.held_until
    lapse = Occupancy.objects.filter(holder_id__in=series.dates.values("rental_id")).values_list("lapses_at", flat=True)
    assert set(lapse) == {each.rental.held_until for each in series.dates.all()}
