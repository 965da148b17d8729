"""What a lab has earned and is paid, for its own programs (BL-36); amounts in fen."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import access
from accounts.models import Membership
from api.acting import Listing, acting
from billing.ledger.chart import EVENTS
from billing.ledger.models import Line
from billing.payouts import queries, rules
from billing.payouts.filters import EarningFilter, PayoutFilter
from billing.payouts.models import Payout, PayoutItem
from billing.vouchers.rules import local_day

READ = "money:read"

SUMMARY = {
    "earned_fen": 193_000,
    "fee_fen": 9_650,
    "waiting_fen": 47_500,
    "due_fen": 40_850,
    "underway_fen": 95_000,
    "paid_fen": 0,
    "next_payout_on": "2026-12-01",
    "held_back": "",
}
HELD_BACK = ("", rules.OWES, rules.TOO_LITTLE, rules.NO_ACCOUNT)


class SummaryFields(serializers.Serializer[Any]):
    """Where what the labs have earned is: earned less fee is waiting, due, underway and paid; fen."""

    earned_fen = serializers.IntegerField(source="figures.earned.fen", help_text="What the orders came to.")
    fee_fen = serializers.IntegerField(source="figures.fee.fen", help_text="What the platform kept, tax included.")
    waiting_fen = serializers.IntegerField(source="figures.waiting.fen", help_text="Settled less than 15 days before.")
    due_fen = serializers.IntegerField(source="figures.due.fen", help_text="Below nothing, the lab owes.")
    underway_fen = serializers.IntegerField(source="figures.underway.fen", help_text="In payouts not confirmed yet.")
    paid_fen = serializers.IntegerField(source="figures.paid.fen")
    next_payout_on = serializers.DateField(help_text="The next Tuesday.")
    held_back = serializers.ChoiceField(choices=HELD_BACK, help_text="Why what is due to the only lab is not paid.")


class EarningFields(serializers.Serializer[Line]):
    """A line of what a lab has earned, below nothing what it gave back; fen."""

    id = serializers.IntegerField()
    at = serializers.DateTimeField(source="entry.at")
    lab = serializers.CharField(source="lab.code")
    order_number = serializers.CharField()
    event = serializers.ChoiceField(source="entry.event", choices=list(EVENTS))
    gross_fen = serializers.SerializerMethodField(help_text="What the order cost, or what of it went back.")
    fee_fen = serializers.IntegerField(help_text="What the platform kept of it.")
    fen = serializers.IntegerField(source="amount_fen", help_text="To the lab.")
    state = serializers.ChoiceField(choices=queries.STATES)
    payout = serializers.CharField(source="live_payout", allow_null=True, help_text="The number of its payout.")

    def get_gross_fen(self, line: Any) -> int:
        """What the lab gets and what the platform keeps."""
        gross: int = line.amount_fen + line.fee_fen
        return gross


class ItemFields(serializers.ModelSerializer[PayoutItem]):
    """A line of a settlement sheet; fen."""

    at = serializers.DateTimeField(source="line.entry.at")
    order_number = serializers.CharField(source="line.order_number")
    event = serializers.ChoiceField(source="line.entry.event", choices=list(EVENTS))
    gross_fen = serializers.IntegerField(source="gross.fen")

    class Meta:
        model = PayoutItem
        fields = ("at", "order_number", "event", "gross_fen", "fee_fen", "fen")


class PayoutFields(serializers.ModelSerializer[Payout]):
    """A payout to a lab; fen."""

    lab = serializers.CharField(source="lab.code")
    due_on = serializers.DateField(source="batch.due_on")

    class Meta:
        model = Payout
        fields = (
            "number",
            "lab",
            "due_on",
            "fen",
            "state",
            "payee",
            "bank",
            "account",
            "prepared_at",
            "approved_at",
            "sent_at",
            "ended_at",
            "reference",
            "failure",
        )


class SheetFields(PayoutFields):
    """A payout with what it is made of."""

    items = serializers.SerializerMethodField()

    class Meta(PayoutFields.Meta):
        fields = (*PayoutFields.Meta.fields, "items")  # type: ignore[assignment]  # longer

    @extend_schema_field(ItemFields(many=True))
    def get_items(self, payout: Payout) -> Any:
        """The lines of its settlement sheet."""
        return ItemFields(queries.items_of(payout), many=True).data


class Summary(APIView):
    """The figures."""

    access = access.LAB_FINANCE
    scope: ClassVar[str] = READ

    @extend_schema(
        operation_id="settlement_summary",
        responses=SummaryFields,
        examples=[OpenApiExample("One order in each state but paid", SUMMARY, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        """Return what the organisation's labs have earned, and where it is on its way to them."""
        member, due_on = acting(request), rules.tuesday_after(local_day(timezone.now()))
        found = queries.figures(queries.of_member(member, before=rules.accepted_before(due_on)))
        owner = member.organisation
        told = {
            "figures": found,
            "next_payout_on": due_on,
            "held_back": queries.why_held_back(found, owner, labs=owner.labs.count()),
        }
        return Response(SummaryFields(told).data)


class Earnings(Listing):
    """The lines behind the figures."""

    access = access.LAB_FINANCE
    scope: ClassVar[str] = READ
    serializer_class = EarningFields
    filterset_class = EarningFilter
    queryset = Line.objects.none()

    def seen(self, member: Membership) -> QuerySet[Any]:
        due_on = rules.tuesday_after(local_day(timezone.now()))
        return queries.of_member(member, before=rules.accepted_before(due_on))

    @extend_schema(operation_id="settlements")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List what the organisation's labs have earned and given back, the newest first."""
        return super().get(request, *args, **kwargs)


class Payouts(Listing):
    """The payouts."""

    access = access.LAB_FINANCE
    scope: ClassVar[str] = READ
    serializer_class = PayoutFields
    filterset_class = PayoutFilter
    queryset = Payout.objects.none()

    def seen(self, member: Membership) -> QuerySet[Any]:
        return queries.payouts_of(member)

    @extend_schema(operation_id="payouts")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the payouts to the organisation's labs, the newest first."""
        return super().get(request, *args, **kwargs)


class OnePayout(APIView):
    """A settlement sheet."""

    access = access.LAB_FINANCE
    scope: ClassVar[str] = READ

    @extend_schema(operation_id="payout", responses=SheetFields)
    def get(self, request: Request, number: str) -> Response:
        """Return a payout with what it is made of."""
        payout = get_object_or_404(queries.payouts_of(acting(request)), number=number)
        return Response(SheetFields(payout).data)
