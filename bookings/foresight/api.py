"""Outages and conflicts for programs: what is out of service, whose bookings that displaces, and offers to them."""

from datetime import datetime, tzinfo
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import access
from accounts.models import Membership
from api.idempotency import idempotent
from bookings.availability.api import said
from bookings.foresight import operations
from bookings.foresight.queries import conflicts
from bookings.waitlist.models import WaitlistEntry
from labs.hours import operations as outages
from labs.models import Instrument, Lab, Outage

READ, WRITE = "rentals:read", "rentals:write"

MAINTENANCE = {
    "instrument": "TH-001",
    "kind": "maintenance",
    "start": "2026-11-24T13:00:00+08:00",
    "end": "2026-11-24T18:00:00+08:00",
    "reason_zh": "更换夹具",
    "reason_en": "New grips",
}
TWO_UNITS_LESS = {**MAINTENANCE, "units": 2}
SHORTER = {"start": "2026-11-24T13:00:00+08:00", "end": "2026-11-24T15:00:00+08:00"}
TO_ALL = {"numbers": ["R26-000123", "R26-000124"]}
PROBLEM = OpenApiResponse(description="problem+json: code, detail, facts.")


def member_of(request: Request) -> Membership:
    """Return the acting membership; the declared rule has seen to it that there is one."""
    member: Membership = request._request.member  # type: ignore[attr-defined]  # set by the middleware
    return member


class SpanFields(serializers.Serializer[Any]):
    """From when to when, and how many units."""

    start = serializers.DateTimeField(help_text="ISO 8601 with offset.")
    end = serializers.DateTimeField(help_text="Exclusive.")
    units = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=1, max_value=500)


class OutageFields(SpanFields):
    """An outage to announce: of a lab, or of one of its instruments."""

    lab = serializers.CharField(required=False, default="", help_text="The lab's code; or `instrument`.")
    instrument = serializers.CharField(required=False, default="", help_text="The instrument's code; or `lab`.")
    kind = serializers.ChoiceField(choices=[kind for kind in Outage.Kind.choices if kind[0] != Outage.Kind.EXTERNAL])
    reason_zh = serializers.CharField(required=False, allow_blank=True, default="", max_length=200)
    reason_en = serializers.CharField(required=False, allow_blank=True, default="", max_length=200)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if bool(attrs["lab"]) == bool(attrs["instrument"]):
            raise serializers.ValidationError({"instrument": _("Name either a lab or an instrument.")})
        return attrs


class ToldOutageFields(serializers.Serializer[Any]):
    """An outage, and the bookings it displaces."""

    id = serializers.IntegerField()
    lab = serializers.CharField(help_text="The lab's code.")
    instrument = serializers.CharField(allow_blank=True, help_text="The instrument's code; empty for the whole lab.")
    kind = serializers.ChoiceField(choices=Outage.Kind.choices)
    start = serializers.DateTimeField(help_text="In the lab's zone.")
    end = serializers.DateTimeField(help_text="In the lab's zone; exclusive.")
    units = serializers.IntegerField(allow_null=True)
    reason_zh = serializers.CharField(allow_blank=True)
    reason_en = serializers.CharField(allow_blank=True)
    displaced = serializers.ListField(
        child=serializers.CharField(), help_text="Numbers of the bookings that need another time because of it (BK-8)."
    )

    def to_representation(self, instance: Outage) -> dict[str, Any]:
        """Write an outage down with the bookings that name it."""
        lab = _lab_of(instance)
        marked: dict[int, list[str]] = self.context["displaced"]
        return {
            "id": instance.pk,
            "lab": lab.code,
            "instrument": instance.instrument.code if instance.instrument else "",
            "kind": instance.kind,
            "start": said(instance.stretch.start, lab.tz),
            "end": said(instance.stretch.end, lab.tz),
            "units": instance.units,
            "reason_zh": instance.reason_zh,
            "reason_en": instance.reason_en,
            "displaced": marked.get(instance.pk, []),
        }


