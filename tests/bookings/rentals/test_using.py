"""Check-in, going on longer, check-out, with the usage record (requirements 3.1)."""

from datetime import timedelta
from decimal import Decimal

import pytest

from bookings.availability.rules import CalibrationExpired, CapacityExceeded, NotQualified, UnderMaintenance
from bookings.models import Task, UsageRecord, UsageRun
from bookings.rentals import operations as rentals
from bookings.rentals import rules
from bookings.rentals.operations.extending import EndNotLater
from bookings.rentals.operations.using import (
    CheckInTooEarly,
    CheckInTooLate,
    CounterRunsBack,
    NotYetFree,
    UsageIncomplete,
)
from kernel.periods import Period
from labs.models import UserQualification
from tests.factories.bookings import (
    MONDAY_9,
    TUESDAY_9,
    buyer,
    certified_until,
    checked_in,
    checked_out,
    confirmed,
    held,
    hours,
    lab_of,
    places,
)
from tests.factories.labs import InstrumentFactory, OutageFactory, UserQualificationFactory

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
GOOD = rentals.UsageGiven(condition="good")


def let_in(rental, at):
    return rentals.check_in(rental=rental, by=lab_of(rental), now=at)


def taken(rental) -> Period:
    return Period.from_range(places(rental).get().period)


def test_somebody_is_let_in_from_a_quarter_of_an_hour_before_the_start_to_the_end():
    rental = confirmed(period=hours(0, 2))

    with pytest.raises(CheckInTooEarly):
        let_in(rental, TUESDAY_9 - 15 * MINUTE - timedelta(seconds=1))
    with pytest.raises(CheckInTooLate):
        let_in(rental, TUESDAY_9 + timedelta(hours=2))

    assert let_in(rental, TUESDAY_9 + timedelta(hours=1, minutes=59)).status == "checked_in"


def test_check_in_begins_the_usage_record_with_the_position_and_a_run():
    member = buyer()
    rental = confirmed(by=member, instrument=InstrumentFactory(capacity=3), units=2)
    lab = lab_of(rental)

    done = rentals.check_in(rental=rental, by=lab, now=TUESDAY_9, counter=Decimal("120.5"))

    record, run = UsageRecord.objects.get(), UsageRun.objects.get()
    assert (record.positions, record.counter_start, record.recorded_by) == ([1, 2], Decimal("120.50"), lab.user)
    assert (record.started_at, run.began_at, run.ended_at, done.checked_in_at) == (
        TUESDAY_9,
        TUESDAY_9,
        None,
        TUESDAY_9,
    )


def test_who_comes_early_takes_the_time_from_then_on_where_it_is_free():
    early = TUESDAY_9 - 10 * MINUTE
    rental = let_in(confirmed(period=hours(0, 2)), early)

    assert taken(rental) == Period(early, hours(0, 2).end)
    assert rental.time == hours(0, 2)


def test_who_comes_early_to_a_taken_instrument_waits():
    instrument = InstrumentFactory()
    confirmed(instrument=instrument, period=hours(-0.5, 0))
    rental = confirmed(instrument=instrument, period=hours(0, 2))

    with pytest.raises(NotYetFree):
        let_in(rental, TUESDAY_9 - 10 * MINUTE)

    assert taken(rental) == hours(0, 2)
    assert let_in(rental, TUESDAY_9).status == "checked_in"


def test_buffers_before_the_start_are_time_to_come_early():
    instrument = InstrumentFactory(policy__pre_buffer_min=15)
    rental = confirmed(instrument=instrument, period=hours(0, 2))

    let_in(rental, TUESDAY_9 - 10 * MINUTE)

    assert taken(rental) == Period(TUESDAY_9 - 15 * MINUTE, hours(0, 2).end)


def test_nobody_is_let_in_while_the_one_before_still_sits_there():
    instrument = InstrumentFactory()
    before = checked_in(instrument=instrument, period=hours(0, 1))
    rental = confirmed(instrument=instrument, period=hours(1, 2))

    with pytest.raises(NotYetFree):
        let_in(rental, TUESDAY_9 + timedelta(hours=1))
    rentals.check_out(rental=before, usage=GOOD, by=lab_of(before), now=TUESDAY_9 + timedelta(hours=1, minutes=5))

    assert let_in(rental, TUESDAY_9 + timedelta(hours=1, minutes=5)).status == "checked_in"


def test_of_several_positions_the_one_that_is_really_free_is_assigned():
    instrument = InstrumentFactory(capacity=2)
    sitting = checked_in(instrument=instrument, period=hours(0, 1))
    rental = confirmed(instrument=instrument, period=hours(1, 2))
    places(rental).update(unit=sitting.usage.positions[0])

    let_in(rental, TUESDAY_9 + timedelta(hours=1))

    assert UsageRecord.objects.get(rental=rental).positions == [2]
    assert places(rental).get().unit == 2


