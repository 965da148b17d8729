"""Moving a rental, answering the lab's other time, handing over: what it costs is seen before it is done."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Membership
from bookings.models import Rental
from bookings.rentals import operations as rentals
from tests.conftest import MONDAY_9
from tests.factories.accounts import LabMembershipFactory, MembershipFactory
from tests.factories.bookings import buyer, confirmed, held, hours
from tests.factories.labs import InstrumentFactory, UserQualificationFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

HTMX = {"HX-Request": "true"}
THURSDAY_10 = {"date": "2026-11-26", "start": "10:00", "minutes": "180"}


def of_thursday(member: Membership, **how: Any) -> Rental:
    """A rental on Thursday from nine to eleven: far enough ahead to be moved."""
    return confirmed(by=member, period=hours(48, 50), **how)


def colleague_of(member: Membership, role: str = "technician") -> Membership:
    return MembershipFactory(organisation=member.organisation, role=role)


def manager_of(rental: Rental) -> Membership:
    return LabMembershipFactory(organisation=rental.instrument.lab.organisation, role="lab_manager")


def move(client: Any, rental: Rental, **changed: Any) -> Any:
    form = {**THURSDAY_10, "expected": "90000", "key": "k", **changed}
    return client.post(f"/my/rentals/{rental.number}/move/", form)


# --- Moving ------------------------------------------------------------------------------------------------------


def test_another_time_is_priced_with_the_difference_before_anything_changes(client_as: Any) -> None:
    member = buyer()
    rental = of_thursday(member)

    answer = client_as(member).get(f"/my/rentals/{rental.number}/move/", THURSDAY_10)

    said = answer.content.decode()
    assert "2026-11-26 Thu 10:00–13:00 (UTC+8)" in said
    assert "¥300.00 more than before" in said
    assert 'name="expected" value="90000"' in said
    assert Rental.objects.get().time == rental.time


def test_its_own_time_does_not_stand_in_its_way(client_as: Any) -> None:
    member = buyer()
    rental = of_thursday(member)

    answer = client_as(member).get(f"/my/rentals/{rental.number}/move/", {"date": "2026-11-26"})

    assert "09:30" in [start.clock for start in answer.context["move"].starts]


def test_a_rental_is_moved_at_the_price_that_was_shown(client_as: Any) -> None:
    member = buyer()
    rental = of_thursday(member)

    answer = move(client_as(member), rental)

    rental.refresh_from_db()
    assert answer.headers["Location"] == f"/my/rentals/{rental.number}/"
    assert (rental.time, rental.total_fen, rental.moves) == (hours(49, 52), 90_000, 1)


def test_a_double_click_moves_once(client_as: Any) -> None:
    member = buyer()
    rental = of_thursday(member)
    client = client_as(member)

    answers = [move(client, rental), move(client, rental)]

    rental.refresh_from_db()
    assert [answer.status_code for answer in answers] == [302, 302]
    assert rental.moves == 1


def test_what_was_dragged_is_asked_as_an_instant_and_leads_back_to_the_calendar(client_as: Any) -> None:
    member = buyer()
    rental = of_thursday(member)
    client = client_as(member)
    dragged = {"at": "2026-11-26T10:00+08:00", "minutes": "120", "back": "calendar"}

    asked = client.get(f"/my/rentals/{rental.number}/move/", dragged, headers=HTMX)
    answer = move(client, rental, minutes="120", expected="60000", back="calendar")

    assert asked.context["move"].offer.wish.period == hours(49, 51)
    assert 'hx-swap-oob="true"' not in asked.content.decode()
    assert answer.headers["Location"] == "/my/calendar/?from=2026-11-26"


def test_a_closed_day_is_refused_with_the_next_free_times(client_as: Any) -> None:
    member = buyer()
    rental = of_thursday(member)

    answer = client_as(member).get(
        f"/my/rentals/{rental.number}/move/", {"date": "2026-11-28", "start": "10:00"}, headers=HTMX
    )

    said = answer.content.decode()
    assert "It cannot be moved there" in said
    assert "closed on 2026-11-28" in said
    assert "2026-11-30 Mon 08:30 (UTC+8)" in said
    assert "Move it there" not in said


def test_a_price_that_is_not_the_one_seen_is_shown_again(client_as: Any) -> None:
    member = buyer()
    rental = of_thursday(member)

    answer = move(client_as(member), rental, expected="80000")

    rental.refresh_from_db()
    assert (answer.status_code, rental.time) == (409, hours(48, 50))
    assert "The price has changed from ¥800.00 to ¥900.00" in answer.content.decode()


def test_a_time_that_somebody_took_meanwhile_is_refused_and_nothing_changes(client_as: Any) -> None:
    member = buyer()
    rental = of_thursday(member)
    held(instrument=rental.instrument, period=hours(51, 52))

    answer = move(client_as(member), rental)

    rental.refresh_from_db()
    assert (answer.status_code, rental.time) == (409, hours(48, 50))
    assert "is taken for part of that time" in answer.content.decode()


def test_less_than_a_day_before_it_begins_the_page_says_whom_to_ask(client_as: Any, clock: Any) -> None:
    member = buyer()
    rental = of_thursday(member)
    clock.move_to(rental.time.start - timedelta(hours=23))
    client = client_as(member)

    page = client.get(f"/my/rentals/{rental.number}/").content.decode()
    said = client.get(f"/my/rentals/{rental.number}/move/", {"date": "2026-11-27", "start": "10:00"}).content.decode()

    assert f"/my/rentals/{rental.number}/move/" not in page
    assert "begins in less than 24 hours" in said
    assert "Ask the lab for another time." in said


def test_what_lost_its_place_may_go_to_a_comparable_instrument(client_as: Any) -> None:
    member = buyer()
    rental = of_thursday(member)
    other = InstrumentFactory(category=rental.instrument.category)
    rentals.mark_needs_rebooking(
        rental_ids=[rental.pk], why={"why": "outage"}, now=MONDAY_9, actor_id=None, organisation_id=None
    )
    client = client_as(member)

    page = client.get(f"/my/rentals/{rental.number}/").content.decode()
    answer = move(client, rental, start="09:00", minutes="120", expected="60000", instrument=other.code)

    rental.refresh_from_db()
    assert "It cannot take place as booked" in page
    assert f"instrument={other.code}" in page
    assert answer.status_code == 302, [str(refusal) for refusal in answer.context["move"].refusals]
    assert (rental.instrument, rental.needs_rebooking, rental.moves) == (other, None, 0)


# --- The lab's other time ----------------------------------------------------------------------------------------


def asked_for_another_time(member: Membership) -> Rental:
    rental = of_thursday(member)
    rentals.reschedule_by_lab(
        rental=rental, period=hours(72, 74), reason="更换夹具", by=manager_of(rental), now=MONDAY_9
    )
    return rental


def test_the_labs_other_time_waits_on_the_home_and_is_agreed_to(client_as: Any) -> None:
    member = buyer()
    rental = asked_for_another_time(member)
    client = client_as(member)

    home = client.get("/my/").content.decode()
    page = client.get(f"/my/rentals/{rental.number}/").content.decode()
    client.post(f"/my/rentals/{rental.number}/move/accept/")

    rental.refresh_from_db()
    assert ("Answer the lab" in home, "2026-11-27 Fri 09:00–11:00 (UTC+8)" in home) == (True, True)
    assert ("The lab asks you to come at another time" in page, "更换夹具" in page) == (True, True)
    assert rental.time == hours(72, 74)


def test_the_labs_other_time_may_be_declined_and_only_once(client_as: Any) -> None:
    member = buyer()
    rental = asked_for_another_time(member)
    client = client_as(member)

    first = client.post(f"/my/rentals/{rental.number}/move/decline/")
    second = client.post(f"/my/rentals/{rental.number}/move/accept/")

    rental.refresh_from_db()
    assert (first.status_code, second.status_code, rental.time) == (302, 409, hours(48, 50))


def test_where_nothing_was_asked_there_is_nothing_to_answer(client_as: Any) -> None:
    member = buyer()
    rental = of_thursday(member)

    assert client_as(member).post(f"/my/rentals/{rental.number}/move/accept/").status_code == 404


# --- A colleague instead -----------------------------------------------------------------------------------------


def test_a_rental_is_handed_to_a_colleague(client_as: Any) -> None:
    member = buyer()
    technician = colleague_of(member)
    rental = of_thursday(member)

    answer = client_as(member).post(f"/my/rentals/{rental.number}/hand-over/", {"to": technician.user_id}, follow=True)

    rental.refresh_from_db()
    assert rental.used_by == technician.user
    assert f"{technician.user.name} comes now" in answer.content.decode()


def test_it_is_not_handed_to_anybody_else(client_as: Any) -> None:
    member = buyer()
    colleague_of(member)
    rental = of_thursday(member)

    answer = client_as(member).post(f"/my/rentals/{rental.number}/hand-over/", {"to": buyer().user_id})

    rental.refresh_from_db()
    assert (answer.status_code, rental.used_by) == (422, None)


def test_a_colleague_who_may_not_operate_it_is_refused_with_the_reason(client_as: Any) -> None:
    member = buyer()
    technician = colleague_of(member)
    instrument = InstrumentFactory(training_required=True)
    UserQualificationFactory(user=member.user, instrument=instrument)
    rental = of_thursday(member, instrument=instrument, mode="self")

    answer = client_as(member).post(f"/my/rentals/{rental.number}/hand-over/", {"to": technician.user_id})

    rental.refresh_from_db()
    assert (answer.status_code, rental.used_by) == (403, None)
    assert "qualification" in answer.content.decode()


# --- Who may -----------------------------------------------------------------------------------------------------

ACTS = ["move/", "move/accept/", "move/decline/", "hand-over/", "transfer/"]


@pytest.mark.parametrize("act", ACTS)
def test_a_viewer_does_none_of_it(client_as: Any, act: str) -> None:
    member = buyer()
    rental = asked_for_another_time(member)
    client = client_as(MembershipFactory(organisation=member.organisation, role="viewer"))

    page = client.get(f"/my/rentals/{rental.number}/").content.decode()

    assert f"/my/rentals/{rental.number}/{act}" not in page
    assert client.post(f"/my/rentals/{rental.number}/{act}", THURSDAY_10).status_code == 403


@pytest.mark.parametrize("act", ACTS)
def test_a_rental_of_another_organisation_is_not_there(client_as: Any, act: str) -> None:
    rental = asked_for_another_time(buyer())

    assert client_as(buyer()).post(f"/my/rentals/{rental.number}/{act}", THURSDAY_10).status_code == 404


@pytest.mark.parametrize("act", ACTS)
def test_a_stranger_is_sent_to_the_log_in(client: Any, act: str) -> None:
    answer = client.post(f"/my/rentals/R1/{act}")

    assert answer.headers["Location"].startswith("/accounts/login/")
