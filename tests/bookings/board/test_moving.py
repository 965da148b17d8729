"""The lab moves a booking from the board: with the customer's consent at once, without it by asking."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Membership
from bookings.models import MoveOffer, Rental
from bookings.rentals import operations as rentals
from labs.models import Instrument
from tests.factories.accounts import LabMembershipFactory
from tests.factories.bookings import TUESDAY_9, confirmed, held, hours
from tests.factories.labs import InstrumentFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def manager_of(instrument: Instrument, role: str = "lab_manager") -> Membership:
    return LabMembershipFactory(organisation=instrument.lab.organisation, role=role)


@pytest.fixture
def instrument() -> Instrument:
    return InstrumentFactory(policy__requires_approval=False)


def moving(rental: Rental, **how: Any) -> dict[str, Any]:
    """What the form sends: Tuesday 13:00 to 15:00 on the lab's clock."""
    return {
        "instrument": rental.instrument.code,
        "start": "2026-11-24T13:00",
        "end": "2026-11-24T15:00",
        "reason": "设备检修",
        **how,
    }


def path(rental: Rental) -> str:
    return f"/desk/rentals/{rental.number}/move/"


def test_with_the_customers_consent_it_moves_at_once(client_as: Any, instrument: Instrument) -> None:
    rental = confirmed(instrument=instrument, period=hours(0, 2))

    answer = client_as(manager_of(instrument)).post(path(rental), moving(rental, consent="on"))

    rental.refresh_from_db()
    assert answer.headers["Location"] == f"/desk/rentals/{rental.number}/"
    assert rental.time == hours(4, 6)


def test_without_it_the_customer_is_asked_and_nothing_moves(client_as: Any, instrument: Instrument) -> None:
    rental = confirmed(instrument=instrument, period=hours(0, 2))

    answer = client_as(manager_of(instrument)).post(path(rental), moving(rental), follow=True)

    rental.refresh_from_db()
    assert rental.time == hours(0, 2)
    assert MoveOffer.objects.get().time == hours(4, 6)
    assert "The customer is asked." in answer.content.decode()


def test_it_moves_to_another_instrument_of_the_category_and_to_no_other(client_as: Any, instrument: Instrument) -> None:
    rental = confirmed(instrument=instrument, period=hours(0, 2))
    alike = InstrumentFactory(lab=instrument.lab, category=instrument.category, policy__requires_approval=False)
    unlike = InstrumentFactory(lab=instrument.lab, category__code="990101")
    client = client_as(manager_of(instrument))

    to_unlike = client.post(path(rental), moving(rental, instrument=unlike.code, consent="on"))
    to_alike = client.post(path(rental), moving(rental, instrument=alike.code, consent="on"))

    rental.refresh_from_db()
    assert (to_unlike.status_code, to_alike.status_code) == (422, 302)
    assert rental.instrument == alike


def test_a_refusal_says_every_rule_that_fails_with_what_would_help(client_as: Any, instrument: Instrument) -> None:
    rental = confirmed(instrument=instrument, period=hours(0, 2))

    night = moving(rental, start="2026-11-24T20:00", end="2026-11-24T20:10", consent="on")
    answer = client_as(manager_of(instrument)).post(path(rental), night)

    rental.refresh_from_db()
    assert answer.status_code in (409, 422)
    assert len(answer.context["refused"]) >= 2
    assert all(str(one) in answer.content.decode() for one in answer.context["refused"])
    assert any(one.remedy for one in answer.context["refused"])
    assert rental.time == hours(0, 2)


def test_the_dialog_is_answered_with_the_form_alone_and_told_when_it_is_done(
    client_as: Any, instrument: Instrument
) -> None:
    rental = confirmed(instrument=instrument, period=hours(0, 2))
    client = client_as(manager_of(instrument))

    form = client.get(
        path(rental), {"start": "2026-11-24T13:00", "end": "2026-11-24T15:00"}, headers={"HX-Request": "true"}
    )
    done = client.post(path(rental), moving(rental, consent="on"), headers={"HX-Request": "true"})

    assert "<html" not in form.content.decode()
    assert 'value="2026-11-24T13:00"' in form.content.decode()
    assert (done.status_code, done.headers["HX-Trigger"]) == (204, "board-changed")


def test_a_use_under_way_is_extended(client_as: Any, instrument: Instrument, clock: Any) -> None:
    rental = confirmed(instrument=instrument, period=hours(0, 2))
    client = client_as(manager_of(instrument))
    clock.move_to(TUESDAY_9)
    rentals.check_in(rental=rental, by=manager_of(instrument, "lab_operator"), now=TUESDAY_9)
    clock.shift(timedelta(hours=1))

    client.post(path(rental), {"end": "2026-11-24T12:00"})

    rental.refresh_from_db()
    assert rental.time == hours(0, 3)


def test_what_is_not_confirmed_cannot_be_moved_and_the_page_says_so(client_as: Any, instrument: Instrument) -> None:
    rental = held(instrument=instrument, period=hours(0, 2))
    client = client_as(manager_of(instrument))

    page = client.get(path(rental))
    answer = client.post(path(rental), moving(rental, consent="on"))

    assert "Only a confirmed booking can be moved" in page.content.decode()
    assert answer.status_code == 409
    assert Rental.objects.get().time == hours(0, 2)


def test_an_end_before_the_start_is_said_beside_the_field(client_as: Any, instrument: Instrument) -> None:
    rental = confirmed(instrument=instrument, period=hours(0, 2))

    answer = client_as(manager_of(instrument)).post(path(rental), moving(rental, end="2026-11-24T12:00"))

    assert (answer.status_code, "It must end after it begins." in answer.content.decode()) == (422, True)


# --- Who may -----------------------------------------------------------------------------------------------------


def test_only_a_manager_of_that_lab_moves_it(client_as: Any, client: Client, instrument: Instrument) -> None:
    rental = confirmed(instrument=instrument, period=hours(0, 2))
    asking = moving(rental, consent="on")

    assert client_as(manager_of(instrument, "lab_operator")).post(path(rental), asking).status_code == 403
    assert client_as(manager_of(InstrumentFactory())).post(path(rental), asking).status_code == 404
    assert client.post(path(rental), asking).headers["Location"].startswith("/accounts/login/")
    assert Rental.objects.get().time == hours(0, 2)


# --- The palette leads to the right form -----------------------------------------------------------------------------


def test_what_is_dropped_on_an_instrument_asks_for_its_own_lab(client_as: Any, instrument: Instrument) -> None:
    client = client_as(manager_of(instrument))
    dropped = {"kind": "calibration", "whose": instrument.code, "start": "2026-11-24T13:00", "end": "2026-11-24T15:00"}

    page = client.get("/desk/board/take-out/", dropped, follow=True)

    assert page.request["PATH_INFO"] == f"/desk/lab/{instrument.lab.code}/hours/outage/"
    form = page.context["form"]
    assert (form["whose"].value(), form["kind"].value()) == (instrument.code, "calibration")
    assert 'value="2026-11-24T13:00"' in page.content.decode()


def test_another_labs_instrument_is_not_taken_out(client_as: Any, instrument: Instrument) -> None:
    other = InstrumentFactory()

    answer = client_as(manager_of(instrument)).get("/desk/board/take-out/", {"whose": other.code})

    assert other.lab.code not in answer.headers["Location"]
