"""Making, ending and recognising API tokens."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.memberships.events import MembershipEnded
from accounts.memberships.models import Membership
from accounts.tokens import queries, rules
from accounts.tokens.events import ApiTokenMade, ApiTokenRevoked
from accounts.tokens.models import ApiToken
from kernel.events import announce
from kernel.locks import lock
from kernel.refusals import Refusal


class NameMissing(Refusal):
    code = "token_name_missing"
    message = _("Name the program that will use the token.")
    status = 422


class ScopesMissing(Refusal):
    code = "token_scopes_missing"
    message = _("Choose at least one thing the token may do.")
    status = 422


class ScopeUnknown(Refusal):
    code = "token_scope_unknown"
    message = _("There is no scope “{scope}”.")
    status = 422


class ExpiryInPast(Refusal):
    code = "token_expiry_in_past"
    message = _("The token would have run out before it is used.")
    status = 422


class TooManyTokens(Refusal):
    code = "too_many_tokens"
    message = _("You have {limit} living tokens. Revoke one first.")


class AlreadyRevoked(Refusal):
    code = "token_already_revoked"
    message = _("This token was already revoked.")


@transaction.atomic
def create(
    *, by: Membership, name: str, scopes: Collection[str], expires_at: datetime | None, now: datetime
) -> tuple[ApiToken, str]:
    """
    Make a token with which a program acts as this member, and return it with its text, known from now on to nobody.

    Raises:
        NameMissing, ScopesMissing, ScopeUnknown, ExpiryInPast: what is asked for makes no token.
        TooManyTokens: the member has as many as anyone may.
    """
    if not name.strip():
        raise NameMissing
    if not scopes:
        raise ScopesMissing
    if unknown := sorted(set(scopes) - set(rules.SCOPES)):
        raise ScopeUnknown(scope=unknown[0])
    if expires_at is not None and expires_at <= now:
        raise ExpiryInPast
    lock(Membership.objects.filter(pk=by.pk))
    if ApiToken.objects.visible_to(by).alive(now).count() >= rules.MOST_TOKENS:
        raise TooManyTokens(limit=rules.MOST_TOKENS)
    text = rules.new_text()
    token = ApiToken.objects.create(
        membership=by,
        name=name.strip(),
        token_prefix=rules.begins(text),
        token_hash=rules.hashed(text),
        scopes=[scope for scope in rules.SCOPES if scope in scopes],
        created_at=now,
        expires_at=expires_at,
    )
    announce(
        ApiTokenMade(
            occurred_at=now,
            actor_id=by.user_id,
            organisation_id=by.organisation_id,
            token_id=token.pk,
            membership_id=by.pk,
            scopes=tuple(token.scopes),
        )
    )
    return token, text


@transaction.atomic
def revoke(*, token: ApiToken, by: Membership, now: datetime) -> ApiToken:
    """
    End a token at once.

    Raises:
        AlreadyRevoked: it has ended before.
    """
    [current] = lock(ApiToken.objects.filter(pk=token.pk))
    if current.revoked_at:
        raise AlreadyRevoked
    current.revoked_at = now
    current.save(update_fields=["revoked_at"])
    announce(
        ApiTokenRevoked(
            occurred_at=now,
            actor_id=by.user_id,
            organisation_id=by.organisation_id,
            token_id=current.pk,
            membership_id=current.membership_id,
        )
    )
    return current


def end_with_membership(event: MembershipEnded) -> None:
    """React to the end of a membership: its tokens end too, for good, even if the person joins again."""
    living = ApiToken.objects.filter(membership_id=event.membership_id, revoked_at__isnull=True)
    living.update(revoked_at=event.occurred_at)


def authenticate(text: str, now: datetime) -> ApiToken | None:
    """
    Return the living token of that text with its member, user and organisation, or None: in one statement.

    That it was used is noted at most once a minute.
    """
    if not text.startswith(rules.BEGINS_WITH):
        return None
    token = queries.living(rules.hashed(text), now)
    if token and (token.last_used_at is None or now - token.last_used_at >= rules.USE_NOTED_EVERY):
        note_use(token, now)
    return token


def note_use(token: ApiToken, now: datetime) -> None:
    """Note that a token was used, unless another request just did."""
    unnoted = Q(last_used_at__isnull=True) | Q(last_used_at__lte=now - rules.USE_NOTED_EVERY)
    ApiToken.objects.filter(unnoted, pk=token.pk).update(last_used_at=now)
    token.last_used_at = now
