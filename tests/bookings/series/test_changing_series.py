"""Cancelling and moving dates of a series: this one, this and the following, all; nothing is dropped in silence."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from bookings.models import Occupancy, Rental, Series
from bookings.rentals import operations as rentals
from bookings.series import operations, queries, rules
from bookings.series.operations import Change
from kernel.money import Money
from tests.factories.bookings import MONDAY_9, TUESDAY_9, buyer, held, hours
from tests.factories.labs import ALWAYS, InstrumentFactory, LabFactory
from tests.factories.series import book_series

pytestmark = pytest.mark.django_db

WEEK = timedelta(days=7)


def states(series: Series) -> list[str]:
    return [each.rental.status if each.rental else "left out" for each in series.dates.order_by("on")]


def clocks(series: Series) -> list[str]:
    """Where the dates are, on the lab's clock."""
    tz = series.instrument.lab.tz
    times = [each.rental.time for each in series.dates.order_by("on") if each.rental]
    return [f"{one.start.astimezone(tz):%m-%d %H:%M}+{one.minutes}" for one in times]


# --- Cancelling ----------------------------------------------------------------------------------------------------


def test_bl_20_every_future_date_is_cancelled_by_its_own_step_of_the_ladder_and_the_sum_is_known_before():
    member = buyer()
    series = book_series(by=member, rule="FREQ=DAILY;COUNT=5", first=date(2026, 11, 23), at=time(14))
    now = MONDAY_9 + timedelta(hours=2)  # 3 h, 27 h, 51 h, 75 h and 99 h before

    found = queries.cancelling(series, which=rules.ALL, on=None, now=now)

    assert [each.fee.fen for each in found.costs] == [60_000, 18_000, 18_000, 0, 0]
    operations.cancel(series=series, which=rules.ALL, expected_fee=found.total, by=member, now=now)
    assert states(series) == ["cancelled"] * 5
    assert [rental.fee_fen for rental in Rental.objects.order_by("period")] == [60_000, 18_000, 18_000, 0, 0]
    assert not Occupancy.objects.exists()


@pytest.mark.parametrize(
    ("which", "on", "expected"),
    [
        (rules.THIS, date(2026, 12, 1), ["confirmed", "cancelled", "confirmed", "confirmed"]),
        (rules.FOLLOWING, date(2026, 12, 1), ["confirmed", "cancelled", "cancelled", "cancelled"]),
        (rules.ALL, None, ["cancelled"] * 4),
    ],
)
def test_this_one_this_and_the_following_or_all_are_cancelled(which: str, on: date | None, expected: list[str]):
    member = buyer()
    series = book_series(by=member, rule="FREQ=WEEKLY;COUNT=4")

    operations.cancel(series=series, which=which, on=on, by=member, now=MONDAY_9)

    assert states(series) == expected


def test_past_dates_stay():
    member = buyer()
    series = book_series(by=member, rule="FREQ=WEEKLY;COUNT=3")
    now = TUESDAY_9 + timedelta(hours=1)

    found = queries.cancelling(series, which=rules.ALL, on=None, now=now)
    operations.cancel(series=series, which=rules.ALL, by=member, now=now)

    assert [one.on for one in found.left] == [date(2026, 11, 24)]
    assert states(series) == ["confirmed", "cancelled", "cancelled"]


def test_a_sum_that_has_changed_cancels_nothing():
    member = buyer()
    series = book_series(by=member, rule="FREQ=DAILY;COUNT=2")

    with pytest.raises(rentals.PriceChanged):
        operations.cancel(series=series, which=rules.ALL, expected_fee=Money(1), by=member, now=MONDAY_9)

    assert states(series) == ["confirmed", "confirmed"]


def test_what_is_cancelled_cannot_be_cancelled_again():
    member = buyer()
    series = book_series(by=member)
    operations.cancel(series=series, which=rules.ALL, by=member, now=MONDAY_9)

    with pytest.raises(operations.NothingToDo):
        operations.cancel(series=series, which=rules.ALL, by=member, now=MONDAY_9)


def test_bl_21_a_lab_that_calls_dates_off_says_why_and_the_customer_owes_nothing():
    series = book_series(rule="FREQ=DAILY;COUNT=3")

    with pytest.raises(rentals.ReasonMissing):
        operations.cancel_by_lab(series=series, which=rules.ALL, reason=" ", by=buyer(), now=MONDAY_9)
    operations.cancel_by_lab(
        series=series, which=rules.FOLLOWING, on=date(2026, 11, 25), reason="搬迁", by=buyer(), now=MONDAY_9
    )

    assert states(series) == ["confirmed", "cancelled", "cancelled"]
    assert set(Rental.objects.filter(status="cancelled").values_list("fee_fen", "reason")) == {(0, "搬迁")}


# --- Moving --------------------------------------------------------------------------------------------------------


def moved(series: Series, change: Change, *, which: str = rules.ALL, on: date | None = None, **how: Any) -> Any:
    by = how.pop("by", None) or buyer()
    return operations.move(series=series, which=which, on=on, change=change, by=by, now=MONDAY_9, **how)


