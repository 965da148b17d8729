"""Every page of people and organisations: by a stranger, by a member without the role, by the right member."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from accounts.models import Membership
from portal.urls import urlpatterns
from tests.factories.accounts import (
    ApiTokenFactory,
    InvitationFactory,
    MembershipFactory,
    OrganisationFactory,
    PlatformMembershipFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

SIGNED_IN = ["profile", "register", "check", "invitations"]
MEMBERS = ["organisation", "members", "leave", "tokens"]
OWNERS = ["edit", "verification"]
OPERATORS = ["queue"]
POSTS_OF_MEMBERS = ["create_token"]
POSTS_OF_OWNERS = ["taxpayer_type", "invite"]
OF_ONE = ["revoke_token", "change_role", "remove", "resend", "revoke", "accept", "decide", "licence", "own_licence"]


def url(name: str, **where: object) -> str:
    return reverse(f"portal:{name}", kwargs=where or None)


def test_every_page_is_in_one_of_the_lists():
    listed = {*SIGNED_IN, *MEMBERS, *OWNERS, *OPERATORS, *POSTS_OF_MEMBERS, *POSTS_OF_OWNERS, *OF_ONE, "invitation"}

    assert {pattern.name for pattern in urlpatterns} == listed


@pytest.mark.parametrize("name", [*SIGNED_IN, *MEMBERS, *OWNERS, *OPERATORS])
def test_a_stranger_is_sent_to_the_log_in_and_back(client, name: str):
    answer = client.get(url(name))

    assert (answer.status_code, answer.url) == (302, f"/accounts/login/?next={url(name)}")


@pytest.mark.parametrize("name", [*POSTS_OF_MEMBERS, *POSTS_OF_OWNERS])
def test_a_stranger_changes_nothing(client, name: str):
    assert client.post(url(name)).status_code == 302


@pytest.mark.parametrize("name", [*MEMBERS, *OWNERS, *OPERATORS])
def test_a_person_without_an_organisation_sees_no_organisation(client, name: str):
    client.force_login(UserFactory(), "django.contrib.auth.backends.ModelBackend")

    assert client.get(url(name)).status_code == 403


@pytest.mark.parametrize("name", SIGNED_IN)
def test_a_person_without_an_organisation_sees_their_own_pages(client, name: str):
    client.force_login(UserFactory(), "django.contrib.auth.backends.ModelBackend")

    assert client.get(url(name)).status_code == 200


@pytest.mark.parametrize("name", [*OWNERS, *OPERATORS])
@pytest.mark.parametrize("role", ["buyer", "finance", "technician", "viewer"])
def test_a_member_without_the_role_is_refused(client_as, name: str, role: str):
    assert client_as(MembershipFactory(role=role)).get(url(name)).status_code == 403


@pytest.mark.parametrize("name", POSTS_OF_OWNERS)
def test_a_member_without_the_role_changes_nothing(client_as, name: str):
    assert client_as(MembershipFactory(role="buyer")).post(url(name)).status_code == 403


@pytest.mark.parametrize("name", OPERATORS)
def test_an_owner_of_another_organisation_is_no_operator(client_as, name: str):
    assert client_as(MembershipFactory(role="owner")).get(url(name)).status_code == 403


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("name", [*SIGNED_IN, *MEMBERS, *OWNERS, *OPERATORS])
def test_the_right_member_sees_each_page_in_both_languages(client_as, name: str, language: str):
    member = PlatformMembershipFactory(user__language=language)
    InvitationFactory(organisation=member.organisation)
    InvitationFactory(email=member.user.email)
    ApiTokenFactory(membership=member)

    answer = client_as(member).get(url(name))

    assert (answer.status_code, answer.headers["Content-Language"]) == (200, language)


# --- Other organisations' objects -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["change_role", "remove"])
def test_members_of_another_organisation_are_not_there(client_as, name: str):
    other = MembershipFactory()

    answer = client_as(MembershipFactory(role="owner")).post(url(name, pk=other.pk), {"role": "viewer"})

    assert answer.status_code == 404
    other.refresh_from_db()
    assert (other.role, other.is_active) == ("buyer", True)


@pytest.mark.parametrize("name", ["resend", "revoke"])
def test_invitations_of_another_organisation_are_not_there(client_as, name: str):
    invitation = InvitationFactory()

    assert client_as(MembershipFactory(role="owner")).post(url(name, pk=invitation.pk)).status_code == 404


def test_an_invitation_to_someone_else_is_not_there_to_accept(client_as):
    invitation = InvitationFactory()

    assert client_as(MembershipFactory()).post(url("accept", pk=invitation.pk)).status_code == 404
    assert Membership.objects.count() == 1


@pytest.mark.parametrize("method", ["get", "post"])
def test_anothers_token_is_not_there(client_as, method: str):
    token = ApiTokenFactory()
    colleague = MembershipFactory(organisation=token.membership.organisation, role="owner")

    answer = getattr(client_as(colleague), method)(url("revoke_token", pk=token.pk))

    assert answer.status_code == 404
    token.refresh_from_db()
    assert token.revoked_at is None


def test_an_unknown_link_invites_nobody(client_as):
    assert client_as(MembershipFactory()).get(url("invitation", text="nothing")).status_code == 404


@pytest.mark.parametrize("name", ["decide", "licence"])
def test_only_the_platforms_operator_looks_at_licences(client, client_as, name: str):
    waiting = OrganisationFactory(verification="submitted", submitted_at=datetime(2026, 11, 1, tzinfo=UTC))
    owner = MembershipFactory(organisation=waiting, role="owner")

    assert client.get(url(name, code=waiting.code)).status_code == 302
    assert client_as(owner).get(url(name, code=waiting.code)).status_code == 403
    assert client_as(PlatformMembershipFactory()).get(url(name, code="ORG-none")).status_code == 404


# --- Lists ask the database as often for three rows as for one ------------------------------------------------------


@pytest.mark.parametrize("name", ["members", "tokens", "invitations", "queue", "organisation"])
def test_a_list_of_three_rows_costs_as_many_statements_as_one(client_as, name: str, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    member = PlatformMembershipFactory()
    client = client_as(member)

    def add_a_row() -> None:
        MembershipFactory(organisation=member.organisation)
        InvitationFactory(organisation=member.organisation)
        InvitationFactory(email=member.user.email)
        ApiTokenFactory(membership=member)
        OrganisationFactory(verification="submitted", submitted_at=datetime(2026, 11, 1, tzinfo=UTC))
        OrganisationFactory(verified_at=datetime(2026, 11, 1, tzinfo=UTC))

    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url(name)).status_code == 200
        return len(captured)

    add_a_row()
    one = statements()
    add_a_row()
    add_a_row()

    assert statements() == one
