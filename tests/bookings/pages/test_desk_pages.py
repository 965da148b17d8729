"""The lab's desk: who comes, what waits for an answer, the board, and what only a manager may do."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Membership
from bookings.models import Rental
from bookings.rentals import operations as rentals
from labs.models import Instrument
from tests.conftest import MONDAY_9
from tests.factories.accounts import LabMembershipFactory
from tests.factories.bookings import buyer, confirmed, held, hours
from tests.factories.labs import InstrumentFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def staff_of(instrument: Instrument, role: str = "lab_operator") -> Membership:
    return LabMembershipFactory(organisation=instrument.lab.organisation, role=role)


def pending(instrument: Instrument) -> Rental:
    member = buyer()
    rental = held(by=member, instrument=instrument)
    return rentals.submit_for_approval(rental=rental, by=member, now=MONDAY_9)


@pytest.fixture
def instrument() -> Instrument:
    return InstrumentFactory(policy__requires_approval=False)


def said(client: Client, path: str, **query: Any) -> str:
    answer = client.get(path, query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_desk_says_who_comes_today_and_tomorrow(client_as: Any, instrument: Instrument) -> None:
    today = confirmed(instrument=instrument, period=hours(-20, -18))
    tomorrow = confirmed(instrument=instrument, period=hours(0, 2))
    later = confirmed(instrument=instrument, period=hours(24, 26))
    elsewhere = confirmed(period=hours(0, 2))

    answer = client_as(staff_of(instrument)).get("/desk/")

    assert [[rental.number for rental in day["rentals"]] for day in answer.context["days"]] == [
        [today.number], [tomorrow.number],
    ]  # fmt: skip
    assert later.number not in answer.content.decode()
    assert elsewhere.number not in answer.content.decode()


def test_the_board_says_the_same_as_a_list(client_as: Any, instrument: Instrument) -> None:
    rental = confirmed(instrument=instrument)

    board = said(client_as(staff_of(instrument)), "/desk/board/")

    assert f"/desk/rentals/{rental.number}/" in board
    assert rental.organisation.name_en in board
    assert "Nobody is booked." in said(client_as(staff_of(instrument)), "/desk/board/", **{"from": "2026-12-07"})


def test_our_bookings_are_listed_filtered_and_taken_away(client_as: Any, instrument: Instrument) -> None:
    rental = confirmed(instrument=instrument)
    confirmed()
    client = client_as(staff_of(instrument))

    lines = client.get("/desk/rentals/", {"format": "csv"}).content.decode("utf-8-sig").splitlines()

    assert [each.number for each in client.get("/desk/rentals/").context["page"]] == [rental.number]
    assert list(client.get("/desk/rentals/", {"status": "held"}).context["page"]) == []
    assert len(lines) == 2
    assert rental.organisation.name_en in lines[1]


# --- Answering ---------------------------------------------------------------------------------------------------


def test_a_manager_approves_from_the_inbox(client_as: Any) -> None:
    instrument = InstrumentFactory(policy__requires_approval=True)
    rental = pending(instrument)
    client = client_as(staff_of(instrument, "lab_manager"))

    inbox = said(client, "/desk/")
    client.post(f"/desk/rentals/{rental.number}/approve/")

    rental.refresh_from_db()
    assert rental.number in inbox
    assert rental.status == "awaiting_payment"
    assert "Nothing waits for approval." in said(client, "/desk/")


def test_a_manager_declines_with_a_reason_and_never_without(client_as: Any) -> None:
    instrument = InstrumentFactory(policy__requires_approval=True)
    rental = pending(instrument)
    client = client_as(staff_of(instrument, "lab_manager"))

    without = client.post(f"/desk/rentals/{rental.number}/reject/", {"reason": " "})
    client.post(f"/desk/rentals/{rental.number}/reject/", {"reason": "样品不符"})

    rental.refresh_from_db()
    assert (without.status_code, "Please give the reason." in without.content.decode()) == (422, True)
    assert (rental.status, rental.reason) == ("rejected", "样品不符")


def test_an_answer_that_comes_too_late_is_refused_and_told(client_as: Any, clock: Any) -> None:
    instrument = InstrumentFactory(policy__requires_approval=True)
    rental = pending(instrument)
    clock.move_to(rental.held_until)

    answer = client_as(staff_of(instrument, "lab_manager")).post(f"/desk/rentals/{rental.number}/approve/")

    assert (answer.status_code, "has run out" in answer.content.decode()) == (409, True)


def test_the_lab_cancels_with_a_reason_and_the_customer_owes_nothing(client_as: Any, instrument: Instrument) -> None:
    rental = confirmed(instrument=instrument, period=hours(-20, -18))
    client = client_as(staff_of(instrument, "lab_manager"))

    without = client.post(f"/desk/rentals/{rental.number}/cancel/", {"reason": ""})
    client.post(f"/desk/rentals/{rental.number}/cancel/", {"reason": "设备故障"})

    rental.refresh_from_db()
    assert without.status_code == 422
    assert (rental.status, rental.fee_fen, rental.reason) == ("cancelled", 0, "设备故障")


def test_the_lab_reads_who_of_its_own_people_acted(client_as: Any) -> None:
    instrument = InstrumentFactory(policy__requires_approval=True)
    rental = pending(instrument)
    manager = staff_of(instrument, "lab_manager")
    rentals.approve(rental=rental, by=manager, now=MONDAY_9)

    answer = client_as(staff_of(instrument)).get(f"/desk/rentals/{rental.number}/")

    assert answer.context["timeline"][-1].by == manager.user.name


# --- Who may -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", ["approve", "reject", "cancel"])
def test_an_operator_sees_but_does_not_decide(client_as: Any, act: str) -> None:
    instrument = InstrumentFactory(policy__requires_approval=True)
    rental = pending(instrument)
    client = client_as(staff_of(instrument))

    page = said(client, f"/desk/rentals/{rental.number}/")

    assert f"/desk/rentals/{rental.number}/{act}/" not in page
    assert client.post(f"/desk/rentals/{rental.number}/{act}/", {"reason": "x"}).status_code == 403
    assert Rental.objects.get().status == "pending_approval"


@pytest.mark.parametrize("act", ["", "approve/", "reject/", "cancel/"])
def test_a_booking_at_another_lab_is_not_there(client_as: Any, act: str) -> None:
    rental = pending(InstrumentFactory(policy__requires_approval=True))
    client = client_as(staff_of(InstrumentFactory(), "lab_manager"))
    path = f"/desk/rentals/{rental.number}/{act}"

    answer = client.post(path, {"reason": "x"}) if act else client.get(path)

    assert answer.status_code == 404
    assert Rental.objects.get().status == "pending_approval"


@pytest.mark.parametrize(
    "path", ["/desk/", "/desk/board/", "/desk/board/events/", "/desk/rentals/", "/desk/rentals/R1/"]
)
def test_customers_have_no_desk_and_strangers_log_in(client_as: Any, client: Client, path: str) -> None:
    assert client_as(buyer()).get(path).status_code == 403
    assert client.get(path).headers["Location"] == f"/accounts/login/?next={path}"