@pytest.mark.parametrize(
    ("which", "on", "expected"),
    [
        (rules.THIS, date(2026, 12, 15), ["12-01 09:00+120", "12-08 09:00+120", "12-15 14:00+120"]),
        (rules.FOLLOWING, date(2026, 12, 8), ["12-01 09:00+120", "12-08 14:00+120", "12-15 14:00+120"]),
        (rules.ALL, None, ["12-01 14:00+120", "12-08 14:00+120", "12-15 14:00+120"]),
    ],
)
def test_dates_are_moved_to_another_time_of_day(which: str, on: date | None, expected: list[str]):
    series = book_series(rule="FREQ=WEEKLY;COUNT=3", first=date(2026, 12, 1))

    moved(series, Change(starts_at=time(14)), which=which, on=on)

    assert clocks(series) == expected


def test_the_rule_follows_what_is_moved_so_that_what_is_added_later_continues_it():
    member = buyer()
    series = book_series(by=member, rule="FREQ=WEEKLY;BYDAY=TU;COUNT=3", first=date(2026, 12, 1))

    moved(series, Change(starts_at=time(14), minutes=60, days=1), which=rules.FOLLOWING, on=date(2026, 12, 8))

    series.refresh_from_db()
    assert (series.rule, series.first_on, series.starts_at, series.minutes) == (
        "FREQ=WEEKLY;BYDAY=WE;COUNT=2",
        date(2026, 12, 9),
        time(14),
        60,
    )
    operations.extend(series=series, count=3, by=member, now=MONDAY_9)
    assert clocks(series) == ["12-01 09:00+120", "12-09 14:00+60", "12-16 14:00+60", "12-23 14:00+60"]


def test_daily_dates_make_way_for_each_other():
    lab = LabFactory(weekly=ALWAYS)
    series = book_series(
        instrument=InstrumentFactory(lab=lab), rule="FREQ=DAILY;COUNT=4", first=date(2026, 12, 1), minutes=480
    )

    later = moved(series, Change(days=1))
    assert (len(later.moved), clocks(series)[0], clocks(series)[-1]) == (4, "12-02 09:00+480", "12-05 09:00+480")
    moved(series, Change(days=-2))
    assert (clocks(series)[0], clocks(series)[-1]) == ("11-30 09:00+480", "12-03 09:00+480")


def test_a_date_that_cannot_be_moved_stays_where_it_is_and_is_named():
    instrument = InstrumentFactory()
    series = book_series(instrument=instrument, rule="FREQ=WEEKLY;COUNT=3", first=date(2026, 12, 1), mode="self")
    other = held(instrument=instrument, period=hours(5, 6, of=TUESDAY_9 + 2 * WEEK), mode="self")

    seen = operations.preview_move(
        series=series, which=rules.ALL, change=Change(starts_at=time(14)), by=buyer(), now=MONDAY_9
    )
    assert clocks(series) == ["12-01 09:00+120", "12-08 09:00+120", "12-15 09:00+120"]
    done = moved(series, Change(starts_at=time(14)), shown=seen.shown)

    assert clocks(series) == ["12-01 14:00+120", "12-08 09:00+120", "12-15 14:00+120"]
    assert [[refusal.code for refusal in one.refusals] for one in done.kept] == [["CAPACITY_EXCEEDED"]]
    assert Rental.objects.get(pk=other.pk).status == "held"


def test_all_or_nothing_moves_nothing_where_one_date_cannot_be_moved():
    instrument = InstrumentFactory()
    series = book_series(instrument=instrument, rule="FREQ=WEEKLY;COUNT=3", first=date(2026, 12, 1))
    held(instrument=instrument, period=hours(5, 6, of=TUESDAY_9 + 2 * WEEK))

    with pytest.raises(operations.NotAllDates):
        moved(series, Change(starts_at=time(14)), policy=rules.ALL_OR_NOTHING)

    assert clocks(series) == ["12-01 09:00+120", "12-08 09:00+120", "12-15 09:00+120"]


def test_what_is_moved_is_what_was_shown_or_nothing():
    instrument = InstrumentFactory()
    series = book_series(instrument=instrument, rule="FREQ=WEEKLY;COUNT=2", first=date(2026, 12, 1))
    change = Change(starts_at=time(14))
    shown = operations.preview_move(series=series, which=rules.ALL, change=change, by=buyer(), now=MONDAY_9).shown
    held(instrument=instrument, period=hours(5, 6, of=TUESDAY_9 + 2 * WEEK))

    with pytest.raises(operations.SeriesChanged):
        moved(series, change, shown=shown)

    assert clocks(series) == ["12-01 09:00+120", "12-08 09:00+120"]


def test_another_length_and_mode_are_priced_anew():
    instrument = InstrumentFactory(tariff__operator_fee_fen_per_hour=10_000)
    series = book_series(instrument=instrument, rule="FREQ=WEEKLY;COUNT=2", first=date(2026, 12, 1), mode="assisted")

    done = moved(series, Change(minutes=180, mode="self"))

    series.refresh_from_db()
    assert clocks(series) == ["12-01 09:00+180", "12-08 09:00+180"]
    assert [(each.rental.mode, each.rental.total_fen) for each in series.dates.all()] == [("self", 90_000)] * 2
    assert (series.mode, series.minutes, done.difference) == ("self", 180, Money(20_000))


