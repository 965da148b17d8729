"""What asked somebody to act is read once it is done, whoever of the organisation did it; and mailed no more."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Membership
from bookings.rentals import operations as rentals
from bookings.waitlist import operations as waitlist
from labs.hours import operations as hours_of
from notices import kinds
from notices.models import Notice
from tests.factories.accounts import LabMembershipFactory, MembershipFactory
from tests.factories.bookings import MONDAY_9, TUESDAY_9, buyer, checked_in, confirmed, held, hours, interrupted, lab_of
from tests.factories.labs import InstrumentFactory
from tests.factories.waitlist import offered

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def unread(kind: str) -> int:
    return Notice.objects.unread().filter(kind=kind).count()


def pending() -> tuple[Any, Membership]:
    """A rental that waits for the lab's approval, with two managers who are asked."""
    member = buyer()
    rental = held(instrument=InstrumentFactory(policy__requires_approval=True), by=member)
    for _ in range(2):
        LabMembershipFactory(organisation=rental.instrument.lab.organisation, role="lab_manager")
    return rentals.submit_for_approval(rental=rental, by=member, now=MONDAY_9), member


def test_a_request_is_done_for_all_managers_once_one_has_answered() -> None:
    rental, _ = pending()
    assert unread("rental_submitted_lab") == 2

    rentals.approve(rental=rental, by=lab_of(rental), now=MONDAY_9)

    assert unread("rental_submitted_lab") == 0
    assert unread("rental_approved") == 1


def test_please_confirm_is_done_once_a_colleague_has_confirmed_and_it_is_not_mailed_any_more() -> None:
    rental, member = pending()
    rentals.approve(rental=rental, by=lab_of(rental), now=MONDAY_9)
    colleague = MembershipFactory(role="buyer", organisation=member.organisation)

    rentals.confirm_on_account(rental=rental, by=colleague, now=MONDAY_9)

    asked = Notice.objects.get(kind="rental_approved")
    assert (asked.read_at, asked.delivery) == (MONDAY_9, "unwanted")
    assert unread("rental_confirmed") == 1


def test_what_was_mailed_stays_mailed() -> None:
    rental, member = pending()
    rentals.approve(rental=rental, by=lab_of(rental), now=MONDAY_9)
    Notice.objects.filter(kind="rental_approved").update(delivery="mailed", mailed_at=MONDAY_9)

    rentals.cancel(rental=rental, by=member, now=MONDAY_9)

    asked = Notice.objects.get(kind="rental_approved")
    assert (asked.delivery, asked.read_at) == ("mailed", MONDAY_9)


def test_a_confirmation_that_nobody_was_asked_for_takes_no_statement_more() -> None:
    counted = []
    for was_asked in (False, True):
        member = buyer()
        rental = held(by=member)
        if was_asked:
            Notice.objects.create(
                user=member.user, kind="rental_hold_lapses", about=f"rental:{rental.pk}", link="/", letter="x",
                occurred_at=MONDAY_9, mail_due_at=MONDAY_9,
            )  # fmt: skip
        with CaptureQueriesContext(connection) as captured:
            rentals.confirm_on_account(rental=rental, by=member, now=MONDAY_9)
        counted.append(len(captured))

    assert counted[1] == counted[0] + 1
    assert unread("rental_hold_lapses") == 0


def test_please_choose_is_done_once_it_is_chosen() -> None:
    rental = interrupted(back_at=hours(1, 2).start)
    assert unread("rental_interrupted") == 1

    rentals.abandon(rental=rental, by=None, now=TUESDAY_9 + timedelta(hours=1))

    assert unread("rental_interrupted") == 0


def test_another_rental_keeps_its_notice() -> None:
    first, second = (interrupted(back_at=hours(1, 2).start) for _ in range(2))

    rentals.abandon(rental=first, by=None, now=TUESDAY_9 + timedelta(hours=1))

    left = Notice.objects.unread().filter(kind="rental_interrupted").values_list("about", flat=True)
    assert list(left) == [f"rental:{second.pk}"]


def test_choose_another_time_is_done_once_the_place_is_back() -> None:
    rental = confirmed()
    period = rental.time
    outage = hours_of.announce_outage(
        of=rental.instrument, kind="closure", start=period.start, end=period.end, by=None, now=MONDAY_9
    )
    assert unread("rental_needs_rebooking") == 1

    hours_of.lift_outage(outage=outage, by=None, now=MONDAY_9)

    assert unread("rental_needs_rebooking") == 0


def test_an_offer_of_the_waitlist_is_done_once_it_is_taken_or_declined() -> None:
    for answer in (waitlist.take_offer, waitlist.decline):
        member = buyer()
        offer = offered(by=member)
        about = f"waitlist:{offer.entry_id}"
        waits = Notice.objects.unread().filter(kind="waitlist_offered", about=about)
        assert waits.count() == 1

        answer(offer=offer, by=member, now=MONDAY_9)

        assert waits.count() == 0


def test_that_an_instrument_goes_out_of_service_is_done_once_the_use_is_over() -> None:
    rental = checked_in(period=hours(0, 3))
    hours_of.announce_outage(
        of=rental.instrument, kind="closure", start=hours(2, 3).start, end=hours(3, 4).end, by=None, now=TUESDAY_9
    )
    assert unread("rental_cut_short") == 1

    usage = rentals.UsageGiven(condition="good")
    rentals.check_out(rental=rental, usage=usage, by=lab_of(rental), now=hours(1, 2).start)

    assert unread("rental_cut_short") == 0


def test_every_kind_that_asks_says_what_it_is_about_by_facts_that_the_acts_have() -> None:
    asking = [kind for group in kinds.Group for kind in kinds.of_group(group) if kind.done_by]
    assert len(asking) >= 15
    for kind in asking:
        field = kind.about.partition("{0.")[2].removesuffix("}")
        assert all(field in act.__dataclass_fields__ for act in kind.done_by), kind.name