def _lab_of(outage: Outage) -> Lab:
    lab = outage.instrument.lab if outage.instrument else outage.lab
    assert lab is not None  # noqa: S101 -- the constraint outage_is_of_a_lab_or_an_instrument
    return lab


def ours(member: Membership) -> QuerySet[Outage]:
    """Return the outages of the member's own labs and their instruments."""
    mine = Q(lab__organisation_id=member.organisation_id)
    theirs = Q(instrument__lab__organisation_id=member.organisation_id)
    return Outage.objects.filter(mine | theirs).select_related("lab", "instrument__lab")


def told(outage: Outage, member: Membership, *, status: int = 200) -> Response:
    """Answer with an outage as it is now."""
    context = {"displaced": conflicts.numbers_by_outage(member, timezone.now())}
    return Response(ToldOutageFields(outage, context=context).data, status=status)


class Outages(generics.ListAPIView[Outage]):
    """What is out of service."""

    access = {"GET": access.LAB_STAFF, "POST": access.LAB_MANAGER}
    scope: ClassVar[dict[str, str]] = {"GET": READ, "POST": WRITE}
    serializer_class = ToldOutageFields
    queryset = Outage.objects.none()

    def get_queryset(self) -> QuerySet[Outage]:
        ahead = ours(member_of(self.request)).filter(period__endswith__gt=timezone.now())
        return ahead.order_by("period", "pk")

    def get_serializer_context(self) -> dict[str, Any]:
        context = dict(super().get_serializer_context())
        if self.request is None or not hasattr(self.request, "_request"):
            return context  # the description of the API asks without a request
        return {**context, "displaced": conflicts.numbers_by_outage(member_of(self.request), timezone.now())}

    @extend_schema(
        request=OutageFields,
        responses={201: ToldOutageFields, 404: PROBLEM, 422: PROBLEM},
        examples=[
            OpenApiExample("Maintenance", MAINTENANCE, request_only=True),
            OpenApiExample("Two of its units", TWO_UNITS_LESS, request_only=True),
        ],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Take an instrument or a lab out (BK-8); the answer names the bookings that need another time now."""
        fields = OutageFields(data=request.data)
        fields.is_valid(raise_exception=True)
        data, member = fields.validated_data, member_of(request)
        made = outages.announce_outage(
            of=_of(data, member),
            kind=data["kind"],
            start=data["start"],
            end=data["end"],
            units=data["units"],
            reason_zh=data["reason_zh"],
            reason_en=data["reason_en"],
            by=member,
            now=timezone.now(),
        )
        return told(ours(member).get(pk=made.pk), member, status=201)


def _of(data: dict[str, Any], member: Membership) -> Lab | Instrument:
    if data["lab"]:
        return get_object_or_404(Lab.objects.operated_by(member), code=data["lab"])
    mine = Instrument.objects.operated_by(member).select_related("lab")
    return get_object_or_404(mine, code=data["instrument"])


class OneOutage(APIView):
    """One outage of the caller's own labs; any other answers 404."""

    access = {"GET": access.LAB_STAFF, "PATCH": access.LAB_MANAGER, "DELETE": access.LAB_MANAGER}
    scope: ClassVar[dict[str, str]] = {"GET": READ, "PATCH": WRITE, "DELETE": WRITE}

    @extend_schema(responses={200: ToldOutageFields, 404: PROBLEM})
    def get(self, request: Request, key: int) -> Response:
        """Show an outage."""
        member = member_of(request)
        return told(get_object_or_404(ours(member), pk=key), member)

    @extend_schema(
        request=SpanFields,
        responses={200: ToldOutageFields, 404: PROBLEM, 409: PROBLEM, 422: PROBLEM},
        examples=[OpenApiExample("Shorter", SHORTER, request_only=True)],
    )
    def patch(self, request: Request, key: int) -> Response:
        """Let an outage begin or end at another time; bookings that can take place again lose their mark."""
        member = member_of(request)
        outage = get_object_or_404(ours(member), pk=key)
        fields = SpanFields(data=request.data)
        fields.is_valid(raise_exception=True)
        outages.change_outage(outage=outage, **fields.validated_data, by=member, now=timezone.now())
        return told(ours(member).get(pk=key), member)

    @extend_schema(responses={204: None, 404: PROBLEM, 409: PROBLEM})
    def delete(self, request: Request, key: int) -> Response:
        """Lift an outage; the bookings it displaced are as they were."""
        member = member_of(request)
        outages.lift_outage(outage=get_object_or_404(ours(member), pk=key), by=member, now=timezone.now())
        return Response(status=204)


class ConflictFields(serializers.Serializer[Any]):
    """A booking that needs another time, and what its customer is offered."""

    number = serializers.CharField()
    instrument = serializers.CharField()
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    customer = serializers.CharField()
    total_fen = serializers.IntegerField()
    outage = serializers.IntegerField(allow_null=True)
    waits = serializers.ChoiceField(choices=WaitlistEntry.State.choices, allow_null=True)
    offered = serializers.CharField(allow_null=True, help_text="Number of the rental that is held for them now.")


class Conflicts(APIView):
    """The bookings that need another time."""

    access = {"GET": access.LAB_STAFF}
    scope: ClassVar[dict[str, str]] = {"GET": READ}

    @extend_schema(operation_id="desk_conflicts", responses=ConflictFields(many=True))
    def get(self, request: Request) -> Response:
        """List the bookings that cannot take place as booked (BK-8), by the outage that took their time."""
        found = conflicts.groups(member_of(request), timezone.now())
        return Response([_conflict(one, group) for group in found for one in group.conflicts])


def _conflict(one: conflicts.Conflict, group: conflicts.Group) -> dict[str, Any]:
    zone: tzinfo = one.rental.instrument.lab.tz
    start: datetime = one.rental.time.start
    return {
        "number": one.rental.number,
        "instrument": one.rental.instrument.code,
        "start": said(start, zone),
        "end": said(one.rental.time.end, zone),
        "customer": one.rental.organisation.name,
        "total_fen": one.rental.total_fen,
        "outage": group.outage.pk if group.outage else None,
        "waits": one.entry.state if one.entry else None,
        "offered": one.offer.rental.number if one.offer and one.is_offered else None,
    }


class NumbersFields(serializers.Serializer[Any]):
    """Numbers of bookings that need another time; at most fifty."""

    numbers = serializers.ListField(child=serializers.CharField(max_length=24), min_length=1, max_length=50)


class ResultFields(serializers.Serializer[Any]):
    """What became of one of them."""

    number = serializers.CharField()
    is_offered = serializers.BooleanField(help_text="Whether a time is held for the customer now.")
    said = serializers.CharField()


class OfferTimes(APIView):
    """Offers of other times."""

    access = {"POST": access.LAB_MANAGER}
    scope: ClassVar[dict[str, str]] = {"POST": WRITE}

    @extend_schema(
        request=NumbersFields,
        responses={200: ResultFields(many=True)},
        examples=[OpenApiExample("To all", TO_ALL, request_only=True)],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Hold for each customer the best other time there is, and tell them; others than conflicts are left out."""
        results = operations.offer_other_times(displaced=_chosen(request), now=timezone.now())
        return Response(ResultFields(results, many=True).data)


class WithdrawOffers(APIView):
    """Taking offers back."""

    access = {"POST": access.LAB_MANAGER}
    scope: ClassVar[dict[str, str]] = {"POST": WRITE}

    @extend_schema(
        request=NumbersFields,
        responses={200: ResultFields(many=True)},
        examples=[OpenApiExample("From all", TO_ALL, request_only=True)],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Free what is held for these customers, and let them wait no longer."""
        chosen, by = _chosen(request), member_of(request)
        results = operations.withdraw_offers(displaced=chosen, by=by, now=timezone.now())
        return Response(ResultFields(results, many=True).data)


def _chosen(request: Request) -> list[Any]:
    fields = NumbersFields(data=request.data)
    fields.is_valid(raise_exception=True)
    found = conflicts.in_conflict(member_of(request), timezone.now())
    return list(found.filter(number__in=fields.validated_data["numbers"]))
