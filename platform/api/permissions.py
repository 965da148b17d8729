"""Who may call an endpoint: declared on it as `access` (and `scope` for tokens), checked here."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.access import Rule
from accounts.models import ApiToken

SAME_AS = {"HEAD": "GET"}


def declared(view: Any, name: str, method: str) -> Any:
    """Return what a view declares under a name for a method: one value for all, or a value by method."""
    value = getattr(view, name, None)
    if isinstance(value, dict):
        return value.get(SAME_AS.get(method, method))
    return value


def rule_of(view: Any, method: str) -> Rule:
    """
    Return the rule a view declares for a method.

    Raises:
        ImproperlyConfigured: it declares none: nobody is let in by forgetting.
    """
    rule = declared(view, "access", method)
    if not isinstance(rule, Rule):
        raise ImproperlyConfigured(f"{type(view).__name__} declares no access rule for {method}")
    return rule


class ByAccessRule(BasePermission):
    """Lets in whom the declared rule lets in, with a token only within its scopes."""

    message = _("Your role does not allow this.")

    def has_permission(self, request: Request, view: Any) -> bool:
        """
        Raises:
            PermissionDenied: the token lacks the scope of this endpoint.
        """
        method = request.method or "GET"
        if method == "OPTIONS" or method.lower() not in view.http_method_names or not hasattr(view, method.lower()):
            return True  # answered 405, or with what the endpoint allows
        rule = rule_of(view, method)
        member = getattr(request._request, "member", None)
        if rule.needs_session and not request.user.is_authenticated:
            return False
        if not rule.allows(member):
            return False
        if isinstance(request.auth, ApiToken):
            scope = declared(view, "scope", method)
            if scope and not request.auth.allows(scope):
                raise PermissionDenied(_("The token lacks the scope {scope}.").format(scope=scope), "scope_missing")
        return True
