"""The desk's pages of services and of the lab itself: who reads, who writes, what is kept, versioned and told."""

from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Membership
from audit.models import AuditEvent
from labs.catalogue.editing import changes
from labs.catalogue.editing import labs as lab_editing
from labs.catalogue.editing import offerings as editing
from labs.models import Accreditation, Honour, Lab, MeasurementStandard, Offering, ScopeEntry
from tests.factories.accounts import LabMembershipFactory, MembershipFactory
from tests.factories.labs import (
    AccreditationFactory,
    HonourFactory,
    InstrumentFactory,
    LabFactory,
    MeasurementStandardFactory,
    ScopeEntryFactory,
    ServiceFactory,
    StandardFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
PDF = b"%PDF-1.7\nexample"


@pytest.fixture(autouse=True)
def _files_of_this_test(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def of_lab(lab: Lab, role: str = "lab_manager") -> Membership:
    return LabMembershipFactory(organisation=lab.organisation, role=role)


def rows(prefix: str, *given: dict[str, Any]) -> dict[str, Any]:
    sent: dict[str, Any] = {f"{prefix}-TOTAL_FORMS": str(len(given)), f"{prefix}-INITIAL_FORMS": "0"}
    return sent | {f"{prefix}-{place}-{name}": value for place, row in enumerate(given) for name, value in row.items()}


def sent_of(service: Offering, **changed: Any) -> dict[str, Any]:
    """What the form of a service sends."""
    seen = changes.mark(editing.said(Offering.objects.get(pk=service.pk)))
    said = {
        "seen": seen, "name_zh": service.name_zh, "name_en": service.name_en, "parameter_zh": "抗拉强度",
        "unit_price_fen": "150", "price_unit_zh": "元/样", "min_qty": "1", "turnaround_workdays": "5",
        "tax_category": "testing_service", "report_languages": ["zh"],
    }  # fmt: skip
    return {**said, **rows("tiers"), **rows("urgent"), **changed}


# --- Services --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", ["", "versions/", "history/"])
def test_staff_read_a_service_and_others_do_not(client_as: Any, act: str) -> None:
    service = ServiceFactory()
    address = f"/desk/offerings/{service.code}/{act}"

    assert client_as(of_lab(service.lab, "lab_operator")).get(address).status_code == 200
    assert client_as(of_lab(service.lab)).get(address).status_code == 200
    assert client_as(LabMembershipFactory(role="lab_manager")).get(address).status_code == 404
    assert client_as(MembershipFactory()).get(address).status_code == 403
    assert client_as(None).get(address).status_code == 302


@pytest.mark.parametrize("act", ["edit/", "scope/", "state/"])
def test_whoever_is_no_manager_of_the_lab_changes_no_service(client_as: Any, act: str) -> None:
    service = ServiceFactory()
    address = f"/desk/offerings/{service.code}/{act}"

    assert client_as(of_lab(service.lab, "lab_operator")).post(address, {"to": "retired"}).status_code == 403
    assert client_as(LabMembershipFactory(role="lab_manager")).post(address, {"to": "retired"}).status_code == 404
    assert client_as(MembershipFactory()).post(address).status_code == 403
    assert client_as(None).post(address).status_code == 302
    assert AuditEvent.objects.count() == 0


def test_the_list_of_services_costs_the_same_for_one_and_three_and_is_filtered(client_as: Any) -> None:
    first = ServiceFactory()
    client = client_as(of_lab(first.lab))
    client.get("/desk/offerings/")
    with CaptureQueriesContext(connection) as for_one:
        client.get("/desk/offerings/")
    draft = ServiceFactory(lab=first.lab, state="draft")
    ServiceFactory(lab=first.lab, kind="calibration")
    with CaptureQueriesContext(connection) as for_three:
        client.get("/desk/offerings/")

    assert len(for_three) == len(for_one)
    shown = client.get("/desk/offerings/?state=draft").content.decode()
    assert (draft.code in shown, first.code in shown) == (True, False)
    assert draft.code in client.get("/desk/offerings/?state=draft&format=csv").content.decode()


@pytest.mark.parametrize("kind", ["testing", "calibration", "verification", "agent_inspection"])
def test_a_service_of_every_kind_is_added_and_has_its_own_fields(client_as: Any, kind: str) -> None:
    lab = LabFactory()
    client = client_as(of_lab(lab))

    answer = client.post("/desk/offerings/new/", {"lab": lab.pk, "kind": kind, "code": "SV-1", "name_zh": "示例服务"})

    assert answer.headers["Location"] == "/desk/offerings/SV-1/"
    form = client.get("/desk/offerings/SV-1/").context["form"]
    assert ("form" in form.fields, "mandatory" in form.fields, "sample_quantity" in form.fields) == (
        kind == "agent_inspection",
        kind == "verification",
        kind != "agent_inspection",
    )


def test_an_edit_of_a_published_service_is_a_version_and_stands_in_the_history(client_as: Any) -> None:
    standard = StandardFactory(number="GB/T 228.1-2021")
    service = ServiceFactory()
    machine = InstrumentFactory(lab=service.lab)
    client = client_as(of_lab(service.lab))
    sent = sent_of(service, unit_price_fen="180", standards="gb/t228.1—2021", instruments=[machine.pk]) | rows(
        "tiers", {"min_qty": "50", "price_bp": "80"}, {"min_qty": "10", "price_bp": "90"}
    ) | rows("urgent", {"workdays": "2", "surcharge_bp": "50"})  # fmt: skip

    answer = client.post(f"/desk/offerings/{service.code}/edit/", sent)

    assert answer.status_code == 302, answer.context["form"].errors
    service.refresh_from_db()
    assert service.unit_price_fen == 18_000
    assert service.tiers == [{"min_qty": 10, "price_bp": 9000}, {"min_qty": 50, "price_bp": 8000}]
    assert service.urgent_options == [{"workdays": 2, "surcharge_bp": 5000}]
    assert list(service.standards.all()) == [standard]
    version = service.versions.get()
    assert (version.version, version.snapshot["unit_price_fen"]) == (1, 18_000)
    told = client.get(f"/desk/offerings/{service.code}/history/").content.decode()
    assert all(word in told for word in ("Unit price", "¥150.00", "¥180.00", "from 10: 90 %", "GB/T 228.1-2021"))
    assert "unit_price_fen" not in told
    assert "Version 1" in client.get(f"/desk/offerings/{service.code}/versions/").content.decode()


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"unit_price_fen": "-1"}, "unit_price_fen"),
        ({"standards": "GB/T 99999-2099"}, "standards"),
        ({"name_zh": ""}, "name_zh"),
    ],
)
def test_what_cannot_be_said_of_a_service_is_refused_beside_its_field(
    client_as: Any, changed: dict[str, str], field: str
) -> None:
    service = ServiceFactory()

    answer = client_as(of_lab(service.lab)).post(f"/desk/offerings/{service.code}/edit/", sent_of(service, **changed))

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])


