"""What programs read and write about invoices."""

import base64
import binascii
from typing import Any

from rest_framework import serializers

from billing.invoices import exporting, rules
from billing.invoices.capitals import in_capitals
from billing.invoices.models import CreditNote, Invoice
from kernel.refusals import Refusal
from kernel.uploads import LARGEST_DOCUMENT, Upload, document


class KeptFileField(serializers.CharField):
    """A PDF or a scan, as base64."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the file as it may be kept."""
        text = super().to_internal_value(data)
        try:
            content = base64.b64decode(text, validate=True)
            kept: Upload = document(content[: LARGEST_DOCUMENT + 1])
        except binascii.Error as error:
            raise serializers.ValidationError("Not base64.") from error
        except Refusal as refusal:
            raise serializers.ValidationError(str(refusal)) from refusal
        return kept


class PartyFields(serializers.Serializer[Any]):
    """Who buys or sells, as an invoice names them."""

    name = serializers.CharField(max_length=200, allow_blank=True)
    tax_id = serializers.CharField(max_length=30, allow_blank=True, default="")
    address = serializers.CharField(max_length=200, allow_blank=True, default="")
    phone = serializers.CharField(max_length=30, allow_blank=True, default="")
    bank = serializers.CharField(max_length=100, allow_blank=True, default="")
    account = serializers.CharField(max_length=40, allow_blank=True, default="")


class LineFields(serializers.Serializer[Any]):
    """A line; amounts in fen, the unit price in yuan without tax."""

    name = serializers.CharField()
    spec = serializers.CharField()
    unit = serializers.CharField()
    quantity = serializers.CharField()
    unit_price = serializers.CharField()
    net_fen = serializers.IntegerField()
    tax_fen = serializers.IntegerField()
    rate_bp = serializers.IntegerField()


class InvoiceFields(serializers.ModelSerializer[Invoice]):
    """An invoice that was asked for, and what became of it; fen."""

    order_number = serializers.CharField(source="bill.order_number")
    lab = serializers.CharField(source="lab.code")
    buyer = PartyFields()
    seller = PartyFields()
    lines = LineFields(many=True)
    item = serializers.CharField(help_text="*short name of the tax category*name of the item")
    total_in_capitals = serializers.SerializerMethodField()
    remarks = serializers.SerializerMethodField()

    class Meta:
        model = Invoice
        fields = (
            "id", "order_number", "lab", "kind", "state", "number", "issued_on", "issuer_name", "buyer", "seller",
            "item", "item_code", "lines", "net_fen", "tax_fen", "total_fen", "total_in_capitals", "credited_fen",
            "remarks", "answer", "asked_at", "answered_at",
        )  # fmt: skip

    def get_total_in_capitals(self, invoice: Invoice) -> str:
        """The total in Chinese capitals (大写)."""
        return in_capitals(invoice.total_fen)

    def get_remarks(self, invoice: Invoice) -> str:
        """The order's number, and the buyer's words."""
        return exporting.remarks_of(invoice)


class AskFields(serializers.Serializer[Any]):
    """Which invoice, over which order; without a buyer, the organisation's profile is taken."""

    order_number = serializers.CharField()
    kind = serializers.ChoiceField(choices=Invoice.Kind.choices, default=Invoice.Kind.ORDINARY)
    buyer = PartyFields(required=False)
    remarks = serializers.CharField(max_length=200, allow_blank=True, default="")


class IssueFields(serializers.Serializer[Any]):
    """The invoice that came back from the tax channel."""

    number = serializers.CharField(max_length=30, help_text=f"{rules.NUMBER_LENGTH} digits.")
    issued_on = serializers.DateField()
    issuer_name = serializers.CharField(max_length=50)
    file = KeptFileField(required=False, help_text="PDF, PNG or JPEG as base64.")


class ReasonFields(serializers.Serializer[Any]):
    """Why something is not done."""

    reason = serializers.CharField(max_length=300)


class CreditedFields(serializers.Serializer[Any]):
    """What is taken back of a line, below nothing; `line` counts from 0."""

    line = serializers.IntegerField()
    net_fen = serializers.IntegerField()
    tax_fen = serializers.IntegerField()


class CreditNoteFields(serializers.ModelSerializer[CreditNote]):
    """What is taken back of an invoice; fen, below nothing."""

    invoice_number = serializers.CharField(source="invoice.number")
    order_number = serializers.CharField(source="invoice.bill.order_number")
    lines = CreditedFields(many=True)

    class Meta:
        model = CreditNote
        fields = (
            "id", "invoice", "invoice_number", "order_number", "reason", "state", "lines", "net_fen", "tax_fen",
            "total_fen", "confirmation", "confirmation_number", "number", "issued_on", "words", "asked_at",
        )  # fmt: skip


class WantFields(serializers.Serializer[Any]):
    """What is to be taken back; without `fen`, all that is left."""

    reason = serializers.ChoiceField(choices=CreditNote.Reason.choices)
    fen = serializers.IntegerField(required=False, min_value=1)
    words = serializers.CharField(max_length=300, allow_blank=True, default="")


class ConfirmFields(serializers.Serializer[Any]):
    """The confirmation form (红字发票信息确认单)."""

    confirmation_number = serializers.CharField(max_length=40)
    confirmation = serializers.ChoiceField(choices=CreditNote.Confirmation.choices[1:])


class WriteFields(serializers.Serializer[Any]):
    """The credit note that came back from the tax channel."""

    number = serializers.CharField(max_length=30)
    issued_on = serializers.DateField()
    file = KeptFileField(required=False, help_text="PDF, PNG or JPEG as base64.")
