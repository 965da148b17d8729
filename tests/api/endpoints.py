"""Endpoints that exist in these tests only: they make districts, refuse, and fail, when they are told to."""

import threading
from typing import Any

from django.db import transaction
from django.http import Http404
from django.urls import include, path
from django.utils.translation import gettext_lazy as _
from rest_framework import generics, serializers
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import access as rules
from accounts.models import District
from api.idempotency import idempotent
from api.problems import problem
from kernel.money import Money
from kernel.refusals import Busy, Refusal, Refusals
from kernel.transactions import operation

handler400 = "config.errors.bad_request"
handler403 = "config.errors.forbidden"
handler404 = "config.errors.not_found"
handler500 = "config.errors.fault"

ENTERED = threading.Event()
GO_ON = threading.Event()


class PlaceTaken(Refusal):
    code = "place_taken"
    message = _("{place} is taken.")
    cure = _("Ask for a place other than {place}.")


class TooFar(Refusal):
    code = "too_far"
    message = _("That is too far.")
    status = 422


class Wish(serializers.Serializer):
    adcode = serializers.RegexField(r"^\d{6}$")
    how = serializers.ChoiceField(
        ["well", "refused", "refused twice", "told", "broken", "busy", "slowly"], default="well"
    )
    whole = serializers.BooleanField(default=False)


def make(adcode: str, how: str) -> District:
    """The one operation: makes a district, and refuses or fails after it, when it is told to."""
    made = District.objects.create(adcode=adcode, name_zh="区", lat=23, lon=113)
    match how:
        case "refused" | "told":
            raise PlaceTaken(place="天河", price=Money(12345))
        case "refused twice":
            raise Refusals([TooFar(), PlaceTaken(place="天河")])
        case "broken":
            raise RuntimeError("a fault")
        case "busy":
            raise Busy
        case "slowly":
            ENTERED.set()
            assert GO_ON.wait(10)
    return made


class Districts(APIView):
    """Makes a district, as told by `how`."""

    access = rules.BUYER
    scope = "rentals:write"

    @idempotent
    def post(self, request: Request) -> Response:
        wish = Wish(data=request.data)
        wish.is_valid(raise_exception=True)
        how = wish.validated_data["how"]
        act = operation()(make) if wish.validated_data["whole"] else transaction.atomic(make)
        try:
            made = act(wish.validated_data["adcode"], how)
        except PlaceTaken as refusal:
            if how == "told":
                return problem(refusal, alternatives=["白云"])
            raise
        return Response({"adcode": made.adcode}, status=201, headers={"Location": f"/districts/{made.adcode}/"})


class Shown(serializers.ModelSerializer):
    class Meta:
        model = District
        fields = ["adcode"]


class Listed(generics.ListAPIView):
    """The districts, in pages."""

    access = rules.MEMBER
    scope = "catalogue:read"
    serializer_class = Shown
    queryset = District.objects.order_by("adcode")


class Split(APIView):
    """One rule to read, another to write."""

    access = {"GET": rules.ANYONE, "POST": rules.BUYER}
    scope = {"POST": "rentals:write"}

    def get(self, request: Request) -> Response:
        return Response({"member": request.member.pk if request.member else None})

    def post(self, request: Request) -> Response:
        return Response(status=204)


class Wrong(APIView):
    """Everything else that goes wrong."""

    access = rules.ANYONE

    def get(self, request: Request, how: str) -> Any:
        if how == "gone":
            raise Http404
        if how == "throttled":
            raise Throttled(wait=7)
        raise RuntimeError("a fault")


class Undeclared(APIView):
    def get(self, request: Request) -> Response:
        return Response()


urlpatterns = [
    path("api/v1/districts/", Districts.as_view()),
    path("api/v1/listed/", Listed.as_view()),
    path("api/v1/split/", Split.as_view()),
    path("api/v1/wrong/<str:how>/", Wrong.as_view()),
    path("api/v1/undeclared/", Undeclared.as_view()),
    path("", include("web.urls")),
    path("accounts/", include("allauth.urls")),
    path("api/v1/", include("api.urls")),
]