def test_compulsory_verification_is_free(client_as: Any) -> None:
    service = ServiceFactory(kind="verification")
    client = client_as(of_lab(service.lab))

    dear = client.post(f"/desk/offerings/{service.code}/edit/", sent_of(service, mandatory="on"))
    free = client.post(f"/desk/offerings/{service.code}/edit/", sent_of(service, mandatory="on", unit_price_fen="0"))

    assert (dear.status_code, list(dear.context["form"].errors), free.status_code) == (422, ["unit_price_fen"], 302)


def test_the_scope_is_checked_as_it_is_written(client_as: Any) -> None:
    """LAB-1"""
    standard = StandardFactory(number="GB/T 228.1-2021")
    StandardFactory(number="GB/T 228.1-2010")
    service = ServiceFactory()
    held = AccreditationFactory(lab=service.lab, kind="CMA", number="202119000001")
    ScopeEntryFactory(accreditation=held, standard=standard)
    client = client_as(of_lab(service.lab))
    address = f"/desk/offerings/{service.code}/scope/"

    good = client.post(address, sent_of(service, standards="GB/T 228.1-2021"), headers={"HX-Request": "true"})
    old = client.post(address, sent_of(service, standards="GB/T 228.1-2010")).content.decode()

    assert (
        "GB/T 228.1-2021: in the scope of CMA by certificate 202119000001, until 2028-12-31." in good.content.decode()
    )
    assert good.content.decode().lstrip().startswith("<section")
    assert "GB/T 228.1-2010: not in the scope" in old


