"""What PostgreSQL holds true of rentals, their use and what is asked of their customers: each rule by its name."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from bookings.models import Interruption, MoveOffer, Reminder, Rental, UsageRecord, UsageRun
from bookings.rentals import operations as rentals
from kernel.refusals import violated
from tests.factories.bookings import MONDAY_9, TUESDAY_9, buyer, checked_in, checked_out, confirmed, hours, interrupted
from tests.factories.bookings import held as held_

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def broken(act) -> str:
    """Return the name of the constraint that an act violates."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        act()
    return violated(caught.value)


WRONG_RENTALS = [
    ("rental_that_may_lapse_says_when", held_, {"held_until": None}),
    ("rental_fee_within_total", confirmed, {"fee_fen": 10**9}),
    ("rental_credit_is_not_negative", held_, {"credit_fen": -1}),
    ("rental_takes_a_unit_at_least", held_, {"units": 0}),
    ("rental_confirmed_says_when", confirmed, {"confirmed_at": None}),
    ("rental_cancelled_says_when", confirmed, {"status": "cancelled"}),
    ("rental_at_risk_says_since_when", confirmed, {"at_risk": {"why": "calibration"}}),
    ("rental_to_rebook_says_since_when", confirmed, {"needs_rebooking_since": MONDAY_9}),
    ("rental_used_says_since_when", confirmed, {"status": "checked_in"}),
    ("rental_used_up_says_when", checked_in, {"status": "checked_out"}),
    ("rental_interrupted_says_when", checked_in, {"status": "interrupted"}),
    ("rental_not_shown_up_says_when", confirmed, {"status": "no_show"}),
    ("rental_settled_says_when", checked_out, {"status": "settled"}),
]


@pytest.mark.parametrize(("name", "make", "wrong"), WRONG_RENTALS, ids=[case[0] for case in WRONG_RENTALS])
def test_a_rental_that_contradicts_itself_cannot_be_kept(name, make, wrong):
    rental = make()

    assert broken(lambda: Rental.objects.filter(pk=rental.pk).update(**wrong)) == name


WRONG_RECORDS = [
    ("usage_record_ends_after_it_begins", {"ended_at": TUESDAY_9 - HOUR, "condition": "good"}),
    ("usage_record_counter_does_not_run_back", {"counter_start": 2, "counter_end": 1}),
    ("usage_record_that_ended_says_in_what_condition", {"ended_at": TUESDAY_9 + HOUR}),
    ("usage_record_damage_is_described", {"condition": "damaged"}),
]


@pytest.mark.parametrize(("name", "wrong"), WRONG_RECORDS, ids=[case[0] for case in WRONG_RECORDS])
def test_a_usage_record_that_contradicts_itself_cannot_be_kept(name, wrong):
    checked_in()

    assert broken(lambda: UsageRecord.objects.update(**wrong)) == name


def test_a_rental_is_used_in_one_run_at_a_time_that_ends_after_it_began():
    rental = checked_in()

    assert broken(lambda: UsageRun.objects.create(rental=rental, began_at=TUESDAY_9)) == "usage_run_open_once"
    ends = {"ended_at": TUESDAY_9 - HOUR}
    assert broken(lambda: UsageRun.objects.update(**ends)) == "usage_run_ends_after_it_begins"


def test_a_rental_is_interrupted_once_at_a_time_and_says_when_what_was_chosen():
    rental = interrupted()
    again = {
        "rental": rental,
        "began_at": TUESDAY_9,
        "fault": "x",
        "reported_by": rental.placed_by,
        "choice_due_at": TUESDAY_9,
    }

    assert broken(lambda: Interruption.objects.create(**again)) == "interruption_open_once_a_rental"
    assert broken(lambda: Interruption.objects.update(choice="resume")) == "interruption_choice_says_when"
    objected = {"objected_at": TUESDAY_9}
    assert broken(lambda: Interruption.objects.update(**objected)) == "interruption_objection_follows_a_declaration"


def test_a_customer_is_asked_one_thing_at_a_time():
    rental = confirmed(by=buyer())
    offer = {
        "rental": rental,
        "period": hours(24, 26).as_range(),
        "reason": "x",
        "offered_by": rental.placed_by,
        "offered_at": MONDAY_9,
        "expires_at": TUESDAY_9,
    }
    MoveOffer.objects.create(**offer)

    assert broken(lambda: MoveOffer.objects.create(**offer)) == "move_offer_open_once_a_rental"
    assert broken(lambda: MoveOffer.objects.update(outcome="declined")) == "move_offer_answer_says_when"
    endless = {**offer, "outcome": "declined", "answered_at": MONDAY_9, "period": (TUESDAY_9, None)}
    assert broken(lambda: MoveOffer.objects.create(**endless)) == "move_offer_period_is_bounded"


def test_nobody_is_reminded_twice_of_the_same():
    rental = confirmed()
    reminder = {"rental": rental, "kind": "starts_soon", "for_at": TUESDAY_9, "reminded_at": MONDAY_9}
    Reminder.objects.create(**reminder)

    assert broken(lambda: Reminder.objects.create(**reminder)) == "reminder_once"


def test_what_the_operations_make_contradicts_nothing():
    member = buyer()
    rental = rentals.abandon(rental=interrupted(by=member), by=member, now=TUESDAY_9 + HOUR, unusable=True)

    assert rentals.settle(rental=rental, by=None, now=TUESDAY_9 + timedelta(days=9)).total_fen == 0
