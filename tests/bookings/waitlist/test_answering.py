"""An offer is taken, declined or forgotten; the entry follows whatever happens to the rental it holds."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import Membership
from bookings.models import Occupancy, Rental, WaitlistEntry, WaitlistOffer
from bookings.rentals import operations as rentals
from bookings.waitlist import operations as waitlist
from kernel.refusals import Refusal
from tests.factories.accounts import LabMembershipFactory
from tests.factories.bookings import MONDAY_9, buyer, confirmed, hours
from tests.factories.labs import InstrumentFactory
from tests.factories.waitlist import LATER, freed, offered, taken, waits

pytestmark = pytest.mark.django_db


def state(offer: WaitlistOffer) -> tuple[str, str, str]:
    """Return what became of an offer: (entry, offer, rental)."""
    offer = WaitlistOffer.objects.select_related("entry", "rental").get(pk=offer.pk)
    return offer.entry.state, offer.outcome, offer.rental.status


def test_a_taken_time_is_held_as_long_as_any_hold_but_never_shorter_than_the_offer_stood() -> None:
    member = buyer()
    offer = offered(by=member)
    late = offer.expires_at - timedelta(minutes=1)

    rental = waitlist.take_offer(offer=offer, by=member, now=late)

    assert rental.held_until == late + timedelta(minutes=30)
    assert set(Occupancy.objects.values_list("lapses_at", flat=True)) == {rental.held_until}
    assert state(offer) == ("offered", "taken", "held")


def test_a_time_taken_early_keeps_the_time_to_answer() -> None:
    member = buyer()
    offer = offered(by=member)

    assert waitlist.take_offer(offer=offer, by=member, now=MONDAY_9).held_until == offer.expires_at


def test_the_entry_is_fulfilled_when_the_rental_is_confirmed() -> None:
    member = buyer()
    offer = offered(by=member)
    rental = waitlist.take_offer(offer=offer, by=member, now=MONDAY_9)

    rentals.confirm_on_account(rental=rental, by=member, now=MONDAY_9)

    assert state(offer) == ("fulfilled", "taken", "confirmed")


def test_confirming_the_rental_itself_takes_the_offer() -> None:
    member = buyer()
    offer = offered(by=member)

    rentals.confirm_on_account(rental=offer.rental, by=member, now=MONDAY_9)

    assert state(offer) == ("fulfilled", "taken", "confirmed")


def approved_offer(member: Membership) -> tuple[WaitlistOffer, Membership]:
    """An offer on an instrument whose lab approves bookings first, sent for approval; and the lab's manager."""
    instrument = InstrumentFactory(policy__requires_approval=True)
    owner = Membership.objects.filter(organisation=instrument.lab.organisation)
    manager = owner.first() or LabMembershipFactory(organisation=instrument.lab.organisation, role="lab_manager")
    other = buyer()
    before = rentals.place_hold(instrument=instrument, period=hours(0, 2), mode="assisted", by=other, now=MONDAY_9)
    waits(before, by=member)
    rentals.cancel(rental=before, by=other, now=MONDAY_9)
    (offer,) = waitlist.offer_freed(now=MONDAY_9)
    rentals.submit_for_approval(rental=offer.rental, by=member, now=MONDAY_9)
    return offer, manager


def test_a_time_sent_for_approval_is_taken_and_one_the_lab_declines_lets_the_entry_wait_again() -> None:
    offer, manager = approved_offer(buyer())
    assert state(offer) == ("offered", "taken", "pending_approval")

    rentals.reject(rental=offer.rental, reason="检修", by=manager, now=MONDAY_9)

    assert state(offer) == ("waiting", "taken", "rejected")
    assert waitlist.offer_freed(now=MONDAY_9) == []  # not the very same again


def test_a_taken_time_that_lapses_lets_the_entry_wait_again_at_its_old_place() -> None:
    member = buyer()
    offer = offered(by=member)
    rental = waitlist.take_offer(offer=offer, by=member, now=MONDAY_9)

    rentals.expire_lapsed(now=rental.held_until or MONDAY_9)

    assert state(offer) == ("waiting", "taken", "expired")
    assert WaitlistEntry.objects.get().created_at == MONDAY_9


def test_a_hold_cancelled_on_its_own_page_declines_the_offer() -> None:
    member = buyer()
    offer = offered(by=member)

    rentals.cancel(rental=offer.rental, by=member, now=MONDAY_9)

    assert state(offer) == ("waiting", "declined", "cancelled")