def test_the_rules_of_the_door_are_asked_again():
    member = buyer()
    instrument = InstrumentFactory(training_required=True)
    UserQualificationFactory(user=member.user, instrument=instrument)
    alone = confirmed(by=member, instrument=instrument, mode="self", period=hours(0, 1))
    UserQualification.objects.update(valid_to=MONDAY_9.date())
    shortened = confirmed(period=hours(0, 1))
    certified_until(shortened.instrument, MONDAY_9.date())
    away = confirmed(period=hours(0, 1))
    OutageFactory(instrument=away.instrument, period=(TUESDAY_9, TUESDAY_9 + timedelta(minutes=30)))

    with pytest.raises(NotQualified):
        let_in(alone, TUESDAY_9)
    with pytest.raises(CalibrationExpired):
        let_in(shortened, TUESDAY_9)
    with pytest.raises(UnderMaintenance):
        let_in(away, TUESDAY_9)
    assert let_in(away, TUESDAY_9 + timedelta(minutes=30)).status == "checked_in"


def test_a_late_clock_does_not_turn_away_who_comes_late():
    rental = let_in(confirmed(period=hours(0, 2)), TUESDAY_9 + timedelta(minutes=50))

    assert (rentals.mark_no_shows(now=TUESDAY_9 + timedelta(hours=1)), rental.status) == (0, "checked_in")


# --- Going on longer --------------------------------------------------------------------------------------------------


def longer(rental, until, *, by=None):
    return rentals.extend(rental=rental, until=until, by=by or lab_of(rental), now=TUESDAY_9 + timedelta(hours=1))


def test_going_on_adds_a_line_at_the_price_list_in_force_and_keeps_the_position():
    member = buyer()
    rental = checked_in(by=member, instrument=InstrumentFactory(capacity=2), period=hours(0, 2))

    done = longer(rental, hours(0, 3).end, by=member)

    assert (done.time, done.total_fen, done.sequence) == (hours(0, 3), 90_000, rental.sequence + 1)
    assert [(line["kind"], line["minutes"], line["amount_fen"]) for line in done.price_lines] == [
        ("usage", 120, 60_000),
        ("usage", 60, 30_000),
    ]
    assert done.extensions == [
        {"from": hours(0, 2).end.isoformat(), "until": hours(0, 3).end.isoformat(), "tariff": rental.tariff_id}
    ]
    assert (taken(done), done.usage.positions) == (hours(0, 3), [1])


def test_what_was_rounded_up_already_is_not_paid_twice():
    instrument = InstrumentFactory(tariff__billing_increment_min=60, tariff__operator_fee_fen_per_hour=12_000)
    rental = checked_in(instrument=instrument, period=hours(0, 1.5))

    assert longer(rental, hours(0, 2).end).total_fen == rental.total_fen == 84_000
    assert longer(rental, hours(0, 2.5).end).total_fen == 84_000 + 42_000


def test_the_next_bookings_buffer_is_respected():
    instrument = InstrumentFactory(policy__pre_buffer_min=15)
    rental = checked_in(instrument=instrument, period=hours(0, 1))
    confirmed(instrument=instrument, period=hours(2, 3))

    with pytest.raises(CapacityExceeded):
        longer(rental, hours(0, 2).end)

    assert taken(rental).end == hours(0, 1).end
    assert longer(rental, hours(0, 1.5).end).time == hours(0, 1.5)


def test_whoever_has_not_begun_makes_way_to_another_unit():
    instrument = InstrumentFactory(capacity=2)
    rental = checked_in(instrument=instrument, period=hours(0, 1))
    following = confirmed(instrument=instrument, period=hours(1.5, 2.5))
    places(following).update(unit=rental.usage.positions[0])

    longer(rental, hours(0, 2).end)

    assert (places(rental).get().unit, places(following).get().unit) == (1, 2)


def test_bk_12_who_has_all_bookings_ahead_that_are_allowed_may_still_go_on():
    member = buyer(most_bookings_ahead=1)
    rental = checked_in(by=member)
    half_way = TUESDAY_9 + timedelta(hours=1)
    confirmed(by=member, period=hours(24, 25), now=half_way)

    longer = rentals.extend(rental=rental, until=hours(0, 3).end, by=member, now=half_way)

    assert longer.time == hours(0, 3)


def test_an_end_that_is_no_later_is_no_extension():
    rental = checked_in(period=hours(0, 2))

    with pytest.raises(EndNotLater):
        longer(rental, hours(0, 2).end)


# --- Check-out --------------------------------------------------------------------------------------------------------


