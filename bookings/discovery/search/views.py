"""The pages of finding: the catalogue as list and map, help while typing, and up to four side by side."""

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from bookings.discovery import chips, maps, queries
from bookings.discovery.filters import DiscoveryFilter
from labs.catalogue import queries as catalogues
from web import access, tables
from web.pages import asks_for_a_part, show
from web.requests import PageRequest

PAGE = 24
MOST_COMPARED = 4
"""How many instruments stand side by side."""
MAP = "map"


def typed_in(request: PageRequest) -> str:
    """Return the words of a query, as many as are read."""
    return request.GET.get("q", "").replace("\0", "")[: queries.LONGEST_TYPED]


def codes_of(request: PageRequest) -> list[str]:
    """Return the instruments to be compared, each once."""
    return [code for code in dict.fromkeys(request.GET.getlist("i")) if "\0" not in code]


@access.anyone
@require_safe
def catalogue(request: PageRequest) -> HttpResponse:
    """
    List instruments and services, searched and narrowed as the query says; as a page, as a map, or as a file.

    Words that mean more than words (a standard, a district, 50 kN) first become parameters of the address.
    """
    now = timezone.now()
    reading = queries.understood(typed_in(request), exactly=bool(request.GET.get(queries.EXACTLY)))
    if reading.terms:
        told = queries.with_terms(request.GET, reading)
        return HttpResponseRedirect(f"{reverse('discovery:catalogue')}?{told.urlencode()}")
    asked = DiscoveryFilter(
        request.GET, queryset=queries.offered(), on=timezone.localdate(), now=now, member=request.member
    )
    fmt = request.GET.get("format", "")
    if tables.asked_for(fmt):
        rows = queries.exported(queries.listed(asked), now=now)
        return tables.answer(fmt, name=_("catalogue"), columns=queries.export_columns(), rows=rows)
    context = found(request, asked)
    status = 422 if asked.refused else 200
    return show(request, "bookings/discovery/catalogue.html", context, fragment="found", status=status)


def found(request: PageRequest, asked: DiscoveryFilter) -> dict[str, Any]:
    """Return what the page of a search shows: facets, chips, and the list's page or the map."""
    now = asked.now
    counted = queries.counted(asked)
    shown = chips.chips(request.GET, asked, counted.facets)
    context: dict[str, Any] = {
        "filter": asked,
        "facets": counted.facets,
        "chips": shown,
        "guesses": chips.guesses(request.GET, asked, counted.facets),
        "exactly": bool(request.GET.get(queries.EXACTLY)) and bool(asked.text),
        "is_part": asks_for_a_part(request),
        "view": MAP if request.GET.get("view") == MAP else "list",
        "tray": queries.tray(codes_of(request)[:MOST_COMPARED]),
        "most_compared": MOST_COMPARED,
        "most_judged": queries.MOST_COMPARED,
        "superseded": queries.superseded(asked.chosen.get("standard", "")),
        "now": now,
    }
    if context["view"] == MAP:
        places = queries.places(counted, asked, request.GET)
        context |= {"places": places, "map": maps.drawn(places), "tiles": maps.tiles(), "total": counted.total}
        context |= {"districts_on_map": maps.districts(places), "is_at_most": asked.free is not None}
    else:
        paginator = queries.ListPaginator(queries.listed(asked, total=counted.total), PAGE, total=counted.total)
        page = paginator.get_page(request.GET.get("page"))
        context |= {
            "page": page,
            "total": paginator.count,
            "is_at_most": paginator.is_at_most,
            "is_partial": paginator.is_partial,
            "cards": queries.cards(
                page.object_list, member=request.member, now=now, asked=asked, known=paginator.known
            ),
        }
    if not context["total"] and shown:
        context["loosened"] = chips.loosened(shown, catalogues.without_each(asked))
    return context


@access.anyone
@require_safe
def suggest(request: PageRequest) -> HttpResponse:
    """Answer what the typed text may mean, grouped by kind, each with the address it leads to."""
    groups = queries.suggestions(typed_in(request))
    response = JsonResponse({"groups": groups})
    patch_cache_control(response, private=True, max_age=30)
    return response


@access.anyone
@require_safe
def compare(request: PageRequest) -> HttpResponse:
    """Put up to four instruments side by side; what is not in the catalogue is left out."""
    now = timezone.now()
    codes = codes_of(request)
    side = queries.side_by_side(codes[:MOST_COMPARED], member=request.member, now=now)
    typed = typed_in(request)
    context = {
        "side": side,
        "is_cut": len(codes) > MOST_COMPARED,
        "is_full": len(side.instruments) >= MOST_COMPARED,
        "most": MOST_COMPARED,
        "typed": typed,
        "found": queries.to_add(typed, leave_out=codes) if typed else [],
        "now": now,
    }
    return show(request, "bookings/discovery/compare.html", context)
