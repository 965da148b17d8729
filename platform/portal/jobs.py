"""Who is told what happened to organisations and the people in them; invitations are mailed, with their link."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django import app

from accounts.invitations import operations as invitations
from accounts.invitations.events import InvitationRenewed, MemberInvited
from accounts.memberships import rules as roles
from accounts.memberships.events import MemberJoined, MembershipEnded, RoleChanged
from accounts.models import Invitation, Membership, Organisation, User
from accounts.organisations.events import (
    OrganisationRejected,
    OrganisationSuspended,
    OrganisationVerified,
    VerificationSubmitted,
)
from accounts.tokens.events import ApiTokenMade
from kernel.events import Event
from kernel.refusals import Refusal
from notices import facts, letters
from notices import operations as notices
from notices.posting import ReaderRefusedError
from notices.retrying import PATIENT


@app.task(name="portal.mail_invitation", queue="mail", retry=PATIENT)
def mail_invitation(*, invitation_id: int) -> None:
    """Send an invitation with a link made just now: see Note [The link is made by the mail]."""
    invitation = Invitation.objects.select_related("organisation", "invited_by").get(pk=invitation_id)
    try:
        text = invitations.issue_link(invitation=invitation, now=timezone.now())
    except Refusal:
        return  # accepted, taken back or run out meanwhile
    known = User.objects.filter(email=invitation.email).first()
    language = known.language if known else None
    told = {
        "invitation": invitation,
        "organisation": invitation.organisation,
        "link": letters.address_of("portal:invitation", text=text),
    }
    with suppress(ReaderRefusedError):  # the list of invitations shows that nobody has accepted
        letters.send("portal/mail/invitation.txt", to=invitation.email, language=language, facts=told)


# --- Reactions: who is told -----------------------------------------------------------------------------------------


def invite_by_mail(event: MemberInvited | InvitationRenewed) -> None:
    """Mail the invitation; who is known here already also finds it in the platform."""
    mail_invitation.defer(invitation_id=event.invitation_id)
    if isinstance(event, MemberInvited):
        invited = Invitation.objects.values_list("email", flat=True).filter(pk=event.invitation_id)
        people = User.objects.filter(email__in=invited).values_list("pk", flat=True)
        _tell(people, "member_invited", event, page="portal:invitations", belongs=False)


def tell_operators(event: VerificationSubmitted) -> None:
    """Tell the platform's operators that a licence waits; it is they who hear it, not the organisation."""
    operators = Membership.objects.active().filter(organisation__roles__contains=[Organisation.Role.PLATFORM_OPERATOR])
    by_operator: dict[int, list[int]] = {}
    for organisation_id, user_id in operators.values_list("organisation_id", "user_id"):
        by_operator.setdefault(organisation_id, []).append(user_id)
    for organisation_id, people in by_operator.items():
        _tell(people, "verification_submitted", event, page="portal:queue", heard_for=organisation_id)


def tell_owners_verified(event: OrganisationVerified) -> None:
    """Tell the owners that their organisation is verified."""
    _tell(_owners(event), "organisation_verified", event, page="portal:organisation")


def tell_owners_rejected(event: OrganisationRejected) -> None:
    """Tell the owners why their organisation is not verified."""
    _tell(_owners(event), "organisation_rejected", event, page="portal:verification", why=event.reason)


def tell_of_suspension(event: OrganisationSuspended) -> None:
    """Tell whoever may book for an organisation that it may not for a time, and why."""
    bookers = (roles.OWNER, roles.BUYER)
    members = Membership.objects.active().filter(organisation=event.organisation_id, role__in=bookers)
    until = datetime.fromisoformat(event.until)
    assert event.organisation_id is not None  # noqa: S101 -- an organisation is suspended
    tz = Organisation.objects.get(pk=event.organisation_id).tz
    people = members.values_list("user", flat=True)
    _tell(people, "organisation_suspended", event, page="portal:organisation", until=facts.instant(until, tz))


def tell_owners_of_member(event: MemberJoined) -> None:
    """Tell the other owners who accepted an invitation."""
    if event.invitation_id:
        who = User.objects.get(pk=event.user_id)
        others = _owners(event).exclude(user_id=event.user_id)
        _tell(others, "member_joined", event, page="portal:members", who=str(who), after=event.role)


def tell_member_of_role(event: RoleChanged) -> None:
    """Tell a member of the new role, unless they gave it to themselves."""
    if event.user_id != event.actor_id:
        to, page = [event.user_id], "portal:organisation"
        _tell(to, "role_changed", event, page=page, before=event.before, after=event.after)


def tell_former_member(event: MembershipEnded) -> None:
    """Tell a person that they were removed; who left by themselves knows."""
    if event.user_id != event.actor_id:
        _tell([event.user_id], "membership_ended", event, page="home", belongs=False)


def tell_of_token(event: ApiTokenMade) -> None:
    """Tell a person that a token acts in their name from now on: they should know if it was not they who made it."""
    if event.actor_id:
        _tell([event.actor_id], "api_token_made", event, page="portal:tokens")


def _owners(event: Event) -> Any:
    owners = Membership.objects.owners().filter(organisation=event.organisation_id)
    return owners.values_list("user", flat=True)


def _tell(
    people: Iterable[int],
    kind: str,
    event: Event,
    *,
    page: str,
    belongs: bool = True,
    heard_for: int | None = None,
    **told: Any,
) -> None:
    """Tell people about the event's organisation; whoever does not belong to it hears it for themselves."""
    if event.organisation_id is None:
        raise ValueError(f"{event.name()} is about no organisation")
    names = Organisation.objects.values_list("name_zh", "name_en").get(pk=event.organisation_id)
    notices.tell(
        users=people,
        kind=kind,
        facts={"organisation_id": event.organisation_id, "organisation": facts.name(*names), **told},
        link=reverse(page),
        letter=f"portal/mail/{kind}.txt",
        organisation_id=heard_for or (event.organisation_id if belongs else None),
        occurred_at=event.occurred_at,
        about=f"organisation:{event.organisation_id}",
    )
