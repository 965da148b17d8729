"""Booking a series (BK-21): shown date by date, booked in one act, what is left out kept with its reason."""

from datetime import date, time, timedelta
from typing import Any

import pytest

from accounts.models import Membership
from billing.bills.operations import CreditExceeded
from billing.models import Bill
from bookings.models import Occupancy, Rental, Series
from bookings.rentals.consents import ConsentMissing
from bookings.series import operations, rules
from bookings.series.previewing import preview
from bookings.series.rules import Plan, parse
from kernel.periods import Period
from labs.models import Instrument
from tests.factories.accounts import MembershipFactory
from tests.factories.bookings import MONDAY_9, TUESDAY_9, buyer, held, hours
from tests.factories.labs import (
    ALWAYS,
    InstrumentFactory,
    LabFactory,
    OutageFactory,
    UserQualificationFactory,
)
from tests.factories.series import book_series, plan

pytestmark = pytest.mark.django_db

WEEK = timedelta(days=7)


def week(number: int, start: float = 0, end: float = 2) -> Period:
    """Tuesday 09:00 to 11:00, so many weeks later."""
    return hours(start, end, of=TUESDAY_9 + number * WEEK)


def seen_by(member: Membership, instrument: Instrument, wanted: Plan, **how: Any) -> Any:
    return preview(instrument=instrument, plan=wanted, member=member, now=MONDAY_9, **how)


def test_every_date_is_shown_with_its_price_before_anything_is_booked():
    instrument = InstrumentFactory()

    seen = seen_by(buyer(), instrument, plan("FREQ=WEEKLY;COUNT=3"))

    assert [(one.on, one.period, str(one.price.total)) for one in seen.dates] == [
        (date(2026, 11, 24), week(0), "¥600.00"),
        (date(2026, 12, 1), week(1), "¥600.00"),
        (date(2026, 12, 8), week(2), "¥600.00"),
    ]
    assert (str(seen.total), seen.shown) == ("¥1,800.00", "2026-11-24=60000;2026-12-01=60000;2026-12-08=60000")
    assert not Rental.objects.exists()


def test_a_date_that_cannot_be_booked_is_shown_with_all_reasons_and_what_would_help():
    instrument = InstrumentFactory(policy__lead_time_min=3 * 24 * 60)
    held(instrument=instrument, period=week(1), mode="self")
    OutageFactory(instrument=instrument, period=(week(1, -1).start, week(1, 0, 5).end))

    seen = seen_by(buyer(), instrument, plan("FREQ=WEEKLY;COUNT=3", mode="self"))

    assert [[code for code, *_ in one.reasons] for one in seen.dates] == [
        ["LEAD_TIME_TOO_SHORT"],
        ["CAPACITY_EXCEEDED", "MAINTENANCE"],
        [],
    ]
    assert all(remedy for _code, _said, remedy in seen.dates[1].reasons)
    assert len(seen.bookable) == 1


def test_the_preview_asks_the_database_as_often_for_three_dates_as_for_twenty(django_assert_num_queries):
    instrument, member = InstrumentFactory(lab=LabFactory(weekly=ALWAYS)), buyer()

    for rule in ("FREQ=DAILY;COUNT=3", "FREQ=DAILY;COUNT=20"):
        with django_assert_num_queries(1):
            seen_by(member, instrument, plan(rule))


def test_each_date_is_a_rental_of_its_own_confirmed_with_its_own_bill():
    instrument, member = InstrumentFactory(), buyer()

    series = book_series(instrument=instrument, by=member, rule="FREQ=WEEKLY;COUNT=3", purpose="月度比对")

    booked = list(Rental.objects.order_by("period"))
    assert [(one.time, one.status, one.total_fen, one.purpose) for one in booked] == [
        (week(number), "confirmed", 60_000, "月度比对") for number in range(3)
    ]
    assert {bill.order_number for bill in Bill.objects.all()} == {one.number for one in booked}
    assert [(each.on, each.rental, each.skipped) for each in series.dates.all()] == [
        (one.time.start.date(), one, None) for one in booked
    ]
    assert Occupancy.objects.filter(lapses_at__isnull=True).count() >= 3


