"""How the OpenAPI description tells what only this platform has: tokens, rules, scopes, problems."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

from accounts.access import Rule
from api.permissions import declared
from api.problems import CONTENT_TYPE


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # drf-spectacular is untyped
    """The member's token, as `Authorization: Bearer gh_...`."""

    target_class = "api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "A token of a member (我的 › API 令牌): gh_..."}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # as above
    """The browser's session, after log-in on the pages."""

    target_class = "api.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}


class Schema(AutoSchema):
    """Tells for each operation who may call it (`x-access`) and the scope a token needs (`x-scope`)."""

    def get_extensions(self) -> dict[str, str]:
        """Return what is declared on the view."""
        rule = declared(self.view, "access", self.method)
        scope = declared(self.view, "scope", self.method)
        told = {"x-access": rule.name if isinstance(rule, Rule) else None, "x-scope": scope}
        return {name: value for name, value in told.items() if value}

    def _get_serializer_name(self, serializer: Any, direction: Any, bypass_extensions: bool = False) -> str:
        """Name what is sent and answered after its step, too: two steps may call their own alike (`ExtendFields`)."""
        name: str = super()._get_serializer_name(serializer, direction, bypass_extensions)
        return _step(serializer).title() + name


def _step(serializer: Any) -> str:
    """Return the step that a serializer belongs to: `rentals` of `bookings.rentals.api.fields`."""
    of = serializer if isinstance(serializer, type) else type(getattr(serializer, "child", serializer))
    first, *rest = str(of.__module__).split(".")
    return rest[0] if first in {"labs", "billing", "bookings"} else first


PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "What went wrong (RFC 9457), in the language asked for.",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string", "example": "urn:gongheng:problem:period_taken"},
        "title": {"type": "string"},
        "status": {"type": "integer", "example": 409},
        "code": {"type": "string", "example": "period_taken", "description": "For programs: it never changes."},
        "detail": {"type": "string", "description": "For people."},
        "facts": {"type": "object", "additionalProperties": True},
        "refusals": {
            "type": "array",
            "description": "Every rule that was broken, in the order of the rules.",
            "items": {
                "type": "object",
                "properties": {
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                    "facts": {"type": "object", "additionalProperties": True},
                },
            },
        },
        "errors": {
            "type": "array",
            "description": "Wrong fields of the request, by their dotted names.",
            "items": {
                "type": "object",
                "properties": {
                    "field": {"type": "string"},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
    "additionalProperties": True,
}


def with_problems(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Add to every operation that anything but its success is a problem; a hook of drf-spectacular."""
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM
    answer = {
        "description": "A problem: `code` names it.",
        "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for operations in result["paths"].values():
        for operation in operations.values():
            operation["responses"].setdefault("default", answer)
    return result
