"""Certificates, photos, and what is in the catalogue: who is sent which file, what is missing, where a state may go."""

import io
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts.models import Membership
from labs.models import CalibrationRecord, Instrument, InstrumentPhoto
from tests.factories.accounts import LabMembershipFactory, MembershipFactory
from tests.factories.labs import InstrumentFactory, ParameterFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
PDF = b"%PDF-1.7\nexample"


@pytest.fixture(autouse=True)
def _files_of_this_test(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def instrument() -> Instrument:
    return InstrumentFactory()


def of_lab(instrument: Instrument, role: str = "lab_manager") -> Membership:
    return LabMembershipFactory(organisation=instrument.lab.organisation, role=role)


def path(instrument: Instrument, act: str = "") -> str:
    return f"/desk/instruments/{instrument.code}/{act}"


def picture() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (8, 8), "teal").save(made, format="PNG")
    return made.getvalue()


# --- Certificates ----------------------------------------------------------------------------------------------------

CERTIFICATE = {
    "kind": "calibration", "certificate_no": "示例2026-1", "calibrated_on": "2026-11-20", "valid_from": "2026-11-20",
    "valid_to": "2027-11-19", "result": "pass",
}  # fmt: skip


def test_a_certificate_is_recorded_with_its_file_and_sent_to_members(client_as: Any) -> None:
    """CAL-1"""
    instrument = InstrumentFactory(calibration=False)
    client = client_as(of_lab(instrument))
    file = SimpleUploadedFile("scan.exe", PDF)

    answer = client.post(path(instrument, "calibration/new/"), {**CERTIFICATE, "certificate": file})

    assert answer.status_code == 302
    made = CalibrationRecord.objects.get(instrument=instrument)
    assert made.valid_to == date(2027, 11, 19)
    shown = client.get(path(instrument, "calibration/")).content.decode()
    assert "calibrated until 2027-11-19" in shown
    address = f"/instruments/{instrument.code}/certificates/{made.pk}/"
    sent = client_as(MembershipFactory()).get(address)
    assert (sent.status_code, sent.headers["Content-Type"], sent.content) == (200, "application/pdf", PDF)
    assert client_as(None).get(address).status_code == 302
    instrument.rental_offering.state = "draft"
    instrument.rental_offering.save()
    assert client_as(MembershipFactory()).get(address).status_code == 404
    assert client.get(address).status_code == 200


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"valid_to": "2026-01-01"}, "valid_to"),
        ({"valid_from": "2026-11-01"}, "valid_from"),
        ({"certificate_no": ""}, "certificate_no"),
        ({"certificate": SimpleUploadedFile("a.pdf", b"MZ program")}, "certificate"),
    ],
)
def test_a_certificate_that_cannot_be_is_refused_beside_its_field(
    client_as: Any, instrument: Instrument, changed: dict[str, Any], field: str
) -> None:
    answer = client_as(of_lab(instrument)).post(path(instrument, "calibration/new/"), {**CERTIFICATE, **changed})

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert CalibrationRecord.objects.count() == 1


def test_a_certificate_is_corrected_with_its_reason(client_as: Any, instrument: Instrument) -> None:
    """CAL-3"""
    client, kept = client_as(of_lab(instrument)), CalibrationRecord.objects.get()
    page = client.get(path(instrument, f"calibration/{kept.pk}/"))
    sent = {
        "seen": page.context["form"]["seen"].value(),
        "valid_from": str(kept.valid_from),
        "valid_to": "2026-12-31",
        "result": "limited",
        "reason": "",
    }

    without = client.post(path(instrument, f"calibration/{kept.pk}/"), sent)
    done = client.post(path(instrument, f"calibration/{kept.pk}/"), {**sent, "reason": "withdrawn by the issuer"})
    stale = client.post(path(instrument, f"calibration/{kept.pk}/"), {**sent, "reason": "again"})

    assert (without.status_code, done.status_code, stale.status_code) == (422, 302, 422)
    kept.refresh_from_db()
    assert (kept.valid_to, kept.result) == (date(2026, 12, 31), "limited")
    told = client.get(path(instrument, "history/")).content.decode()
    assert all(word in told for word in ("withdrawn by the issuer", "2026-12-31", "limited use"))


# --- Photos ----------------------------------------------------------------------------------------------------------


def test_photos_are_public_while_the_instrument_is(client_as: Any, instrument: Instrument) -> None:
    client = client_as(of_lab(instrument))

    for name in ("a", "b"):
        assert client.post(
            path(instrument, "photos/"), {"photo": SimpleUploadedFile(f"{name}.png", picture()), "caption_en": name}
        ).status_code == 302  # fmt: skip
    first, second = InstrumentPhoto.objects.order_by("position")
    client.post(path(instrument, f"photos/{second.pk}/first/"))

    assert [photo.pk for photo in InstrumentPhoto.objects.order_by("position")] == [second.pk, first.pk]
    address = f"/instruments/{instrument.code}/photos/{first.pk}/"
    assert client_as(None).get(address).headers["Content-Type"] == "image/png"
    instrument.rental_offering.state = "suspended"
    instrument.rental_offering.save()
    assert (client_as(None).get(address).status_code, client.get(address).status_code) == (404, 200)
    client.post(path(instrument, f"photos/{first.pk}/remove/"))
    assert client.get(address).status_code == 404
    refused = client.post(path(instrument, "photos/"), {"photo": SimpleUploadedFile("a.png", b"<svg/>")})
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["photo"])


# --- In the catalogue ------------------------------------------------------------------------------------------------


def test_publishing_waits_for_what_is_missing(client_as: Any) -> None:
    instrument = InstrumentFactory(published=False, tariff=False, calibration=False)
    client = client_as(of_lab(instrument))

    told = client.get(path(instrument, "rental/")).content.decode()
    client.post(path(instrument, "state/"), {"to": "published"})

    assert all(word in told for word in ("no price list in force", "no certificate", "at least one parameter"))
    instrument.rental_offering.refresh_from_db()
    assert instrument.rental_offering.state == "draft"


def test_the_state_goes_its_way_and_is_told(client_as: Any) -> None:
    instrument = InstrumentFactory(published=False)
    ParameterFactory(instrument=instrument)
    client = client_as(of_lab(instrument))
    offering = instrument.rental_offering
    states = []

    asked = client.get(path(instrument, "state/?to=published"))
    for wanted in ("published", "suspended", "draft", "published", "retired", "published", "draft"):
        client.post(path(instrument, "state/"), {"to": wanted})
        offering.refresh_from_db()
        states.append(offering.state)

    assert asked.status_code == 200
    assert states == ["published", "suspended", "suspended", "published", "retired", "retired", "draft"]
    assert client_as(None).get(f"/instruments/{instrument.code}/").status_code == 404
    assert "draft → published" in client.get(path(instrument, "history/")).content.decode()
    assert [version.state for version in offering.versions.order_by("version")] == [
        "published",
        "suspended",
        "published",
        "retired",
        "draft",
    ]


def test_before_it_leaves_the_catalogue_the_lab_sees_what_is_booked(client_as: Any, instrument: Instrument) -> None:
    client = client_as(of_lab(instrument))

    asked = client.get(path(instrument, "state/?to=suspended")).content.decode()

    assert f'hx-get="/desk/instruments/{instrument.code}/ahead/"' in asked
    assert "Nothing is booked ahead" in client.get(path(instrument, "ahead/")).content.decode()
    assert client_as(LabMembershipFactory(role="lab_manager")).get(path(instrument, "ahead/")).status_code == 404