def test_what_is_left_out_is_kept_with_its_reason_in_both_languages():
    instrument = InstrumentFactory(name_zh="万能试验机", name_en="Universal testing machine")
    held(instrument=instrument, period=week(1), mode="self")

    series = book_series(instrument=instrument, rule="FREQ=WEEKLY;COUNT=3", mode="self")

    left_out = series.dates.get(on=date(2026, 12, 1))
    assert left_out.rental is None
    assert left_out.skipped == {
        "code": "CAPACITY_EXCEEDED",
        "text_zh": "该时段内万能试验机已有预约。",
        "text_en": "Universal testing machine is taken for part of that time.",
    }
    assert series.dates.filter(rental__isnull=False).count() == 2


def test_all_or_nothing_books_nothing_where_one_date_cannot_be_booked():
    instrument = InstrumentFactory()
    held(instrument=instrument, period=week(1))

    with pytest.raises(operations.NotAllDates) as refused:
        book_series(instrument=instrument, rule="FREQ=WEEKLY;COUNT=3", policy=rules.ALL_OR_NOTHING)

    assert refused.value.facts == {"dates": "2026-12-01"}
    assert (Series.objects.count(), Rental.objects.count()) == (0, 1)


def test_what_is_booked_is_what_was_shown_or_nothing():
    instrument, member = InstrumentFactory(), buyer()
    wanted = plan("FREQ=WEEKLY;COUNT=3")
    shown = seen_by(member, instrument, wanted).shown
    held(instrument=instrument, period=week(2))

    with pytest.raises(operations.SeriesChanged) as refused:
        book_series(instrument=instrument, by=member, rule="FREQ=WEEKLY;COUNT=3", shown=shown)

    assert refused.value.facts == {"dates": "2026-12-08"}
    assert not Series.objects.exists()


def test_a_time_the_clock_shows_twice_is_left_out_and_named():
    lab = LabFactory(timezone="Europe/London", weekly=ALWAYS)
    instrument = InstrumentFactory(lab=lab, policy__advance_days=400)

    seen = seen_by(buyer(), instrument, plan("FREQ=DAILY;COUNT=3", first=date(2027, 3, 27), at=time(1, 30), minutes=60))

    assert [one.verdict for one in seen.dates] == ["30000", "LOCAL_TIME_SKIPPED", "30000"]
    assert [one.period and one.period.start.hour for one in seen.dates] == [1, None, 0]


def test_a_time_of_day_is_booked_on_the_labs_clock_on_both_sides_of_a_change():
    lab = LabFactory(timezone="America/New_York")
    instrument = InstrumentFactory(lab=lab, policy__advance_days=400)

    series = book_series(instrument=instrument, rule="FREQ=WEEKLY;COUNT=3", first=date(2027, 3, 8))

    starts = [each.rental.time.start for each in series.dates.all()]
    assert [start.hour for start in starts] == [14, 13, 13]
    assert {start.astimezone(lab.tz).hour for start in starts} == {9}


def test_bk_12_every_date_counts_as_a_booking_ahead_and_the_remedy_says_so():
    instrument = InstrumentFactory(policy__advance_days=200)
    member = buyer(most_bookings_ahead=3)
    held(by=member, period=week(0, 5, 6))

    seen = seen_by(member, instrument, plan("FREQ=WEEKLY;COUNT=4"))

    assert [one.verdict for one in seen.dates] == ["60000", "60000", "QUOTA_EXCEEDED", "QUOTA_EXCEEDED"]
    ((_code, _said, remedy),) = seen.dates[2].reasons
    assert remedy.endswith("系列中的每一次都计为一次预约。")
    series = book_series(instrument=instrument, by=member, rule="FREQ=WEEKLY;COUNT=4", shown=seen.shown)
    assert series.dates.filter(rental__isnull=False).count() == 2


def test_a_date_that_begins_this_instant_is_not_ahead_and_names_are_kept_in_both_languages():
    instrument = InstrumentFactory()
    member = buyer(most_bookings_ahead=1, name_zh="示例企业", name_en="Example Company")

    series = book_series(instrument=instrument, by=member, rule="FREQ=DAILY;COUNT=3", first=date(2026, 11, 23))

    booked = [each.rental is not None for each in series.dates.all()]
    assert booked == [True, True, False]
    (told,) = [each.skipped for each in series.dates.all() if each.skipped]
    assert (told["text_zh"].startswith("示例企业"), told["text_en"].startswith("Example Company")) == (True, True)


