"""How long an invitation holds, and the secret in its link."""

import hashlib
import secrets
from datetime import timedelta

HOLDS_FOR = timedelta(days=7)
MOST_PENDING = 50
"""How many invitations of one organisation may be pending, so that nobody mails a city."""


def new_text() -> str:
    """Return the secret of a link: 256 random bits."""
    return secrets.token_urlsafe(32)


def hashed(text: str) -> str:
    """Return what is kept of a link's secret."""
    return hashlib.sha256(text.encode()).hexdigest()
