"""Letters sent once it is certain what happened; each job writes to one person, and may run twice."""

from typing import Any

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from accounts.invitations import operations as invitations
from accounts.invitations.events import InvitationRenewed, MemberInvited
from accounts.memberships.events import MemberJoined, MembershipEnded, RoleChanged
from accounts.models import Invitation, Membership, Organisation, User
from accounts.organisations.events import OrganisationRejected, OrganisationVerified, VerificationSubmitted
from accounts.tokens.events import ApiTokenMade
from kernel.events import Event
from kernel.refusals import Refusal
from notices import letters

AGAIN = RetryStrategy(max_attempts=8, exponential_wait=4)
"""A mail server that is away for a while is asked again: after 4, 16, 64 seconds, and so on."""


@app.task(name="portal.mail_invitation", queue="mail", retry=AGAIN)
def mail_invitation(*, invitation_id: int) -> None:
    """Send an invitation with a link made just now: see Note [The link is made by the mail]."""
    invitation = Invitation.objects.select_related("organisation", "invited_by").get(pk=invitation_id)
    try:
        text = invitations.issue_link(invitation=invitation, now=timezone.now())
    except Refusal:
        return  # accepted, taken back or run out meanwhile
    known = User.objects.filter(email=invitation.email).first()
    facts = {
        "invitation": invitation,
        "organisation": invitation.organisation,
        "link": letters.address_of("portal:invitation", text=text),
    }
    letters.send(
        "portal/mail/invitation.txt", to=invitation.email, language=known.language if known else None, facts=facts
    )


@app.task(name="portal.mail_person", queue="mail", retry=AGAIN)
def mail_person(*, letter: str, user_id: int, organisation_id: int, page: str, about: dict[str, Any]) -> None:
    """Tell one person what happened to their organisation, or to them in it, with the page that shows it."""
    user = User.objects.get(pk=user_id)
    if not user.is_active:
        return
    facts = {
        "person": user,
        "organisation": Organisation.objects.get(pk=organisation_id),
        "link": letters.address_of(page),
        "before": Membership.Role(about["before"]).label if "before" in about else "",
        "after": Membership.Role(about["after"]).label if "after" in about else "",
        "about": about,
    }
    letters.send(f"portal/mail/{letter}.txt", to=user.email, language=user.language, facts=facts)


# --- Reactions: who is written to -----------------------------------------------------------------------------------


def invite_by_mail(event: MemberInvited | InvitationRenewed) -> None:
    """Mail the invitation."""
    mail_invitation.defer(invitation_id=event.invitation_id)


def tell_operators(event: VerificationSubmitted) -> None:
    """Tell the platform's operators that a licence waits."""
    operators = Membership.objects.active().filter(organisation__roles__contains=[Organisation.Role.PLATFORM_OPERATOR])
    _tell(operators.values_list("user", flat=True), "submitted", event, page="portal:queue")


def tell_owners_verified(event: OrganisationVerified) -> None:
    """Tell the owners that their organisation is verified."""
    _tell(_owners(event), "verified", event, page="portal:organisation")


def tell_owners_rejected(event: OrganisationRejected) -> None:
    """Tell the owners why their organisation is not verified."""
    _tell(_owners(event), "rejected", event, page="portal:verification", why=event.reason)


def tell_owners_of_member(event: MemberJoined) -> None:
    """Tell the other owners who accepted an invitation."""
    if event.invitation_id:
        who = User.objects.get(pk=event.user_id)
        others = _owners(event).exclude(user_id=event.user_id)
        _tell(others, "joined", event, page="portal:members", who=str(who), after=event.role)


def tell_member_of_role(event: RoleChanged) -> None:
    """Tell a member of the new role, unless they gave it to themselves."""
    if event.user_id != event.actor_id:
        about = {"before": event.before, "after": event.after}
        _tell([event.user_id], "role_changed", event, page="portal:organisation", **about)


def tell_former_member(event: MembershipEnded) -> None:
    """Tell a person that they were removed; who left by themselves knows."""
    if event.user_id != event.actor_id:
        _tell([event.user_id], "removed", event, page="home")


def tell_of_token(event: ApiTokenMade) -> None:
    """Tell a person that a token acts in their name from now on: they should know if it was not they who made it."""
    if event.actor_id:
        _tell([event.actor_id], "token_made", event, page="portal:tokens")


def _owners(event: Event) -> Any:
    owners = Membership.objects.owners().filter(organisation=event.organisation_id)
    return owners.values_list("user", flat=True)


def _tell(people: Any, letter: str, event: Event, *, page: str, **about: Any) -> None:
    if event.organisation_id is None:
        raise ValueError(f"{event.name()} is about no organisation")
    for user_id in people:
        mail_person.defer(letter=letter, user_id=user_id, organisation_id=event.organisation_id, page=page, about=about)
