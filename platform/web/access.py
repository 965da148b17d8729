"""
Who may enter a page: declared on every view, enforced here, walked by the tests.

A page of one organisation's own objects is closed to others by its queryset (404); what is declared here says who may
ask at all. Without log-in one is sent to it; without the role one reads 403.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django_htmx.http import HttpResponseClientRedirect

from accounts import access
from accounts.access import Rule

type View = Callable[..., HttpResponse]
type Guard = Callable[[View], View]


def ruled(rule: Rule) -> Guard:
    """Return the decorator that lets in whom the rule lets in, and declares the rule on the view."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
            if rule.needs_session and not request.user.is_authenticated:
                return to_login(request)
            if not rule.allows(request.member):
                raise PermissionDenied
            response = view(request, *args, **kwargs)
            if rule.needs_session:
                response.headers.setdefault("Cache-Control", "private, no-cache")
            return response

        guarded.access = rule  # type: ignore[attr-defined]  # read by tests/architecture and by menus
        return guarded

    return guard


def to_login(request: HttpRequest) -> HttpResponse:
    """Send a person to the log-in and back to this page afterwards; htmx is told to leave the page."""
    if getattr(request, "htmx", False):
        back = urlsplit(request.headers.get("HX-Current-URL", "/"))
        query = urlencode({"next": back.path + (f"?{back.query}" if back.query else "")})
        return HttpResponseClientRedirect(f"{reverse('account_login')}?{query}")
    back_to = request.get_full_path() if request.method in ("GET", "HEAD") else "/"
    return redirect_to_login(back_to)


anyone = ruled(access.ANYONE)
signed_in = ruled(access.SIGNED_IN)
member = ruled(access.MEMBER)
buyer = ruled(access.BUYER)
payer = ruled(access.PAYER)
organisation_owner = ruled(access.ORGANISATION_OWNER)
lab_staff = ruled(access.LAB_STAFF)
lab_manager = ruled(access.LAB_MANAGER)
lab_finance = ruled(access.LAB_FINANCE)
platform_operator = ruled(access.PLATFORM_OPERATOR)
platform_finance = ruled(access.PLATFORM_FINANCE)
feed_token = ruled(access.FEED_TOKEN)
