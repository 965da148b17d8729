"""The tables of accounts, in the order of the flow."""

from accounts.invitations.models import Invitation
from accounts.memberships.models import Membership
from accounts.organisations.models import District, Organisation, TaxpayerStatus
from accounts.people.models import User
from accounts.tokens.models import ApiToken

__all__ = [
    "ApiToken",
    "District",
    "Invitation",
    "Membership",
    "Organisation",
    "TaxpayerStatus",
    "User",
]
