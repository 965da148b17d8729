"""What signing up and in is like here: allauth's ways, with a person's language and a place to go next."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone, translation

from accounts.invitations import queries as invitations
from accounts.models import Membership, User
from web.language import language_of


class Adapter(DefaultAccountAdapter):
    """allauth's adapter for people of this platform."""

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """Keep the language the person signed up in as theirs."""
        user.language = language_of(request)
        user.name = form.cleaned_data.get("name", "").strip()
        saved: User = super().save_user(request, user, form, commit)
        return saved

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Send a person to their organisation's work, else to their invitations, else to a first registration."""
        assert isinstance(request.user, User)  # noqa: S101 -- asked after log-in only
        member = Membership.objects.of_user(request.user).first()
        if member is None:
            invited = invitations.open_for(request.user, timezone.now()).exists()  # noqa: TID251 -- an edge
            return reverse("portal:invitations" if invited else "portal:register")
        if member.is_platform_operator:
            return reverse("portal:queue")
        return "/desk/" if member.may_operate_lab else settings.LOGIN_REDIRECT_URL

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Write to a person in their language, where it is known."""
        user = context.get("user")
        language = user.language if isinstance(user, User) else translation.get_language()
        with translation.override(language):
            super().send_mail(template_prefix, email, {"current_site": Sender(), **context})


@dataclass(frozen=True, slots=True)
class Sender:
    """Who allauth's mails say they come from."""

    name: str = "公衡 Gongheng"
    domain: str = field(default_factory=lambda: urlsplit(settings.PLATFORM_URL).netloc)
