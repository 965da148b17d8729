"""Keeping a rental until it is paid, and what money that arrives does (requirements 3.1: pay, late_pay)."""

from datetime import timedelta

import pytest

from billing.models import Bill
from bookings.models import Rental
from bookings.rentals import operations as rentals
from bookings.rentals import rules
from bookings.rentals.operations.paying import AmountDiffers, CheckoutsUsedUp, PaidTooLate, TransferNotOffered
from tests.factories.bookings import MONDAY_9, TUESDAY_9, buyer, held, hours, lab_of, places
from tests.factories.labs import InstrumentFactory, OutageFactory

DAY = timedelta(days=1)
START = TUESDAY_9 + 7 * DAY
END_OF_THURSDAY = TUESDAY_9 + 2 * DAY + timedelta(hours=15)


@pytest.mark.parametrize(
    ("start", "until"),
    [
        (START, END_OF_THURSDAY),
        (TUESDAY_9 + 2 * DAY, TUESDAY_9 + DAY),
        (TUESDAY_9 + timedelta(minutes=31), MONDAY_9 + timedelta(minutes=31)),
        (TUESDAY_9 + timedelta(minutes=30), None),
        (TUESDAY_9, None),
    ],
)
def test_a_transfer_may_take_its_working_days_but_ends_a_day_before_the_start(start, until):
    assert rules.transfer_until(start=start, workdays_end=END_OF_THURSDAY, now=MONDAY_9) == until


@pytest.mark.parametrize(("left", "kept"), [(timedelta(minutes=5), 35), (timedelta(minutes=50), 50)])
def test_the_till_keeps_a_rental_for_35_minutes_if_that_is_longer(left, kept):
    until = rules.checkout_until(held_until=MONDAY_9 + left, now=MONDAY_9)

    assert until == MONDAY_9 + timedelta(minutes=kept)


@pytest.mark.parametrize(
    ("start", "until"),
    [
        (MONDAY_9 + 9 * DAY, MONDAY_9 + DAY),
        (MONDAY_9 + timedelta(hours=5), MONDAY_9 + timedelta(hours=4)),
        (MONDAY_9 + timedelta(hours=1), MONDAY_9 + timedelta(minutes=30)),
    ],
)
def test_an_approved_rental_is_kept_for_a_day_up_to_an_hour_before_it_begins(start, until):
    assert rules.approved_until(start=start, now=MONDAY_9) == until


pytestmark = pytest.mark.django_db


def far(**how) -> Rental:
    """A rental held for Tuesday next week."""
    return held(period=hours(7 * 24, 7 * 24 + 2), **how)


def test_online_the_hold_is_never_shortened_and_by_transfer_it_lasts_three_working_days():
    member = buyer()
    online = rentals.await_payment(rental=far(by=member), pays_by="online", by=member, now=MONDAY_9)
    transfer = rentals.await_payment(rental=far(by=member), pays_by="transfer", by=member, now=MONDAY_9)

    assert (online.status, online.held_until) == ("awaiting_payment", MONDAY_9 + timedelta(minutes=30))
    assert (transfer.pays_by, transfer.held_until) == ("transfer", END_OF_THURSDAY)
    assert places(transfer).get().lapses_at == END_OF_THURSDAY


def test_a_transfer_is_for_verified_organisations_in_time():
    stranger = buyer(verification="submitted")
    late = buyer()

    with pytest.raises(TransferNotOffered):
        rentals.await_payment(rental=far(by=stranger), pays_by="transfer", by=stranger, now=MONDAY_9)
    with pytest.raises(TransferNotOffered):
        rentals.await_payment(rental=held(by=late), pays_by="transfer", by=late, now=MONDAY_9)


def test_how_to_pay_is_chosen_once_also_after_approval():
    member = buyer()
    instrument = InstrumentFactory(policy__requires_approval=True)
    rental = rentals.submit_for_approval(rental=far(by=member, instrument=instrument), by=member, now=MONDAY_9)
    approved = rentals.approve(rental=rental, by=lab_of(rental), now=MONDAY_9)

    chosen = rentals.await_payment(rental=approved, pays_by="transfer", by=member, now=MONDAY_9)
    with pytest.raises(rentals.NotPossibleNow):
        rentals.await_payment(rental=approved, pays_by="online", by=member, now=MONDAY_9)

    assert (approved.held_until, chosen.held_until) == (MONDAY_9 + DAY, END_OF_THURSDAY)


