"""Rentals for programs: the same operations as the pages, refusals as problem+json, every making POST idempotent."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import access
from accounts.models import Membership
from api import problems
from api.idempotency import idempotent
from bookings.availability import queries as availability
from bookings.availability.api import LineFields, WishFields, member_of, said
from bookings.availability.rules import CapacityExceeded, RoomBusy, Wish
from bookings.rentals import operations, queries
from bookings.rentals.filters import RentalFilter
from bookings.rentals.models import Rental
from kernel.money import Money
from kernel.refusals import Refusal, Refusals
from labs.catalogue import queries as catalogue
from labs.catalogue.consents import CODES
from labs.models import Instrument

READ, WRITE = "rentals:read", "rentals:write"
TAKEN = (CapacityExceeded.code, RoomBusy.code)


class RentalFields(serializers.Serializer[Any]):
    """A rental as its customer sees it; instants with their offset, amounts in fen."""

    number = serializers.CharField()
    uuid = serializers.UUIDField()
    instrument = serializers.CharField(help_text="The instrument's code.")
    instrument_name = serializers.CharField()
    lab = serializers.CharField(help_text="The lab's code.")
    start = serializers.DateTimeField(help_text="In the lab's zone.")
    end = serializers.DateTimeField(help_text="In the lab's zone; it belongs to whoever comes next.")
    mode = serializers.ChoiceField(choices=Rental.Mode.choices)
    units = serializers.IntegerField()
    status = serializers.ChoiceField(
        choices=Rental.Status.choices,
        help_text="The state now; a hold that has run out is expired, whether a job has run or not.",
    )
    held_until = serializers.DateTimeField(allow_null=True)
    purpose = serializers.CharField(allow_blank=True)
    lines = LineFields(many=True)
    discount = serializers.CharField(allow_blank=True)
    total_fen = serializers.IntegerField()
    fee_fen = serializers.IntegerField(help_text="What is owed for a cancelled rental.")
    reason = serializers.CharField(allow_blank=True)
    consents = serializers.ListField(
        child=serializers.CharField(), help_text="What the customer agreed to, by code: `not_traceable`."
    )
    at_risk_since = serializers.DateTimeField(
        allow_null=True, help_text="Since when no certificate covers all of its time any more; null where one does."
    )
    created_at = serializers.DateTimeField()
    changed_at = serializers.DateTimeField()
    confirmed_at = serializers.DateTimeField(allow_null=True)
    cancelled_at = serializers.DateTimeField(allow_null=True)

    def to_representation(self, instance: Rental) -> dict[str, Any]:
        """Write the rental down by hand: this is the hot path, and the fields above only describe it."""
        instrument, lab, now = instance.instrument, instance.instrument.lab, self.context["now"]
        return {
            "number": instance.number,
            "uuid": str(instance.uuid),
            "instrument": instrument.code,
            "instrument_name": instrument.name,
            "lab": lab.code,
            "start": said(instance.time.start, lab.tz),
            "end": said(instance.time.end, lab.tz),
            "mode": instance.mode,
            "units": instance.units,
            "status": instance.status_at(now),
            "held_until": said(instance.held_until, lab.tz),
            "purpose": instance.purpose,
            "lines": instance.price_lines,
            "discount": instance.discount,
            "total_fen": instance.total_fen,
            "fee_fen": instance.fee_fen,
            "reason": instance.reason,
            "consents": [consent["code"] for consent in instance.consents],
            "at_risk_since": said(instance.at_risk_since, lab.tz),
            "created_at": said(instance.created_at, lab.tz),
            "changed_at": said(instance.changed_at, lab.tz),
            "confirmed_at": said(instance.confirmed_at, lab.tz),
            "cancelled_at": said(instance.cancelled_at, lab.tz),
        }


class HoldFields(WishFields):
    """What to hold: instrument, time, mode; `expected_total_fen` is the price the person agreed to."""

    instrument = serializers.CharField(max_length=40, help_text="The instrument's code.")
    purpose = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    expected_total_fen = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=0)
    consents = serializers.ListField(
        child=serializers.ChoiceField(choices=CODES),
        required=False,
        default=list,
        help_text="What the person agreed to; a hold that needs more answers 422 CONSENT_REQUIRED with the codes.",
    )


class FeeFields(serializers.Serializer[Any]):
    """The cancellation fee the person agreed to; without it any fee is accepted."""

    expected_fee_fen = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=0)


class ReasonFields(serializers.Serializer[Any]):
    """Why the lab declines or cancels; the customer reads it."""

    reason = serializers.CharField(max_length=300)


PROBLEM = OpenApiResponse(description="problem+json: code, detail, facts, every failing rule in `refusals`.")
ANSWERS = {200: RentalFields, 404: PROBLEM, 409: PROBLEM}


def told(rental: Rental, *, status: int = 200) -> Response:
    """Answer with a rental as it is now."""
    now = timezone.now()
    response = Response(RentalFields(rental, context={"now": now}).data, status=status)
    if status == 201:
        response.headers["Location"] = f"/api/v1/rentals/{rental.number}/"
    return response


def acting(request: Request) -> Membership:
    """The membership that acts; the access rule has let nobody else in."""
    member = member_of(request)
    assert member is not None  # noqa: S101 -- the access rule requires a member
    return member


def refused_hold(refusal: Refusal, *, instrument: Instrument, wish: Wish, member: Membership, now: Any) -> Response:
    """Answer a refused hold; a taken time with the next free starts and comparable instruments (pages.md)."""
    codes = {one.code for one in refusal.refusals} if isinstance(refusal, Refusals) else {refusal.code}
    if not codes & set(TAKEN):
        return problems.problem(refusal)
    instead = availability.alternatives(instrument, wish=wish, member=member, now=now)
    zone = instrument.lab.tz
    return problems.problem(
        refusal,
        alternatives={
            "starts": [said(start, zone) for start in instead.starts],
            "instruments": [
                {"code": other.code, "name": other.name, "lab": other.lab.name} for other in instead.instruments
            ],
        },
    )


class Rentals(generics.ListAPIView[Rental]):
    """The organisation's rentals, and placing a hold."""

    access = {"GET": access.MEMBER, "POST": access.BUYER}
    scope: ClassVar[dict[str, str]] = {"GET": READ, "POST": WRITE}
    serializer_class = RentalFields
    filterset_class = RentalFilter
    queryset = Rental.objects.none()

    def get_queryset(self) -> QuerySet[Any]:
        rentals = Rental.objects.visible_to(acting(self.request)).with_places()
        return queries.as_of(rentals, timezone.now()).order_by("-created_at", "-pk")

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "now": timezone.now()}

    @extend_schema(request=HoldFields, responses={201: RentalFields, 409: PROBLEM, 422: PROBLEM})
    @idempotent
    def post(self, request: Request) -> Response:
        """
        Hold an instrument for a time; the answer says until when, and at what price.

        A time that is taken answers 409 with the next three free starts and two comparable instruments.
        """
        fields = HoldFields(data=request.data)
        fields.is_valid(raise_exception=True)
        data, wish, member = fields.validated_data, fields.wish(), acting(request)
        now = timezone.now()
        instrument = catalogue.published_instrument(data["instrument"])
        if instrument is None:
            raise Http404
        expected = data["expected_total_fen"]
        try:
            rental = operations.place_hold(
                instrument=instrument,
                period=wish.period,
                mode=wish.mode,
                units=wish.units,
                purpose=data["purpose"],
                expected=None if expected is None else Money(expected),
                agreed=data["consents"],
                by=member,
                now=now,
            )
        except Refusal as refusal:
            return refused_hold(refusal, instrument=instrument, wish=wish, member=member, now=now)
        rental.instrument = instrument
        return told(rental, status=201)


