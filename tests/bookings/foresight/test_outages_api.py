"""Outages and conflicts for programs; the examples of the description work."""

from datetime import datetime
from typing import Any

import pytest

from accounts.models import Membership
from bookings.board.api import BOARD, BoardFields
from bookings.foresight.api import MAINTENANCE, SHORTER, TO_ALL, TWO_UNITS_LESS
from bookings.models import Rental, WaitlistOffer
from labs.models import Instrument, Outage
from tests.factories.accounts import LabMembershipFactory
from tests.factories.bookings import buyer, confirmed, hours
from tests.factories.labs import InstrumentFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
OUTAGES, CONFLICTS = "/api/v1/desk/outages/", "/api/v1/desk/conflicts/"


def staff_of(instrument: Instrument, role: str = "lab_manager") -> Membership:
    return LabMembershipFactory(organisation=instrument.lab.organisation, role=role)


@pytest.fixture
def instrument() -> Instrument:
    return InstrumentFactory(code="TH-001", capacity=3, policy__requires_approval=False)


def post(client: Any, path: str, data: Any, key: str = "k1") -> Any:
    return client.post(path, data, format="json", headers={"Idempotency-Key": key})


def test_an_announced_outage_names_the_bookings_it_displaces(api_as: Any, instrument: Instrument) -> None:
    rental = confirmed(instrument=instrument, period=hours(4, 5))

    answer = post(api_as(staff_of(instrument)), OUTAGES, MAINTENANCE)

    assert answer.status_code == 201
    assert (answer.data["displaced"], answer.data["instrument"]) == ([rental.number], "TH-001")
    assert datetime.fromisoformat(answer.data["start"]) == hours(4, 5).start


def test_the_same_key_announces_once(api_as: Any, instrument: Instrument) -> None:
    client = api_as(staff_of(instrument))

    first, second = post(client, OUTAGES, TWO_UNITS_LESS), post(client, OUTAGES, TWO_UNITS_LESS)

    assert first.data == second.data
    assert Outage.objects.get().units == 2


def test_an_outage_is_shortened_and_lifted(api_as: Any, instrument: Instrument) -> None:
    rental = confirmed(instrument=instrument, period=hours(7, 8))
    client = api_as(staff_of(instrument))
    made = post(client, OUTAGES, MAINTENANCE).data
    assert made["displaced"] == [rental.number]

    changed = client.patch(f"{OUTAGES}{made['id']}/", SHORTER, format="json")
    lifted = client.delete(f"{OUTAGES}{made['id']}/")

    assert (changed.data["displaced"], lifted.status_code) == ([], 204)
    assert client.get(OUTAGES).data["results"] == []


def test_an_outage_of_nothing_or_of_both_is_refused(api_as: Any, instrument: Instrument) -> None:
    client = api_as(staff_of(instrument))

    neither = post(client, OUTAGES, {**MAINTENANCE, "instrument": ""})
    backwards = post(client, OUTAGES, {**MAINTENANCE, "end": MAINTENANCE["start"]}, key="k2")
    too_many = post(client, OUTAGES, {**MAINTENANCE, "units": 4}, key="k3")

    assert [answer.status_code for answer in (neither, backwards, too_many)] == [400, 422, 422]
    assert (backwards.data["code"], too_many.data["code"]) == (
        "outage_ends_before_it_begins", "outage_takes_too_many",
    )  # fmt: skip


def test_conflicts_are_listed_offered_other_times_and_the_offers_taken_back(
    api_as: Any, instrument: Instrument
) -> None:
    rental = confirmed(instrument=instrument, period=hours(4, 5))
    client = api_as(staff_of(instrument))
    made = post(client, OUTAGES, MAINTENANCE).data

    offered = post(client, f"{CONFLICTS}offer/", {"numbers": [rental.number]}, key="k2")
    (told,) = client.get(CONFLICTS).data
    taken_back = post(client, f"{CONFLICTS}withdraw/", {"numbers": [rental.number]}, key="k3")

    assert [(one["number"], one["is_offered"]) for one in offered.data] == [(rental.number, True)]
    assert (told["outage"], told["waits"]) == (made["id"], "offered")
    assert told["offered"] == WaitlistOffer.objects.get().rental.number
    assert [one["is_offered"] for one in taken_back.data] == [False]


