"""
Asking people to join, by mail.

Note [The link is made by the mail]
    An invitation is kept without its link. The job that sends the mail makes the secret, keeps its hash and writes the
    secret into the mail alone: it never lies in the database, not even in the job's arguments. A mail sent again
    carries a new link, and the older one ends.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.invitations import rules
from accounts.invitations.events import InvitationRenewed, InvitationRevoked, MemberInvited
from accounts.invitations.models import Invitation
from accounts.invitations.queries import addresses_of
from accounts.memberships import operations as memberships
from accounts.memberships.events import MemberJoined
from accounts.memberships.models import Membership
from accounts.memberships.rules import roles_of
from accounts.organisations.models import Organisation
from accounts.people.models import User
from kernel.events import announce
from kernel.locks import lock
from kernel.refusals import Refusal, refusing


class AlreadyMember(Refusal):
    code = "already_member"
    message = _("{email} already belongs to {organisation}.")


class AlreadyInvited(Refusal):
    code = "already_invited"
    message = _("{email} is already invited. Send the mail again, or revoke the invitation first.")


class TooManyInvitations(Refusal):
    code = "too_many_invitations"
    message = _("{limit} invitations are waiting for an answer. Revoke some first.")


class InvitationForAnother(Refusal):
    code = "invitation_for_another"
    message = _("This invitation is for {email}. Log in with that address to accept it.")
    status = 403


class InvitationExpired(Refusal):
    code = "invitation_expired"
    message = _("This invitation has run out. Ask {organisation} to send it again.")
    status = 410


class InvitationWithdrawn(Refusal):
    code = "invitation_revoked"
    message = _("{organisation} has taken this invitation back.")
    status = 410


class InvitationUsed(Refusal):
    code = "invitation_used"
    message = _("This invitation was already accepted.")


@transaction.atomic
def invite(*, email: str, role: str, by: Membership, now: datetime) -> Invitation:
    """
    Ask whoever reads an e-mail address to join the organisation, for seven days; a mail follows.

    Raises:
        NoLongerOwner: whoever asks was demoted or removed meanwhile.
        RoleUnsuitable: a lab's role, in an organisation that owns no lab.
        AlreadyMember, AlreadyInvited: they are, and it holds.
        TooManyInvitations: too many are waiting.
    """
    email = email.strip().lower()
    [organisation] = lock(Organisation.objects.filter(pk=by.organisation_id))
    if not memberships.by_owner(by, organisation):
        raise memberships.NoLongerOwner(organisation=organisation.name)
    if role not in roles_of(organisation.roles):
        raise memberships.RoleUnsuitable(organisation=organisation.name, role=role)
    if Membership.objects.active().filter(organisation=organisation, user__email=email).exists():
        raise AlreadyMember(email=email, organisation=organisation.name)
    pending = Invitation.objects.pending().filter(organisation=organisation)
    pending.filter(email=email, expires_at__lte=now).update(revoked_at=now)
    if pending.count() >= rules.MOST_PENDING:
        raise TooManyInvitations(limit=rules.MOST_PENDING)
    with refusing(invitation_pending_once=AlreadyInvited(email=email)):
        invitation = Invitation.objects.create(
            organisation=organisation,
            email=email,
            role=role,
            invited_by=by.user,
            created_at=now,
            expires_at=now + rules.HOLDS_FOR,
        )
    announce(
        MemberInvited(
            occurred_at=now,
            actor_id=by.user_id,
            organisation_id=organisation.pk,
            invitation_id=invitation.pk,
            role=role,
        )
    )
    return invitation


@transaction.atomic
def renew(*, invitation: Invitation, by: Membership, now: datetime) -> Invitation:
    """
    Send an invitation again, for another seven days; the older link ends.

    Raises:
        InvitationUsed, InvitationWithdrawn: it is no longer pending.
    """
    current = _pending(invitation)
    current.expires_at = now + rules.HOLDS_FOR
    current.token_hash = None
    current.save(update_fields=["expires_at", "token_hash"])
    announce(
        InvitationRenewed(
            occurred_at=now,
            actor_id=by.user_id,
            organisation_id=current.organisation_id,
            invitation_id=current.pk,
        )
    )
    return current


@transaction.atomic
def revoke(*, invitation: Invitation, by: Membership, now: datetime) -> Invitation:
    """
    Take an invitation back.

    Raises:
        InvitationUsed, InvitationWithdrawn: it is no longer pending.
    """
    current = _pending(invitation)
    current.revoked_at = now
    current.save(update_fields=["revoked_at"])
    announce(
        InvitationRevoked(
            occurred_at=now,
            actor_id=by.user_id,
            organisation_id=current.organisation_id,
            invitation_id=current.pk,
        )
    )
    return current


@transaction.atomic
def issue_link(*, invitation: Invitation, now: datetime) -> str:
    """
    Make the secret of an invitation's link, and return it: see Note [The link is made by the mail].

    Raises:
        InvitationUsed, InvitationWithdrawn, InvitationExpired: nobody could follow it.
    """
    current = _pending(invitation)
    if current.expires_at <= now:
        raise InvitationExpired(organisation=current.organisation.name)
    text = rules.new_text()
    current.token_hash = rules.hashed(text)
    current.save(update_fields=["token_hash"])
    return text


@transaction.atomic
def accept(*, invitation: Invitation, by: User, now: datetime) -> Membership:
    """
    Join the organisation, with the role one was invited for; a former member joins again.

    Raises:
        InvitationForAnother: the invited address is none of the person's verified ones.
        InvitationUsed, InvitationWithdrawn, InvitationExpired: it does not hold (any more).
        AlreadyMember: they joined some other way.
    """
    if not is_for(invitation, by):
        raise InvitationForAnother(email=invitation.email)
    current = _pending(invitation)
    organisation = current.organisation
    if current.expires_at <= now:
        raise InvitationExpired(organisation=organisation.name)
    with refusing(membership_once=AlreadyMember(email=current.email, organisation=organisation.name)):
        membership = _joined(current, by, now)
    current.accepted_at = now
    current.save(update_fields=["accepted_at"])
    announce(
        MemberJoined(
            occurred_at=now,
            actor_id=by.pk,
            organisation_id=organisation.pk,
            membership_id=membership.pk,
            user_id=by.pk,
            role=membership.role,
            invitation_id=current.pk,
        )
    )
    return membership


def is_for(invitation: Invitation, user: User) -> bool:
    """Whether the invited address is one the person has shown to be theirs."""
    return invitation.email in addresses_of(user)


def _joined(invitation: Invitation, by: User, now: datetime) -> Membership:
    former = Membership.objects.filter(organisation=invitation.organisation, user=by, is_active=False)
    if former.update(is_active=True, role=invitation.role, created_at=now):
        return Membership.objects.select_related("user", "organisation").get(
            organisation=invitation.organisation, user=by
        )
    return Membership.objects.create(
        organisation=invitation.organisation, user=by, role=invitation.role, created_at=now
    )


def _pending(invitation: Invitation) -> Invitation:
    """Lock an invitation and return it as it is now, when it is still pending."""
    [current] = lock(Invitation.objects.select_related("organisation").filter(pk=invitation.pk))
    if current.accepted_at:
        raise InvitationUsed
    if current.revoked_at:
        raise InvitationWithdrawn(organisation=current.organisation.name)
    return current
