"""A lab's program changes its instruments and services: within its scope, seeing what it changes."""

from typing import Any

import pytest

from accounts.models import Membership
from audit.models import AuditEvent
from labs.models import Lab
from tests.factories.accounts import LabMembershipFactory, MembershipFactory
from tests.factories.labs import InstrumentFactory, RoomFactory, ServiceFactory, StandardFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def of_lab(lab: Lab, role: str = "lab_manager") -> Membership:
    return LabMembershipFactory(organisation=lab.organisation, role=role)


@pytest.mark.parametrize("what", ["instruments", "offerings"])
def test_whoever_may_not_is_answered_as_the_rule_says(api_as: Any, what: str) -> None:
    thing: Any = InstrumentFactory() if what == "instruments" else ServiceFactory()
    address = f"/api/v1/desk/{what}/{thing.code}/"
    change = {"name_en": "Other"}

    assert api_as(None).patch(address, change, format="json").status_code == 401
    assert api_as(MembershipFactory()).patch(address, change, format="json").status_code == 403
    assert api_as(of_lab(thing.lab, "lab_operator")).patch(address, change, format="json").status_code == 403
    assert api_as(of_lab(thing.lab, "lab_operator")).get(address).status_code == 200
    assert api_as(LabMembershipFactory(role="lab_manager")).patch(address, change, format="json").status_code == 404
    reader = api_as(of_lab(thing.lab), scopes=("catalogue:read",))
    assert (reader.get(address).status_code, reader.patch(address, change, format="json").status_code) == (200, 403)
    assert AuditEvent.objects.filter(name__endswith="_edited").count() == 0


def test_an_instrument_is_changed_by_the_fields_that_are_sent(api_as: Any) -> None:
    machine = InstrumentFactory()
    room = RoomFactory(lab=machine.lab)
    program = api_as(of_lab(machine.lab))
    address = f"/api/v1/desk/instruments/{machine.code}/"
    read = program.get(address)

    answer = program.patch(
        address,
        {"maker": "Example Works", "room": room.code},
        format="json",
        headers={"If-Match": read.headers["ETag"]},
    )
    late = program.patch(address, {"maker": "Late"}, format="json", headers={"If-Match": read.headers["ETag"]})
    elsewhere = program.patch(address, {"room": RoomFactory().code}, format="json")
    wrong = program.patch(address, {"capacity": 0}, format="json")

    assert (answer.status_code, answer.json()["maker"], answer.json()["room"]) == (200, "Example Works", room.code)
    assert (late.status_code, late.json()["code"]) == (409, "edited_meanwhile")
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (422, "room_of_another_lab")
    assert wrong.status_code in (400, 422)
    machine.refresh_from_db()
    assert machine.maker == "Example Works"


def test_a_published_service_changed_by_a_program_is_a_version(api_as: Any) -> None:
    service = ServiceFactory()
    StandardFactory(number="GB/T 228.1-2021")
    program = api_as(of_lab(service.lab))
    address = f"/api/v1/desk/offerings/{service.code}/"

    answer = program.patch(
        address,
        {"unit_price_fen": 9_900, "tiers": [{"min_qty": 10, "price_bp": 9000}], "standards": ["GB/T 228.1-2021"]},
        format="json",
    )

    assert answer.status_code == 200, answer.json()
    assert answer.json()["standards"] == ["GB/T 228.1-2021"]
    assert "day_rate_fen" not in answer.json()
    assert service.versions.get().snapshot["tiers"] == [{"min_qty": 10, "price_bp": 9000}]
