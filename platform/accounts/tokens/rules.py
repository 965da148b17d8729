"""What an API token is: a long random text, of which only the hash is kept."""

import hashlib
import secrets
from datetime import timedelta

BEGINS_WITH = "gh_"
SHOWN_CHARACTERS = 10
"""How much of a token's text is kept readable, so that its owner recognises it in a list."""
SCOPES = (
    "catalogue:read",
    "catalogue:write",
    "rentals:read",
    "rentals:write",
    "waitlist:read",
    "waitlist:write",
    "vouchers:read",
    "vouchers:write",
    "money:read",
    "money:write",
    "ledger:read",
    "organisation:read",
    "notices:read",
    "notices:write",
)
USE_NOTED_EVERY = timedelta(minutes=1)
MOST_TOKENS = 20
"""How many living tokens a membership may have."""


def new_text() -> str:
    """Return a fresh token: 256 random bits."""
    return BEGINS_WITH + secrets.token_urlsafe(32)


def hashed(text: str) -> str:
    """Return what is kept of a token. A plain hash will do: nobody can guess 256 random bits."""
    return hashlib.sha256(text.encode()).hexdigest()


def begins(text: str) -> str:
    """Return the part of a token that is shown again."""
    return text[:SHOWN_CHARACTERS]
