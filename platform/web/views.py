"""The acts of the frame itself: language, the organisation acted for, and whether the platform lives."""

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect, JsonResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from web import access
from web.acting import SESSION_KEY
from web.language import PARAMETER
from web.requests import MemberRequest

A_YEAR = 365 * 24 * 3600
HOMES = {"my": "/my/", "desk": "/desk/", "organisation": "/organisation/", "ops": "/ops/"}
"""Where each part of the platform that shows an organisation's own begins."""


@access.anyone
@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Say that the platform and its database answer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})


@access.anyone
@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Remember the language chosen in the header, on this device, and come back to the page."""
    language = request.POST.get("language", "")
    if language not in dict(settings.LANGUAGES):
        return HttpResponseBadRequest()
    response = HttpResponseRedirect(without_language(back(request)))
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=A_YEAR,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
    )
    return response


def without_language(path: str) -> str:
    """Return an address that names no language, so that the one chosen now counts."""
    parts = urlsplit(path)
    query = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name != PARAMETER]
    return urlunsplit(parts._replace(query=urlencode(query)))


@access.member
@require_POST
def switch(request: MemberRequest) -> HttpResponse:
    """Act for another of one's organisations from now on; the middleware has read which one from the form."""
    request.session[SESSION_KEY] = request.member.pk
    return HttpResponseRedirect(home_after_switch(back(request), request))


def home_after_switch(path: str, request: MemberRequest) -> str:
    """Return where a switch leads: public pages stay, an organisation's own pages begin anew for the other one."""
    part = path.strip("/").split("/")[0]
    if part == "desk" and not request.member.may_operate_lab:
        return HOMES["my"]
    return HOMES.get(part, path)


def back(request: HttpRequest) -> str:
    """Return the page a form came from, when it is one of ours; else the home page."""
    path = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(path, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return path if ours else "/"
