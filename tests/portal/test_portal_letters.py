"""Letters: deferred with what happened, written in the reader's language, safe to send twice."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.invitations import operations as invitations
from accounts.invitations import queries as invited
from accounts.memberships import operations as memberships
from accounts.tokens import operations as tokens
from accounts.verification import operations as verification
from notices import jobs as notices
from portal import jobs
from tests.factories.accounts import (
    InvitationFactory,
    MembershipFactory,
    OrganisationFactory,
    PlatformMembershipFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


def run_jobs() -> list[mail.EmailMessage]:
    """Do what was deferred, as the worker does, and return the mails that went out."""
    doing = {"portal.mail_invitation": jobs.mail_invitation, "notices.deliver": notices.deliver}
    mail.outbox.clear()
    for job in ProcrastinateJob.objects.filter(task_name__in=doing).order_by("id"):
        doing[job.task_name](**job.args)
    return list(mail.outbox)


def owner(**fields: object):
    return MembershipFactory(**({"role": "owner"} | fields))


def test_an_invitation_is_mailed_in_both_languages_to_someone_unknown():
    invitation = invitations.invite(email="new@example.com", role="buyer", by=owner(), now=NOW)

    [message] = run_jobs()

    assert message.to == ["new@example.com"]
    assert invitation.organisation.name_en in message.subject
    assert invitation.organisation.name_zh in message.subject
    links = set(re.findall(r"http\S+/invitations/(\S+)/", message.body))
    assert len(links) == 1
    assert invited.of_link(links.pop()) == invitation


def test_an_invitation_to_someone_known_is_mailed_in_their_language():
    person = UserFactory(language="en")
    invitation = invitations.invite(email=person.email, role="buyer", by=owner(), now=NOW)

    [message] = run_jobs()

    assert message.subject == f"{invitation.organisation.name_en} invites you to Gongheng"
    assert invitation.organisation.name_zh not in message.body


def test_a_links_secret_lies_in_no_table():
    invitation = invitations.invite(email="new@example.com", role="buyer", by=owner(), now=NOW)

    [message] = run_jobs()
    [*_, secret] = re.findall(r"/invitations/(\S+)/", message.body)

    invitation.refresh_from_db()
    assert secret not in str(list(ProcrastinateJob.objects.values("args")))
    assert invitation.token_hash != secret


def test_a_mail_sent_twice_carries_a_link_that_works():
    invitations.invite(email="new@example.com", role="buyer", by=owner(), now=NOW)

    first, second = run_jobs()[0], run_jobs()[0]

    old, new = (re.findall(r"/invitations/(\S+)/", message.body)[0] for message in (first, second))
    assert invited.of_link(old) is None
    assert invited.of_link(new) is not None


def test_what_was_taken_back_is_not_mailed():
    by = owner()
    invitation = invitations.invite(email="new@example.com", role="buyer", by=by, now=NOW)
    invitations.revoke(invitation=invitation, by=by, now=NOW)

    assert run_jobs() == []


@pytest.mark.parametrize(("language", "subject"), [("en", "{} is verified"), ("zh-hans", "{}")])
def test_owners_are_told_in_their_language_that_they_are_verified(language: str, subject: str):
    organisation = OrganisationFactory(verification="submitted", submitted_at=NOW)
    reader = owner(organisation=organisation, user__language=language)
    MembershipFactory(organisation=organisation)
    verification.verify(organisation=organisation, seen_at=NOW, by=PlatformMembershipFactory(), now=NOW)

    [message] = run_jobs()

    name = organisation.name_en if language == "en" else organisation.name_zh
    assert message.to == [reader.user.email]
    assert subject.format(name) in message.subject


def test_a_rejection_brings_its_reason():
    organisation = OrganisationFactory(verification="submitted", submitted_at=NOW)
    owner(organisation=organisation)
    verification.reject(
        organisation=organisation, seen_at=NOW, reason="看不清 & 模糊", by=PlatformMembershipFactory(), now=NOW
    )

    [message] = run_jobs()

    assert "看不清 & 模糊" in message.body
    assert "/organisation/verification/" in message.body


def test_the_platforms_operators_hear_of_a_licence(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    operator, by = PlatformMembershipFactory(), owner(organisation=OrganisationFactory(verification="unverified"))
    verification.submit(organisation=by.organisation, licence=b"%PDF-1.7", by=by, now=NOW)

    [message] = run_jobs()

    assert message.to == [operator.user.email]


def test_a_member_hears_of_a_new_role_and_of_being_removed():
    by = owner()
    member = MembershipFactory(organisation=by.organisation, user__language="en")

    memberships.change_role(membership=member, role="viewer", by=by, now=NOW)
    (role,) = run_jobs()
    memberships.remove(membership=member, by=by, now=NOW)
    (removed,) = run_jobs()

    assert {*role.to, *removed.to} == {member.user.email}
    assert "was “Buyer” and is now “Viewer”" in role.body
    assert removed.subject.startswith("You no longer belong to")


def test_who_leaves_or_steps_down_is_not_told_what_they_did():
    by = owner()
    owner(organisation=by.organisation)
    memberships.change_role(membership=by, role="viewer", by=by, now=NOW)
    memberships.remove(membership=by, by=by, now=NOW)

    assert run_jobs() == []


def test_the_other_owners_hear_who_has_joined():
    by = owner()
    person = UserFactory(email="new@example.com")
    invitation = InvitationFactory(organisation=by.organisation, email=person.email)
    invitations.accept(invitation=invitation, by=person, now=NOW)

    [message] = run_jobs()

    assert message.to == [by.user.email]
    assert person.name in message.subject


def test_a_person_hears_of_a_token_in_their_name_but_not_its_text():
    member = MembershipFactory()
    _, text = tokens.create(by=member, name="ERP", scopes=["catalogue:read"], expires_at=None, now=NOW)

    [message] = run_jobs()

    assert message.to == [member.user.email]
    assert text not in message.body


def test_nobody_writes_to_those_who_are_gone():
    by = owner()
    member = MembershipFactory(organisation=by.organisation)
    memberships.remove(membership=member, by=by, now=NOW)
    member.user.is_active = False
    member.user.save()

    assert run_jobs() == []


@pytest.mark.django_db(transaction=True)
def test_what_is_undone_is_not_mailed():
    from django.db import transaction

    by = owner()

    @transaction.atomic
    def fails() -> None:
        invitations.invite(email="new@example.com", role="buyer", by=by, now=NOW)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()

    assert not ProcrastinateJob.objects.exists()


def test_an_invitation_that_ran_out_before_the_mail_is_not_mailed():
    invitations.invite(email="new@example.com", role="buyer", by=owner(), now=NOW - timedelta(days=8))

    assert run_jobs() == []
