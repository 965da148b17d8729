"""Another time or another person for a rental (requirements 3.1: reschedule), by the customer and by the lab."""

from datetime import UTC, datetime, timedelta

import pytest

from billing.bills.operations import CreditExceeded
from billing.models import Bill
from bookings.availability.rules import CapacityExceeded, NotQualified, OutsideOpeningHours
from bookings.models import MoveOffer
from bookings.rentals import operations as rentals
from bookings.rentals import rules
from bookings.rentals.operations.handing_over import NotAColleague, TheirsAlready
from bookings.rentals.operations.moving import (
    MovedTooOften,
    MoveOfferedAlready,
    MoveOfferGone,
    MoveTooLate,
    OtherKindOfInstrument,
    SameTime,
)
from kernel.money import Money
from tests.factories.accounts import MembershipFactory
from tests.factories.bookings import MONDAY_9, TUESDAY_9, buyer, confirmed, held, hours, lab_of, places
from tests.factories.labs import (
    CategoryFactory,
    InstrumentFactory,
    LabFactory,
    TariffFactory,
    UserQualificationFactory,
)

WEDNESDAY = hours(24, 26)
THURSDAY = hours(48, 51)


@pytest.mark.parametrize(
    ("notice", "may"),
    [(timedelta(hours=24), True), (timedelta(hours=24) - timedelta(seconds=1), False), (timedelta(days=9), True)],
)
def test_a_customer_moves_a_rental_a_day_before_it_begins_at_the_latest(notice, may):
    assert rules.may_still_move(start=TUESDAY_9, now=TUESDAY_9 - notice) is may


pytestmark = pytest.mark.django_db


def test_a_moved_rental_keeps_number_and_uid_and_its_bill_follows_the_new_price():
    member = buyer()
    rental = confirmed(by=member, period=hours(0, 2))

    moved = rentals.reschedule(rental=rental, period=THURSDAY, by=member, now=MONDAY_9, expected=Money(90_000))

    bill = Bill.objects.get()
    assert (moved.number, moved.uuid, moved.sequence, moved.moves) == (rental.number, rental.uuid, 2, 1)
    assert (moved.time, moved.total_fen, bill.total_fen, bill.lines) == (THURSDAY, 90_000, 90_000, moved.price_lines)
    assert places(moved).get().usage == THURSDAY.as_range()
    assert held(instrument=rental.instrument, period=hours(0, 2)).status == "held"


def test_it_may_move_into_its_own_time():
    member = buyer()
    rental = confirmed(by=member, period=hours(0, 2))

    assert rentals.reschedule(rental=rental, period=hours(1, 3), by=member, now=MONDAY_9).time == hours(1, 3)


def test_the_price_list_in_force_prices_the_new_time():
    member = buyer()
    rental = confirmed(by=member, period=hours(0, 2))
    TariffFactory(
        instrument=rental.instrument,
        version=2,
        valid_from=datetime(2026, 11, 23, 1, tzinfo=UTC),
        base_rate_fen_per_hour=40_000,
    )

    moved = rentals.reschedule(rental=rental, period=WEDNESDAY, by=member, now=MONDAY_9)

    assert (moved.total_fen, moved.tariff.version) == (80_000, 2)


def test_a_dearer_time_must_be_left_on_the_account_and_the_price_is_the_one_seen():
    member = buyer(monthly_credit_fen=70_000)
    rental = confirmed(by=member, period=hours(0, 2))

    with pytest.raises(CreditExceeded):
        rentals.reschedule(rental=rental, period=THURSDAY, by=member, now=MONDAY_9)
    with pytest.raises(rentals.PriceChanged):
        rentals.reschedule(rental=rental, period=WEDNESDAY, by=member, now=MONDAY_9, expected=Money(1))

    rental.refresh_from_db()
    assert (rental.time, rental.moves, Bill.objects.get().total_fen) == (hours(0, 2), 0, 60_000)


def test_a_customer_moves_it_twice_and_in_time():
    member = buyer()
    rental = confirmed(by=member, period=hours(0, 2))
    for period in (WEDNESDAY, THURSDAY):
        rental = rentals.reschedule(rental=rental, period=period, by=member, now=MONDAY_9)

    with pytest.raises(MovedTooOften):
        rentals.reschedule(rental=rental, period=WEDNESDAY, by=member, now=MONDAY_9)
    with pytest.raises(MoveTooLate):
        rentals.reschedule(rental=rental, period=WEDNESDAY, by=member, now=THURSDAY.start - timedelta(hours=23))


def test_every_booking_rule_is_asked_of_the_new_time():
    member = buyer()
    rental = confirmed(by=member, period=hours(0, 2))
    held(instrument=rental.instrument, period=WEDNESDAY)

    with pytest.raises(CapacityExceeded):
        rentals.reschedule(rental=rental, period=WEDNESDAY, by=member, now=MONDAY_9)
    with pytest.raises(OutsideOpeningHours):
        rentals.reschedule(rental=rental, period=hours(12, 14), by=member, now=MONDAY_9)
    with pytest.raises(SameTime):
        rentals.reschedule(rental=rental, period=hours(0, 2), by=member, now=MONDAY_9)

    assert places(rental).get().usage == hours(0, 2).as_range()


