"""Making, ending and recognising API tokens."""

from datetime import datetime

from django.db.models import Q

from accounts.tokens import rules
from accounts.tokens.models import ApiToken


def authenticate(text: str, now: datetime) -> ApiToken | None:
    """
    Return the living token of that text with its member, user and organisation, or None: in one statement.

    That it was used is noted at most once a minute.
    """
    if not text.startswith(rules.BEGINS_WITH):
        return None
    token = (
        ApiToken.objects.alive(now)
        .select_related("membership__user", "membership__organisation")
        .filter(token_hash=rules.hashed(text))
        .first()
    )
    if token and (token.last_used_at is None or now - token.last_used_at >= rules.USE_NOTED_EVERY):
        note_use(token, now)
    return token


def note_use(token: ApiToken, now: datetime) -> None:
    """Note that a token was used, unless another request just did."""
    unnoted = Q(last_used_at__isnull=True) | Q(last_used_at__lte=now - rules.USE_NOTED_EVERY)
    ApiToken.objects.filter(unnoted, pk=token.pk).update(last_used_at=now)
    token.last_used_at = now
