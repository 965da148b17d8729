"""
Instruments and services of the lab, changed by its programs.

What was read carries its mark as `ETag`; sent back as `If-Match`, it keeps a program from writing over what it did not
see: see Note [Written over].
"""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import access
from accounts.models import Membership, Organisation
from labs.catalogue.editing import changes
from labs.catalogue.editing import instruments as instruments_editing
from labs.catalogue.editing import offerings as offerings_editing
from labs.catalogue.models import Instrument, InstrumentCategory, Offering, Room, Standard

SEEN = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, description="The ETag that was read; another one now answers 409."
)


def member_of(request: Request) -> Membership:
    """Return the acting membership; the declared rule has seen to it that there is one."""
    member: Membership = request._request.member  # type: ignore[attr-defined]  # set by the middleware
    return member


class InstrumentAtDesk(serializers.ModelSerializer[Instrument]):
    """All that a lab says of an instrument; the amount is in fen."""

    category = serializers.SlugRelatedField(slug_field="code", queryset=InstrumentCategory.objects.all())
    room = serializers.SlugRelatedField(slug_field="code", queryset=Room.objects.all(), allow_null=True, required=False)
    original_value_fen = serializers.IntegerField(min_value=0, max_value=10**15)
    capacity = serializers.IntegerField(min_value=1, max_value=500)

    class Meta:
        model = Instrument
        fields = ("code", *instruments_editing.FIELDS)
        read_only_fields = ("code",)


class TierFields(serializers.Serializer[dict[str, int]]):
    """From this quantity on, this part of the unit price, in basis points."""

    min_qty = serializers.IntegerField(min_value=2)
    price_bp = serializers.IntegerField(min_value=0, max_value=10_000)


class UrgentFields(serializers.Serializer[dict[str, int]]):
    """Done within so many workdays, for a surcharge in basis points."""

    workdays = serializers.IntegerField(min_value=0, max_value=365)
    surcharge_bp = serializers.IntegerField(min_value=0, max_value=100_000)


class OfferingAtDesk(serializers.ModelSerializer[Offering]):
    """What a lab says of a rental or a service: the fields that its kind has. Amounts are in fen."""

    standards = serializers.SlugRelatedField(
        slug_field="number", queryset=Standard.objects.all(), many=True, required=False
    )
    instruments = serializers.SlugRelatedField(
        slug_field="code", queryset=Instrument.objects.all(), many=True, required=False
    )
    provider = serializers.SlugRelatedField(
        slug_field="code", queryset=Organisation.objects.all(), allow_null=True, required=False
    )
    tiers = TierFields(many=True, required=False)
    urgent_options = UrgentFields(many=True, required=False)
    aql = serializers.DictField(child=serializers.CharField(max_length=8), required=False)
    unit_price_fen = serializers.IntegerField(min_value=0, required=False)
    day_rate_fen = serializers.IntegerField(min_value=0, required=False)
    trip_fee_fen = serializers.IntegerField(min_value=0, required=False)
    zone_fee_fen = serializers.IntegerField(min_value=0, required=False)

    class Meta:
        model = Offering
        fields = (
            "code",
            "kind",
            "state",
            *sorted({name for names in offerings_editing.FIELDS.values() for name in names}),
            "standards",
            "instruments",
        )
        read_only_fields = ("code", "kind", "state")
        validators: tuple[Any, ...] = ()

    def get_fields(self) -> dict[str, Any]:
        """Leave out what an offering of this kind does not have."""
        fields: dict[str, Any] = super().get_fields()
        if not isinstance(self.instance, Offering):
            return fields
        kept = {"code", "kind", "state", *offerings_editing.FIELDS[self.instance.kind]}
        kept |= set() if self.instance.kind == Offering.Kind.RENTAL else {"standards", "instruments"}
        return {name: field for name, field in fields.items() if name in kept}


class OneInstrument(APIView):
    """An instrument of the lab, with what only the lab sees."""

    access = {"GET": access.LAB_STAFF, "PATCH": access.LAB_MANAGER}
    scope = {"GET": "catalogue:read", "PATCH": "catalogue:write"}

    @extend_schema(operation_id="desk_instrument", tags=["desk"], responses=InstrumentAtDesk)
    def get(self, request: Request, code: str) -> Response:
        """Read an instrument of the lab; the answer's ETag is the mark of what was read."""
        return _instrument(self._ours(request, code))

    @extend_schema(
        operation_id="desk_instrument_edit",
        tags=["desk"],
        request=InstrumentAtDesk(partial=True),
        responses=InstrumentAtDesk,
        parameters=[SEEN],
    )
    def patch(self, request: Request, code: str) -> Response:
        """Change an instrument of the lab: the fields that are sent."""
        found = self._ours(request, code)
        said = InstrumentAtDesk(found, data=request.data, partial=True)
        said.is_valid(raise_exception=True)
        instruments_editing.edit_instrument(
            instrument=found, seen=_seen(request), by=member_of(request), now=timezone.now(), **said.validated_data
        )
        return _instrument(self._ours(request, code))

    def _ours(self, request: Request, code: str) -> Instrument:
        mine = Instrument.objects.operated_by(member_of(request)).select_related("lab", "category", "room")
        return get_object_or_404(mine, code=code)


class OneOffering(APIView):
    """A rental or a service of the lab."""

    access = {"GET": access.LAB_STAFF, "PATCH": access.LAB_MANAGER}
    scope = {"GET": "catalogue:read", "PATCH": "catalogue:write"}

    @extend_schema(operation_id="desk_offering", tags=["desk"], responses=OfferingAtDesk)
    def get(self, request: Request, code: str) -> Response:
        """Read an offering of the lab; the answer's ETag is the mark of what was read."""
        return _offering(self._ours(request, code))

    @extend_schema(
        operation_id="desk_offering_edit",
        tags=["desk"],
        request=OfferingAtDesk(partial=True),
        responses=OfferingAtDesk,
        parameters=[SEEN],
    )
    def patch(self, request: Request, code: str) -> Response:
        """Change an offering of the lab: the fields that are sent. A published one is kept as a new version."""
        found = self._ours(request, code)
        said = OfferingAtDesk(found, data=request.data, partial=True)
        said.is_valid(raise_exception=True)
        values: dict[str, Any] = {
            name: [dict(row) for row in value] if name in ("tiers", "urgent_options") else value
            for name, value in said.validated_data.items()
        }
        offerings_editing.edit_offering(
            offering=found, seen=_seen(request), by=member_of(request), now=timezone.now(), **values
        )
        return _offering(self._ours(request, code))

    def _ours(self, request: Request, code: str) -> Offering:
        mine = Offering.objects.operated_by(member_of(request)).select_related("lab", "instrument", "provider")
        return get_object_or_404(mine, code=code)


def _seen(request: Request) -> str | None:
    given = request.headers.get("If-Match", "").strip().removeprefix("W/").strip('"')
    return given if given and given != "*" else None


def _instrument(found: Instrument) -> Response:
    mark = changes.mark(changes.of_row(found, instruments_editing.FIELDS))
    return Response(InstrumentAtDesk(found).data, headers={"ETag": f'"{mark}"'})


def _offering(found: Offering) -> Response:
    mark = changes.mark(offerings_editing.said(found))
    return Response(OfferingAtDesk(found).data, headers={"ETag": f'"{mark}"'})
