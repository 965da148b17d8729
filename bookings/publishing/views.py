"""The open catalogue and the sitemap, to be fetched by anyone, often, and cheaply when nothing has changed."""

from typing import Any

from django.conf import settings
from django.core.paginator import EmptyPage
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import condition, require_safe

from bookings.discovery.structured import About, absolute
from bookings.publishing import files, queries, rules, sitemaps
from web import access
from web.pages import show
from web.requests import PageRequest

AN_HOUR = 3600
CLOSED = ("/accounts/", "/acting/", "/admin/", "/api/", "/desk/", "/language/", "/my/", "/ops/", "/organisation/")
"""What no search engine needs: what is somebody's own, and what is for programs."""


@access.anyone
@require_safe
def open_data(request: PageRequest) -> HttpResponse:
    """Show what may be taken along, under which licence, and what each field means."""
    path = reverse("publishing:open_data")
    title = _("Open data")
    about = About(
        path=path,
        title=title,
        description=_("The open catalogue: laboratories, instruments, services and prices as JSON and CSV."),
        things=[
            {
                "@type": "Dataset",
                "name": title,
                "description": _("The open catalogue: laboratories, instruments, services and prices as JSON and CSV."),
                "url": absolute(path),
                "license": settings.OPEN_DATA_LICENCE_URL,
                "isAccessibleForFree": True,
                "distribution": [
                    {
                        "@type": "DataDownload",
                        "encodingFormat": "application/json",
                        "contentUrl": absolute(reverse("publishing:catalogue")),
                    }
                ],
            }
        ],
    )
    context = {
        "about": about,
        "tables": rules.TABLES,
        "licence": settings.OPEN_DATA_LICENCE,
        "licence_url": settings.OPEN_DATA_LICENCE_URL,
        "address": absolute(reverse("publishing:catalogue")),
    }
    return show(request, "bookings/publishing/open_data.html", context)


def etag(request: HttpRequest, **where: Any) -> str:
    """Return the mark of what is there now."""
    now = timezone.now()
    return f'"{queries.mark(today=timezone.localdate(now), now=now)}"'


def _fetched(response: HttpResponse | StreamingHttpResponse, name: str) -> Any:
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    response.headers["Access-Control-Allow-Origin"] = "*"
    patch_cache_control(response, public=True, max_age=AN_HOUR)
    return response


@access.anyone
@require_safe
@condition(etag_func=etag)
def catalogue(request: PageRequest) -> HttpResponse:
    """Answer the whole open catalogue as JSON."""
    now = timezone.now()
    pieces = files.as_json(today=timezone.localdate(now), now=now)
    return _fetched(StreamingHttpResponse(pieces, content_type="application/json"), "gongheng-catalogue.json")  # type: ignore[no-any-return]  # a streamed answer is an answer


@access.anyone
@require_safe
@condition(etag_func=etag)
def table(request: PageRequest, table: str) -> HttpResponse:
    """Answer one table of the open catalogue as CSV."""
    now = timezone.now()
    pieces = files.as_csv(table, today=timezone.localdate(now), now=now)
    return _fetched(StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8"), f"gongheng-{table}.csv")  # type: ignore[no-any-return]  # likewise


@access.anyone
@require_safe
def schema(request: PageRequest) -> HttpResponse:
    """Answer the JSON Schema of the open catalogue."""
    told = rules.schema(address=absolute(reverse("publishing:schema")), licence=settings.OPEN_DATA_LICENCE)
    response = JsonResponse(told, json_dumps_params={"ensure_ascii": False, "indent": 1})
    response.headers["Content-Type"] = "application/schema+json"
    return _fetched(response, "gongheng-schema.json")  # type: ignore[no-any-return]  # likewise


@access.anyone
@require_safe
def robots(request: PageRequest) -> HttpResponse:
    """Say what search engines may read, and where the sitemap is."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in CLOSED), "Disallow: /*/price/", "Disallow: /*/week/"]
    lines += ["", f"Sitemap: {absolute(reverse('publishing:sitemap_index'))}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@access.anyone
@require_safe
def sitemap_index(request: PageRequest) -> HttpResponse:
    """Answer the list of the sitemap's files."""
    at = sitemaps.last_published()
    listed = [
        {"location": absolute(reverse("publishing:sitemap", args=[name, number])), "last_mod": at}
        for name, number in sitemaps.files()
    ]
    response = render(request, "sitemap_index.xml", {"sitemaps": listed}, content_type="application/xml")
    patch_cache_control(response, public=True, max_age=AN_HOUR)
    return response


@access.anyone
@require_safe
def sitemap(request: PageRequest, section: str, number: int) -> HttpResponse:
    """Answer one file of the sitemap."""
    try:
        urls = sitemaps.SECTIONS[section]().get_urls(page=number)
    except EmptyPage as error:
        raise Http404 from error
    response = render(request, "sitemap.xml", {"urlset": urls}, content_type="application/xml")
    patch_cache_control(response, public=True, max_age=AN_HOUR)
    return response
