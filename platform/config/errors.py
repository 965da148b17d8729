"""One door for what goes wrong outside a view: programs are told in problem+json, people on a page."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from api import problems
from web import errors

API = "/api/"


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400."""
    return problems.bare(400) if is_api(request) else errors.bad_request(request, exception)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403."""
    return problems.bare(403, exception) if is_api(request) else errors.forbidden(request, exception)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404."""
    return problems.bare(404) if is_api(request) else errors.not_found(request, exception)


def fault(request: HttpRequest) -> HttpResponse:
    """500."""
    return problems.bare(500) if is_api(request) else errors.fault(request)


def csrf(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: a form without its token."""
    return problems.bare(403) if is_api(request) else errors.csrf(request, reason)


def is_api(request: Any) -> bool:
    """Whether a program asks."""
    return bool(request.path_info.startswith(API))