class OneRental(APIView):
    """One rental of the caller's organisation; any other answers 404."""

    access = {"GET": access.MEMBER}
    scope: ClassVar[dict[str, str]] = {"GET": READ}

    @extend_schema(responses=ANSWERS)
    def get(self, request: Request, number: str) -> Response:
        """Show a rental."""
        return told(theirs(request, number))


def theirs(request: Request, number: str) -> Rental:
    """The customer's own rental of that number."""
    return get_object_or_404(Rental.objects.visible_to(acting(request)).with_places(), number=number)


class CustomerAct(APIView):
    """Something a buyer does with a rental of the own organisation."""

    access = {"POST": access.BUYER}
    scope: ClassVar[dict[str, str]] = {"POST": WRITE}


class Confirm(CustomerAct):
    """Confirming."""

    @extend_schema(request=None, responses=ANSWERS)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Confirm a held or approved rental on the monthly account (月结)."""
        rental = theirs(request, number)
        return told(operations.confirm_on_account(rental=rental, by=acting(request), now=timezone.now()))


class Submit(CustomerAct):
    """Sending for approval."""

    @extend_schema(request=None, responses=ANSWERS)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Send a held rental to the lab for approval."""
        rental = theirs(request, number)
        return told(operations.submit_for_approval(rental=rental, by=acting(request), now=timezone.now()))


