"""The tables of accounts, in the order of the flow."""

from accounts.people.models import User  # isort: skip
from accounts.organisations.models import District, Organisation, TaxpayerStatus  # isort: skip
from accounts.memberships.models import Membership  # isort: skip
from accounts.invitations.models import Invitation  # isort: skip
from accounts.tokens.models import ApiToken  # isort: skip

__all__ = [
    "ApiToken",
    "District",
    "Invitation",
    "Membership",
    "Organisation",
    "TaxpayerStatus",
    "User",
]
