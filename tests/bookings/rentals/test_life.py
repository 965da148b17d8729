"""The life of a rental after its hold (requirements 3.1): confirmed on account, approved, cancelled, expired."""

from datetime import timedelta

import pytest

from audit.models import AuditEvent
from billing.bills.operations import CreditExceeded, NoMonthlyAccount
from billing.ledger.chart import Account
from billing.ledger.queries import balance
from billing.models import Bill
from bookings.availability.rules import UnderMaintenance
from bookings.models import Occupancy, Rental
from bookings.rentals import operations as rentals
from bookings.rentals import rules
from kernel.money import Money
from kernel.periods import Period
from tests.factories.accounts import LabMembershipFactory
from tests.factories.bookings import MONDAY_9, TUESDAY_9, buyer, confirmed, held, hours, places
from tests.factories.labs import InstrumentFactory, OperatorFactory, OutageFactory

LADDER_CASES = [
    (timedelta(hours=72), 0),
    (timedelta(hours=72) - timedelta(seconds=1), 3_000),
    (timedelta(hours=24), 3_000),
    (timedelta(hours=24) - timedelta(seconds=1), 5_000),
    (timedelta(hours=4), 5_000),
    (timedelta(hours=4) - timedelta(seconds=1), 10_000),
    (timedelta(0), 10_000),
    (timedelta(hours=-1), 10_000),
]


@pytest.mark.parametrize(("notice", "fee_bp"), LADDER_CASES)
def test_bl_20_the_fee_follows_the_notice_to_the_second_lower_bounds_inclusive(notice, fee_bp):
    fee = rules.cancellation_fee(price=Money(100_000), start=TUESDAY_9, cancelled_at=TUESDAY_9 - notice)

    assert fee == Money(10 * fee_bp)


def test_the_approval_deadline_counts_the_labs_working_hours_and_ends_two_hours_before_the_start():
    windows = [hours(-24, -15), hours(0, 9)]  # Monday and Tuesday 09:00 to 18:00
    monday_16 = TUESDAY_9 - timedelta(hours=17)
    start = TUESDAY_9 + timedelta(days=3)

    deadline = rules.approval_deadline(open_windows=windows, now=monday_16, start=start)
    short = rules.approval_deadline(open_windows=windows, now=monday_16, start=TUESDAY_9 + timedelta(hours=3))

    assert deadline == TUESDAY_9 + timedelta(hours=6)  # 2 h on Monday, 6 on Tuesday
    assert short == TUESDAY_9 + timedelta(hours=1)


pytestmark = pytest.mark.django_db


def test_a_confirmed_rental_is_billed_once_and_never_lapses():
    rental = confirmed(period=hours(0, 2))

    bill = Bill.objects.get(order_number=rental.number)
    assert (rental.status, rental.held_until, rental.sequence) == ("confirmed", None, 1)
    assert (bill.total_fen, bill.state, bill.lines) == (rental.total_fen, "open", rental.price_lines)
    assert {place.lapses_at for place in places(rental)} == {None}


def test_a_confirmation_asks_at_most_thirteen_statements(django_assert_max_num_queries):
    member = buyer()
    confirmed(by=member)
    rental = held(by=member)

    with django_assert_max_num_queries(13 + 2):  # inside the test's transaction it is a savepoint
        rentals.confirm_on_account(rental=rental, by=member, now=MONDAY_9)


def test_an_approval_that_nobody_needs_or_that_comes_too_late_is_not_asked_for():
    member = buyer()
    rental = held(by=member)
    with pytest.raises(rentals.ApprovalNotNeeded):
        rentals.submit_for_approval(rental=rental, by=member, now=MONDAY_9)

    rental = held(by=member, instrument=InstrumentFactory(policy__requires_approval=True), period=hours(-22, -21))
    with pytest.raises(rentals.ApprovalTooLate):
        rentals.submit_for_approval(rental=rental, by=member, now=MONDAY_9)

    rental.refresh_from_db()
    assert (rental.status, rental.sequence) == ("held", 0)


def test_confirming_needs_a_verified_organisation_with_an_account():
    for organisation in ({"verification": "submitted"}, {"monthly_credit_fen": 0}):
        member = buyer(**organisation)
        rental = held(by=member)

        with pytest.raises(NoMonthlyAccount):
            rentals.confirm_on_account(rental=rental, by=member, now=MONDAY_9)

        rental.refresh_from_db()
        assert (rental.status, Bill.objects.count()) == ("held", 0)


