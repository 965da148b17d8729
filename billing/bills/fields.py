"""Bills as programs read them; amounts in fen, tax included, rates in basis points, instants with their offset."""

from typing import Any

from rest_framework import serializers

from billing.bills.models import Bill, Refund, Tender
from billing.pricing.wording import lines_in_both


class TenderFields(serializers.Serializer[Tender]):
    """One payment towards a bill."""

    way = serializers.CharField(help_text="`account`, `balance`, `transfer` or `online`.")
    paid_fen = serializers.IntegerField()
    returned_fen = serializers.IntegerField(help_text="What of it went back.")
    paid_at = serializers.DateTimeField()


class RefundFields(serializers.Serializer[Refund]):
    """Money on its way back, or back."""

    way = serializers.CharField()
    fen = serializers.IntegerField()
    because = serializers.CharField()
    state = serializers.CharField()
    owed_at = serializers.DateTimeField()
    paid_at = serializers.DateTimeField(allow_null=True)


class BillFields(serializers.Serializer[Bill]):
    """What an order costs, by what it is paid, and its state."""

    order_number = serializers.CharField()
    kind = serializers.CharField()
    lab = serializers.CharField(source="lab.code")
    state = serializers.CharField(help_text="`open`, `settled` or `cancelled`.")
    way = serializers.CharField()
    served_on = serializers.DateField()
    total_fen = serializers.IntegerField()
    voucher_fen = serializers.IntegerField()
    own_fen = serializers.SerializerMethodField(help_text="What the customer pays.")
    fee_fen = serializers.IntegerField(help_text="Of a cancelled order.")
    refunded_fen = serializers.IntegerField(help_text="Own money that went back after settlement.")
    vat_bp = serializers.IntegerField(allow_null=True, help_text="Known once it is settled.")
    created_at = serializers.DateTimeField()
    settled_at = serializers.DateTimeField(allow_null=True)
    cancelled_at = serializers.DateTimeField(allow_null=True)

    def get_own_fen(self, bill: Bill) -> int:
        return bill.own.fen


class OneBillFields(BillFields):
    """A bill with its lines, each told in both languages, its payments and its refunds."""

    lines = serializers.SerializerMethodField()
    tenders = TenderFields(many=True)
    refunds = serializers.SerializerMethodField()

    def get_lines(self, bill: Bill) -> list[dict[str, Any]]:
        return [line | told for line, told in zip(bill.lines, lines_in_both(bill.lines), strict=True)]

    def get_refunds(self, bill: Bill) -> list[dict[str, Any]]:
        found = Refund.objects.filter(tender__bill=bill).order_by("owed_at", "pk")
        return [dict(RefundFields(each).data) for each in found]
