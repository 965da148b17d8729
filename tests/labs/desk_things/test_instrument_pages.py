"""The desk's pages of instruments: who reads, who writes, what is kept and what is refused beside which field."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Membership
from audit.models import AuditEvent
from labs.capabilities import operations as capabilities
from labs.catalogue.editing import changes
from labs.catalogue.editing import instruments as editing
from labs.models import Capability, Instrument, Lab, OpenTime, Parameter
from tests.factories.accounts import LabMembershipFactory, MembershipFactory
from tests.factories.labs import CapabilityFactory, CategoryFactory, InstrumentFactory, LabFactory, ParameterFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
PAGES = ("", "rental/", "abilities/", "calibration/", "photos/", "history/")


@pytest.fixture(autouse=True)
def _files_of_this_test(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def instrument() -> Instrument:
    return InstrumentFactory()


def of_lab(of: Instrument | Lab, role: str = "lab_manager") -> Membership:
    lab = of if isinstance(of, Lab) else of.lab
    return LabMembershipFactory(organisation=lab.organisation, role=role)


def path(instrument: Instrument, act: str = "") -> str:
    return f"/desk/instruments/{instrument.code}/{act}"


def as_shown(instrument: Instrument, **changed: Any) -> dict[str, Any]:
    """What the form of an instrument shows, as a browser sends it back."""
    row = Instrument.objects.get(pk=instrument.pk)
    sent: dict[str, Any] = {"seen": changes.mark(changes.of_row(row, editing.FIELDS))}
    for name in editing.FIELDS:
        value = getattr(row, f"{name}_id" if name in {"category", "room"} else name)
        if value is True or isinstance(value, list):
            sent[name] = "on" if value is True else value
        elif value not in (None, False):
            sent[name] = str(value / 100) if name.endswith("_fen") else str(value)
    return {**sent, **changed}


# --- Who may ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", PAGES)
def test_staff_read_managers_write_and_nobody_else_comes_in(client_as: Any, instrument: Instrument, act: str) -> None:
    assert client_as(of_lab(instrument, "lab_operator")).get(path(instrument, act)).status_code == 200
    assert client_as(of_lab(instrument)).get(path(instrument, act)).status_code == 200
    assert client_as(LabMembershipFactory(role="lab_manager")).get(path(instrument, act)).status_code == 404
    assert client_as(MembershipFactory()).get(path(instrument, act)).status_code == 403
    assert client_as(None).get(path(instrument, act)).status_code == 302


@pytest.mark.parametrize(
    "act",
    [
        "edit/",
        "status/",
        "rental/edit/",
        "state/",
        "abilities/edit/",
        "abilities/check/",
        "photos/",
        "calibration/new/",
    ],
)
def test_whoever_is_no_manager_of_the_lab_writes_nothing(client_as: Any, instrument: Instrument, act: str) -> None:
    entries = AuditEvent.objects.count()

    assert (
        client_as(of_lab(instrument, "lab_operator")).post(path(instrument, act), {"to": "retired"}).status_code == 403
    )
    assert client_as(LabMembershipFactory(role="lab_manager")).post(path(instrument, act)).status_code == 404
    assert client_as(MembershipFactory()).post(path(instrument, act)).status_code == 403
    assert client_as(None).post(path(instrument, act)).status_code == 302
    assert AuditEvent.objects.count() == entries


# --- The list --------------------------------------------------------------------------------------------------------


def test_the_list_shows_rental_calibration_and_price_and_costs_the_same_for_one_and_three(client_as: Any) -> None:
    first = InstrumentFactory()
    client = client_as(of_lab(first))
    client.get("/desk/instruments/")

    with CaptureQueriesContext(
        connection,
    ) as for_one:
        client.get("/desk/instruments/")
    InstrumentFactory(lab=first.lab, published=False, calibration=False)
    InstrumentFactory(lab=first.lab, tariff=False)
    with CaptureQueriesContext(connection) as for_three:
        shown = client.get("/desk/instruments/").content.decode()

    assert len(for_three) == len(for_one)
    assert all(
        word in shown for word in ("published", "draft", "not calibrated", "no price list", "¥300.00", "2028-12-31")
    )


def test_the_list_is_filtered_by_state_status_calibration_and_words(client_as: Any) -> None:
    first = InstrumentFactory()
    draft = InstrumentFactory(lab=first.lab, published=False, calibration=False, status="fault", model="XJ-900")
    client = client_as(of_lab(first))

    for query in ("state=draft", "status=fault", "calibration=none", "q=xj-9"):
        shown = client.get(f"/desk/instruments/?{query}").content.decode()
        assert (draft.code in shown, first.code in shown) == (True, False), query
    assert "There is no instrument yet" in client_as(of_lab(LabFactory())).get("/desk/instruments/").content.decode()
    taken_away = client.get("/desk/instruments/?format=csv&state=draft")
    assert draft.code in taken_away.content.decode()


# --- A new one -------------------------------------------------------------------------------------------------------


def test_a_new_instrument_is_a_draft_with_its_rental_and_open_time(client_as: Any) -> None:
    lab = LabFactory()
    sent = {"lab": lab.pk, "code": "NEW-1", "name_zh": "示例仪器", "category": CategoryFactory().pk}

    answer = client_as(of_lab(lab)).post("/desk/instruments/new/", sent)

    assert (answer.status_code, answer.headers["Location"]) == (302, "/desk/instruments/NEW-1/")
    made = Instrument.objects.get(code="NEW-1")
    assert (made.rental_offering.state, OpenTime.objects.filter(instrument=made).exists()) == ("draft", True)
    assert Client().get("/instruments/NEW-1/").status_code == 404


def test_a_code_that_is_taken_is_refused_beside_it_and_another_lab_cannot_be_chosen(client_as: Any) -> None:
    lab, known = LabFactory(), InstrumentFactory()
    client = client_as(of_lab(lab))
    sent = {"lab": lab.pk, "code": known.code, "name_zh": "示例仪器", "category": CategoryFactory().pk}

    answer = client.post("/desk/instruments/new/", sent)

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["code"])
    elsewhere = client.post("/desk/instruments/new/", {**sent, "code": "NEW-2", "lab": known.lab_id})
    assert (elsewhere.status_code, list(elsewhere.context["form"].errors)) == (422, ["lab"])


# --- What is said of one ---------------------------------------------------------------------------------------------


def test_an_edit_is_kept_and_told_from_what_to_what(client_as: Any, instrument: Instrument) -> None:
    member = of_lab(instrument)
    client = client_as(member)

    answer = client.post(
        path(instrument, "edit/"),
        as_shown(instrument, serial_no="SN-1", original_value_fen="12.50", capacity="2", materials_allowed=["toxic"]),
    )

    assert answer.status_code == 302
    instrument.refresh_from_db()
    assert (instrument.serial_no, instrument.original_value_fen, instrument.capacity) == ("SN-1", 1250, 2)
    entry = AuditEvent.objects.get(name="instrument_edited")
    assert (entry.actor_id, entry.about) == (member.user_id, [f"instrument:{instrument.pk}"])
    assert {each["field"]: (each["before"], each["after"]) for each in entry.facts["changes"]} == {
        "serial_no": ("", "SN-1"),
        "original_value_fen": (0, 1250),
        "capacity": (1, 2),
        "materials_allowed": ([], ["toxic"]),
    }
    told = client.get(path(instrument, "history/")).content.decode()
    assert all(word in told for word in ("Serial number", "SN-1", "Original value", "¥12.50", member.user.name or ""))
    assert "serial_no" not in told


def test_the_serial_number_is_shown_to_the_lab_alone(client_as: Any, instrument: Instrument) -> None:
    Instrument.objects.filter(pk=instrument.pk).update(serial_no="SECRET-77", asset_no="ASSET-88")

    public = client_as(None).get(f"/instruments/{instrument.code}/").content.decode()
    api = client_as(None).get(f"/api/v1/instruments/{instrument.code}/").content.decode()

    assert "SECRET-77" not in public + api
    assert "ASSET-88" not in public + api
    assert "SECRET-77" in client_as(of_lab(instrument)).get(path(instrument)).content.decode()


def test_who_was_overtaken_reads_by_whom_and_sees_both(client_as: Any, instrument: Instrument) -> None:
    """Note [Written over]"""
    first, second = of_lab(instrument), of_lab(instrument)
    shown = as_shown(instrument)
    client_as(first).post(path(instrument, "edit/"), {**shown, "maker": "First Works"})

    answer = client_as(second).post(path(instrument, "edit/"), {**shown, "maker": "Second Works"})

    assert answer.status_code == 422
    text = answer.content.decode()
    assert all(word in text for word in (str(first.user), "First Works", "Second Works", "What differs"))
    instrument.refresh_from_db()
    assert instrument.maker == "First Works"
    again = client_as(second).post(
        path(instrument, "edit/"), {**shown, "maker": "Second Works", "seen": answer.context["form"]["seen"].value()}
    )
    instrument.refresh_from_db()
    assert (again.status_code, instrument.maker) == (302, "Second Works")


@pytest.mark.parametrize(
    ("field", "value"), [("name_zh", ""), ("capacity", "0"), ("commissioned_year", "2999"), ("original_value_fen", "x")]
)
def test_what_cannot_be_is_refused_beside_its_field(
    client_as: Any, instrument: Instrument, field: str, value: str
) -> None:
    answer = client_as(of_lab(instrument)).post(path(instrument, "edit/"), as_shown(instrument, **{field: value}))

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])


def test_the_status_is_set_with_its_return(client_as: Any, instrument: Instrument) -> None:
    client = client_as(of_lab(instrument))

    refused = client.post(path(instrument, "status/"), {"status": "available", "expected_back_at": "2026-12-01T09:00"})
    done = client.post(
        path(instrument, "status/"),
        {"status": "maintenance", "expected_back_at": "2026-12-01T09:00", "reason": "grips"},
    )

    assert (refused.status_code, done.status_code) == (422, 302)
    instrument.refresh_from_db()
    assert instrument.expected_back_at is not None
    assert (instrument.status, instrument.expected_back_at.isoformat()) == ("maintenance", "2026-12-01T01:00:00+00:00")


# --- Parameters and capabilities -------------------------------------------------------------------------------------

FORCE = {
    "quantity": "force", "stated_low": "0.2", "stated_high": "100", "unit": "kN", "uncertainty": "±0.5 %",
    "of_parameter": "力值",
}  # fmt: skip


def rows(prefix: str, *given: dict[str, Any]) -> dict[str, Any]:
    sent: dict[str, Any] = {f"{prefix}-TOTAL_FORMS": str(len(given)), f"{prefix}-INITIAL_FORMS": "0"}
    return sent | {f"{prefix}-{place}-{name}": value for place, row in enumerate(given) for name, value in row.items()}


def abilities(*stated: dict[str, Any]) -> dict[str, Any]:
    """What is sent of an instrument that said nothing of what it measures."""
    parameter = {"name_zh": "力值", "range": "0.2–100", "unit": "kN", "accuracy": "±0.5 %"}
    seen = changes.mark({"parameters": [], "capabilities": []})
    return {"seen": seen, **rows("parameters", parameter, {}), **rows("capabilities", *stated)}


def test_parameters_and_capabilities_are_written_together(client_as: Any, instrument: Instrument) -> None:
    client = client_as(of_lab(instrument))

    answer = client.post(path(instrument, "abilities/edit/"), abilities(FORCE, {}))

    assert answer.status_code == 302
    made = Capability.objects.get(instrument=instrument)
    assert (made.parameter.name_zh if made.parameter else "", made.si_range.lower, made.si_range.upper) == (
        "力值",
        200,
        100_000,
    )
    assert "力值" in client.get(path(instrument, "history/")).content.decode()


def test_a_parameter_that_stays_keeps_its_row(client_as: Any, instrument: Instrument) -> None:
    kept, gone = ParameterFactory(instrument=instrument), ParameterFactory(instrument=instrument, name_zh="温度")
    CapabilityFactory(instrument=instrument, parameter=kept)
    sent = rows("parameters", {"name_zh": "位移"}, {"id": kept.pk, "name_zh": "力值"}) | rows("capabilities", FORCE)
    sent["seen"] = changes.mark(capabilities.said(instrument))

    assert client_as(of_lab(instrument)).post(path(instrument, "abilities/edit/"), sent).status_code == 302

    assert list(Parameter.objects.order_by("position").values_list("name_zh", flat=True)) == ["位移", "力值"]
    assert not Parameter.objects.filter(pk=gone.pk).exists()
    assert Capability.objects.get().parameter_id == kept.pk


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"unit": "kNN"}, "unit"),
        ({"unit": "mm"}, "unit"),
        ({"stated_low": "200"}, "stated_high"),
        ({"stated_low": "", "stated_high": ""}, "stated_low"),
        ({"of_parameter": "没有"}, "of_parameter"),
    ],
)
def test_a_capability_that_does_not_compare_is_refused_beside_its_field(
    client_as: Any, instrument: Instrument, changed: dict[str, str], field: str
) -> None:
    answer = client_as(of_lab(instrument)).post(path(instrument, "abilities/edit/"), abilities({**FORCE, **changed}))

    assert answer.status_code == 422
    assert list(answer.context["capabilities"].forms[0].errors) == [field]


def test_the_live_check_says_how_a_range_was_understood(client_as: Any, instrument: Instrument) -> None:
    client = client_as(of_lab(instrument))

    good = client.post(path(instrument, "abilities/check/"), abilities(FORCE), headers={"HX-Request": "true"})
    text = client.post(path(instrument, "abilities/check/"), abilities({**FORCE, "uncertainty": "0.5 级"}))
    bad = client.post(path(instrument, "abilities/check/"), abilities({**FORCE, "unit": "mm"}))

    assert "0.2–100 kN, that is 200–100000 N" in good.content.decode()
    assert "at 100 kN it is 0.5 kN" in good.content.decode()
    assert good.content.decode().lstrip().startswith("<section")
    assert text.status_code == 200
    assert "is no unit of" in bad.content.decode()
    assert Capability.objects.count() == 0


def test_another_row_keeps_what_was_written(client_as: Any, instrument: Instrument) -> None:
    sent = abilities({**FORCE, "unit": "nonsense"}) | {"another": "capabilities"}

    answer = client_as(of_lab(instrument)).post(path(instrument, "abilities/edit/"), sent)

    assert answer.status_code == 200
    assert len(answer.context["capabilities"].forms) == 2
    assert "nonsense" in answer.content.decode()
