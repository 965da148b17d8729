"""Handing in a licence, and the operator's queue, on their pages."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Organisation
from accounts.organisations import rules
from tests.factories.accounts import MembershipFactory, OrganisationFactory, PlatformMembershipFactory

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n" + b"licence"


@pytest.fixture(autouse=True)
def own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def owner():
    return MembershipFactory(role="owner", organisation=OrganisationFactory(verification="unverified"))


def hand_in(client, content: bytes = PNG, name: str = "licence.png"):
    return client.post("/organisation/verification/", {"licence": SimpleUploadedFile(name, content)})


def test_an_owner_hands_in_the_licence_and_may_look_at_it(client_as, owner):
    client = client_as(owner)

    answer = hand_in(client)

    assert answer.status_code == 302
    assert Organisation.objects.get().verification == "submitted"
    seen = client.get("/organisation/verification/licence/")
    assert (seen.content, seen.headers["Content-Type"]) == (PNG, "image/png")
    assert seen.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in seen.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"<html><script>alert(1)</script>", "licence.png"),
        (b"", "licence.png"),
        (PNG + bytes(rules.LARGEST_LICENCE), "licence.png"),
    ],
)
def test_a_file_that_will_not_do_is_refused_beside_its_field(client_as, owner, content: bytes, name: str):
    answer = hand_in(client_as(owner), content, name)

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["licence"])
    assert Organisation.objects.get().verification == "unverified"


def test_what_is_no_picture_by_name_is_kept_by_what_it_is(client_as, owner):
    client = client_as(owner)

    hand_in(client, b"%PDF-1.7 licence", "../../evil.html")

    organisation = Organisation.objects.get()
    assert organisation.licence_image.name.endswith(".pdf")
    assert "evil" not in organisation.licence_image.name
    assert client.get("/organisation/verification/licence/").headers["Content-Disposition"].startswith("attachment")


def test_where_nothing_was_handed_in_there_is_nothing(client_as, owner):
    assert client_as(owner).get("/organisation/verification/licence/").status_code == 404


def test_the_operator_verifies_what_waits(client_as, owner):
    hand_in(client_as(owner))
    operator = client_as(PlatformMembershipFactory())
    code = owner.organisation.code

    queue = operator.get("/ops/verification/")
    case = operator.get(f"/ops/verification/{code}/")
    seen_at = case.context["form"]["seen_at"].value()
    answer = operator.post(f"/ops/verification/{code}/", {"seen_at": seen_at, "decision": "verify"})

    assert [each.code for each in queue.context["waiting"]] == [code]
    assert operator.get(f"/ops/verification/{code}/licence/").content == PNG
    assert answer.url == "/ops/verification/"
    assert Organisation.objects.get(code=code).is_verified


@pytest.mark.parametrize("decision", ["reject", "", "perhaps"])
def test_the_operator_rejects_only_with_a_reason(client_as, owner, decision: str):
    hand_in(client_as(owner))
    operator, page = client_as(PlatformMembershipFactory()), f"/ops/verification/{owner.organisation.code}/"
    seen_at = operator.get(page).context["form"]["seen_at"].value()

    silent = operator.post(page, {"seen_at": seen_at, "decision": decision})
    told = operator.post(page, {"seen_at": seen_at, "decision": decision, "reason": "看不清"})

    assert (silent.status_code, list(silent.context["form"].errors)) == (422, ["reason"])
    assert told.status_code == 302
    assert "看不清" in client_as(owner).get("/organisation/verification/").content.decode()


@pytest.mark.parametrize("seen_at", ["", "nonsense", "2026-99-99T00:00:00Z"])
def test_what_the_operator_did_not_look_at_is_not_verified(client_as, owner, seen_at: str):
    hand_in(client_as(owner))
    operator, page = client_as(PlatformMembershipFactory()), f"/ops/verification/{owner.organisation.code}/"

    answer = operator.post(page, {"seen_at": seen_at, "decision": "verify"})

    assert answer.status_code == 422
    assert not Organisation.objects.get(pk=owner.organisation_id).is_verified


def test_a_licence_replaced_meanwhile_is_looked_at_again(client_as, owner):
    hand_in(client_as(owner))
    operator, page = client_as(PlatformMembershipFactory()), f"/ops/verification/{owner.organisation.code}/"
    seen_at = operator.get(page).context["form"]["seen_at"].value()
    current = Organisation.objects.get(pk=owner.organisation_id)
    Organisation.objects.filter(pk=current.pk).update(submitted_at=current.submitted_at + timedelta(seconds=1))

    answer = operator.post(page, {"seen_at": seen_at, "decision": "verify"})

    assert answer.status_code == 422
    assert not Organisation.objects.get(pk=owner.organisation_id).is_verified
