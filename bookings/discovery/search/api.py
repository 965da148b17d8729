"""
The catalogue's lists for programs, asked as the pages are: words, facets, capability, free time, price, order.

They stand here and not in `labs.catalogue.api`, for what is free is known only to bookings.
"""

from typing import Any, ClassVar, cast

from django.utils import timezone
from django_filters import utils
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.pagination import Pages
from bookings.availability import queries as availability
from bookings.availability.rules import Wish
from bookings.discovery import queries
from bookings.discovery.filters import Asking, DiscoveryFilter, DiscoveryInstrumentFilter
from bookings.discovery.wishes import Offered
from labs.capabilities import queries as capable
from labs.capabilities import wording
from labs.catalogue import api
from labs.models import Instrument, Offering


class FilterBackend(api.FilterBackend):
    """The whole query; a value that cannot be read answers 400 and names its field. The list may be a judged one."""

    def get_filterset_kwargs(self, request: Any, queryset: Any, view: Any) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_filterset_kwargs(request, queryset, view)
        return kwargs | {"now": timezone.now(), "member": api.member_of(request)}

    def filter_queryset(self, request: Request, queryset: Any, view: Any) -> Any:
        asked = self.get_filterset(request, queryset, view)
        if asked is None:
            return queryset
        if not asked.is_valid():
            raise utils.translate_validation(asked.errors)
        view.asked = asked
        return queries.listed(asked)


SAID_OF_A_LIST = {
    "count_is_at_most": "Whether fewer may pass than `count`: under free time, until the last page is seen.",
    "order_is_partial": f"Whether only the {queries.MOST_COMPARED} best matches were put in the order asked for.",
}


class JudgedPages(Pages):
    """
    Pages of a list whose rows are judged as far as they are looked at; `count` is then an upper bound, and said to be.

    `order_is_partial` says that only the best matches were put in the order asked for; the rest of them is left out
    under free time, and comes last otherwise.
    """

    django_paginator_class = queries.ListPaginator
    found: queries.ListPaginator

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        rows = super().paginate_queryset(queryset, request, view)
        if self.page is not None and isinstance(self.page.paginator, queries.ListPaginator):
            self.found = self.page.paginator
        return rows

    def get_paginated_response(self, data: Any) -> Response:
        response = super().get_paginated_response(data)
        response.data |= {"count_is_at_most": self.found.is_at_most, "order_is_partial": self.found.is_partial}
        return response

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = super().get_paginated_response_schema(schema)
        for name, said in SAID_OF_A_LIST.items():
            found["properties"][name] = {"type": "boolean", "description": said}
            found["required"] = [*found["required"], name]
        return found


class OfferedFields(serializers.Serializer[Any]):
    """The first time that a hold placed now would get, and what it costs this caller (fen)."""

    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    mode = serializers.CharField()
    total_fen = serializers.IntegerField()


class WhyFields(serializers.Serializer[Any]):
    """Why it fits what must be measured, in sentences, by language."""

    zh = serializers.ListField(child=serializers.CharField())
    en = serializers.ListField(child=serializers.CharField())


class FoundInstrumentFields(api.InstrumentFields):
    """An instrument as it was found: under a capability with why it fits, under free time with the time it offers."""

    fits = serializers.SerializerMethodField()
    offered = serializers.SerializerMethodField()

    class Meta(api.InstrumentFields.Meta):
        fields: ClassVar[tuple[str, ...]] = (*api.InstrumentFields.Meta.fields, "fits", "offered")

    @extend_schema_field(WhyFields(allow_null=True))
    def get_fits(self, instrument: Instrument) -> dict[str, list[str]] | None:
        fit = self.context.get("fits", {}).get(instrument.pk)
        return wording.in_both_languages(fit) if fit else None

    @extend_schema_field(OfferedFields(allow_null=True))
    def get_offered(self, instrument: Instrument) -> dict[str, Any] | None:
        offered: dict[str, Any] | None = self.context.get("offered", {}).get(instrument.pk)
        return offered


@extend_schema_view(get=extend_schema(summary="Find instruments", tags=["catalogue"]))
class Instruments(api.Catalogue, generics.ListAPIView[Instrument]):
    """
    Instruments by words, facets, capability, free time and price, in the order asked for.

    Under free time each was judged by the rules of a hold, and `count` may be too high until the last page is seen.
    """

    serializer_class = FoundInstrumentFields
    filterset_class = DiscoveryInstrumentFilter
    filter_backends = [FilterBackend]
    pagination_class = JudgedPages
    queryset = Instrument.objects.none()
    asked: Asking

    def get_queryset(self) -> Any:
        return self.instruments()

    def paginate_queryset(self, queryset: Any) -> Any:
        """Return a page, and remember why its instruments fit (one statement) and what they offer."""
        page = super().paginate_queryset(queryset)
        ids = [instrument.pk for instrument in page or ()]
        self.told = {"fits": self._fits(ids), "offered": self._offered(ids)}
        return page

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), **getattr(self, "told", {})}

    def _fits(self, ids: list[int]) -> dict[int, Any]:
        return dict(capable.fits(ids, self.asked.capability)) if self.asked.capability else {}

    def _offered(self, ids: list[int]) -> dict[int, dict[str, Any]]:
        known = cast("JudgedPages", self.paginator).found.known
        return {pk: _offered(known.offered[pk], known.terms[pk]) for pk in ids if pk in known.offered}


def _offered(offered: Offered, terms: availability.Terms) -> dict[str, Any]:
    period, zone = offered.period, terms.facts.zone
    return {
        "start": period.start.astimezone(zone).isoformat(),
        "end": period.end.astimezone(zone).isoformat(),
        "mode": offered.mode,
        "total_fen": terms.price(Wish(period, offered.mode)).total.fen,
    }


@extend_schema_view(get=extend_schema(summary="Find services", tags=["catalogue"]))
class Services(api.Catalogue, generics.ListAPIView[Offering]):
    """Tests, calibrations, verifications and inspections by all that the catalogue can be asked."""

    serializer_class = api.ServiceFields
    filterset_class = DiscoveryFilter
    filter_backends = [FilterBackend]
    pagination_class = JudgedPages
    queryset = Offering.objects.none()

    def get_queryset(self) -> Any:
        return self.services()
