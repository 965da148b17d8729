"""Asking people to join by mail."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.invitations import operations as invitations
from accounts.invitations import rules
from accounts.memberships import operations as memberships
from accounts.models import Invitation, Membership
from audit.models import AuditEvent
from kernel.refusals import violated
from tests.factories.accounts import InvitationFactory, MembershipFactory, UserFactory
from tests.factories.racing import at_once

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=7)


def invited(**fields: object) -> Invitation:
    return InvitationFactory(**({"email": "new@example.com", "created_at": NOW, "expires_at": LATER} | fields))


def test_an_invitation_holds_seven_days_and_keeps_no_link():
    owner = MembershipFactory(role="owner")

    invitation = invitations.invite(email=" New@Example.com", role="buyer", by=owner, now=NOW)

    assert (invitation.email, invitation.role, invitation.expires_at, invitation.token_hash) == (
        "new@example.com",
        "buyer",
        LATER,
        None,
    )
    assert [event.name for event in AuditEvent.objects.all()] == ["member_invited"]


def test_only_the_hash_of_a_link_is_kept():
    invitation = invited()

    text = invitations.issue_link(invitation=invitation, now=NOW)

    invitation.refresh_from_db()
    assert invitation.token_hash == rules.hashed(text) != text
    assert len(text) >= 43


def test_who_reads_the_address_joins_with_the_role():
    person = UserFactory(email="new@example.com")
    invitation = invited(role="finance")

    membership = invitations.accept(invitation=invitation, by=person, now=NOW)

    assert (membership.user, membership.organisation, membership.role) == (person, invitation.organisation, "finance")
    invitation.refresh_from_db()
    assert invitation.accepted_at == NOW


@pytest.mark.parametrize("verified", [True, False])
def test_an_invitation_for_an_address_that_is_not_shown_to_be_ours_is_refused(verified: bool):
    person = UserFactory(email="other@example.com" if verified else "new@example.com", verified=verified)

    with pytest.raises(invitations.InvitationForAnother) as refused:
        invitations.accept(invitation=invited(), by=person, now=NOW)

    assert refused.value.status == 403
    assert not Membership.objects.exists()


def test_an_invitation_ends_after_seven_days():
    person = UserFactory(email="new@example.com")

    with pytest.raises(invitations.InvitationExpired):
        invitations.accept(invitation=invited(), by=person, now=LATER)

    assert invitations.accept(invitation=Invitation.objects.get(), by=person, now=LATER - timedelta(seconds=1))


def test_a_revoked_invitation_cannot_be_accepted_sent_again_or_revoked_again():
    owner = MembershipFactory(role="owner")
    invitation = invited(organisation=owner.organisation)
    invitations.revoke(invitation=invitation, by=owner, now=NOW)

    with pytest.raises(invitations.InvitationWithdrawn):
        invitations.accept(invitation=invitation, by=UserFactory(email="new@example.com"), now=NOW)
    with pytest.raises(invitations.InvitationWithdrawn):
        invitations.renew(invitation=invitation, by=owner, now=NOW)
    with pytest.raises(invitations.InvitationWithdrawn):
        invitations.revoke(invitation=invitation, by=owner, now=NOW)
    with pytest.raises(invitations.InvitationWithdrawn):
        invitations.issue_link(invitation=invitation, now=NOW)


def test_an_invitation_sent_again_holds_anew_and_its_old_link_ends():
    owner = MembershipFactory(role="owner")
    invitation = invited(organisation=owner.organisation)

    renewed = invitations.renew(invitation=invitation, by=owner, now=LATER)

    assert (renewed.expires_at, renewed.token_hash) == (LATER + timedelta(days=7), None)


def test_an_address_is_invited_once_until_it_runs_out():
    owner = MembershipFactory(role="owner")
    invitations.invite(email="new@example.com", role="buyer", by=owner, now=NOW)

    with pytest.raises(invitations.AlreadyInvited):
        invitations.invite(email="NEW@example.com", role="viewer", by=owner, now=NOW)
    again = invitations.invite(email="new@example.com", role="viewer", by=owner, now=LATER)

    assert list(Invitation.objects.open(LATER)) == [again]


def test_a_member_is_not_invited():
    owner = MembershipFactory(role="owner")
    member = MembershipFactory(organisation=owner.organisation)

    with pytest.raises(invitations.AlreadyMember):
        invitations.invite(email=member.user.email, role="buyer", by=owner, now=NOW)


def test_a_former_member_joins_again_with_the_new_role():
    owner = MembershipFactory(role="owner")
    former = MembershipFactory(organisation=owner.organisation, role="owner", is_active=False)
    invitation = invitations.invite(email=former.user.email, role="viewer", by=owner, now=NOW)

    membership = invitations.accept(invitation=invitation, by=former.user, now=NOW)

    assert (membership.pk, membership.role, membership.is_active) == (former.pk, "viewer", True)


def test_who_was_demoted_meanwhile_invites_nobody():
    viewer = MembershipFactory(role="viewer")

    with pytest.raises(memberships.NoLongerOwner):
        invitations.invite(email="new@example.com", role="buyer", by=viewer, now=NOW)


def test_customers_invite_no_lab_operators():
    with pytest.raises(memberships.RoleUnsuitable):
        invitations.invite(email="new@example.com", role="lab_operator", by=MembershipFactory(role="owner"), now=NOW)


def test_nobody_invites_a_city(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rules, "MOST_PENDING", 1)
    owner = MembershipFactory(role="owner")
    invitations.invite(email="a@example.com", role="buyer", by=owner, now=NOW)

    with pytest.raises(invitations.TooManyInvitations):
        invitations.invite(email="b@example.com", role="buyer", by=owner, now=NOW)


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"accepted_at": NOW, "revoked_at": NOW}, "invitation_ends_one_way"),
        ({"expires_at": NOW}, "invitation_expires_after_it_is_made"),
    ],
)
def test_the_database_refuses_invitations_that_cannot_be(fields: dict[str, object], constraint: str):
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        invited(**fields)

    assert violated(refused.value) == constraint


def test_an_address_is_kept_and_found_in_lower_case():
    invited(email="New@Example.com")

    assert Invitation.objects.get(email="NEW@example.com").email == "new@example.com"


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_an_invitation_accepted_twice_at_once_joins_once():
    for number in range(5):
        person = UserFactory(email=f"new{number}@example.com")
        invitation = invited(email=person.email)

        outcomes = at_once(*[lambda i=invitation, p=person: invitations.accept(invitation=i, by=p, now=NOW)] * 3)

        refused = [type(outcome) for outcome in outcomes if isinstance(outcome, Exception)]
        assert refused == [invitations.InvitationUsed] * 2
        assert Membership.objects.filter(user=person).count() == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_an_invitation_is_either_accepted_or_revoked():
    owner = MembershipFactory(role="owner")
    for number in range(5):
        person = UserFactory(email=f"new{number}@example.com")
        invitation = invited(email=person.email, organisation=owner.organisation)

        outcomes = at_once(
            lambda i=invitation, p=person: invitations.accept(invitation=i, by=p, now=NOW),
            lambda i=invitation: invitations.revoke(invitation=i, by=owner, now=NOW),
        )

        refused = [type(outcome) for outcome in outcomes if isinstance(outcome, Exception)]
        assert refused in ([invitations.InvitationUsed], [invitations.InvitationWithdrawn])
        joined = Membership.objects.filter(user=person).exists()
        assert joined == (refused == [invitations.InvitationUsed])
