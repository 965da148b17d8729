"""Who calls: a program with a member's token, or a person's browser with its session."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from rest_framework import authentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.models import ApiToken, User
from accounts.tokens import operations as tokens

SCHEME = "Bearer"


class TokenAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer gh_...`: the token says the person and the membership they act with."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """
        Return the person behind the token, or None where there is no token at all.

        Raises:
            AuthenticationFailed: the token is unknown, revoked or past its time.
        """
        scheme, _space, text = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != SCHEME.lower():
            return None
        token = tokens.authenticate(text.strip(), timezone.now())  # noqa: TID251 -- an edge reads the clock
        if token is None:
            raise AuthenticationFailed(_("This token is unknown, revoked or past its time."), code="token_refused")
        request._request.member = token.membership  # type: ignore[attr-defined]  # declared in web.requests
        speak_with(token.membership.user, request)
        return token.membership.user, token

    def authenticate_header(self, request: Request) -> str:
        return f'{SCHEME} realm="Gongheng"'


class SessionAuthentication(authentication.SessionAuthentication):
    """The session of a signed-in person, with Django's CSRF check; `web.acting` has said which membership acts."""

    def authenticate(self, request: Request) -> tuple[User | AnonymousUser, Any] | None:
        return super().authenticate(request)


def speak_with(user: User, request: Request) -> None:
    """Answer in the person's language, unless the program asked for another."""
    asked = request.headers.get("Accept-Language", "*").strip()
    if asked in ("", "*") and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        translation.activate(user.language)
