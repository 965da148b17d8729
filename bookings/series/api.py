"""Series for programs: the same operations as the pages, refusals as problem+json, every making POST idempotent."""

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import access
from accounts.models import Membership, User
from api.acting import acting
from api.idempotency import idempotent
from bookings.rentals.api.answering import colleague
from bookings.series import fields, operations, queries, rules
from bookings.series.filters import SeriesFilter
from bookings.series.models import Series
from bookings.series.previewing import preview
from kernel.money import Money
from labs.catalogue import queries as catalogue
from labs.models import Instrument

READ, WRITE = "rentals:read", "rentals:write"
PROBLEM = OpenApiResponse(description="problem+json: code, detail, facts, every failing rule in `refusals`.")
ANSWERS = {200: fields.WholeFields, 404: PROBLEM, 409: PROBLEM, 422: PROBLEM}

EVERY_WEEK = OpenApiExample(
    "Every Tuesday and Thursday, four times",
    value={
        "instrument": "TH-006",
        "rule": "FREQ=WEEKLY;BYDAY=TU,TH;COUNT=4",
        "first_on": "2026-12-01",
        "starts_at": "09:00",
        "minutes": 120,
        "mode": "assisted",
        "policy": "skip_conflicts",
        "then": "confirm",
    },
    request_only=True,
)
AN_HOUR_LATER = OpenApiExample(
    "An hour later from the third date on",
    value={"which": "following", "on": "2026-12-08", "starts_at": "10:00"},
    request_only=True,
)
THE_REST = OpenApiExample("The rest of it", value={"which": "following", "on": "2026-12-08"}, request_only=True)
MORE = OpenApiExample("Six dates in all", value={"count": 6}, request_only=True)
ALL_THAT_WAIT = OpenApiExample("All dates that wait", value={}, request_only=True)
ALL_WITH_A_REASON = OpenApiExample(
    "All dates that wait, with the reason", value={"reason": "设备搬迁"}, request_only=True
)
OFF_FROM_THEN_ON = OpenApiExample(
    "From a date on", value={"which": "following", "on": "2026-12-08", "reason": "设备搬迁"}, request_only=True
)
"""Examples of the documentation; tests send them."""


def wanted(code: str) -> Instrument:
    """The instrument of the public catalogue with that code."""
    found = catalogue.published_instrument(code)
    if found is None:
        raise Http404
    return found


def read[Fields: serializers.Serializer[Any]](kind: type[Fields], data: Any) -> Fields:
    """Return the fields of a request, each in order."""
    given = kind(data=data)
    given.is_valid(raise_exception=True)
    return given


def comes(member: Membership, asked: fields.PlanFields) -> User | None:
    """The colleague who comes instead of the caller, where one is named; else an answer 400."""
    email = asked.validated_data["used_by"]
    return colleague(member, email, field="used_by") if email else None


class PreviewOfSeries(APIView):
    """What a series would be."""

    access = {"POST": access.BUYER}
    scope: ClassVar[dict[str, str]] = {"POST": READ}

    @extend_schema(
        request=fields.PlanFields, responses={200: fields.PreviewFields, 422: PROBLEM}, examples=[EVERY_WEEK]
    )
    def post(self, request: Request) -> Response:
        """
        Judge every date of a rule as its booking would be, each with the ones before it taken; nothing is booked.

        A date is priced, or has every rule that fails and what would make it pass. Send `shown` back to book just that.
        """
        asked = read(fields.PlanFields, request.data)
        instrument, plan = wanted(asked.validated_data["instrument"]), asked.plan()
        holds = asked.validated_data["then"] == rules.HOLD
        member, now = acting(request), timezone.now()
        user = comes(member, asked)
        key = user.pk if user else None
        seen = preview(instrument=instrument, plan=plan, member=member, used_by=key, now=now, holds=holds)
        return fields.previewed(seen)


