"""Showing a page, or the part of it that htmx asked for."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails


def show(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    fragment: str | None = None,
    status: int = 200,
) -> HttpResponse:
    """
    Answer with the page, or with its `partialdef` named `fragment` when htmx asks for a part.

    A fragment brings the messages of the request with it (out of band), so that nothing said is lost.
    """
    if fragment is None or not asks_for_a_part(request):
        response = render(request, template, context, status=status)
    else:
        response = render(request, f"{template}#{fragment}", context, status=status)
        if messages.get_messages(request):
            response.content += render_to_string("web/messages.html#oob", request=request).encode()
    if fragment is not None:
        patch_vary_headers(response, ["HX-Request"])
    return response


def asks_for_a_part(request: HttpRequest) -> bool:
    """Whether htmx will swap the answer into the page; a boosted link or a restored history wants the whole."""
    htmx: HtmxDetails | None = getattr(request, "htmx", None)
    if htmx is None or not htmx:
        return False
    return not htmx.boosted and not htmx.history_restore_request


def go(request: HttpRequest, path: str) -> HttpResponse:
    """Lead to a page: by a redirect, which htmx is told to follow as a whole page."""
    return HttpResponseClientRedirect(path) if asks_for_a_part(request) else HttpResponseRedirect(path)
