"""A rental in use and after a breakdown, as its customer sees it."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Membership
from bookings.models import Rental
from bookings.rentals import operations as rentals
from tests.factories.accounts import LabMembershipFactory, MembershipFactory
from tests.factories.bookings import TUESDAY_9, buyer, confirmed, hours
from tests.factories.labs import InstrumentFactory
from tests.factories.waitlist import offered

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def operator_of(rental: Rental) -> Membership:
    return LabMembershipFactory(organisation=rental.instrument.lab.organisation, role="lab_operator")


def in_use(member: Membership, **how: Any) -> Rental:
    """A rental of Tuesday nine to eleven, checked in at nine."""
    rental = confirmed(by=member, period=hours(0, 2), **how)
    return rentals.check_in(rental=rental, by=operator_of(rental), now=TUESDAY_9)


def broken_down(member: Membership, **how: Any) -> Rental:
    """The same, interrupted after half an hour until tomorrow."""
    rental = in_use(member, **how)
    return rentals.interrupt(
        rental=rental,
        fault="夹具打滑",
        expected_back_at=TUESDAY_9 + timedelta(days=1),
        by=operator_of(rental),
        now=TUESDAY_9 + timedelta(minutes=30),
    )


def used(member: Membership) -> Rental:
    """The same, checked out after an hour."""
    rental = in_use(member)
    usage = rentals.UsageGiven(condition="good", samples=3)
    return rentals.check_out(rental=rental, usage=usage, by=operator_of(rental), now=TUESDAY_9 + timedelta(hours=1))


def post(client: Any, rental: Rental, act: str, **form: Any) -> Any:
    return client.post(f"/my/rentals/{rental.number}/{act}/", form)


# --- In use ------------------------------------------------------------------------------------------------------


def test_a_use_goes_on_longer_at_a_price_that_is_told(client_as: Any, clock: Any) -> None:
    member = buyer()
    rental = in_use(member)
    clock.move_to(TUESDAY_9 + timedelta(hours=1))
    client = client_as(member)

    answer = client.post(f"/my/rentals/{rental.number}/extend/", {"until": "2026-11-24T12:00"}, follow=True)

    rental.refresh_from_db()
    assert (rental.time, rental.total_fen) == (hours(0, 3), 90_000)
    assert "Extended. What it adds stands among the price lines." in answer.content.decode()


def test_it_does_not_go_on_into_the_time_of_whoever_comes_next(client_as: Any, clock: Any) -> None:
    member = buyer()
    rental = in_use(member)
    confirmed(instrument=rental.instrument, period=hours(2, 4))
    clock.move_to(TUESDAY_9 + timedelta(hours=1))

    answer = post(client_as(member), rental, "extend", until="2026-11-24T12:00")

    rental.refresh_from_db()
    assert (answer.status_code, rental.time) == (409, hours(0, 2))
    assert "is taken for part of that time" in answer.content.decode()


def test_an_end_that_is_no_time_is_asked_again(client_as: Any, clock: Any) -> None:
    member = buyer()
    rental = in_use(member)
    clock.move_to(TUESDAY_9 + timedelta(hours=1))

    assert post(client_as(member), rental, "extend", until="later").status_code == 422


# --- A breakdown -------------------------------------------------------------------------------------------------


def test_the_three_choices_stand_on_the_page_and_on_the_home(client_as: Any, clock: Any) -> None:
    member = buyer()
    rental = broken_down(member)
    other = InstrumentFactory(category=rental.instrument.category)
    clock.move_to(TUESDAY_9 + timedelta(hours=1))
    client = client_as(member)

    page = client.get(f"/my/rentals/{rental.number}/").content.decode()
    home = client.get("/my/").content.decode()

    for words in ("夹具打滑", "What becomes of the rest?", "End it here", f"instrument={other.code}"):
        assert words in page
    assert "Go on now" not in page  # not before the instrument is mended
    assert "1 hour 30 minutes are left" in page
    assert "Choose what becomes of the rest" in home


def test_going_on_waits_until_the_instrument_is_mended(client_as: Any, clock: Any) -> None:
    member = buyer()
    rental = broken_down(member)
    clock.move_to(TUESDAY_9 + timedelta(hours=1))

    answer = post(client_as(member), rental, "resume")

    rental.refresh_from_db()
    assert (answer.status_code, rental.status) == (409, "interrupted")
    assert "still out of service" in answer.content.decode()


def test_the_rest_is_priced_with_what_is_counted_and_booked_at_another_time(client_as: Any, clock: Any) -> None:
    member = buyer()
    rental = broken_down(member)
    clock.move_to(TUESDAY_9 + timedelta(hours=1))
    client = client_as(member)
    path = f"/my/rentals/{rental.number}/rebook/"
    friday = {"date": "2026-11-27", "start": "10:00", "minutes": "90"}

    shown = client.get(path, friday)
    answer = client.post(path, {**friday, "expected": shown.context["move"].offer.total.fen, "key": "k"})

    rental.refresh_from_db()
    new = Rental.objects.exclude(pk=rental.pk).get()
    assert "¥450.00 of what you paid are counted." in shown.content.decode()
    assert answer.headers["Location"] == f"/my/rentals/{new.number}/"
    assert (rental.status, new.status, new.rebooks, new.time) == ("checked_out", "confirmed", rental, hours(73, 74.5))


def test_no_more_than_the_rest_is_booked(client_as: Any, clock: Any) -> None:
    member = buyer()
    rental = broken_down(member)
    clock.move_to(TUESDAY_9 + timedelta(hours=1))

    answer = client_as(member).get(
        f"/my/rentals/{rental.number}/rebook/", {"date": "2026-11-27", "start": "10:00", "minutes": "180"}
    )

    assert "90 minutes of" in answer.content.decode()
    assert [refusal.code for refusal in answer.context["move"].refusals] == ["MORE_THAN_IS_LEFT"]


def test_it_ends_where_it_stopped_and_may_have_been_of_no_use(client_as: Any, clock: Any) -> None:
    member = buyer()
    rental = broken_down(member)
    clock.move_to(TUESDAY_9 + timedelta(hours=1))
    client = client_as(member)

    answer = client.post(f"/my/rentals/{rental.number}/abandon/", {"unusable": "1"}, follow=True)

    rental.refresh_from_db()
    assert rental.status == "checked_out"
    assert rental.interruptions.get().unusable_at is not None
    assert "Ended where it stopped" in answer.content.decode()


def test_that_it_was_of_no_use_may_be_said_afterwards(client_as: Any, clock: Any) -> None:
    member = buyer()
    rental = broken_down(member)
    clock.move_to(TUESDAY_9 + timedelta(hours=1))
    client = client_as(member)
    post(client, rental, "abandon")

    before = client.get(f"/my/rentals/{rental.number}/").content.decode()
    post(client, rental, "unusable")
    after = client.get(f"/my/rentals/{rental.number}/").content.decode()

    assert ("Was it of no use?" in before, "Was it of no use?" in after) == (True, False)
    assert rental.interruptions.get().unusable_at is not None


def test_where_nothing_broke_down_there_is_no_rest(client_as: Any, clock: Any) -> None:
    member = buyer()
    rental = in_use(member)
    clock.move_to(TUESDAY_9 + timedelta(hours=1))

    assert client_as(member).get(f"/my/rentals/{rental.number}/rebook/").status_code == 409


# --- Afterwards --------------------------------------------------------------------------------------------------


def test_the_usage_record_is_shown_and_the_price_confirmed(client_as: Any, clock: Any) -> None:
    member = buyer()
    rental = used(member)
    clock.move_to(TUESDAY_9 + timedelta(hours=2))
    client = client_as(member)

    page = client.get(f"/my/rentals/{rental.number}/").content.decode()
    post(client, rental, "settle")

    rental.refresh_from_db()
    assert ("Usage record" in page, "2026-11-24 Tue 10:00 (UTC+8)" in page) == (True, True)
    assert rental.status == "settled"


def test_a_time_that_the_waitlist_holds_is_told_as_such_on_the_home(client_as: Any) -> None:
    member = buyer()
    offered(by=member)

    home = client_as(member).get("/my/").content.decode()

    assert ("from your waitlist" in home, "Take it or let go" in home) == (True, True)


# --- Who may -----------------------------------------------------------------------------------------------------

ACTS = ["extend", "resume", "rebook", "abandon", "unusable", "settle"]


@pytest.mark.parametrize("act", ACTS)
def test_a_viewer_does_none_of_it(client_as: Any, clock: Any, act: str) -> None:
    member = buyer()
    rental = broken_down(member)
    clock.move_to(TUESDAY_9 + timedelta(hours=1))
    client = client_as(MembershipFactory(organisation=member.organisation, role="viewer"))

    assert post(client, rental, act).status_code == 403
    assert f"/{act}/" not in client.get(f"/my/rentals/{rental.number}/").content.decode()


@pytest.mark.parametrize("act", ACTS)
def test_a_rental_of_another_organisation_is_not_there(client_as: Any, clock: Any, act: str) -> None:
    rental = broken_down(buyer())
    clock.move_to(TUESDAY_9 + timedelta(hours=1))

    assert post(client_as(buyer()), rental, act).status_code == 404


def test_the_statements_of_the_home_do_not_grow_with_what_waits(
    client_as: Any, clock: Any, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    member = buyer()
    broken_down(member)
    clock.move_to(TUESDAY_9 + timedelta(hours=1))
    client = client_as(member)
    client.get("/my/")
    with django_assert_max_num_queries(12) as one:
        client.get("/my/")
    for _ in range(2):
        broken_down(member)

    with django_assert_num_queries(len(one.captured_queries)):
        client.get("/my/")