def test_bk_12_dates_that_are_only_held_count_as_holds_those_confirmed_at_once_do_not():
    instrument = InstrumentFactory()
    member = buyer(most_holds=2)
    wanted = plan("FREQ=WEEKLY;COUNT=3")

    held_only = seen_by(member, instrument, wanted, holds=True)
    confirmed = seen_by(member, instrument, wanted)

    assert [one.verdict for one in held_only.dates] == ["60000", "60000", "QUOTA_EXCEEDED"]
    assert len(confirmed.bookable) == 3
    series = book_series(instrument=instrument, by=member, then=rules.HOLD, shown=held_only.shown)
    assert {each.rental.held_until for each in series.dates.filter(rental__isnull=False)} == {
        MONDAY_9 + timedelta(minutes=30)
    }


def test_bk_13_the_reserve_for_smes_counts_earlier_dates_of_the_series_on_the_day():
    lab = LabFactory(weekly=ALWAYS)
    instrument = InstrumentFactory(lab=lab, capacity=2, policy__sme_reserve_bp=9_000, policy__max_minutes=1440)
    large = buyer(size="large")

    seen = seen_by(large, instrument, plan("FREQ=DAILY;COUNT=2", first=date(2026, 11, 27), minutes=240))
    assert [one.verdict for one in seen.dates] == ["120000", "120000"]
    book_series(instrument=instrument, by=large, rule="FREQ=DAILY;COUNT=2", first=date(2026, 11, 27), minutes=240)

    again = seen_by(large, instrument, plan("FREQ=DAILY;COUNT=2", first=date(2026, 11, 27), minutes=60))
    assert [one.verdict for one in again.dates] == ["SME_RESERVE", "SME_RESERVE"]


def test_dates_that_would_overlap_each_other_are_refused_by_what_the_series_itself_takes():
    lab = LabFactory(weekly=ALWAYS)
    instrument = InstrumentFactory(lab=lab, policy__max_minutes=2880)
    member = buyer()

    seen = seen_by(member, instrument, plan("FREQ=DAILY;COUNT=3", minutes=36 * 60, mode="self"))

    assert [one.verdict for one in seen.dates][1] == "CAPACITY_EXCEEDED"
    series = book_series(
        instrument=instrument, by=member, rule="FREQ=DAILY;COUNT=3", minutes=36 * 60, mode="self", shown=seen.shown
    )
    assert [each.rental is None for each in series.dates.all()] == [False, True, False]


def test_bl_5_a_run_that_follows_on_the_same_day_pays_no_second_set_up():
    lab = LabFactory(weekly=ALWAYS)
    instrument = InstrumentFactory(lab=lab, policy__max_minutes=1440, tariff__setup_fee_fen=8_000)
    member = buyer()

    seen = seen_by(member, instrument, plan("FREQ=DAILY;COUNT=3", minutes=1440))
    series = book_series(instrument=instrument, by=member, rule="FREQ=DAILY;COUNT=3", minutes=1440, shown=seen.shown)

    assert [one.price.total.fen for one in seen.dates] == [728_000, 720_000, 720_000]
    assert [each.rental.total_fen for each in series.dates.all()] == [728_000, 720_000, 720_000]


def test_bl_5_dates_on_days_of_their_own_each_pay_the_set_up():
    instrument = InstrumentFactory(tariff__setup_fee_fen=8_000)

    series = book_series(instrument=instrument, rule="FREQ=DAILY;COUNT=2")

    assert [each.rental.total_fen for each in series.dates.all()] == [68_000, 68_000]


def test_a_series_that_exceeds_the_monthly_account_is_not_booked_at_all():
    instrument = InstrumentFactory()
    member = buyer(monthly_credit_fen=150_000)

    with pytest.raises(CreditExceeded):
        book_series(instrument=instrument, by=member, rule="FREQ=WEEKLY;COUNT=3")

    assert (Series.objects.count(), Rental.objects.count(), Bill.objects.count()) == (0, 0, 0)