def test_offers_go_out_and_are_taken_back_by_the_example_of_the_description(
    api_as: Any, instrument: Instrument
) -> None:
    rentals = [confirmed(instrument=instrument, period=hours(4, 5)) for _ in TO_ALL["numbers"]]
    for rental, number in zip(rentals, TO_ALL["numbers"], strict=True):
        Rental.objects.filter(pk=rental.pk).update(number=number)
    client = api_as(staff_of(instrument))
    post(client, OUTAGES, MAINTENANCE)

    offered, again = (post(client, f"{CONFLICTS}offer/", TO_ALL, key="k2") for _ in range(2))
    waits = {one["number"]: (one["waits"], bool(one["offered"])) for one in client.get(CONFLICTS).data}
    taken_back = post(client, f"{CONFLICTS}withdraw/", TO_ALL, key="k3")

    assert {one["number"]: one["is_offered"] for one in offered.data} == dict.fromkeys(TO_ALL["numbers"], True)
    assert offered.data == again.data
    assert waits == dict.fromkeys(TO_ALL["numbers"], ("offered", True))
    assert {one["number"] for one in taken_back.data} == set(TO_ALL["numbers"])
    assert not WaitlistOffer.objects.filter(outcome="open").exists()


def test_only_a_manager_of_that_lab_offers_and_takes_back(api_as: Any, instrument: Instrument) -> None:
    rental = confirmed(instrument=instrument, period=hours(4, 5))
    post(api_as(staff_of(instrument)), OUTAGES, MAINTENANCE)
    asked = {"numbers": [rental.number]}

    for act in ("offer/", "withdraw/"):
        operator = api_as(staff_of(instrument, "lab_operator"))
        assert post(operator, CONFLICTS + act, asked, key="k").status_code == 403
        assert post(api_as(None), CONFLICTS + act, asked, key="k").status_code == 401
        assert post(api_as(staff_of(InstrumentFactory())), CONFLICTS + act, asked, key="k").data == []
    assert not WaitlistOffer.objects.exists()


def test_the_board_for_programs_says_what_the_page_says(api_as: Any, instrument: Instrument) -> None:
    rental = confirmed(instrument=instrument, period=hours(4, 5))
    client = api_as(staff_of(instrument, "lab_operator"))
    post(api_as(staff_of(instrument)), OUTAGES, MAINTENANCE)

    answer = client.get("/api/v1/desk/board/", {"from": "2026-11-23"})
    again = client.get("/api/v1/desk/board/", {"from": "2026-11-23"}, headers={"If-None-Match": answer["ETag"]})

    assert set(answer.data) == set(BOARD)
    assert set(answer.data["bookings"][0]) == set(BOARD["bookings"][0])
    assert set(answer.data["outages"][0]) == set(BOARD["outages"][0])
    assert BoardFields(data=answer.data).is_valid()
    assert [(one["number"], one["flags"]) for one in answer.data["bookings"]] == [(rental.number, ["needs_rebooking"])]
    assert again.status_code == 304


def test_the_example_of_the_board_is_one() -> None:
    fields = BoardFields(data=BOARD)

    assert fields.is_valid(), fields.errors


# --- Who may -----------------------------------------------------------------------------------------------------


def test_an_operator_reads_a_manager_writes_and_others_find_nothing(api_as: Any, instrument: Instrument) -> None:
    made = post(api_as(staff_of(instrument)), OUTAGES, MAINTENANCE).data
    path = f"{OUTAGES}{made['id']}/"
    operator, stranger, other = (
        api_as(staff_of(instrument, "lab_operator")), api_as(None), api_as(staff_of(InstrumentFactory())),
    )  # fmt: skip

    assert (operator.get(path).status_code, operator.delete(path).status_code) == (200, 403)
    assert [stranger.get(each).status_code for each in (path, CONFLICTS, "/api/v1/desk/board/")] == [401] * 3
    assert [other.get(path).status_code, other.delete(path).status_code] == [404, 404]
    assert post(other, OUTAGES, MAINTENANCE).status_code == 404
    assert other.get(OUTAGES).data["results"] == other.get(CONFLICTS).data == []
    assert api_as(buyer()).get(CONFLICTS).status_code == 403


def test_a_token_for_reading_alone_takes_nothing_out(api_as: Any, instrument: Instrument) -> None:
    reader = api_as(staff_of(instrument), scopes=("rentals:read",))

    assert (reader.get(OUTAGES).status_code, post(reader, OUTAGES, MAINTENANCE).status_code) == (200, 403)