def test_a_service_is_published_when_nothing_is_missing(client_as: Any) -> None:
    service = ServiceFactory(state="draft")
    client = client_as(of_lab(service.lab))

    client.post(f"/desk/offerings/{service.code}/state/", {"to": "published"})
    service.refresh_from_db()
    before = service.state
    Offering.objects.filter(pk=service.pk).update(parameter_zh="抗拉强度")
    service.standards.add(StandardFactory())
    client.post(f"/desk/offerings/{service.code}/state/", {"to": "published"})
    service.refresh_from_db()

    assert (before, service.state) == ("draft", "published")
    assert client.get(f"/desk/offerings/{service.code}/state/?to=suspended").status_code == 200


# --- The lab itself --------------------------------------------------------------------------------------------------

LAB_PAGES = ("", "recognition/", "history/")


@pytest.mark.parametrize("act", LAB_PAGES)
def test_staff_read_the_lab_and_others_do_not(client_as: Any, act: str) -> None:
    lab = LabFactory()
    address = f"/desk/lab/{lab.code}/{act}"

    assert client_as(of_lab(lab, "lab_operator")).get(address).status_code == 200
    assert client_as(of_lab(lab)).get(address).status_code == 200
    assert client_as(LabMembershipFactory(role="lab_manager")).get(address).status_code == 404
    assert client_as(MembershipFactory()).get(address).status_code == 403
    assert client_as(None).get(address).status_code == 302


def test_one_lab_is_led_to_and_several_are_listed(client_as: Any) -> None:
    lab = LabFactory()
    member = of_lab(lab)

    assert client_as(member).get("/desk/lab/").headers["Location"] == f"/desk/lab/{lab.code}/"
    LabFactory(organisation=lab.organisation)
    assert client_as(member).get("/desk/lab/").status_code == 200
    assert client_as(member).get("/desk/lab/hours/").status_code == 200


def lab_sent(lab: Lab, **changed: Any) -> dict[str, Any]:
    lab = Lab.objects.get(pk=lab.pk)
    said = {
        "seen": changes.mark(lab_editing.said(lab)), "name_zh": lab.name_zh, "name_en": lab.name_en,
        "lab_type": lab.lab_type, "district": lab.district_id, "timezone": "Asia/Shanghai", "cutoff_time": "16:00",
    }  # fmt: skip
    return {**said, **changed}


def test_a_profile_is_edited_and_told(client_as: Any) -> None:
    lab = LabFactory()
    client = client_as(of_lab(lab))

    answer = client.post(
        f"/desk/lab/{lab.code}/edit/", lab_sent(lab, contact_phone="020-1234", lat="23.1", lon="113.3")
    )

    assert answer.status_code == 302
    lab.refresh_from_db()
    assert (lab.contact_phone, lab.lat) == ("020-1234", 23.1)
    assert "020-1234" in client.get(f"/desk/lab/{lab.code}/history/").content.decode()
    half = client.post(f"/desk/lab/{lab.code}/edit/", lab_sent(lab, lat="23.1"))
    assert (half.status_code, list(half.context["form"].errors)) == (422, ["lon"])


RECOGNITIONS: list[tuple[str, dict[str, str], type[Any]]] = [
    ("accreditation", {"kind": "CMA", "number": "202119000001", "valid_from": "2025-01-01", "valid_to": "2030-12-31"},
     Accreditation),
    ("honour", {"kind": "other", "name_zh": "示例荣誉", "granted_on": "2025-01-01"}, Honour),
    ("standard", {"certificate_no": "示例1号", "discipline_code": "12", "discipline_zh": "力学",
                  "name_zh": "示例标准装置", "valid_from": "2025-01-01", "valid_to": "2029-12-31",
                  "objects_zh": "试验机\n测力仪"},
     MeasurementStandard),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "sent", "model"), RECOGNITIONS, ids=[each[0] for each in RECOGNITIONS])
