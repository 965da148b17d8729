"""Handing in a licence, and what the platform's operator decides."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.storage import default_storage

from accounts.models import Organisation
from accounts.organisations import rules
from accounts.verification import operations as verification
from audit.models import AuditEvent
from tests.factories.accounts import MembershipFactory, OrganisationFactory, PlatformMembershipFactory
from tests.factories.racing import at_once

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\n" + b"licence"


@pytest.fixture(autouse=True)
def own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def owner_of_unverified():
    return MembershipFactory(role="owner", organisation=OrganisationFactory(verification="unverified"))


def submitted() -> Organisation:
    owner = owner_of_unverified()
    return verification.submit(organisation=owner.organisation, licence=PNG, by=owner, now=NOW)


def test_a_licence_is_kept_under_a_name_of_ours():
    organisation = submitted()

    assert (organisation.verification, organisation.submitted_at) == ("submitted", NOW)
    assert organisation.licence_image.name.endswith(".png")
    with default_storage.open(organisation.licence_image.name) as kept:
        assert kept.read() == PNG
    assert AuditEvent.objects.get().facts == {"licence": organisation.licence_image.name}


@pytest.mark.parametrize(
    ("licence", "refusal"),
    [
        (b"<html>", verification.LicenceKindUnknown),
        (b"", verification.LicenceKindUnknown),
        (PNG + bytes(rules.LARGEST_LICENCE), verification.LicenceTooLarge),
    ],
)
def test_a_file_that_will_not_do_is_refused(licence: bytes, refusal: type[Exception]):
    owner = owner_of_unverified()

    with pytest.raises(refusal):
        verification.submit(organisation=owner.organisation, licence=licence, by=owner, now=NOW)

    owner.organisation.refresh_from_db()
    assert owner.organisation.verification == "unverified"


def test_a_verified_organisation_hands_nothing_in():
    owner = MembershipFactory(role="owner")

    with pytest.raises(verification.AlreadyVerified):
        verification.submit(organisation=owner.organisation, licence=PNG, by=owner, now=NOW)


def test_the_platforms_operator_verifies_what_was_handed_in():
    organisation = submitted()
    operator = PlatformMembershipFactory()

    verified = verification.verify(organisation=organisation, seen_at=NOW, by=operator, now=NOW)

    assert (verified.is_verified, verified.is_sme, verified.verified_at) == (True, True, NOW)
    written = AuditEvent.objects.get(name="organisation_verified")
    assert (written.actor, written.organisation) == (operator.user, organisation)


def test_a_rejection_says_why_and_a_better_licence_may_follow():
    organisation = submitted()
    operator = PlatformMembershipFactory()

    with pytest.raises(verification.ReasonMissing):
        verification.reject(organisation=organisation, seen_at=NOW, reason=" ", by=operator, now=NOW)
    rejected = verification.reject(organisation=organisation, seen_at=NOW, reason="看不清", by=operator, now=NOW)

    assert (rejected.verification, rejected.verification_note) == ("rejected", "看不清")
    assert AuditEvent.objects.get(name="organisation_rejected").reason == "看不清"
    again = verification.submit(
        organisation=organisation, licence=b"%PDF-1.7", by=operator, now=NOW + timedelta(hours=1)
    )
    assert (again.verification, again.verification_note) == ("submitted", "")


def test_only_what_waits_is_decided():
    organisation, operator = OrganisationFactory(verification="unverified"), PlatformMembershipFactory()

    with pytest.raises(verification.NothingSubmitted):
        verification.verify(organisation=organisation, seen_at=None, by=operator, now=NOW)
    with pytest.raises(verification.NothingSubmitted):
        verification.reject(organisation=organisation, seen_at=None, reason="?", by=operator, now=NOW)


def test_what_was_replaced_while_one_looked_is_not_verified():
    organisation, operator = submitted(), PlatformMembershipFactory()
    verification.submit(organisation=organisation, licence=PNG, by=operator, now=NOW + timedelta(minutes=1))

    with pytest.raises(verification.SubmissionChanged):
        verification.verify(organisation=organisation, seen_at=NOW, by=operator, now=NOW)


def test_the_queue_shows_the_longest_waiting_first():
    operator = PlatformMembershipFactory()
    late = OrganisationFactory(verification="submitted", submitted_at=NOW)
    early = OrganisationFactory(verification="submitted", submitted_at=NOW - timedelta(days=1))
    OrganisationFactory(verification="verified")

    assert list(Organisation.objects.visible_to(operator).awaiting_verification()) == [early, late]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_operators_decide_once():
    organisation, operator = submitted(), PlatformMembershipFactory()

    outcomes = at_once(
        lambda: verification.verify(organisation=organisation, seen_at=NOW, by=operator, now=NOW),
        lambda: verification.reject(organisation=organisation, seen_at=NOW, reason="?", by=operator, now=NOW),
    )

    assert [type(o) for o in outcomes if isinstance(o, Exception)] == [verification.NothingSubmitted]
