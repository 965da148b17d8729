"""Bills for programs: what orders cost, by what they were paid, what went back."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import access
from accounts.models import Membership
from api.acting import Listing, acting
from billing.bills.fields import BillFields, OneBillFields
from billing.bills.filters import BillFilter
from billing.bills.models import Bill

READ = "rentals:read"
PROBLEM = OpenApiResponse(description="problem+json: code, detail, facts.")


class Bills(Listing):
    """The organisation's bills."""

    scope: ClassVar[Any] = READ
    serializer_class = BillFields
    filterset_class = BillFilter
    queryset = Bill.objects.none()

    def seen(self, member: Membership) -> QuerySet[Any]:
        return Bill.objects.visible_to(member).select_related("lab")

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