def test_what_needs_approval_is_not_paid_before():
    member = buyer()
    rental = held(by=member, instrument=InstrumentFactory(policy__requires_approval=True))

    with pytest.raises(rentals.NeedsApproval):
        rentals.await_payment(rental=rental, pays_by="online", by=member, now=MONDAY_9)


def test_the_till_prolongs_the_hold_twice_and_no_more():
    member = buyer()
    rental = rentals.await_payment(rental=held(by=member), pays_by="online", by=member, now=MONDAY_9)

    at = [MONDAY_9 + timedelta(minutes=minutes) for minutes in (20, 50, 80)]
    kept = [rentals.start_checkout(rental=rental, by=member, now=moment).held_until for moment in at[:2]]
    with pytest.raises(CheckoutsUsedUp):
        rentals.start_checkout(rental=rental, by=member, now=at[2])

    assert kept == [moment + timedelta(minutes=35) for moment in at[:2]]
    assert places(rental).get().lapses_at == kept[1]


def paid(rental: Rental, at: timedelta, amount_fen: int | None = None) -> Rental:
    amount = rental.total_fen if amount_fen is None else amount_fen
    return rentals.confirm_paid(rental_id=rental.pk, amount_fen=amount, now=MONDAY_9 + at)


def test_money_that_arrives_in_time_confirms_and_asks_nothing_of_the_account():
    member = buyer(monthly_credit_fen=0)
    rental = rentals.await_payment(rental=held(by=member), pays_by="online", by=member, now=MONDAY_9)

    done = paid(rental, timedelta(minutes=29))

    bill = Bill.objects.get()
    assert (done.status, done.held_until, bill.way, bill.total_fen) == ("confirmed", None, "online", 60_000)
    assert places(done).get().lapses_at is None


def test_another_amount_confirms_nothing():
    rental = held()

    with pytest.raises(AmountDiffers):
        paid(rental, timedelta(0), rental.total_fen - 1)

    rental.refresh_from_db()
    assert rental.status == "held"


@pytest.mark.parametrize("is_expired", [False, True])
def test_late_money_takes_the_time_again_while_it_is_free(is_expired):
    rental = held()
    if is_expired:
        rentals.expire_lapsed(now=MONDAY_9 + timedelta(minutes=30))

    done = paid(rental, timedelta(hours=3))

    assert (done.status, places(rental).count(), Bill.objects.count()) == ("confirmed", 1, 1)


def test_late_money_for_a_time_that_is_gone_is_refused_with_what_goes_back():
    rental = held()
    held(instrument=rental.instrument, now=MONDAY_9 + timedelta(minutes=31))

    with pytest.raises(PaidTooLate) as caught:
        paid(rental, timedelta(minutes=40))

    rental.refresh_from_db()
    assert (caught.value.facts["refund_fen"], caught.value.facts["codes"]) == (60_000, ["CAPACITY_EXCEEDED"])
    assert (rental.status_at(MONDAY_9 + timedelta(minutes=40)), Bill.objects.count()) == ("expired", 0)


def test_late_money_after_the_start_is_refused():
    with pytest.raises(PaidTooLate) as caught:
        paid(held(), timedelta(days=1, hours=1))

    assert "LEAD_TIME_TOO_SHORT" in caught.value.facts["codes"]


def test_bk_8_a_hold_whose_instrument_is_taken_out_of_service_cannot_be_confirmed_or_paid():
    member = buyer()
    rental = held(by=member)
    OutageFactory(instrument=rental.instrument, period=(TUESDAY_9, TUESDAY_9 + timedelta(hours=1)))
    rentals.mark_needs_rebooking(rental_ids=[rental.pk], why={"why": "outage"}, now=MONDAY_9)

    with pytest.raises(rentals.PlaceLost):
        rentals.confirm_on_account(rental=rental, by=member, now=MONDAY_9)
    with pytest.raises(rentals.PlaceLost):
        paid(rental, timedelta(minutes=1))