def test_confirming_beyond_the_credit_limit_is_refused_with_what_is_left():
    member = buyer(monthly_credit_fen=100_000)
    confirmed(by=member, period=hours(0, 2))
    second = held(by=member, period=hours(0, 2))

    with pytest.raises(CreditExceeded) as caught:
        rentals.confirm_on_account(rental=second, by=member, now=MONDAY_9)

    assert caught.value.facts == {"amount": "¥600.00", "left": "¥400.00"}


def test_bk_18_a_hold_that_has_run_out_cannot_be_confirmed():
    member = buyer()
    rental = held(by=member)

    with pytest.raises(rentals.HoldLapsed):
        rentals.confirm_on_account(rental=rental, by=member, now=MONDAY_9 + timedelta(minutes=30))


def test_an_instrument_with_approval_is_confirmed_only_after_the_lab_agreed():
    member = buyer()
    instrument = InstrumentFactory(policy__requires_approval=True)
    lab = LabMembershipFactory(organisation=instrument.lab.organisation, role="lab_manager")
    rental = held(instrument=instrument, by=member, period=hours(24, 26))

    with pytest.raises(rentals.NeedsApproval):
        rentals.confirm_on_account(rental=rental, by=member, now=MONDAY_9)
    pending = rentals.submit_for_approval(rental=rental, by=member, now=MONDAY_9)
    with pytest.raises(rentals.NotPossibleNow):
        rentals.confirm_on_account(rental=rental, by=member, now=MONDAY_9)
    approved = rentals.approve(rental=rental, by=lab, now=MONDAY_9)
    done = rentals.confirm_on_account(rental=rental, by=member, now=MONDAY_9)

    assert pending.held_until == MONDAY_9 + timedelta(hours=8)  # Monday is open until 18:00: nine hours
    assert (pending.status, approved.status, done.status) == ("pending_approval", "awaiting_payment", "confirmed")
    assert list(AuditEvent.objects.filter(name__startswith="rental").order_by("pk").values_list("name", flat=True)) == [
        "rental_held",
        "rental_submitted",
        "rental_approved",
        "rental_confirmed",
    ]


def test_bk_11_a_training_slot_is_approved_by_the_lab_whatever_its_policy_says():
    member = buyer()
    instrument = InstrumentFactory(training_required=True, operator=OperatorFactory())
    slot = held(instrument=instrument, by=member, mode="training", period=hours(24, 26))

    with pytest.raises(rentals.NeedsApproval):
        rentals.confirm_on_account(rental=slot, by=member, now=MONDAY_9)

    assert rentals.submit_for_approval(rental=slot, by=member, now=MONDAY_9).status == "pending_approval"
    run_by_the_lab = held(instrument=instrument, by=member, period=hours(26, 27))
    assert rentals.confirm_on_account(rental=run_by_the_lab, by=member, now=MONDAY_9).status == "confirmed"


def test_an_approval_asks_the_rules_again_and_changes_nothing_where_they_fail():
    instrument = InstrumentFactory(policy__requires_approval=True)
    member = buyer()
    rental = held(instrument=instrument, by=member, period=hours(24, 26))
    rental = rentals.submit_for_approval(rental=rental, by=member, now=MONDAY_9)
    OutageFactory(instrument=instrument, period=(hours(24, 25).start, hours(24, 25).end))
    lab = LabMembershipFactory(organisation=instrument.lab.organisation, role="lab_manager")

    with pytest.raises(UnderMaintenance):
        rentals.approve(rental=rental, by=lab, now=MONDAY_9)

    rental.refresh_from_db()
    assert (rental.status, rental.sequence) == ("pending_approval", 1)


def test_an_approval_does_not_ask_for_the_lead_time_again():
    instrument = InstrumentFactory(policy__requires_approval=True, policy__lead_time_min=24 * 60)
    member = buyer()
    rental = held(instrument=instrument, by=member, period=hours(0, 2))
    rental = rentals.submit_for_approval(rental=rental, by=member, now=MONDAY_9)
    lab = LabMembershipFactory(organisation=instrument.lab.organisation, role="lab_manager")

    assert rentals.approve(rental=rental, by=lab, now=MONDAY_9 + timedelta(hours=2)).status == "awaiting_payment"


