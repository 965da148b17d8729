"""Everything that goes wrong, told to programs in one shape: application/problem+json (RFC 9457)."""

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.response import Response

from kernel.money import Money
from kernel.periods import Period
from kernel.refusals import Refusal, Refusals

CONTENT_TYPE = "application/problem+json"
TITLES: dict[int, str | Promise] = {
    400: _("The request is not understood."),
    401: _("Please sign in first."),
    403: _("You may not do that."),
    404: _("There is nothing here."),
    405: _("That cannot be done here."),
    406: _("There is no answer of that type."),
    409: _("That is not possible as things stand."),
    415: _("This type of content is not understood."),
    422: _("The request contradicts itself."),
    429: _("Too many requests."),
    500: _("Something went wrong on our side."),
    503: _("Please try again in a moment."),
}
CODES = {400: "bad_request", 403: "permission_denied", 404: "not_found", 500: "fault"}


def handle(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Answer what is anticipated with a problem; a fault (None) rises and becomes a 500."""
    if isinstance(error, Refusal):
        return problem(error)
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied(str(error) or None)
    if not isinstance(error, exceptions.APIException):
        return None
    return Response(
        told(error), status=error.status_code, headers=headers_of(error), content_type=CONTENT_TYPE, exception=True
    )


def problem(refusal: Refusal, **extras: Any) -> Response:
    """Return the answer to a refusal, or to several at once; `extras` say what could be done instead."""
    body = body_of(refusal.status, code=refusal.code, detail=str(refusal))
    body |= {"remedy": refusal.remedy, "facts": plain(refusal.facts)}
    body |= {"refusals": [one(each) for each in each_of(refusal)], **plain(extras)}
    headers = {"Retry-After": "1"} if refusal.status == 503 else {}
    return Response(body, status=refusal.status, headers=headers, content_type=CONTENT_TYPE, exception=True)


def bare(status: int, error: Exception | None = None) -> HttpResponse:
    """Return the problem of a request that never came to an endpoint."""
    detail = str(error) if status == 403 and error and error.args else ""
    body = body_of(status, code=CODES[status], detail=detail or str(TITLES[status]))
    return HttpResponse(json.dumps(body, ensure_ascii=False), status=status, content_type=CONTENT_TYPE)


def body_of(status: int, *, code: str, detail: str) -> dict[str, Any]:
    """Return what every problem says."""
    title = str(TITLES.get(status, TITLES[400]))
    return {"type": f"urn:gongheng:problem:{code}", "title": title, "status": status, "code": code, "detail": detail}


def each_of(refusal: Refusal) -> list[Refusal]:
    """Return the single refusals, in the order of the rules."""
    return refusal.refusals if isinstance(refusal, Refusals) else [refusal]


def one(refusal: Refusal) -> dict[str, Any]:
    """Return one refusal of several; `remedy` is what would make it pass, empty where nothing would."""
    return {
        "code": refusal.code,
        "detail": str(refusal),
        "remedy": refusal.remedy,
        "facts": plain(refusal.facts),
    }


def told(error: exceptions.APIException) -> dict[str, Any]:
    """Return the problem of an error of the REST framework; a wrong field is named."""
    if isinstance(error, exceptions.ValidationError):
        errors = list(fields_of(error.detail))
        detail = " ".join(wrong["detail"] for wrong in errors)
        return body_of(error.status_code, code="invalid", detail=detail) | {"errors": errors}
    code = getattr(error.detail, "code", error.default_code)
    return body_of(error.status_code, code=code, detail=str(error.detail))


def fields_of(detail: Any, path: str = "") -> Iterator[dict[str, str]]:
    """Give each complaint with the dotted name of its field; the whole request has an empty name."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            if name == "non_field_errors":
                yield from fields_of(inner, path)
            else:
                yield from fields_of(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(detail, list):
        for position, inner in enumerate(detail):
            nested = isinstance(inner, (dict, list))
            yield from fields_of(inner, f"{path}.{position}" if nested and path else path)
    else:
        yield {"field": path, "code": getattr(detail, "code", "invalid"), "detail": str(detail)}


def headers_of(error: exceptions.APIException) -> dict[str, str]:
    """Return what HTTP wants said in headers."""
    headers = {}
    if auth_header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = auth_header
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = f"{wait:.0f}"
    return headers


def plain(value: Any) -> Any:
    """Return a fact as JSON can say it: money in fen, instants in ISO 8601, rows by their names."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case Money():
            return value.fen
        case Period():
            return {"start": value.start.isoformat(), "end": value.end.isoformat()}
        case datetime() | date() | time():
            return value.isoformat()
        case Model() | Promise():
            return str(value)
        case Mapping():
            return {str(name): plain(inner) for name, inner in value.items()}
        case list() | tuple() | set() | frozenset():
            return [plain(inner) for inner in value]
    return str(value)
