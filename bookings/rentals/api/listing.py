"""Rentals for programs: lists, one of them, and placing a hold."""

from datetime import datetime
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import access
from accounts.models import Membership
from api import problems
from api.acting import acting
from api.idempotency import idempotent
from bookings.availability import queries as availability
from bookings.availability.api import said
from bookings.availability.rules import CapacityExceeded, NoQualifiedOperator, RoomBusy, Wish
from bookings.rentals import operations, queries
from bookings.rentals.api import examples
from bookings.rentals.api.answering import (
    ANSWERS,
    PROBLEM,
    READ,
    WRITE,
    colleague,
    instrument_of,
    said_shortly,
    told,
)
from bookings.rentals.api.fields import HoldFields, InsteadFields, RentalFields
from bookings.rentals.filters import RentalFilter
from bookings.rentals.models import Rental
from kernel.money import Money
from kernel.refusals import Refusal, Refusals
from labs.models import Instrument, InstrumentGroup

TAKEN = (CapacityExceeded.code, RoomBusy.code, NoQualifiedOperator.code)


class Listing(generics.ListAPIView[Rental]):
    """A list of rentals, filtered as the query says."""

    serializer_class = RentalFields
    filterset_class = RentalFilter
    queryset = Rental.objects.none()

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "now": timezone.now()}


class Rentals(Listing):
    """The organisation's rentals, and placing a hold."""

    access = {"GET": access.MEMBER, "POST": access.BUYER}
    scope: ClassVar[dict[str, str]] = {"GET": READ, "POST": WRITE}

    def get_queryset(self) -> QuerySet[Any]:
        rentals = Rental.objects.visible_to(acting(self.request)).with_places()
        return queries.as_of(rentals, timezone.now()).order_by("-created_at", "-pk")

    @extend_schema(
        request=HoldFields,
        responses={201: RentalFields, 409: PROBLEM, 422: PROBLEM},
        examples=[examples.HOLD, examples.HOLD_ANY],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """
        Hold an instrument for a time, or any of a group; the answer says which, until when, and at what price.

        A time that is taken answers 409 with the next three free starts and two comparable instruments; where none of a
        group fits, with what speaks against the last of them.
        """
        fields = HoldFields(data=request.data)
        fields.is_valid(raise_exception=True)
        data, wish, member = fields.validated_data, fields.wish(), acting(request)
        now = timezone.now()
        expected, email = data["expected_total_fen"], data["used_by"]
        comes = colleague(member, email, field="used_by") if email else None
        asked: dict[str, Any] = {
            "period": wish.period,
            "mode": wish.mode,
            "units": wish.units,
            "profile": wish.profile,
            "materials": wish.materials,
            "purpose": data["purpose"],
            "used_by": comes,
            "expected": None if expected is None else Money(expected),
            "agreed": data["consents"],
            "by": member,
            "now": now,
        }
        if data["group"]:
            group = get_object_or_404(InstrumentGroup.objects.filter(lab__is_active=True), code=data["group"])
            return said_shortly(operations.place_hold_in_group(group=group, **asked), status=201)
        instrument = instrument_of(data["instrument"])
        try:
            rental = operations.place_hold(instrument=instrument, **asked)
        except Refusal as refusal:
            key = comes.pk if comes else None
            return refused_hold(refusal, instrument=instrument, wish=wish, member=member, now=now, used_by=key)
        rental.instrument = instrument
        return said_shortly(rental, status=201)


def refused_hold(
    refusal: Refusal,
    *,
    instrument: Instrument,
    wish: Wish,
    member: Membership,
    now: datetime,
    used_by: int | None = None,
) -> Response:
    """Answer a refused hold; a taken time with the next free starts and comparable instruments (pages.md)."""
    codes = {one.code for one in refusal.refusals} if isinstance(refusal, Refusals) else {refusal.code}
    if not codes & set(TAKEN):
        return problems.problem(refusal)
    instead = availability.alternatives(instrument, wish=wish, member=member, now=now, used_by=used_by)
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


class OneRental(APIView):
    """One rental of the caller's organisation; any other answers 404."""

    access = {"GET": access.MEMBER}
    scope: ClassVar[dict[str, str]] = {"GET": READ}

    @extend_schema(responses=ANSWERS)
    def get(self, request: Request, number: str) -> Response:
        """Show a rental, with what may be done with it now."""
        mine = Rental.objects.visible_to(acting(request)).only("pk")
        return told(request, get_object_or_404(mine, number=number))


class Comparable(APIView):
    """What is free instead of a rental of the caller's organisation."""

    access = {"GET": access.MEMBER}
    scope: ClassVar[dict[str, str]] = {"GET": READ}

    @extend_schema(responses={200: InsteadFields(many=True), 404: PROBLEM})
    def get(self, request: Request, number: str) -> Response:
        """List instruments of the same kind that are free at its time, or for the rest of what was interrupted."""
        mine = Rental.objects.visible_to(acting(request)).with_places().select_related("policy")
        others = queries.comparable(get_object_or_404(mine, number=number), timezone.now())
        return Response([{"code": one.code, "name": one.name, "lab": one.lab.name} for one in others])


class DeskRentals(Listing):
    """The rentals on the instruments of the caller's own labs."""

    access = {"GET": access.LAB_STAFF}
    scope: ClassVar[dict[str, str]] = {"GET": READ}

    def get_queryset(self) -> QuerySet[Any]:
        rentals = Rental.objects.operated_by(acting(self.request)).with_places()
        return queries.as_of(rentals, timezone.now()).order_by("-created_at", "-pk")


class DeskRental(APIView):
    """One rental on the instruments of the caller's own labs; any other answers 404."""

    access = {"GET": access.LAB_STAFF}
    scope: ClassVar[dict[str, str]] = {"GET": READ}

    @extend_schema(responses=ANSWERS)
    def get(self, request: Request, number: str) -> Response:
        """Show a rental to the lab, with what may be done with it now."""
        ours = Rental.objects.operated_by(acting(request)).only("pk")
        return told(request, get_object_or_404(ours, number=number))