def test_too_late_or_too_often_is_said_of_each_date():
    member = buyer()
    series = book_series(by=member, rule="FREQ=DAILY;COUNT=2", first=date(2026, 11, 23), at=time(15))

    done = moved(series, Change(starts_at=time(16)), by=member)

    assert [[refusal.code for refusal in one.refusals] for one in done.dates] == [["MOVE_TOO_LATE"], []]
    assert clocks(series) == ["11-23 15:00+120", "11-24 16:00+120"]


@pytest.mark.parametrize(
    ("how", "state"),
    [({"then": rules.HOLD}, "保留中"), ({}, "待审批"), ({"approved": True}, "待付款")],
    ids=["held", "waiting for approval", "approved"],
)
def test_a_date_that_has_not_begun_and_is_not_confirmed_stays_and_says_why(how: dict[str, Any], state: str):
    instrument, member = InstrumentFactory(policy__requires_approval=True), buyer()
    is_approved = how.pop("approved", False)
    series = book_series(instrument=instrument, by=member, rule="FREQ=WEEKLY;COUNT=2", first=date(2026, 12, 1), **how)
    if is_approved:
        operations.approve(series=series, by=buyer(), now=MONDAY_9)
    numbers = [each.rental.number for each in series.dates.all()]

    seen = operations.preview_move(
        series=series, which=rules.ALL, change=Change(starts_at=time(14)), by=member, now=MONDAY_9
    )

    assert [[str(refusal) for refusal in one.refusals] for one in seen.dates] == [
        [f"{number} 目前为“{state}”，只有已确认的预约才能改期。"] for number in numbers
    ]
    assert all(refusal.remedy for one in seen.dates for refusal in one.refusals)
    with pytest.raises(operations.NothingMoved):
        moved(series, Change(starts_at=time(14)), by=member)
    assert clocks(series) == ["12-01 09:00+120", "12-08 09:00+120"]


def test_what_waits_stays_and_what_is_confirmed_is_moved_or_none_of_them():
    instrument, member = InstrumentFactory(policy__requires_approval=True), buyer()
    series = book_series(instrument=instrument, by=member, rule="FREQ=WEEKLY;COUNT=2", first=date(2026, 12, 1))
    (first, _second) = [each.rental.number for each in series.dates.all()]
    operations.approve(series=series, numbers=[first], by=buyer(), now=MONDAY_9)
    operations.confirm(series=series, by=member, now=MONDAY_9)

    with pytest.raises(operations.NotAllMoved):
        moved(series, Change(starts_at=time(14)), by=member, policy=rules.ALL_OR_NOTHING)
    done = moved(series, Change(starts_at=time(14)), by=member)

    assert [one.code for kept in done.kept for one in kept.refusals] == ["MOVE_NEEDS_CONFIRMATION"]
    assert clocks(series) == ["12-01 14:00+120", "12-08 09:00+120"]


def test_dates_that_are_over_are_left_alone_and_said_to_be():
    member = buyer()
    series = book_series(by=member, rule="FREQ=WEEKLY;COUNT=3", first=date(2026, 12, 1))
    operations.cancel(series=series, which=rules.THIS, on=date(2026, 12, 8), by=member, now=MONDAY_9)

    done = moved(series, Change(starts_at=time(10)))

    assert [one.on for one in done.left] == [date(2026, 12, 8)]
    assert (len(done.moved), states(series)) == (2, ["confirmed", "cancelled", "confirmed"])


def test_a_monthly_series_keeps_its_days_but_one_date_may_go_elsewhere():
    series = book_series(rule="FREQ=MONTHLY;COUNT=2", first=date(2026, 12, 1))

    with pytest.raises(rules.MonthlyStays):
        moved(series, Change(days=1))
    moved(series, Change(days=1), which=rules.THIS, on=date(2026, 12, 1))

    assert clocks(series)[0] == "12-02 09:00+120"


def test_two_dates_of_a_series_never_share_a_day():
    series = book_series(rule="FREQ=DAILY;COUNT=2", first=date(2026, 12, 1))

    done = operations.preview_move(
        series=series, which=rules.THIS, on=date(2026, 12, 1), change=Change(days=1), by=buyer(), now=MONDAY_9
    )

    assert [[refusal.code for refusal in one.refusals] for one in done.dates] == [["TWICE_ON_ONE_DAY"]]


def test_nothing_that_has_begun_is_moved():
    series = book_series(rule="FREQ=WEEKLY;COUNT=1")

    with pytest.raises(operations.NothingToDo):
        operations.move(
            series=series,
            which=rules.ALL,
            change=Change(starts_at=time(14)),
            by=buyer(),
            now=datetime(2026, 11, 24, 2, tzinfo=TUESDAY_9.tzinfo),
        )
