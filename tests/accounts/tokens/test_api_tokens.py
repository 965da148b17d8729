"""Tokens that let programs act as a member."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.models import ApiToken
from accounts.tokens import operations as tokens
from accounts.tokens import rules
from audit.models import AuditEvent
from kernel.refusals import violated
from tests.factories.accounts import ApiTokenFactory, MembershipFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
TEXT = "gh_" + "x" * 43


def made(by=None, **fields: object) -> tuple[ApiToken, str]:
    wanted = {"name": "ERP", "scopes": ["rentals:write", "catalogue:read"], "expires_at": None, "now": NOW} | fields
    return tokens.create(by=by or MembershipFactory(), **wanted)


def test_a_token_is_shown_once_and_kept_as_a_hash():
    token, text = made()

    assert text.startswith("gh_")
    assert len(text) == 46
    assert (token.token_hash, token.token_prefix) == (rules.hashed(text), text[:10])
    assert token.scopes == ["catalogue:read", "rentals:write"]
    assert text not in str(ApiToken.objects.values().get())
    assert text not in str(AuditEvent.objects.values().get())


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"name": " "}, tokens.NameMissing),
        ({"scopes": []}, tokens.ScopesMissing),
        ({"scopes": ["everything"]}, tokens.ScopeUnknown),
        ({"expires_at": NOW}, tokens.ExpiryInPast),
    ],
)
def test_a_token_that_makes_no_sense_is_refused(fields: dict[str, object], refusal: type[Exception]):
    with pytest.raises(refusal):
        made(**fields)


def test_nobody_has_too_many_tokens(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rules, "MOST_TOKENS", 1)
    member = MembershipFactory()
    token, _ = made(by=member)

    with pytest.raises(tokens.TooManyTokens):
        made(by=member)
    tokens.revoke(token=token, by=member, now=NOW)

    assert made(by=member)


def test_a_token_brings_its_member_in_one_statement(django_assert_num_queries):
    token = ApiTokenFactory(text=TEXT, last_used_at=NOW)

    with django_assert_num_queries(1):
        found = tokens.authenticate(TEXT, NOW)
        seen = (found.membership.user.email, found.membership.organisation.code, found.membership.may_book)

    assert found == token
    for read, kept in ((found, token), (found.membership, token.membership)):
        kept.refresh_from_db()
        assert {f.attname: getattr(read, f.attname) for f in read._meta.concrete_fields} == {
            f.attname: getattr(kept, f.attname) for f in kept._meta.concrete_fields
        }
    assert found.membership.organisation.roles == ["customer"]
    assert seen == (token.membership.user.email, token.membership.organisation.code, True)


def test_use_is_noted_at_most_once_a_minute(django_assert_num_queries):
    ApiTokenFactory(text=TEXT)
    tokens.authenticate(TEXT, NOW)

    with django_assert_num_queries(1):
        tokens.authenticate(TEXT, NOW + timedelta(seconds=59))
    assert ApiToken.objects.get().last_used_at == NOW
    tokens.authenticate(TEXT, NOW + timedelta(seconds=60))
    assert ApiToken.objects.get().last_used_at == NOW + timedelta(seconds=60)


@pytest.mark.parametrize(
    "fields",
    [
        {"revoked_at": NOW},
        {"expires_at": NOW},
        {"membership__is_active": False},
        {"membership__user__is_active": False},
    ],
)
def test_a_token_that_ended_lets_nobody_in(fields: dict[str, object]):
    ApiTokenFactory(text=TEXT, **fields)

    assert tokens.authenticate(TEXT, NOW) is None


@pytest.mark.parametrize("text", ["", "gh_", TEXT + "y", TEXT.upper(), "Bearer", "gh_\x00"])
def test_a_text_that_is_no_token_lets_nobody_in(text: str):
    ApiTokenFactory(text=TEXT)

    assert tokens.authenticate(text, NOW) is None


def test_a_token_is_revoked_once_and_written_down():
    token = ApiTokenFactory()

    tokens.revoke(token=token, by=token.membership, now=NOW)

    assert AuditEvent.objects.get().name == "api_token_revoked"
    with pytest.raises(tokens.AlreadyRevoked):
        tokens.revoke(token=token, by=token.membership, now=NOW)


def test_nobody_sees_anothers_tokens():
    token = ApiTokenFactory()
    colleague = MembershipFactory(organisation=token.membership.organisation, role="owner")

    assert list(ApiToken.objects.visible_to(token.membership)) == [token]
    assert not ApiToken.objects.visible_to(colleague).exists()


@pytest.mark.parametrize("scopes", [[], ["everything"]])
def test_the_database_knows_the_scopes(scopes: list[str]):
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        ApiTokenFactory(scopes=scopes)

    assert violated(refused.value) == "api_token_scopes_are_known"


def test_a_tokens_text_is_unique():
    ApiTokenFactory(text=TEXT)

    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        ApiTokenFactory(text=TEXT)

    assert violated(refused.value) == "api_token_is_unique"
