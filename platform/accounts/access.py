"""
Who may use a view: rules by name, known to pages and endpoints alike.

A rule says what kind of person may come at all. Which rows they may touch is said by the querysets
(`visible_to(member)`), so that another organisation's object answers 404.
"""

from collections.abc import Callable
from dataclasses import dataclass

from accounts.memberships.models import Membership


def everybody(member: Membership) -> bool:
    """Let every member in."""
    return True


@dataclass(frozen=True, slots=True)
class Rule:
    """A declaration of access: its name, what the visitor must have, and which members pass."""

    name: str
    check: Callable[[Membership], bool] = everybody
    needs_session: bool = True
    needs_membership: bool = True

    def allows(self, member: Membership | None) -> bool:
        """Whether a logged-in person, acting as this member or as none, may come in."""
        if not self.needs_membership:
            return True
        return member is not None and self.check(member)


ANYONE = Rule("anyone", needs_session=False, needs_membership=False)
SIGNED_IN = Rule("signed_in", needs_membership=False)
MEMBER = Rule("member")
BUYER = Rule("buyer", lambda member: member.may_book)
PAYER = Rule("payer", lambda member: member.may_book or member.may_see_money)
ORGANISATION_OWNER = Rule("organisation_owner", lambda member: member.may_manage_organisation)
LAB_STAFF = Rule("lab_staff", lambda member: member.may_operate_lab)
LAB_MANAGER = Rule("lab_manager", lambda member: member.may_manage_lab)
LAB_FINANCE = Rule("lab_finance", lambda member: member.may_see_lab_money)
PLATFORM_OPERATOR = Rule("platform_operator", lambda member: member.is_platform_operator)
PLATFORM_FINANCE = Rule("platform_finance", lambda member: member.is_platform_operator and member.may_see_money)
FEED_TOKEN = Rule("feed_token", needs_session=False, needs_membership=False)
"""The secret in the address is the key; the view answers 404 when it is none."""

RULES = (
    ANYONE,
    SIGNED_IN,
    MEMBER,
    BUYER,
    PAYER,
    ORGANISATION_OWNER,
    LAB_STAFF,
    LAB_MANAGER,
    LAB_FINANCE,
    PLATFORM_OPERATOR,
    PLATFORM_FINANCE,
    FEED_TOKEN,
)
