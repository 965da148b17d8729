"""
The catalogue for programs: one instrument, one service, all labs; open to all.

Instruments and services are searched in `bookings.discovery.search.api`, for what is free is known only there.
"""

from typing import Any, ClassVar

from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import generics, serializers
from rest_framework.request import Request

from accounts import access
from accounts.models import District, Membership
from labs.catalogue.filters import LabFilter
from labs.catalogue.models import Accreditation, Instrument, InstrumentCategory, Lab, Offering, Parameter, Standard


def member_of(request: Request) -> Membership | None:
    """The acting membership of a request, or None for a visitor."""
    member: Membership | None = getattr(request._request, "member", None)
    return member


class FilterBackend(DjangoFilterBackend):
    """Filters of the catalogue, which want to know the date; a value that is none answers 400."""

    def get_filterset_kwargs(self, request: Any, queryset: Any, view: Any) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_filterset_kwargs(request, queryset, view)
        return kwargs | {"on": timezone.localdate()}

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return []  # described by drf-spectacular, from the filterset


class NamedFields(serializers.ModelSerializer[Any]):
    """Something with a code and a name in two languages."""

    class Meta:
        fields: ClassVar[tuple[str, ...]] = ("code", "name_zh", "name_en")


class DistrictFields(serializers.ModelSerializer[District]):
    class Meta:
        model = District
        fields = ("adcode", "name_zh", "name_en")


class CategoryFields(NamedFields):
    class Meta(NamedFields.Meta):
        model = InstrumentCategory


class LabNameFields(NamedFields):
    district = DistrictFields(allow_null=True)

    class Meta(NamedFields.Meta):
        model = Lab
        fields: ClassVar[tuple[str, ...]] = ("code", "name_zh", "name_en", "lab_type", "district")


class ParameterFields(serializers.ModelSerializer[Parameter]):
    class Meta:
        model = Parameter
        fields = ("name_zh", "range", "unit", "accuracy")


class StandardFields(serializers.ModelSerializer[Standard]):
    class Meta:
        model = Standard
        fields = ("number", "title_zh", "title_en", "status")


class AccreditationFields(serializers.ModelSerializer[Accreditation]):
    class Meta:
        model = Accreditation
        fields = ("kind", "number", "valid_from", "valid_to")


class InstrumentFields(NamedFields):
    """An instrument as lists show it."""

    lab = LabNameFields()
    category = CategoryFields()
    is_bookable = serializers.BooleanField(help_text="Whether its status allows booking, now or from its return on.")

    class Meta(NamedFields.Meta):
        model = Instrument
        fields: ClassVar[tuple[str, ...]] = (
            "code",
            "name_zh",
            "name_en",
            "model",
            "category",
            "lab",
            "status",
            "is_bookable",
            "expected_back_at",
            "rental_mode",
            "training_required",
            "capacity",
            "capacity_unit_zh",
        )


class ServiceNameFields(NamedFields):
    class Meta(NamedFields.Meta):
        model = Offering
        fields = ("code", "kind", "name_zh", "name_en")


class WholeInstrumentFields(InstrumentFields):
    """An instrument with what it measures and is used for."""

    parameters = ParameterFields(many=True)
    services = ServiceNameFields(many=True)

    class Meta(InstrumentFields.Meta):
        fields = (
            *InstrumentFields.Meta.fields,
            "class_kind",
            "commissioned_year",
            "shared_condition_profile",
            "span_closed",
            "requires_calibration",
            "parameters",
            "services",
        )


class ServiceFields(NamedFields):
    """A service as lists show it; prices are in fen, tax included."""

    lab = LabNameFields()
    standards = StandardFields(many=True)

    class Meta(NamedFields.Meta):
        model = Offering
        fields: ClassVar[tuple[str, ...]] = (
            "code",
            "kind",
            "name_zh",
            "name_en",
            "lab",
            "standards",
            "price_unit_zh",
            "unit_price_fen",
            "turnaround_workdays",
            "cma_in_scope",
            "cnas_in_scope",
        )


class WholeServiceFields(ServiceFields):
    """A service with its terms."""

    instruments: Any = serializers.SlugRelatedField(slug_field="code", many=True, read_only=True)

    class Meta(ServiceFields.Meta):
        fields = (
            *ServiceFields.Meta.fields,
            "urgent_options",
            "tiers",
            "min_qty",
            "sample_requirement_zh",
            "sample_requirement_en",
            "tax_category",
            "report_languages",
            "instruments",
        )


class LabFields(LabNameFields):
    """A lab with what it is recognised for."""

    accreditations = AccreditationFields(many=True)

    class Meta(LabNameFields.Meta):
        fields = (
            *LabNameFields.Meta.fields,
            "address_zh",
            "lat",
            "lon",
            "fields_zh",
            "fields_en",
            "timezone",
            "makeup_policy",
            "contact_phone",
            "accreditations",
        )


class Catalogue(generics.GenericAPIView[Any]):
    """What the endpoints of the catalogue share."""

    access = access.ANYONE
    scope = "catalogue:read"
    lookup_field = "code"
    filter_backends = [FilterBackend]

    def instruments(self) -> QuerySet[Instrument]:
        """The instruments that the caller may see."""
        seen = Instrument.objects.visible_to(member_of(self.request)).select_related("lab__district", "category")
        return seen.order_by("name_pinyin", "pk")

    def services(self) -> QuerySet[Offering]:
        """The services that the caller may see."""
        seen = Offering.objects.visible_to(member_of(self.request)).services().select_related("lab__district")
        return seen.prefetch_related("standards").order_by("name_pinyin", "pk")


@extend_schema_view(get=extend_schema(summary="Show an instrument", tags=["catalogue"], filters=False))
class OneInstrument(Catalogue, generics.RetrieveAPIView[Instrument]):
    """One instrument with what it measures and which services it is used for."""

    serializer_class = WholeInstrumentFields
    filter_backends = []
    queryset = Instrument.objects.none()

    def get_queryset(self) -> QuerySet[Instrument]:
        services = Offering.objects.published().order_by("name_pinyin", "pk")
        return self.instruments().prefetch_related("parameters", Prefetch("services", services))


@extend_schema_view(get=extend_schema(summary="Show a service", tags=["catalogue"], filters=False))
class OneService(Catalogue, generics.RetrieveAPIView[Offering]):
    """One service with its terms."""

    serializer_class = WholeServiceFields
    filter_backends = []
    queryset = Offering.objects.none()

    def get_queryset(self) -> QuerySet[Offering]:
        return self.services().prefetch_related("instruments")


@extend_schema_view(get=extend_schema(summary="List labs", tags=["catalogue"]))
class Labs(Catalogue, generics.ListAPIView[Lab]):
    """Labs by district, type and accreditation, in the order of their codes."""

    serializer_class = LabFields
    filterset_class = LabFilter
    queryset = Lab.objects.none()

    def get_queryset(self) -> QuerySet[Lab]:
        seen = Lab.objects.visible_to(member_of(self.request)).select_related("district")
        return seen.prefetch_related("accreditations").order_by("code")