class Cancel(CustomerAct):
    """Cancelling."""

    @extend_schema(request=FeeFields, responses=ANSWERS)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Cancel a rental; a confirmed one costs what the ladder says (BL-20)."""
        fields = FeeFields(data=request.data)
        fields.is_valid(raise_exception=True)
        fee = fields.validated_data["expected_fee_fen"]
        rental = operations.cancel(
            rental=theirs(request, number),
            expected_fee=None if fee is None else Money(fee),
            by=acting(request),
            now=timezone.now(),
        )
        return told(rental)


class DeskRentals(generics.ListAPIView[Rental]):
    """The rentals on the instruments of the caller's own labs."""

    access = {"GET": access.LAB_STAFF}
    scope: ClassVar[dict[str, str]] = {"GET": READ}
    serializer_class = RentalFields
    filterset_class = RentalFilter
    queryset = Rental.objects.none()

    def get_queryset(self) -> QuerySet[Any]:
        rentals = Rental.objects.operated_by(acting(self.request)).with_places()
        return queries.as_of(rentals, timezone.now()).order_by("-created_at", "-pk")

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "now": timezone.now()}


class LabAct(APIView):
    """Something a lab's manager does with a rental on the own instruments."""

    access = {"POST": access.LAB_MANAGER}
    scope: ClassVar[dict[str, str]] = {"POST": WRITE}

    def rental(self, request: Request, number: str) -> Rental:
        """The rental of that number on the lab's own instruments."""
        return get_object_or_404(Rental.objects.operated_by(acting(request)).with_places(), number=number)

    def reason(self, request: Request) -> str:
        """The reason given, never empty."""
        fields = ReasonFields(data=request.data)
        fields.is_valid(raise_exception=True)
        reason: str = fields.validated_data["reason"]
        return reason


class Approve(LabAct):
    """Approving."""

    @extend_schema(request=None, responses=ANSWERS)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Agree to a rental that waits for the lab."""
        rental = self.rental(request, number)
        return told(operations.approve(rental=rental, by=acting(request), now=timezone.now()))


class Reject(LabAct):
    """Declining."""

    @extend_schema(request=ReasonFields, responses=ANSWERS)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Decline a rental that waits for the lab, with a reason."""
        rental, reason = self.rental(request, number), self.reason(request)
        now = timezone.now()
        return told(operations.reject(rental=rental, reason=reason, by=acting(request), now=now))


class CancelByLab(LabAct):
    """Cancelling by the lab."""

    @extend_schema(request=ReasonFields, responses=ANSWERS)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Cancel a rental as the lab, with a reason; the customer owes nothing (BL-21)."""
        rental, reason = self.rental(request, number), self.reason(request)
        now = timezone.now()
        return told(operations.cancel_by_lab(rental=rental, reason=reason, by=acting(request), now=now))