def test_only_what_cannot_take_place_moves_to_another_instrument_of_its_category_and_costs_no_move():
    member, lab = buyer(), LabFactory()
    own, other = InstrumentFactory.create_batch(2, lab=lab)
    stranger = InstrumentFactory(lab=lab, category=CategoryFactory(code="0999", name_zh="其他"))
    rental = confirmed(by=member, instrument=own)
    moving = {"rental": rental, "period": rental.time, "by": member, "now": TUESDAY_9 - timedelta(hours=1)}

    with pytest.raises(MoveTooLate):
        rentals.reschedule(**moving, instrument=other)
    rentals.mark_needs_rebooking(rental_ids=[rental.pk], why={"why": "outage"}, now=MONDAY_9)
    with pytest.raises(OtherKindOfInstrument):
        rentals.reschedule(**moving, instrument=stranger)
    moved = rentals.reschedule(**moving, instrument=other)

    assert (moved.instrument, moved.moves, moved.needs_rebooking) == (other, 0, None)
    assert places(moved).get().resource.instrument_id == other.pk


def test_the_lab_moves_it_with_consent_at_any_time_and_the_customer_never_pays_more():
    rental = confirmed(period=hours(0, 2))
    TariffFactory(
        instrument=rental.instrument,
        version=2,
        valid_from=datetime(2026, 11, 23, 1, tzinfo=UTC),
        base_rate_fen_per_hour=40_000,
    )

    moved = rentals.reschedule_by_lab(
        rental=rental,
        period=WEDNESDAY,
        reason="电话同意",
        consent=True,
        by=lab_of(rental),
        now=TUESDAY_9 - timedelta(minutes=20),
    )

    assert (moved.time, moved.total_fen, moved.moves, moved.reason) == (WEDNESDAY, 60_000, 0, "电话同意")
    with pytest.raises(rentals.ReasonMissing):
        rentals.reschedule_by_lab(rental=rental, period=THURSDAY, reason=" ", by=lab_of(rental), now=MONDAY_9)


def offered(rental):
    same = rentals.reschedule_by_lab(
        rental=rental, period=WEDNESDAY, reason="设备校准", by=lab_of(rental), now=MONDAY_9
    )
    assert (same.time, same.sequence) == (rental.time, rental.sequence)
    return MoveOffer.objects.get()


def test_without_consent_the_customer_is_asked_once_and_nothing_moves_before_they_agree():
    member = buyer()
    rental = confirmed(by=member, period=hours(0, 2))
    offer = offered(rental)

    with pytest.raises(MoveOfferedAlready):
        rentals.reschedule_by_lab(rental=rental, period=THURSDAY, reason="x", by=lab_of(rental), now=MONDAY_9)
    moved = rentals.accept_move(offer=offer, by=member, now=MONDAY_9 + timedelta(hours=1))

    offer.refresh_from_db()
    assert (moved.time, moved.moves, moved.reason) == (WEDNESDAY, 0, "设备校准")
    assert (offer.outcome, offer.answered_by) == ("accepted", member.user)
    with pytest.raises(MoveOfferGone):
        rentals.accept_move(offer=offer, by=member, now=MONDAY_9)


def test_an_offer_that_is_declined_or_too_old_or_overtaken_moves_nothing():
    member = buyer()
    rental = confirmed(by=member, period=hours(0, 2))
    offer = offered(rental)

    with pytest.raises(MoveOfferGone):
        rentals.decline_move(offer=offer, by=member, now=TUESDAY_9)
    kept = rentals.decline_move(offer=offer, by=member, now=MONDAY_9)
    with pytest.raises(MoveOfferGone):
        rentals.accept_move(offer=offer, by=member, now=MONDAY_9)

    assert (kept.time, kept.status) == (hours(0, 2), "confirmed")


def test_an_offer_whose_time_was_taken_meanwhile_is_refused_by_the_rules_and_can_still_be_declined():
    member = buyer()
    rental = confirmed(by=member, period=hours(0, 2))
    offer = offered(rental)
    held(instrument=rental.instrument, period=WEDNESDAY)

    with pytest.raises(CapacityExceeded):
        rentals.accept_move(offer=offer, by=member, now=MONDAY_9)

    offer.refresh_from_db()
    assert offer.outcome == "open"


def test_a_customer_who_moves_or_cancels_has_answered():
    member = buyer()
    for act in (
        lambda rental: rentals.reschedule(rental=rental, period=THURSDAY, by=member, now=MONDAY_9),
        lambda rental: rentals.cancel(rental=rental, by=member, now=MONDAY_9),
    ):
        rental = confirmed(by=member, period=hours(0, 2))
        rentals.reschedule_by_lab(rental=rental, period=WEDNESDAY, reason="x", by=lab_of(rental), now=MONDAY_9)
        act(rental)

        assert MoveOffer.objects.get(rental=rental).outcome == "withdrawn"


def test_a_rental_is_handed_to_a_colleague_and_to_nobody_else():
    member = buyer()
    rental = confirmed(by=member)
    colleague = MembershipFactory(organisation=member.organisation).user

    done = rentals.hand_over(rental=rental, to=colleague, by=member, now=MONDAY_9)

    assert (done.used_by, done.placed_by, done.sequence) == (colleague, member.user, 2)
    with pytest.raises(TheirsAlready):
        rentals.hand_over(rental=rental, to=colleague, by=member, now=MONDAY_9)
    with pytest.raises(NotAColleague):
        rentals.hand_over(rental=rental, to=buyer().user, by=member, now=MONDAY_9)


def test_bk_11_who_operates_it_themself_must_be_qualified():
    member = buyer()
    instrument = InstrumentFactory(training_required=True)
    UserQualificationFactory(user=member.user, instrument=instrument)
    rental = confirmed(by=member, instrument=instrument, mode="self")
    colleague = MembershipFactory(organisation=member.organisation).user

    with pytest.raises(NotQualified):
        rentals.hand_over(rental=rental, to=colleague, by=member, now=MONDAY_9)
    UserQualificationFactory(user=colleague, instrument=instrument)

    assert rentals.hand_over(rental=rental, to=colleague, by=member, now=MONDAY_9).used_by == colleague