def test_what_the_lab_calls_off_is_withdrawn_and_the_entry_waits_again() -> None:
    offer = offered()
    manager = LabMembershipFactory(organisation=offer.rental.instrument.lab.organisation, role="lab_manager")

    rentals.cancel_by_lab(rental=offer.rental, reason="故障", by=manager, now=MONDAY_9)

    assert state(offer) == ("waiting", "withdrawn", "cancelled")


@pytest.mark.parametrize("act", [waitlist.take_offer, waitlist.decline])
def test_an_offer_is_answered_once(act: Any) -> None:
    member = buyer()
    offer = offered(by=member)
    act(offer=offer, by=member, now=MONDAY_9)

    for again in (waitlist.take_offer, waitlist.decline):
        with pytest.raises(Refusal) as refused:
            again(offer=offer, by=member, now=MONDAY_9)
        assert refused.value.code == "OFFER_ANSWERED"


@pytest.mark.parametrize(("now", "is_late"), [(LATER - timedelta(microseconds=1), False), (LATER, True)])
@pytest.mark.parametrize("act", [waitlist.take_offer, waitlist.decline])
def test_an_offer_that_ran_out_cannot_be_answered_whether_a_job_has_run_or_not(
    act: Any, now: datetime, is_late: bool
) -> None:
    member = buyer()
    offer = offered(by=member)

    if is_late:
        with pytest.raises(Refusal) as refused:
            act(offer=offer, by=member, now=now)
        assert refused.value.code == "OFFER_ANSWERED"
        assert state(offer) == ("offered", "open", "held")
    else:
        act(offer=offer, by=member, now=now)


def test_whoever_lets_three_offers_run_out_waits_no_longer() -> None:
    periods = [hours(0, 2), hours(24, 26), hours(48, 50)]
    instrument = InstrumentFactory()
    all_taken = [taken(instrument=instrument, period=period) for period in periods]
    for period in (hours(2, 9), hours(26, 33), hours(50, 57)):
        taken(instrument=instrument, period=period)
    entry = waits(all_taken[0], window=hours(0, 57))
    now = MONDAY_9
    told = []

    for rental in all_taken:
        freed(rental)
        (offer,) = waitlist.offer_freed(now=now)
        now = offer.expires_at
        rentals.expire_lapsed(now=now)
        entry.refresh_from_db()
        told.append(entry.state)

    assert told == ["waiting", "waiting", "withdrawn"]


# --- Those who lost their time ---------------------------------------------------------------------------------


def lost() -> Rental:
    """A confirmed rental that cannot take place: its customer is first in line for another."""
    rental = confirmed()
    rentals.mark_needs_rebooking(
        rental_ids=[rental.pk], why={"why": "outage", "outage": 1, "until": hours(0, 2).end.isoformat()}, now=MONDAY_9
    )
    rental.refresh_from_db()
    return rental


def test_who_lost_their_time_is_put_first_in_line_once_for_the_same_use_on_any_of_the_kind() -> None:
    rental = lost()

    entry = waitlist.join_displaced(rental, MONDAY_9)

    assert WaitlistEntry.objects.get() == entry
    assert (entry.displaced, entry.query, entry.minutes) == (rental, {"category": ["0201"]}, 120)
    assert entry.time.contains(hours(0, 2))


def test_when_another_time_is_confirmed_the_lost_one_is_let_go_for_nothing() -> None:
    rental = lost()
    customer = Membership.objects.get(organisation=rental.organisation)
    (offer,) = waitlist.offer_freed(now=MONDAY_9)

    rentals.confirm_on_account(
        rental=waitlist.take_offer(offer=offer, by=customer, now=MONDAY_9), by=customer, now=MONDAY_9
    )

    rental.refresh_from_db()
    assert state(offer) == ("fulfilled", "taken", "confirmed")
    assert (rental.status, rental.fee_fen) == ("cancelled", 0)


def test_when_the_place_is_restored_nothing_more_is_looked_for_and_what_is_held_is_free() -> None:
    rental = lost()
    (offer,) = waitlist.offer_freed(now=MONDAY_9)

    rentals.restore_places(rental_ids=[rental.pk], now=MONDAY_9)

    assert state(offer) == ("withdrawn", "declined", "cancelled")


def test_who_moves_the_lost_time_waits_no_longer() -> None:
    rental = lost()
    customer = Membership.objects.get(organisation=rental.organisation)

    rentals.reschedule(rental=rental, period=hours(24, 26), by=customer, now=MONDAY_9)

    assert WaitlistEntry.objects.get().state == "withdrawn"