def test_a_lab_that_declines_says_why_and_the_time_is_free_again():
    instrument = InstrumentFactory(policy__requires_approval=True)
    lab = LabMembershipFactory(organisation=instrument.lab.organisation, role="lab_manager")
    member = buyer()
    rental = rentals.submit_for_approval(rental=held(instrument=instrument, by=member), by=member, now=MONDAY_9)

    with pytest.raises(rentals.ReasonMissing):
        rentals.reject(rental=rental, reason="  ", by=lab, now=MONDAY_9)
    rejected = rentals.reject(rental=rental, reason="夹具不合适", by=lab, now=MONDAY_9)

    assert (rejected.status, rejected.reason) == ("rejected", "夹具不合适")
    assert held(instrument=instrument).status == "held"


def test_cancelling_a_hold_costs_nothing_and_frees_the_time():
    member = buyer()
    rental = held(by=member)

    cancelled = rentals.cancel(rental=rental, by=member, now=MONDAY_9)

    assert (cancelled.status, cancelled.fee_fen) == ("cancelled", 0)
    assert held(instrument=rental.instrument).status == "held"


def test_cancelling_a_confirmed_rental_keeps_the_fee_on_the_account():
    member = buyer()
    rental = confirmed(by=member, period=hours(0, 2))
    two_hours_before = TUESDAY_9 - timedelta(hours=2)

    cancelled = rentals.cancel(rental=rental, by=member, now=two_hours_before)

    bill = Bill.objects.get(order_number=rental.number)
    assert (cancelled.fee_fen, bill.state, bill.fee_fen) == (60_000, "cancelled", 60_000)
    assert balance(Account.RECEIVABLE) == Money(60_000)


def test_a_fee_the_person_did_not_see_is_refused_and_the_rental_stays():
    member = buyer()
    rental = confirmed(by=member, period=hours(0, 2))

    with pytest.raises(rentals.PriceChanged):
        rentals.cancel(rental=rental, by=member, now=TUESDAY_9 - timedelta(hours=2), expected_fee=Money(30_000))

    rental.refresh_from_db()
    assert rental.status == "confirmed"


def test_bl_21_a_lab_that_cancels_says_why_and_the_customer_owes_nothing():
    rental = confirmed(period=hours(0, 2))
    lab = LabMembershipFactory(organisation=rental.instrument.lab.organisation, role="lab_manager")

    cancelled = rentals.cancel_by_lab(rental=rental, reason="设备故障", by=lab, now=TUESDAY_9)

    assert (cancelled.status, cancelled.fee_fen, cancelled.reason) == ("cancelled", 0, "设备故障")
    assert balance(Account.RECEIVABLE) == Money(0)


ENDED = ("cancelled", "rejected", "expired", "settled", "checked_out", "no_show", "checked_in")


@pytest.mark.parametrize("status", ENDED)
def test_what_is_over_or_under_way_cannot_be_cancelled_confirmed_or_approved(status):
    member = buyer()
    rental = confirmed(by=member)
    ends = ("cancelled_at", "checked_in_at", "checked_out_at", "no_show_at", "settled_at")
    Rental.objects.filter(pk=rental.pk).update(status=status, held_until=TUESDAY_9, **dict.fromkeys(ends, MONDAY_9))

    for act in (rentals.cancel, rentals.confirm_on_account, rentals.approve, rentals.submit_for_approval):
        with pytest.raises(rentals.NotPossibleNow):
            act(rental=rental, by=member, now=MONDAY_9)

    rental.refresh_from_db()
    assert (rental.status, rental.sequence) == (status, 1)


def test_expiring_is_right_late_and_twice():
    rental = held()
    hours_late = MONDAY_9 + timedelta(hours=5)

    first, second = rentals.expire_lapsed(now=hours_late), rentals.expire_lapsed(now=hours_late)

    rental.refresh_from_db()
    assert (first, second, rental.status, Occupancy.objects.count()) == (1, 0, "expired", 0)


def test_a_lapsed_hold_says_that_it_is_expired_before_any_job_has_run():
    rental = held()

    assert rental.status_at(rental.held_until) == "expired"
    assert rental.status_at(rental.held_until - timedelta(microseconds=1)) == "held"
    assert not Rental.objects.blocking(rental.held_until).exists()


def test_the_period_a_rental_tells_is_the_one_it_was_booked_for():
    assert held(period=hours(0, 2)).time == Period(TUESDAY_9, TUESDAY_9 + timedelta(hours=2))
