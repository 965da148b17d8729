"""The board for programs: which instrument is whose when, and when it is out of service."""

from typing import Any, ClassVar

from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import access
from accounts.models import Membership
from bookings.availability.api import said
from bookings.board import queries
from bookings.rentals.models import Rental
from labs.models import Outage

MOST = 10_000
"""How many bookings one answer holds; a month of two hundred busy instruments has fewer."""

BOARD = {
    "start": "2026-11-23T00:00:00+08:00",
    "end": "2026-11-30T00:00:00+08:00",
    "instruments": ["TH-001", "TH-002"],
    "bookings": [
        {
            "number": "R26-000123",
            "instrument": "TH-001",
            "start": "2026-11-24T09:00:00+08:00",
            "end": "2026-11-24T11:00:00+08:00",
            "status": "confirmed",
            "mode": "assisted",
            "units": 1,
            "customer": "示例精密制造有限公司",
            "operator": "示例操作员",
            "flags": ["at_risk"],
        }
    ],
    "outages": [
        {
            "id": 7,
            "kind": "maintenance",
            "start": "2026-11-25T08:30:00+08:00",
            "end": "2026-11-25T12:00:00+08:00",
            "instruments": ["TH-002"],
            "units": None,
            "reason": "更换夹具",
        }
    ],
}


class PlacedFields(serializers.Serializer[Any]):
    """A booking on the board."""

    number = serializers.CharField()
    instrument = serializers.CharField(help_text="The instrument's code.")
    start = serializers.DateTimeField(help_text="In the zone of the lab's organisation.")
    end = serializers.DateTimeField(help_text="Exclusive.")
    status = serializers.ChoiceField(choices=Rental.Status.choices)
    mode = serializers.ChoiceField(choices=Rental.Mode.choices)
    units = serializers.IntegerField()
    customer = serializers.CharField()
    operator = serializers.CharField(allow_blank=True)
    flags = serializers.ListField(
        child=serializers.ChoiceField(choices=["late", "runs_over", "at_risk", "needs_rebooking", "series"])
    )


class OutFields(serializers.Serializer[Any]):
    """A time in which instruments are out of service."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=Outage.Kind.choices)
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    instruments = serializers.ListField(child=serializers.CharField(), help_text="Codes.")
    units = serializers.IntegerField(allow_null=True, help_text="How many units are out; null: all.")
    reason = serializers.CharField(allow_blank=True)


class BoardFields(serializers.Serializer[Any]):
    """A stretch of days of the lab's board."""

    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    instruments = serializers.ListField(child=serializers.CharField(), help_text="Codes, in the order of the board.")
    bookings = PlacedFields(many=True)
    outages = OutFields(many=True)


class Board(APIView):
    """The board of the caller's own labs."""

    access = {"GET": access.LAB_STAFF}
    scope: ClassVar[dict[str, str]] = {"GET": "rentals:read"}

    @extend_schema(
        operation_id="desk_board",
        parameters=[
            OpenApiParameter("from", str, description="First local day, ISO 8601; this week's Monday without it."),
            OpenApiParameter("days", int, description="1 to 31; 7 without it."),
            OpenApiParameter(
                "If-None-Match",
                str,
                OpenApiParameter.HEADER,
                description="The ETag seen last; 304 where it still holds.",
            ),
        ],
        responses=BoardFields,
        examples=[OpenApiExample("A week", BOARD, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        """Show who has which instrument when; ask again with the ETag to learn cheaply whether anything changed."""
        member: Membership = request._request.member  # type: ignore[attr-defined]  # the access rule saw to it
        now, zone = timezone.now(), member.organisation.tz
        first, days = queries.asked_window(request.query_params, now.astimezone(zone).date())
        within = queries.window(first, days, zone)
        etag = quote_etag(queries.mark(member, within, now))
        unchanged = get_conditional_response(request._request, etag=etag)
        if unchanged is not None:
            return Response(status=304, headers={"ETag": etag})
        lines = queries.rows(member, within)
        told = {
            "start": said(within.start, zone),
            "end": said(within.end, zone),
            "instruments": [one.code for one in lines.instruments],
            "bookings": [_placed(one, zone) for one in queries.placed(member, within, now, most=MOST)],
            "outages": [
                {
                    "id": one.pk,
                    "kind": one.kind,
                    "start": said(one.stretch.start, zone),
                    "end": said(one.stretch.end, zone),
                    "instruments": lines.codes_of(one),
                    "units": one.units,
                    "reason": one.reason,
                }
                for one in lines.outages
            ],
        }
        return Response(told, headers={"ETag": etag})


def _placed(one: queries.Placed, zone: Any) -> dict[str, Any]:
    flags = {
        "late": one.is_late,
        "runs_over": one.runs_over,
        "at_risk": one.is_at_risk,
        "needs_rebooking": one.needs_rebooking,
        "series": one.series_id is not None,
    }
    return {
        "number": one.number,
        "instrument": one.instrument,
        "start": said(one.period.start, zone),
        "end": said(one.period.end, zone),
        "status": one.state,
        "mode": one.mode,
        "units": one.units,
        "customer": one.customer,
        "operator": one.operator,
        "flags": [flag for flag, is_set in flags.items() if is_set],
    }
