"""What people are told about their organisations, and about themselves in them."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Organisation
from notices.kinds import Facts, Group, Kind


def organisation_of(facts: Facts, now: datetime) -> Facts:
    """Return what the letters show: the organisation as it is now, and roles in words."""
    del now
    shown: dict[str, Any] = {"organisation": Organisation.objects.get(pk=facts["organisation_id"]), "about": facts}
    return shown | {key: Membership.Role(facts[key]).label for key in ("before", "after") if key in facts}


KINDS = (
    Kind(
        "verification_submitted",
        Group.APPROVALS,
        label=_("An organisation waits for verification"),
        sentence=_("{organisation} has handed in its licence and waits for verification."),
        gather=organisation_of,
    ),
    Kind(
        "organisation_verified",
        Group.ORGANISATION,
        label=_("The organisation is verified"),
        sentence=_("{organisation} is verified."),
        gather=organisation_of,
    ),
    Kind(
        "organisation_rejected",
        Group.ORGANISATION,
        label=_("The organisation could not be verified"),
        sentence=_("{organisation} could not be verified: {why}"),
        gather=organisation_of,
    ),
    Kind(
        "organisation_suspended",
        Group.ORGANISATION,
        label=_("The organisation may not book for a time"),
        sentence=_("{organisation} may make no new bookings until {until}."),
        gather=organisation_of,
    ),
    Kind(
        "member_invited",
        Group.ORGANISATION,
        label=_("An invitation"),
        sentence=_("{organisation} invites you to join."),
        is_mailed=False,  # the invitation is a mail of its own, with its link
    ),
    Kind(
        "member_joined",
        Group.ORGANISATION,
        label=_("Someone has joined"),
        sentence=_("{who} has joined {organisation}."),
        gather=organisation_of,
    ),
    Kind(
        "role_changed",
        Group.ORGANISATION,
        label=_("My role has changed"),
        sentence=_("Your role in {organisation} has changed."),
        gather=organisation_of,
    ),
    Kind(
        "membership_ended",
        Group.ORGANISATION,
        label=_("My membership has ended"),
        sentence=_("You no longer belong to {organisation}."),
        gather=organisation_of,
        must_mail=True,
    ),
    Kind(
        "api_token_made",
        Group.ORGANISATION,
        label=_("An API token acts for me"),
        sentence=_("A new API token acts for you in {organisation}."),
        gather=organisation_of,
        must_mail=True,
    ),
)