def test_recognitions_are_recorded_changed_and_taken_back(
    client_as: Any, kind: str, sent: dict[str, str], model: type[Any]
) -> None:
    lab = LabFactory()
    client = client_as(of_lab(lab))
    base = f"/desk/lab/{lab.code}/recognition/{kind}/"

    assert client.post(f"{base}new/", sent).status_code == 302
    made = model.objects.get()
    seen = client.get(f"{base}{made.pk}/").context["form"]["seen"].value()
    ends = client.post(f"{base}{made.pk}/", {**sent, "seen": seen, "valid_to": "2024-01-01"})
    changed = client.post(f"{base}{made.pk}/", {**sent, "seen": seen, "valid_to": "2031-01-01"})
    stale = client.post(f"{base}{made.pk}/", {**sent, "seen": seen, "valid_to": "2032-01-01"})

    assert (ends.status_code, list(ends.context["form"].errors)) == (422, ["valid_to"])
    assert (changed.status_code, stale.status_code) == (302, 422)
    assert "2032-01-01" in stale.content.decode()
    made.refresh_from_db()
    assert made.valid_to == date(2031, 1, 1)
    if kind == "standard":
        assert made.objects_zh == ["试验机", "测力仪"]
    assert client.post(f"{base}{made.pk}/withdraw/", {"reason": ""}).status_code == 302
    assert model.objects.exists()
    client.post(f"{base}{made.pk}/withdraw/", {"reason": "typed by mistake"})
    assert not model.objects.exists()
    assert "typed by mistake" in client.get(f"/desk/lab/{lab.code}/history/").content.decode()


def test_a_certificate_of_an_accreditation_is_sent_to_members(client_as: Any) -> None:
    lab = LabFactory()
    sent = {**RECOGNITIONS[0][1], "certificate": SimpleUploadedFile("a.pdf", PDF)}
    client_as(of_lab(lab)).post(f"/desk/lab/{lab.code}/recognition/accreditation/new/", sent)
    made = Accreditation.objects.get()

    assert client_as(MembershipFactory()).get(f"/certificates/{made.pk}/").content == PDF
    assert client_as(None).get(f"/certificates/{made.pk}/").status_code == 302
    Lab.objects.update(is_active=False)
    assert client_as(MembershipFactory()).get(f"/certificates/{made.pk}/").status_code == 404


@pytest.mark.parametrize("kind", ["accreditation", "honour", "standard"])
def test_another_labs_recognition_is_out_of_reach(client_as: Any, kind: str) -> None:
    makers = {"accreditation": AccreditationFactory, "honour": HonourFactory, "standard": MeasurementStandardFactory}
    row: Any = makers[kind]()
    base = f"/desk/lab/{row.lab.code}/recognition/{kind}/"
    other = client_as(LabMembershipFactory(role="lab_manager"))

    for address in (f"{base}new/", f"{base}{row.pk}/", f"{base}{row.pk}/withdraw/"):
        assert other.post(address, {"reason": "x"}).status_code == 404
        assert client_as(of_lab(row.lab, "lab_operator")).post(address, {"reason": "x"}).status_code == 403
        assert client_as(None).post(address).status_code == 302
    mine = LabFactory()
    elsewhere = client_as(of_lab(mine)).post(f"/desk/lab/{mine.code}/recognition/{kind}/{row.pk}/", {})
    assert elsewhere.status_code == 404


def test_a_scope_is_written_line_by_line(client_as: Any) -> None:
    """LAB-1"""
    kept = ScopeEntryFactory(standard=StandardFactory(number="GB/T 228.1-2021"))
    ScopeEntryFactory(accreditation=kept.accreditation, standard=None, method="示例方法", parameter_zh="旧参数")
    lab = kept.accreditation.lab
    client = client_as(of_lab(lab))
    address = f"/desk/lab/{lab.code}/accreditations/{kept.accreditation_id}/scope/"
    seen = client.get(address).context["form"]["seen"].value()
    first = {
        "id": kept.pk, "object_zh": "金属材料", "parameter_zh": "抗拉强度", "standard": "gb/t 228.1-2021",
        "valid_from": "2025-01-01",
    }  # fmt: skip
    new = {"object_zh": "塑料", "parameter_zh": "硬度", "method": "ISO 868", "valid_from": "2026-01-01", "cmc": "1 %"}

    wrong = client.post(address, {"seen": seen, **rows("scope", first, {**new, "method": ""})})
    done = client.post(address, {"seen": seen, **rows("scope", first, new)})

    assert (wrong.status_code, list(wrong.context["entries"].forms[1].errors)) == (422, ["standard"])
    assert done.status_code == 302
    assert [entry.parameter_zh for entry in ScopeEntry.objects.order_by("pk")] == ["抗拉强度", "硬度"]
    assert ScopeEntry.objects.order_by("pk")[0].pk == kept.pk
    told = client.get(f"/desk/lab/{lab.code}/history/").content.decode()
    assert "旧参数" in told
    assert "ISO 868" in told
    assert client_as(of_lab(lab, "lab_operator")).post(address, {}).status_code == 403
    assert client_as(LabMembershipFactory(role="lab_manager")).get(address).status_code == 404
