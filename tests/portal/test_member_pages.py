"""Members, invitations and tokens on their pages."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from accounts.invitations import operations as invitations
from accounts.models import ApiToken, Invitation, Membership
from tests.factories.accounts import (
    ApiTokenFactory,
    InvitationFactory,
    LabMembershipFactory,
    MembershipFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


def english(**fields: object) -> Membership:
    return MembershipFactory(**({"role": "owner", "user__language": "en"} | fields))


def test_an_owner_invites_and_sees_the_invitation(client_as):
    client = client_as(english())

    answer = client.post("/organisation/members/invite/", {"email": "New@example.com", "role": "buyer"}, follow=True)

    assert b"An invitation goes to new@example.com." in answer.content
    assert Invitation.objects.get().email == "new@example.com"


def test_a_refused_invitation_keeps_what_was_typed(client_as):
    owner = english()

    answer = client_as(owner).post("/organisation/members/invite/", {"email": owner.user.email, "role": "buyer"})

    assert (answer.status_code, answer.context["form"]["email"].value()) == (422, owner.user.email)
    assert "already belongs to" in answer.context["form"].errors["email"][0]


@pytest.mark.parametrize("role", ["lab_operator", "king", ""])
def test_a_customer_is_offered_no_other_roles(client_as, role: str):
    answer = client_as(english()).post("/organisation/members/invite/", {"email": "a@example.com", "role": role})

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["role"])


def test_a_lab_invites_operators(client_as):
    owner = LabMembershipFactory(role="owner")

    client_as(owner).post("/organisation/members/invite/", {"email": "a@example.com", "role": "lab_operator"})

    assert Invitation.objects.get().role == "lab_operator"


def test_an_owner_changes_a_role(client_as):
    owner = english()
    member = MembershipFactory(organisation=owner.organisation)

    answer = client_as(owner).post(f"/organisation/members/{member.pk}/role/", {"role": "finance"}, follow=True)

    member.refresh_from_db()
    assert member.role == "finance"
    assert answer.redirect_chain == [("/organisation/members/", 302)]


def test_the_last_owner_is_told_why_the_role_stays(client_as):
    owner = english()

    answer = client_as(owner).post(f"/organisation/members/{owner.pk}/role/", {"role": "buyer"}, follow=True)

    assert b"Make someone else an owner first." in answer.content
    owner.refresh_from_db()
    assert owner.role == "owner"


def test_a_member_is_removed_after_a_question(client_as):
    owner = english()
    member = MembershipFactory(organisation=owner.organisation)
    client, page = client_as(owner), f"/organisation/members/{member.pk}/remove/"

    assert member.user.email in client.get(page).content.decode()
    client.post(page)

    member.refresh_from_db()
    assert not member.is_active
    assert client.get(page).status_code == 404


def test_a_member_leaves_after_a_question(client_as):
    member = MembershipFactory()
    client = client_as(member)

    assert client.get("/organisation/members/leave/").status_code == 200
    answer = client.post("/organisation/members/leave/")

    assert answer.url == "/"
    assert client.get("/organisation/").status_code == 403


def test_a_member_sees_colleagues_but_not_who_is_invited(client_as):
    member = MembershipFactory(role="viewer")
    owner = MembershipFactory(organisation=member.organisation, role="owner")
    InvitationFactory(organisation=member.organisation, email="secret@example.com")

    page = client_as(member).get("/organisation/members/").content.decode()

    assert (owner.user.email in page, "secret@example.com" in page) == (True, False)


def test_members_can_be_taken_away_as_a_file(client_as):
    owner = english(user__name="=1+1")

    answer = client_as(owner).get("/organisation/members/?format=csv")

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "'=1+1" in answer.content.decode("utf-8-sig")


# --- Invitations ----------------------------------------------------------------------------------------------------


def test_a_link_leads_through_the_log_in_to_the_organisation(client):
    person = UserFactory(email="new@example.com")
    invitation = InvitationFactory(email="new@example.com", role="finance")
    link = f"/invitations/{invitations.issue_link(invitation=invitation, now=NOW)}/"

    assert client.get(link).url == f"/accounts/login/?next={link}"
    client.force_login(person, "django.contrib.auth.backends.ModelBackend")
    assert f"/invitations/{invitation.pk}/accept/" in client.get(link).content.decode()
    answer = client.post(f"/invitations/{invitation.pk}/accept/")

    assert answer.url == "/organisation/"
    assert Membership.objects.get().role == "finance"
    assert invitation.organisation.name_zh in client.get("/organisation/").content.decode()


def test_a_link_for_another_address_says_for_which(client_as):
    invitation = InvitationFactory(email="new@example.com")
    link = f"/invitations/{invitations.issue_link(invitation=invitation, now=NOW)}/"

    page = client_as(english()).get(link).content.decode()

    assert "This invitation is for new@example.com." in page
    assert "accept/" not in page


def test_an_invitation_that_ran_out_is_refused_with_words(client):
    person = UserFactory(email="new@example.com", language="en")
    invitation = InvitationFactory(email="new@example.com", created_at=NOW, expires_at=NOW + timedelta(days=7))
    client.force_login(person, "django.contrib.auth.backends.ModelBackend")

    with time_machine.travel(NOW + timedelta(days=7)):
        client.force_login(person, "django.contrib.auth.backends.ModelBackend")
        answer = client.post(f"/invitations/{invitation.pk}/accept/", follow=True)

    assert b"This invitation has run out." in answer.content
    assert not Membership.objects.exists()


def test_open_invitations_are_found_without_the_mail(client_as):
    member = english()
    mine = InvitationFactory(email=member.user.email)
    InvitationFactory()

    answer = client_as(member).get("/invitations/")

    assert list(answer.context["waiting"]) == [mine]


def test_an_invitation_is_sent_again_or_taken_back(client_as):
    owner = english()
    invitation = InvitationFactory(organisation=owner.organisation)
    client = client_as(owner)

    again = client.post(f"/organisation/invitations/{invitation.pk}/resend/", follow=True)
    back = client.post(f"/organisation/invitations/{invitation.pk}/revoke/", follow=True)
    late = client.post(f"/organisation/invitations/{invitation.pk}/revoke/", follow=True)

    assert b"the earlier link no longer works" in again.content
    assert b"is taken back" in back.content
    assert b"has taken this invitation back" in late.content


# --- Tokens ---------------------------------------------------------------------------------------------------------


def test_a_tokens_text_is_shown_once_and_never_stored_by_anyone(client_as):
    client = client_as(english())

    answer = client.post("/my/tokens/new/", {"name": "ERP", "scopes": ["catalogue:read"], "days": "30"})

    text = answer.context["text"]
    assert (answer.status_code, text in answer.content.decode()) == (201, True)
    assert "no-store" in answer.headers["Cache-Control"]
    assert text not in client.get("/my/tokens/").content.decode()
    assert ApiToken.objects.get().expires_at is not None


def test_a_token_may_hold_until_it_is_revoked(client_as):
    client_as(english()).post("/my/tokens/new/", {"name": "ERP", "scopes": ["catalogue:read"], "days": ""})

    assert ApiToken.objects.get().expires_at is None


@pytest.mark.parametrize(
    "said", [{"name": "", "scopes": ["catalogue:read"]}, {"name": "ERP"}, {"name": "ERP", "scopes": ["all"]}]
)
def test_a_token_that_makes_no_sense_is_refused(client_as, said: dict[str, object]):
    assert client_as(english()).post("/my/tokens/new/", said).status_code == 422
    assert not ApiToken.objects.exists()


def test_a_token_is_revoked_after_a_question(client_as):
    token = ApiTokenFactory()
    client = client_as(token.membership)

    assert client.get(f"/my/tokens/{token.pk}/revoke/").status_code == 200
    client.post(f"/my/tokens/{token.pk}/revoke/")

    token.refresh_from_db()
    assert token.revoked_at is not None


# --- Profile --------------------------------------------------------------------------------------------------------


def test_a_person_chooses_language_and_time_zone(client_as):
    member = MembershipFactory()
    client = client_as(member)
    client.cookies["language"] = "zh-hans"

    answer = client.post("/my/profile/", {"name": "王芳", "language": "en", "timezone": "Europe/London"}, follow=True)

    assert b"Your profile is saved." in answer.content
    assert answer.headers["Content-Language"] == "en"
    member.user.refresh_from_db()
    assert (member.user.name, member.user.timezone) == ("王芳", "Europe/London")


def test_a_zone_nobody_offers_is_refused(client_as):
    answer = client_as(MembershipFactory()).post(
        "/my/profile/", {"name": "", "language": "en", "timezone": "Mars/Olympus"}
    )

    assert answer.status_code == 422
