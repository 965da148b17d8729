"""Bills for programs: what orders cost, by what they were paid, what went back."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import access
from accounts.models import Membership
from billing.bills import queries
from billing.bills.fields import BillFields, MoneyFields, OneBillFields
from billing.bills.filters import BillFilter
from billing.bills.models import Bill

READ = "rentals:read"
PROBLEM = OpenApiResponse(description="problem+json: code, detail, facts.")


def acting(request: Request) -> Membership:
    """The membership that acts; the access rule has let nobody else in."""
    member: Membership = request._request.member  # type: ignore[attr-defined]  # declared in web.requests
    return member


class Bills(generics.ListAPIView[Bill]):
    """The organisation's bills."""

    access: ClassVar[Any] = access.MEMBER
    scope: ClassVar[Any] = READ
    serializer_class = BillFields
    filterset_class = BillFilter
    queryset = Bill.objects.none()

    def get_queryset(self) -> QuerySet[Bill]:
        if getattr(self, "swagger_fake_view", False):
            return Bill.objects.none()
        return Bill.objects.visible_to(acting(self.request)).select_related("lab")

    @extend_schema(operation_id="bills")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the organisation's bills, the newest first."""
        return super().get(request, *args, **kwargs)


class OneBill(APIView):
    """One bill of the organisation; any other answers 404."""

    access: ClassVar[Any] = access.MEMBER
    scope: ClassVar[Any] = READ

    @extend_schema(operation_id="bill", responses={200: OneBillFields, 404: PROBLEM})
    def get(self, request: Request, number: str) -> Response:
        """Return a bill with its lines in words and numbers, its payments and its refunds."""
        mine = Bill.objects.visible_to(acting(request)).select_related("lab").prefetch_related("tenders")
        return Response(OneBillFields(get_object_or_404(mine, order_number=number)).data)


class MoneyAtHand(APIView):
    """What the organisation has and owes."""

    access: ClassVar[Any] = access.MEMBER
    scope: ClassVar[Any] = READ

    @extend_schema(operation_id="money", responses={200: MoneyFields})
    def get(self, request: Request) -> Response:
        """Return prepaid balance, what is owed on account, and what is left of its limit."""
        organisation = acting(request).organisation
        told = {
            "prepaid_fen": queries.prepaid(organisation.pk).fen,
            "owed_fen": queries.owed_on_account(organisation.pk).fen,
            "credit_left_fen": queries.credit_left(organisation).fen,
        }
        return Response(told)
