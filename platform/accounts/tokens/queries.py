"""Finding the member behind a token."""

from datetime import datetime

from django.db import connection

from accounts.memberships.models import Membership
from accounts.organisations.models import Organisation
from accounts.people.models import User
from accounts.tokens.models import ApiToken
from kernel.rows import Joined

MEMBER = Joined(token=ApiToken, membership=Membership, person=User, organisation=Organisation)

LIVING = """
SELECT {columns} FROM accounts_apitoken token
JOIN accounts_membership membership ON membership.id = token.membership_id
JOIN accounts_user person ON person.id = membership.user_id
JOIN accounts_organisation organisation ON organisation.id = membership.organisation_id
WHERE token.token_hash = %s AND token.revoked_at IS NULL AND (token.expires_at IS NULL OR token.expires_at > %s)
    AND membership.is_active AND person.is_active
"""


def living(token_hash: str, now: datetime) -> ApiToken | None:
    """
    Return the token of that hash with its membership, person and organisation, or None, in one statement.

    None too when it was revoked or has run out, or when the membership or the person is no longer active. Every
    request of a program begins here: see Note [Rows by hand].
    """
    with connection.cursor() as cursor:
        cursor.execute(LIVING.format(columns=MEMBER.columns), [token_hash, now])
        row = cursor.fetchone()
    if row is None:
        return None
    token, membership, person, organisation = MEMBER.read(row)
    membership.user, membership.organisation = person, organisation
    token.membership = membership
    found: ApiToken = token
    return found