def test_check_out_closes_record_and_run_and_frees_the_rest_but_for_the_buffer():
    instrument = InstrumentFactory(policy__post_buffer_min=15)
    left = TUESDAY_9 + timedelta(minutes=70)
    rental = checked_out(instrument=instrument, period=hours(0, 2), at=left)

    record, run = UsageRecord.objects.get(), UsageRun.objects.get()
    assert (record.ended_at, record.condition, run.ended_at, rental.checked_out_at) == (left, "good", left, left)
    assert taken(rental) == Period(TUESDAY_9, left + 15 * MINUTE)
    assert held(instrument=instrument, period=hours(2, 3), now=left).status == "held"
    assert rental.total_fen == 60_000  # as booked


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"condition": "superb"}, "condition"),
        ({"condition": "damaged", "damage": " "}, "damage"),
        (
            {"condition": "good", "consumables": [{"name": "垫片", "quantity": "-1", "unit_price_fen": 1}]},
            "consumables",
        ),
        ({"condition": "good", "consumables": [{"name": "垫片", "quantity": "x", "unit_price_fen": 1}]}, "consumables"),
        ({"condition": "good", "consumables": [{"quantity": "1", "unit_price_fen": 1}]}, "consumables"),
        ({"condition": "good", "data_files": [{"name": "a.csv", "sha256": "12"}]}, "data_files"),
        ({"condition": "", "data_files": [{}]}, "condition, data_files"),
    ],
)
def test_an_incomplete_record_is_refused_with_its_fields(given, fields):
    rental = checked_in()

    with pytest.raises(UsageIncomplete) as caught:
        rentals.check_out(rental=rental, usage=rentals.UsageGiven(**given), by=lab_of(rental), now=rental.time.end)

    rental.refresh_from_db()
    assert (caught.value.facts["fields"], rental.status) == (fields, "checked_in")


def test_a_counter_that_was_read_is_read_again_and_does_not_run_back():
    rental = confirmed()
    rentals.check_in(rental=rental, by=lab_of(rental), now=TUESDAY_9, counter=Decimal(100))
    out = {"rental": rental, "by": lab_of(rental), "now": rental.time.end}

    with pytest.raises(UsageIncomplete):
        rentals.check_out(**out, usage=GOOD)
    with pytest.raises(CounterRunsBack):
        rentals.check_out(**out, usage=rentals.UsageGiven(condition="good", counter_end=Decimal("99.99")))
    rentals.check_out(**out, usage=rentals.UsageGiven(condition="good", counter_end=Decimal("102.5")))

    assert UsageRecord.objects.get().counter_end == Decimal("102.50")


def test_consumables_are_charged_and_data_files_kept():
    usage = rentals.UsageGiven(
        condition="worn",
        samples=3,
        consumables=[{"name": "垫片", "quantity": Decimal("2.5"), "unit_price_fen": 199}],
        data_files=[{"name": "run.csv", "sha256": "AB" * 32}],
    )

    rental = checked_out(usage=usage)

    record = UsageRecord.objects.get()
    assert [(line["kind"], line["item"], line["amount_fen"]) for line in rental.price_lines][1:] == [
        ("consumable", "垫片", 498)
    ]
    assert (rental.total_fen, record.samples, record.data_files) == (
        60_498,
        3,
        [{"name": "run.csv", "sha256": "ab" * 32}],
    )


def test_bl_2_a_metered_use_is_priced_by_the_time_used():
    instrument = InstrumentFactory(tariff__bill_mode="metered")
    early = checked_out(instrument=instrument, period=hours(0, 4), at=TUESDAY_9 + timedelta(hours=3))
    late = checked_out(instrument=instrument, period=hours(4, 5), at=TUESDAY_9 + timedelta(hours=5, minutes=20))

    assert early.total_fen == 90_000
    assert [(line["kind"], line["minutes"], line["amount_fen"]) for line in late.price_lines] == [
        ("usage", 60, 30_000),
        ("overtime", 30, 22_500),
    ]


def test_running_over_flags_the_next_booking_once_whether_the_clock_or_the_desk_sees_it_first():
    instrument = InstrumentFactory()
    rental = checked_in(instrument=instrument, period=hours(0, 1))
    following = confirmed(instrument=instrument, period=hours(1, 2))
    later = TUESDAY_9 + timedelta(hours=1, minutes=5)

    assert rentals.flag_overruns(now=TUESDAY_9 + timedelta(minutes=59)) == 0
    rentals.flag_overruns(now=later)
    rentals.flag_overruns(now=later + MINUTE)
    rentals.check_out(rental=rental, usage=GOOD, by=lab_of(rental), now=later + 2 * MINUTE)

    task = Task.objects.get()
    assert (task.kind, task.rental, task.facts) == ("runs_over", following, {"before": rental.number})


def test_damage_is_something_to_see_to():
    rental = checked_out(usage=rentals.UsageGiven(condition="damaged", damage="夹具断裂"))

    task = Task.objects.get()
    assert (task.kind, task.rental, task.facts) == ("damage", rental, {"damage": "夹具断裂"})


def test_the_grace_of_the_policy_decides_when_nobody_is_waited_for():
    assert rules.no_show_at(start=TUESDAY_9, grace_min=30) == TUESDAY_9 + 30 * MINUTE
