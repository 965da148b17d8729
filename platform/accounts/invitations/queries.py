"""Who is invited."""

from datetime import datetime

from allauth.account.models import EmailAddress

from accounts.invitations import rules
from accounts.invitations.models import Invitation, InvitationQuerySet
from accounts.people.models import User


def addresses_of(user: User) -> list[str]:
    """Return the addresses a person has shown to be theirs."""
    return [each.email.lower() for each in EmailAddress.objects.filter(user=user, verified=True)]


def open_for(user: User, now: datetime) -> InvitationQuerySet:
    """Return the invitations a person can accept: to addresses shown to be theirs, not yet run out."""
    waiting = Invitation.objects.open(now).filter(email__in=addresses_of(user))
    return waiting.select_related("organisation", "invited_by").order_by("expires_at", "pk")


def of_link(text: str) -> Invitation | None:
    """Return the invitation a link belongs to, in whatever state it is, or None."""
    found = Invitation.objects.filter(token_hash=rules.hashed(text))
    return found.select_related("organisation", "invited_by").first()
