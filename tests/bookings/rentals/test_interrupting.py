"""A breakdown during a use (BL-24): go on, use the rest another time, end here, and whether the run was of any use."""

from datetime import timedelta

import pytest

from billing.ledger.chart import Account
from billing.ledger.queries import balance
from billing.models import Bill
from bookings.availability.rules import CapacityExceeded
from bookings.models import Interruption, Occupancy, Rental, Task, UsageRecord, UsageRun
from bookings.rentals import operations as rentals
from bookings.rentals import queries
from bookings.rentals.operations.contesting import DeclaredAlready, NotBrokenOff, NothingToObjectTo
from bookings.rentals.operations.interrupting import NoTimeLeft, ReturnNotLater, StillOutOfService
from bookings.rentals.operations.moving import OtherKindOfInstrument
from bookings.rentals.operations.rebooking import MoreThanIsLeft
from bookings.rentals.operations.settling import SettlementOpen
from kernel.money import Money
from labs.models import Outage
from tests.factories.bookings import (
    MONDAY_9,
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
from tests.factories.labs import CategoryFactory, InstrumentFactory, LabFactory

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
BROKE_AT = TUESDAY_9 + timedelta(minutes=45)
BACK = TUESDAY_9 + 2 * HOUR
THURSDAY_ENDS = TUESDAY_9 + timedelta(days=2, hours=15)


def test_a_breakdown_takes_the_instrument_out_and_marks_what_is_booked_into_that_time():
    instrument, member = InstrumentFactory(), buyer()
    following = confirmed(instrument=instrument, period=hours(3, 4))
    later = confirmed(instrument=instrument, period=hours(24, 25))
    rental = checked_in(instrument=instrument, by=member, period=hours(0, 2))

    done = rentals.interrupt(
        rental=rental, fault="主轴异响", expected_back_at=TUESDAY_9 + 5 * HOUR, by=lab_of(rental), now=BROKE_AT
    )

    outage, interruption = Outage.objects.get(), Interruption.objects.get()
    assert (done.status, done.interrupted_at, interruption.choice_due_at) == (
        "interrupted",
        BROKE_AT,
        TUESDAY_9 + timedelta(days=7, hours=15),
    )
    assert (outage.stretch.start, outage.stretch.end, outage.reason_zh) == (BROKE_AT, TUESDAY_9 + 5 * HOUR, "主轴异响")
    assert UsageRun.objects.get().ended_at == BROKE_AT
    following.refresh_from_db()
    later.refresh_from_db()
    assert (following.needs_rebooking["why"], later.needs_rebooking) == ("outage", None)
    assert Task.objects.get().rental == following


def test_where_nobody_knows_when_it_is_back_it_is_out_until_the_choice_is_due():
    rental = interrupted()

    assert Outage.objects.get().stretch.end == rental.interruptions.get().choice_due_at


def test_only_the_units_that_broke_are_out_and_none_is_counted_twice():
    instrument, member = InstrumentFactory(capacity=3), buyer()
    third = confirmed(instrument=instrument, period=hours(0, 2))
    rental = interrupted(by=member, instrument=instrument, units=2, period=hours(0, 2), back_at=TUESDAY_9 + 5 * HOUR)

    outage = Outage.objects.get()
    third.refresh_from_db()
    assert (outage.units, outage.stretch.start, outage.stretch.end) == (2, hours(0, 2).end, TUESDAY_9 + 5 * HOUR)
    assert third.needs_rebooking is None

    rentals.abandon(rental=rental, by=member, now=TUESDAY_9 + HOUR)

    assert Outage.objects.get().stretch.start == TUESDAY_9 + HOUR
    with pytest.raises(CapacityExceeded):
        held(instrument=instrument, period=hours(1.5, 3), now=TUESDAY_9 + HOUR, units=2)


def test_units_that_are_back_before_their_time_ends_are_out_only_once_it_is_given_back():
    instrument, member = InstrumentFactory(capacity=2), buyer()
    rental = interrupted(by=member, instrument=instrument, period=hours(0, 3), back_at=TUESDAY_9 + 2 * HOUR)

    assert not Outage.objects.exists()
    with pytest.raises(StillOutOfService):
        rentals.resume(rental=rental, by=member, now=TUESDAY_9 + HOUR)
    rentals.abandon(rental=rental, by=member, now=TUESDAY_9 + HOUR)

    outage = Outage.objects.get()
    assert (outage.stretch.start, outage.stretch.end) == (TUESDAY_9 + HOUR, TUESDAY_9 + 2 * HOUR)


def test_a_fault_is_described_and_ends_later_than_now():
    rental = checked_in()
    how = {"rental": rental, "by": lab_of(rental), "now": BROKE_AT}

    with pytest.raises(rentals.ReasonMissing):
        rentals.interrupt(**how, fault=" ")
    with pytest.raises(ReturnNotLater):
        rentals.interrupt(**how, fault="异响", expected_back_at=BROKE_AT)


# --- Going on ---------------------------------------------------------------------------------------------------------


def test_the_lab_brings_it_back_and_the_time_lost_is_added_at_the_end_for_nothing():
    rental = interrupted(period=hours(0, 2))
    again = TUESDAY_9 + timedelta(minutes=75)

    done = rentals.resume(rental=rental, by=lab_of(rental), now=again)
    out = rentals.check_out(
        rental=done, usage=rentals.UsageGiven(condition="good"), by=lab_of(done), now=TUESDAY_9 + 2.5 * HOUR
    )

    assert (done.status, done.time, done.total_fen) == ("checked_in", hours(0, 2.5), 60_000)
    assert [(run.began_at, run.ended_at) for run in out.runs.order_by("began_at")] == [
        (TUESDAY_9, BROKE_AT),
        (again, TUESDAY_9 + 2.5 * HOUR),
    ]
    assert (out.total_fen, Outage.objects.get().stretch.end) == (60_000, again)  # 45 + 75 minutes, to the minute
    assert Interruption.objects.get().choice == "resume"


def test_the_customer_goes_on_when_the_outage_is_over_and_not_before():
    member = buyer()
    rental = interrupted(by=member, back_at=TUESDAY_9 + HOUR, period=hours(0, 2))

    with pytest.raises(StillOutOfService):
        rentals.resume(rental=rental, by=member, now=BROKE_AT)

    assert rentals.resume(rental=rental, by=member, now=TUESDAY_9 + HOUR).status == "checked_in"


def test_where_the_time_after_it_is_taken_it_ends_as_booked_and_is_charged_for_what_was_used():
    instrument = InstrumentFactory()
    rental = interrupted(instrument=instrument, back_at=TUESDAY_9 + HOUR, period=hours(0, 2))
    confirmed(instrument=instrument, period=hours(2, 4))
    done = rentals.resume(rental=rental, by=lab_of(rental), now=TUESDAY_9 + HOUR)

    out = rentals.check_out(
        rental=done, usage=rentals.UsageGiven(condition="good"), by=lab_of(done), now=TUESDAY_9 + 2 * HOUR
    )

    assert (done.time, out.total_fen) == (hours(0, 2), 52_500)  # 105 minutes


def test_when_nothing_is_left_of_it_the_rest_is_used_another_time():
    instrument = InstrumentFactory()
    rental = interrupted(instrument=instrument, back_at=TUESDAY_9 + 2 * HOUR, period=hours(0, 2))
    confirmed(instrument=instrument, period=hours(2, 4))

    with pytest.raises(NoTimeLeft):
        rentals.resume(rental=rental, by=lab_of(rental), now=TUESDAY_9 + 2 * HOUR)

    rental.refresh_from_db()
    assert (rental.status, Outage.objects.get().stretch.end) == ("interrupted", TUESDAY_9 + 2 * HOUR)


# --- The rest another time --------------------------------------------------------------------------------------------


def test_the_rest_costs_what_it_cost_then_without_set_up_and_the_credit_goes_along():
    member = buyer()
    instrument = InstrumentFactory(tariff__setup_fee_fen=8_000)
    rental = interrupted(by=member, instrument=instrument, period=hours(0, 2), back_at=BACK)

    new = rentals.rebook(rental=rental, instrument=instrument, period=hours(24, 25.5), by=member, now=BROKE_AT)

    rental.refresh_from_db()
    old_bill, new_bill = Bill.objects.get(order_number=rental.number), Bill.objects.get(order_number=new.number)
    assert (rental.status, rental.total_fen, old_bill.total_fen) == ("checked_out", 22_500, 22_500)
    assert (new.status, new.rebooks, new.total_fen, new_bill.total_fen) == ("confirmed", rental, 37_500, 37_500)
    assert (new.credit_fen, Interruption.objects.get().choice) == (45_500, "rebook")
    assert Occupancy.objects.filter(holder_id=rental.pk).count() == 0


def test_no_more_than_what_is_left_and_only_on_instruments_of_the_kind():
    member, lab = buyer(), LabFactory()
    own, other = InstrumentFactory.create_batch(2, lab=lab)
    stranger = InstrumentFactory(lab=lab, category=CategoryFactory(code="0999", name_zh="其他"))
    rental = interrupted(by=member, instrument=own, period=hours(0, 2))
    how = {"rental": rental, "by": member, "now": BROKE_AT}

    with pytest.raises(MoreThanIsLeft):
        rentals.rebook(**how, instrument=other, period=hours(24, 26))
    with pytest.raises(OtherKindOfInstrument):
        rentals.rebook(**how, instrument=stranger, period=hours(24, 25))

    assert Rental.objects.count() == 1
    assert rentals.rebook(**how, instrument=other, period=hours(2, 3)).instrument == other


def test_what_is_comparable_is_told_with_the_soonest_first():
    lab, member = LabFactory(), buyer()
    own, busy, free = InstrumentFactory.create_batch(3, lab=lab)
    confirmed(instrument=busy, period=hours(0, 8))
    rental = interrupted(by=member, instrument=own, period=hours(0, 2))
    ahead = confirmed(by=member, instrument=own, period=hours(240, 241))

    assert queries.comparable(rental, BROKE_AT) == [free, busy]
    assert queries.comparable(ahead, BROKE_AT) == [busy, free]


# --- Ending there -----------------------------------------------------------------------------------------------------


def test_ending_there_owes_the_minutes_and_closes_the_record():
    member = buyer()
    rental = interrupted(by=member, period=hours(0, 2))

    done = rentals.abandon(rental=rental, by=member, now=TUESDAY_9 + HOUR)

    record = UsageRecord.objects.get()
    assert (done.status, done.total_fen, done.checked_out_at) == ("checked_out", 22_500, TUESDAY_9 + HOUR)
    assert (record.ended_at, record.condition, record.anomalies) == (BROKE_AT, "broken", "主轴异响")
    assert not Occupancy.objects.exists()


def test_whoever_does_not_choose_in_five_working_days_has_ended_it():
    rental = interrupted()
    due = rental.interruptions.get().choice_due_at

    early = rentals.abandon_unanswered(now=due - timedelta(seconds=1))
    late, twice = rentals.abandon_unanswered(now=due + HOUR), rentals.abandon_unanswered(now=due + HOUR)

    rental.refresh_from_db()
    assert (early, late, twice, rental.status) == (0, 1, 0, "checked_out")
    assert rental.interruptions.get().chosen_by is None


def test_a_run_of_no_use_costs_nothing_where_the_lab_does_not_object():
    member = buyer()
    rental = rentals.abandon(rental=interrupted(by=member), by=member, now=TUESDAY_9 + HOUR, unusable=True)

    with pytest.raises(SettlementOpen):
        rentals.settle(rental=rental, by=member, now=TUESDAY_9 + 2 * HOUR)
    with pytest.raises(DeclaredAlready):
        rentals.declare_unusable(rental=rental, by=member, now=TUESDAY_9 + 2 * HOUR)
    assert Task.objects.open().get().kind == "unusable"
    assert rentals.settle_due(now=THURSDAY_ENDS - timedelta(seconds=1)) == 0
    assert rentals.settle_due(now=THURSDAY_ENDS) == 1

    rental.refresh_from_db()
    assert (rental.status, rental.total_fen, rental.price_lines, Bill.objects.get().total_fen) == ("settled", 0, [], 0)
    assert not Task.objects.open().exists()


def test_the_lab_objects_in_its_two_working_days_and_then_the_minutes_are_owed():
    member = buyer()
    rental = rentals.abandon(rental=interrupted(by=member), by=member, now=TUESDAY_9 + HOUR)
    lab = lab_of(rental)

    with pytest.raises(NothingToObjectTo):
        rentals.object_to_unusable(rental=rental, reason="数据完整", by=lab, now=TUESDAY_9 + HOUR)
    rentals.declare_unusable(rental=rental, by=member, now=TUESDAY_9 + HOUR)
    with pytest.raises(NothingToObjectTo):
        rentals.object_to_unusable(rental=rental, reason="数据完整", by=lab, now=THURSDAY_ENDS)
    rentals.object_to_unusable(rental=rental, reason="数据完整", by=lab, now=THURSDAY_ENDS - HOUR)
    settled = rentals.settle(rental=rental, by=member, now=THURSDAY_ENDS - HOUR)

    assert (settled.total_fen, Bill.objects.get().total_fen) == (22_500, 22_500)


def test_only_what_a_fault_broke_off_can_be_of_no_use():
    member = buyer()

    with pytest.raises(NotBrokenOff):
        rentals.declare_unusable(rental=checked_out(by=member), by=member, now=TUESDAY_9 + 3 * HOUR)


def test_what_could_not_take_place_costs_nothing_to_cancel_and_is_called_off_by_itself():
    member = buyer()
    rental, other = confirmed(by=member, period=hours(0, 2)), confirmed(by=member, period=hours(0, 2))
    for one in (rental, other):
        rentals.mark_needs_rebooking(rental_ids=[one.pk], why={"why": "outage"}, now=MONDAY_9)

    cancelled = rentals.cancel(rental=rental, by=member, now=TUESDAY_9 - HOUR)
    no_shows = rentals.mark_no_shows(now=TUESDAY_9 + HOUR)
    called_off, twice = (rentals.call_off_missed(now=TUESDAY_9 + 2 * HOUR) for _ in range(2))

    other.refresh_from_db()
    assert (cancelled.fee_fen, no_shows, called_off, twice) == (0, 0, 1, 0)
    assert (other.status, other.fee_fen, balance(Account.RECEIVABLE)) == ("cancelled", 0, Money(0))