def test_held_dates_are_confirmed_in_one_act_or_none_of_them():
    instrument, member = InstrumentFactory(), buyer(monthly_credit_fen=150_000)
    series = book_series(instrument=instrument, by=member, rule="FREQ=WEEKLY;COUNT=2", then=rules.HOLD)

    operations.confirm(series=series, by=member, now=MONDAY_9 + timedelta(minutes=10))

    assert set(Rental.objects.values_list("status", flat=True)) == {"confirmed"}
    with pytest.raises(operations.NothingToDo):
        operations.confirm(series=series, by=member, now=MONDAY_9 + timedelta(minutes=11))


def test_held_dates_that_exceed_the_account_all_stay_held():
    instrument, member = InstrumentFactory(), buyer(monthly_credit_fen=100_000)
    series = book_series(instrument=instrument, by=member, rule="FREQ=WEEKLY;COUNT=2", then=rules.HOLD)

    with pytest.raises(CreditExceeded):
        operations.confirm(series=series, by=member, now=MONDAY_9)

    assert set(Rental.objects.values_list("status", flat=True)) == {"held"}


def test_who_will_use_it_is_chosen_for_all_dates_and_their_qualification_counts():
    instrument, member = InstrumentFactory(training_required=True), buyer()
    colleague = MembershipFactory(role="buyer", organisation=member.organisation)
    UserQualificationFactory(user=colleague.user, instrument=instrument)

    alone = seen_by(member, instrument, plan(mode="self"))
    theirs = seen_by(member, instrument, plan(mode="self"), used_by=colleague.user_id)

    assert ({one.verdict for one in alone.dates}, len(theirs.bookable)) == ({"NOT_QUALIFIED"}, 3)
    series = book_series(instrument=instrument, by=member, mode="self", used_by=colleague.user, shown=theirs.shown)
    operations.extend(series=series, count=4, by=member, now=MONDAY_9)
    assert [each.rental.used_by for each in series.dates.all()] == [colleague.user] * 4
    assert {each.rental.placed_by for each in series.dates.all()} == {member.user}


def test_results_that_are_not_traceable_need_a_consent_for_the_whole_series():
    instrument = InstrumentFactory(requires_calibration=False, calibration=False)
    member = buyer()
    seen = seen_by(member, instrument, plan())

    assert [consent.code for consent in seen.consents] == ["not_traceable"]
    with pytest.raises(ConsentMissing):
        book_series(instrument=instrument, by=member)
    series = book_series(instrument=instrument, by=member, agreed=["not_traceable"])
    assert all(each.rental.consents for each in series.dates.all())


def test_a_series_goes_on_by_its_rule_and_keeps_what_it_has():
    instrument, member = InstrumentFactory(), buyer()
    series = book_series(instrument=instrument, by=member, rule="FREQ=WEEKLY;COUNT=2")
    before = set(Rental.objects.values_list("number", flat=True))

    operations.extend(series=series, count=4, by=member, now=MONDAY_9)

    series.refresh_from_db()
    assert (series.rule, series.dates.count()) == ("FREQ=WEEKLY;COUNT=4", 4)
    assert [each.on for each in series.dates.all()][2:] == [date(2026, 12, 8), date(2026, 12, 15)]
    assert before <= set(Rental.objects.values_list("number", flat=True))


def test_a_series_that_has_all_those_dates_does_not_go_on():
    series = book_series(rule="FREQ=WEEKLY;COUNT=3")

    with pytest.raises(operations.NoDateLeft):
        operations.extend(series=series, count=3, by=buyer(), now=MONDAY_9)
    with pytest.raises(rules.RuleTooLong):
        operations.extend(series=series, count=40, by=buyer(), now=MONDAY_9)


def test_a_rule_without_dates_and_a_series_without_any_bookable_date_are_refused():
    instrument = InstrumentFactory()
    held(instrument=instrument, period=week(0))

    with pytest.raises(operations.NoDateLeft):
        book_series(instrument=instrument, rule="FREQ=WEEKLY;COUNT=1")
    with pytest.raises(rules.RuleWithoutDates):
        book_series(instrument=instrument, rule="FREQ=WEEKLY;UNTIL=20261101")
    assert not Series.objects.exists()


def test_the_plan_of_a_series_is_what_was_asked():
    wanted = Plan(parse("FREQ=MONTHLY;BYDAY=-1FR;COUNT=2"), date(2026, 11, 24), time(9), 60, "assisted")
    series = book_series(rule=str(wanted.rule), minutes=60)

    assert Series.objects.get(pk=series.pk).plan == wanted