class AllSeries(generics.ListAPIView[Series]):
    """The organisation's series, and booking one."""

    access = {"GET": access.MEMBER, "POST": access.BUYER}
    scope: ClassVar[dict[str, str]] = {"GET": READ, "POST": WRITE}
    serializer_class = fields.SeriesFields
    filterset_class = SeriesFilter
    queryset = Series.objects.none()

    def get_queryset(self) -> QuerySet[Any]:
        return queries.listed(Series.objects.visible_to(acting(self.request)), timezone.now())

    @extend_schema(
        request=fields.BookingFields,
        responses={201: fields.WholeFields, 409: PROBLEM, 422: PROBLEM},
        examples=[EVERY_WEEK],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """
        Book a series: every date a rental of its own, in one transaction.

        With `shown` of a preview, what is booked is what was shown, or nothing (409 SERIES_CHANGED). A rule that cannot
        be read answers 422 with the `part` that is wrong.
        """
        asked = read(fields.BookingFields, request.data)
        data = asked.validated_data
        series = operations.book(
            instrument=wanted(data["instrument"]),
            plan=asked.plan(),
            policy=data["policy"],
            then=data["then"],
            purpose=data["purpose"],
            shown=data["shown"],
            used_by=comes(acting(request), asked),
            agreed=data["consents"],
            by=acting(request),
            now=timezone.now(),
        )
        return fields.told(series, now=timezone.now(), status=201)


def theirs(request: Request, uuid: UUID) -> Series:
    """The customer's own series of that key."""
    mine = Series.objects.visible_to(acting(request)).select_related("instrument__lab", "used_by")
    return get_object_or_404(mine, uuid=uuid)


class OneSeries(APIView):
    """One series of the caller's organisation; any other answers 404."""

    access = {"GET": access.MEMBER}
    scope: ClassVar[dict[str, str]] = {"GET": READ}

    @extend_schema(responses=ANSWERS)
    def get(self, request: Request, uuid: UUID) -> Response:
        """Show a series with what became of each of its dates."""
        return fields.told(theirs(request, uuid), now=timezone.now())


class CustomerAct(APIView):
    """Something a buyer does with a series of the own organisation."""

    access = {"POST": access.BUYER}
    scope: ClassVar[dict[str, str]] = {"POST": WRITE}


class Confirm(CustomerAct):
    """Confirming."""

    @extend_schema(request=None, responses=ANSWERS)
    @idempotent
    def post(self, request: Request, uuid: UUID) -> Response:
        """Confirm all held or approved dates on the monthly account (月结), each with a bill of its own."""
        series = operations.confirm(series=theirs(request, uuid), by=acting(request), now=timezone.now())
        return fields.told(series, now=timezone.now())


class Fees(APIView):
    """What cancelling costs."""

    access = {"GET": access.BUYER}
    scope: ClassVar[dict[str, str]] = {"GET": READ}

    @extend_schema(parameters=[fields.WhichFields], responses={200: fields.FeesFields, 404: PROBLEM})
    def get(self, request: Request, uuid: UUID) -> Response:
        """Say what cancelling dates would cost now, each by its own step of the ladder (BL-20)."""
        series, asked = theirs(request, uuid), read(fields.WhichFields, request.query_params)
        return fields.fees(queries.cancelling(series, **asked.validated_data, now=timezone.now()))


class Cancel(CustomerAct):
    """Cancelling."""

    @extend_schema(request=fields.CancelFields, responses=ANSWERS, examples=[THE_REST])
    @idempotent
    def post(self, request: Request, uuid: UUID) -> Response:
        """Cancel future dates; past and used ones stay."""
        series, data = theirs(request, uuid), read(fields.CancelFields, request.data).validated_data
        fee = data["expected_fee_fen"]
        series = operations.cancel(
            series=series,
            which=data["which"],
            on=data["on"],
            expected_fee=None if fee is None else Money(fee),
            by=acting(request),
            now=timezone.now(),
        )
        return fields.told(series, now=timezone.now())


class PreviewOfMove(APIView):
    """What a move would do."""

    access = {"POST": access.BUYER}
    scope: ClassVar[dict[str, str]] = {"POST": WRITE}

    @extend_schema(
        request=fields.MoveFields,
        responses={200: fields.MovesFields, 404: PROBLEM, 409: PROBLEM},
        examples=[AN_HOUR_LATER],
    )
    def post(self, request: Request, uuid: UUID) -> Response:
        """Say where dates would go and what that costs; nothing is moved."""
        series, asked = theirs(request, uuid), read(fields.MoveFields, request.data)
        moves = operations.preview_move(**asked.asked(), series=series, by=acting(request), now=timezone.now())
        return fields.moved(moves, series)


class Move(CustomerAct):
    """Moving."""

    @extend_schema(
        request=fields.MoveFields,
        responses={200: fields.MovesFields, 404: PROBLEM, 409: PROBLEM},
        examples=[AN_HOUR_LATER],
    )
    @idempotent
    def post(self, request: Request, uuid: UUID) -> Response:
        """
        Move dates that have not begun by the rules of moving a rental; what cannot be moved stays, and says why.

        Only confirmed dates can be moved; one that is held, or waits for the lab or for money, is named with
        MOVE_NEEDS_CONFIRMATION.
        """
        series, asked = theirs(request, uuid), read(fields.MoveFields, request.data)
        moves = operations.move(
            **asked.asked(),
            policy=asked.validated_data["policy"],
            shown=asked.validated_data["shown"],
            series=series,
            by=acting(request),
            now=timezone.now(),
        )
        return fields.moved(moves, series)


class PreviewOfExtension(APIView):
    """What going on would do."""

    access = {"POST": access.BUYER}
    scope: ClassVar[dict[str, str]] = {"POST": READ}

    @extend_schema(
        request=fields.ExtendFields,
        responses={200: fields.PreviewFields, 404: PROBLEM, 409: PROBLEM, 422: PROBLEM},
        examples=[MORE],
    )
    def post(self, request: Request, uuid: UUID) -> Response:
        """Judge the dates a series would have more, as a preview does; nothing is booked."""
        series, data = theirs(request, uuid), read(fields.ExtendFields, request.data).validated_data
        seen = operations.preview_extension(
            series=series,
            count=data["count"],
            until=data["until"],
            member=acting(request),
            now=timezone.now(),
            holds=data["then"] == rules.HOLD,
        )
        return fields.previewed(seen)


class Extend(CustomerAct):
    """Going on."""

    @extend_schema(request=fields.ExtendFields, responses=ANSWERS, examples=[MORE])
    @idempotent
    def post(self, request: Request, uuid: UUID) -> Response:
        """Book further dates of the rule; what the series has stays as it is."""
        series, data = theirs(request, uuid), read(fields.ExtendFields, request.data).validated_data
        series = operations.extend(
            series=series,
            count=data["count"],
            until=data["until"],
            then=data["then"],
            shown=data["shown"],
            agreed=data["consents"],
            by=acting(request),
            now=timezone.now(),
        )
        return fields.told(series, now=timezone.now())


class DeskSeries(generics.ListAPIView[Series]):
    """The series on the instruments of the caller's own labs."""

    access = {"GET": access.LAB_STAFF}
    scope: ClassVar[dict[str, str]] = {"GET": READ}
    serializer_class = fields.SeriesFields
    filterset_class = SeriesFilter
    queryset = Series.objects.none()

    def get_queryset(self) -> QuerySet[Any]:
        return queries.listed(Series.objects.operated_by(acting(self.request)), timezone.now())


def ours(request: Request, uuid: UUID) -> Series:
    """The series of that key on the lab's own instruments."""
    found = Series.objects.operated_by(acting(request)).select_related("instrument__lab", "used_by")
    return get_object_or_404(found, uuid=uuid)


class OneAtDesk(APIView):
    """One series on the caller's own instruments; any other answers 404."""

    access = {"GET": access.LAB_STAFF}
    scope: ClassVar[dict[str, str]] = {"GET": READ}

    @extend_schema(responses=ANSWERS)
    def get(self, request: Request, uuid: UUID) -> Response:
        """Show a series at the lab with what became of each of its dates."""
        return fields.told(ours(request, uuid), now=timezone.now())


class LabAct(APIView):
    """Something a lab's manager does with a series on the own instruments; any other answers 404."""

    access = {"POST": access.LAB_MANAGER}
    scope: ClassVar[dict[str, str]] = {"POST": WRITE}


class Approve(LabAct):
    """Approving."""

    @extend_schema(request=fields.AnswerFields, responses=ANSWERS, examples=[ALL_THAT_WAIT])
    @idempotent
    def post(self, request: Request, uuid: UUID) -> Response:
        """Agree to all dates that wait for the lab, or to those named; a date the rules refuse by now still waits."""
        series, asked = ours(request, uuid), read(fields.AnswerFields, request.data)
        numbers = asked.validated_data["numbers"]
        operations.approve(series=series, numbers=numbers, by=acting(request), now=timezone.now())
        return fields.told(series, now=timezone.now())


class Reject(LabAct):
    """Declining."""

    @extend_schema(request=fields.AnswerFields, responses=ANSWERS, examples=[ALL_WITH_A_REASON])
    @idempotent
    def post(self, request: Request, uuid: UUID) -> Response:
        """Decline all dates that wait for the lab, or those named, with a reason."""
        series, asked = ours(request, uuid), read(fields.AnswerFields, request.data)
        operations.reject(**asked.validated_data, series=series, by=acting(request), now=timezone.now())
        return fields.told(series, now=timezone.now())


class CancelByLab(LabAct):
    """Cancelling by the lab."""

    @extend_schema(request=fields.LabCancelFields, responses=ANSWERS, examples=[OFF_FROM_THEN_ON])
    @idempotent
    def post(self, request: Request, uuid: UUID) -> Response:
        """Call future dates off as the lab, with a reason; the customer owes nothing (BL-21)."""
        series, asked = ours(request, uuid), read(fields.LabCancelFields, request.data)
        operations.cancel_by_lab(**asked.validated_data, series=series, by=acting(request), now=timezone.now())
        return fields.told(series, now=timezone.now())
