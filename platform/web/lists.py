"""A filtered list: as a page, as the part that htmx swaps, or as a file; the same for every list of the platform."""

from collections.abc import Callable, Mapping
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django_filters import FilterSet

from web import tables
from web.pages import show

PAGE = 30


def show_list(
    request: HttpRequest,
    template: str,
    found: FilterSet,
    *,
    file: str,
    columns: list[str],
    row: Callable[[Any], list[Any]],
    context: Mapping[str, Any],
) -> HttpResponse:
    """
    Answer a list as the query asks for it: a file (`format=csv` or `xlsx`) named `file`, or a page of `template`.

    The template finds `filter`, `page` and `is_filtered` beside the context; its part `results` is what htmx swaps.
    """
    fmt = request.GET.get("format", "")
    if tables.asked_for(fmt):
        return tables.answer(fmt, name=file, columns=columns, rows=map(row, found.qs[: tables.MOST_ROWS]))
    page = Paginator(found.qs, PAGE).get_page(request.GET.get("page"))
    is_filtered = any(request.GET.get(name) for name in found.filters)
    shown = {**context, "filter": found, "page": page, "is_filtered": is_filtered}
    return show(request, template, shown, fragment="results")
