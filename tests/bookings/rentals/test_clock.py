"""The clock's part in a rental: right late, twice, and not at all for an hour (BK-15, BK-18; settlement; reminders)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Organisation
from audit.models import AuditEvent
from billing.models import Bill
from bookings.availability.rules import OrganisationSuspended
from bookings.models import Occupancy, Reminder
from bookings.rentals import jobs, reminding, rules
from bookings.rentals import operations as rentals
from labs.models import BookingPolicy
from notices import letters
from notices.models import Notice
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
from tests.factories.labs import InstrumentFactory

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


@pytest.mark.parametrize(
    ("days_ago", "until"),
    [
        ((0, 10), None),
        ((0, 10, 89), 30),
        ((0, 10, 90), None),
        ((0, 1, 2, 3), 30),
        ((), None),
    ],
)
def test_bk_15_three_no_shows_in_90_days_suspend_for_30(days_ago, until):
    suspended = rules.suspended_until([MONDAY_9 - days * DAY for days in days_ago], now=MONDAY_9)

    assert suspended == (None if until is None else MONDAY_9 + until * DAY)


pytestmark = pytest.mark.django_db


def test_nobody_is_marked_within_the_grace_and_the_whole_price_is_owed_after_it():
    rental = confirmed(period=hours(0, 2))

    early = rentals.mark_no_shows(now=TUESDAY_9 + 30 * MINUTE - timedelta(seconds=1))
    late, twice = (rentals.mark_no_shows(now=TUESDAY_9 + 90 * MINUTE) for _ in range(2))

    rental.refresh_from_db()
    bill = Bill.objects.get()
    assert (early, late, twice) == (0, 1, 0)
    assert (rental.status, rental.fee_fen, rental.no_show_at) == ("no_show", 60_000, TUESDAY_9 + 90 * MINUTE)
    assert (bill.state, bill.fee_fen, Occupancy.objects.count()) == ("cancelled", 60_000, 0)


def test_the_grace_is_the_policys():
    instrument = InstrumentFactory()
    BookingPolicy.objects.filter(instrument=instrument).update(no_show_grace_min=60)
    confirmed(instrument=instrument)

    assert rentals.mark_no_shows(now=TUESDAY_9 + 59 * MINUTE) == 0
    assert rentals.mark_no_shows(now=TUESDAY_9 + 60 * MINUTE) == 1


def test_the_rest_of_a_time_nobody_came_to_is_free_at_once():
    instrument = InstrumentFactory()
    confirmed(instrument=instrument, period=hours(0, 4))
    rentals.mark_no_shows(now=TUESDAY_9 + 30 * MINUTE)

    assert held(instrument=instrument, period=hours(1, 4), now=TUESDAY_9 + 31 * MINUTE).status == "held"


def test_bk_15_the_third_no_show_suspends_the_organisation_and_says_why():
    member = buyer()
    for hour in range(3):
        confirmed(by=member, period=hours(hour, hour + 1))
        rentals.mark_no_shows(now=TUESDAY_9 + timedelta(hours=hour, minutes=30))

    organisation = Organisation.objects.get(pk=member.organisation_id)
    assert organisation.suspended_until == TUESDAY_9 + timedelta(days=30, hours=2, minutes=30)
    assert organisation.suspension_reason == "90 天内三次预约未到场"
    assert AuditEvent.objects.filter(name="organisation_suspended", organisation_id=organisation.pk).count() == 1
    with pytest.raises(OrganisationSuspended):
        held(by=member, period=hours(24, 25), now=TUESDAY_9 + 4 * HOUR)
    notice = Notice.objects.get(kind="organisation_suspended")
    written = letters.of_notice(notice, TUESDAY_9 + 4 * HOUR)
    assert notice.user == member.user
    assert written is not None
    assert "90 天内三次预约未到场" in written.body


def test_a_suspension_that_was_lifted_on_appeal_does_not_come_back_by_itself():
    member = buyer()
    for hour in range(3):
        confirmed(by=member, period=hours(hour, hour + 1))
    rentals.mark_no_shows(now=TUESDAY_9 + 3 * HOUR)
    Organisation.objects.filter(pk=member.organisation_id).update(suspended_until=None)

    rentals.mark_no_shows(now=TUESDAY_9 + 4 * HOUR)

    assert Organisation.objects.get(pk=member.organisation_id).suspended_until is None


# --- Settlement -------------------------------------------------------------------------------------------------------


def test_a_used_rental_is_settled_two_working_days_after_check_out_late_or_twice():
    rental = checked_out(period=hours(0, 2))  # Tuesday: final as Thursday ends
    due = TUESDAY_9 + 2 * DAY + 15 * HOUR

    early = rentals.settle_due(now=due - timedelta(seconds=1))
    late, twice = (rentals.settle_due(now=due + 3 * DAY) for _ in range(2))

    rental.refresh_from_db()
    assert rentals.settles_at(rental) == due
    assert (early, late, twice, rental.status, rental.settled_at) == (0, 1, 0, "settled", due + 3 * DAY)


def test_the_customer_may_confirm_the_price_before():
    member = buyer()
    usage = rentals.UsageGiven(condition="good", consumables=[{"name": "垫片", "quantity": "2", "unit_price_fen": 500}])
    rental = checked_out(by=member, usage=usage)
    assert Bill.objects.get().total_fen == 60_000

    settled = rentals.settle(rental=rental, by=member, now=TUESDAY_9 + 3 * HOUR)

    bill = Bill.objects.get()
    assert (settled.status, bill.total_fen, bill.lines) == ("settled", 61_000, settled.price_lines)


def test_bl_20_a_lab_that_calls_off_late_has_a_mark_in_its_history():
    for now in (TUESDAY_9 - DAY, TUESDAY_9 - DAY + timedelta(seconds=1)):
        rental = confirmed(period=hours(0, 2), now=MONDAY_9 - HOUR)
        rentals.cancel_by_lab(rental=rental, reason="维护", by=lab_of(rental), now=now)

    mark = AuditEvent.objects.get(name="lab_cancelled_late")
    assert (mark.facts["rental_id"], mark.facts["notice_minutes"], mark.about) == (
        rental.pk,
        24 * 60 - 1,
        [f"lab:{rental.instrument.lab_id}"],
    )


# --- Reminders --------------------------------------------------------------------------------------------------------


def reminded(now):
    """Remind, and return who was told of what."""
    seen = set(Notice.objects.values_list("pk", flat=True))
    reminding.remind(jobs.tell_reminder, now=now)
    return sorted(Notice.objects.exclude(pk__in=seen).values_list("kind", "user__email"))


def test_a_booking_is_remembered_a_day_before_once_and_again_when_it_is_moved():
    member = buyer()
    rental = confirmed(by=member, period=hours(48, 50))
    begins = hours(48, 50).start
    told = [("rental_starts_soon", member.user.email)]

    assert reminded(begins - DAY - MINUTE) == []
    assert reminded(begins - DAY + HOUR) == told
    assert reminded(begins - DAY + 2 * HOUR) == []
    rentals.reschedule_by_lab(
        rental=rental, period=hours(72, 74), reason="x", consent=True, by=lab_of(rental), now=begins - 20 * HOUR
    )
    assert reminded(begins + HOUR) == told
    assert Reminder.objects.count() == 2


def test_an_hour_without_the_job_loses_no_reminder_but_one_whose_time_is_over():
    confirmed(period=hours(0, 2), now=MONDAY_9 - DAY)

    assert len(reminded(TUESDAY_9 - MINUTE)) == 1
    assert reminded(TUESDAY_9) == []


def test_a_hold_about_to_lapse_is_remembered_unless_it_was_just_placed():
    member = buyer()
    instrument = InstrumentFactory(policy__hold_minutes=10)
    held(by=member, instrument=instrument)
    held(by=member, period=hours(3, 4))

    assert reminded(MONDAY_9 + 5 * MINUTE) == []
    assert reminded(MONDAY_9 + 21 * MINUTE) == [("rental_hold_lapses", member.user.email)]
    assert reminded(MONDAY_9 + 22 * MINUTE) == []


def test_a_transfer_is_remembered_a_day_before_and_a_choice_too():
    member = buyer()
    rental = held(by=member, period=hours(7 * 24, 7 * 24 + 2))
    until = rentals.await_payment(rental=rental, pays_by="transfer", by=member, now=MONDAY_9).held_until

    assert reminded(until - 23 * HOUR) == [("rental_hold_lapses", member.user.email)]

    broken = interrupted(by=member)
    due = broken.interruptions.get().choice_due_at
    assert ("rental_choice_due", member.user.email) in reminded(due - 23 * HOUR)


def test_the_jobs_run_by_the_clock(clock):
    rental = confirmed(period=hours(0, 2))
    used = checked_in(period=hours(0, 1))
    clock.move_to(TUESDAY_9 + timedelta(minutes=31))

    for job in (jobs.expire_lapsed, jobs.mark_no_shows, jobs.settle_due, jobs.remind):
        job.func(timestamp=int(timezone.now().timestamp()))

    rental.refresh_from_db()
    used.refresh_from_db()
    assert (rental.status, used.status) == ("no_show", "checked_in")
