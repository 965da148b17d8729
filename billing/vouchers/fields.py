"""Vouchers as programs read and write them; amounts in fen, shares in basis points, instants with their offset."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers

from billing.vouchers import operations, queries, rules
from billing.vouchers.models import ClaimBatch, ClaimItem, Grant, Programme, Redemption, VoucherApplication
from billing.vouchers.operations.refusals import OF_OBSTACLE


class ProgrammeFields(serializers.Serializer[Programme]):
    """A programme: what it pays, and for whom; amounts in fen, shares in basis points."""

    code = serializers.CharField()
    name_zh = serializers.CharField()
    name_en = serializers.CharField()
    issuer = serializers.CharField(source="issuer.code")
    state = serializers.ChoiceField(choices=Programme.State.choices)
    kinds = serializers.ListField(child=serializers.CharField())
    sizes = serializers.ListField(child=serializers.CharField())
    districts = serializers.SerializerMethodField(help_text="Administrative codes; empty: all.")
    labs = serializers.SerializerMethodField(help_text="Codes; empty: all.")
    valid_from = serializers.DateField()
    valid_to = serializers.DateField(help_text="Inclusive.")
    cover_bp = serializers.IntegerField(help_text="Of the eligible amount.")
    per_order_cap_fen = serializers.IntegerField()
    yearly_cap_fen = serializers.IntegerField(help_text="For one organisation.")
    is_stackable = serializers.BooleanField(help_text="Whether a discount may be taken, too.")
    urgent_eligible = serializers.BooleanField()
    invoice_content = serializers.ChoiceField(choices=Programme.InvoiceContent.choices)
    obstacles = serializers.SerializerMethodField(
        help_text="Codes of what keeps the caller's organisation from a voucher today; empty: it may apply."
    )

    def get_districts(self, programme: Programme) -> list[str]:
        return [district.adcode for district in programme.districts.all()]

    def get_labs(self, programme: Programme) -> list[str]:
        return [lab.code for lab in programme.labs.all()]

    def get_obstacles(self, programme: Programme) -> list[str]:
        found = rules.may_hold(queries.terms_of(programme), self.context["party"], today=self.context["today"])
        return [OF_OBSTACLE[each].code for each in found]


class GrantFields(serializers.Serializer[Grant]):
    """A voucher in hand; amounts in fen."""

    id = serializers.IntegerField()
    programme = serializers.CharField(source="programme.code")
    organisation = serializers.CharField(source="organisation.code")
    face_fen = serializers.IntegerField()
    left_fen = serializers.IntegerField()
    expires_on = serializers.DateField(help_text="The last day on which a service may start.")
    issued_at = serializers.DateTimeField()


class RedemptionFields(serializers.Serializer[Redemption]):
    """What a voucher pays of one order; amounts in fen."""

    id = serializers.IntegerField()
    order_number = serializers.CharField()
    kind = serializers.CharField()
    programme = serializers.CharField(source="programme.code")
    grant = serializers.IntegerField(source="grant_id")
    organisation = serializers.CharField(source="organisation.code")
    lab = serializers.CharField(source="lab.code")
    state = serializers.ChoiceField(choices=Redemption.State.choices)
    eligible_fen = serializers.IntegerField(help_text="The part of the order that a voucher may pay.")
    reserved_fen = serializers.IntegerField()
    held_fen = serializers.IntegerField(source="held.fen", help_text="What it pays as things stand.")
    returned_fen = serializers.IntegerField(help_text="Taken back by refunds after settlement.")
    bound = serializers.ChoiceField(choices=Redemption.Bound.choices, help_text="What the amount ended at.")
    service_on = serializers.DateField()
    reserved_at = serializers.DateTimeField()
    consumed_at = serializers.DateTimeField(allow_null=True)


class ApplicationFields(serializers.Serializer[VoucherApplication]):
    """An application for a voucher."""

    id = serializers.IntegerField()
    programme = serializers.CharField(source="programme.code")
    organisation = serializers.CharField(source="organisation.code")
    wanted_fen = serializers.IntegerField()
    purpose = serializers.CharField()
    state = serializers.ChoiceField(choices=VoucherApplication.State.choices)
    applied_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField(allow_blank=True)
    grant = serializers.IntegerField(source="grant_id", allow_null=True)


class ApplyFields(serializers.Serializer[Any]):
    """What is asked for."""

    programme = serializers.CharField(max_length=20, help_text="The programme's code.")
    wanted_fen = serializers.IntegerField(min_value=1)
    purpose = serializers.CharField(max_length=500)


class ItemFields(serializers.Serializer[ClaimItem]):
    """One use in a claim."""

    order_number = serializers.CharField(source="redemption.order_number")
    organisation = serializers.CharField(source="redemption.organisation.code")
    lab = serializers.CharField(source="redemption.lab.code")
    service_on = serializers.DateField(source="redemption.service_on")
    amount_fen = serializers.IntegerField()
    state = serializers.ChoiceField(choices=ClaimItem.State.choices)
    reason = serializers.CharField(allow_blank=True)


class ClaimFields(serializers.Serializer[ClaimBatch]):
    """A claim to an issuer; amounts in fen."""

    number = serializers.CharField()
    programme = serializers.CharField(source="programme.code")
    state = serializers.ChoiceField(choices=ClaimBatch.State.choices)
    total_fen = serializers.IntegerField()
    paid_fen = serializers.IntegerField()
    prepared_at = serializers.DateTimeField()
    submitted_at = serializers.DateTimeField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    reference = serializers.CharField(allow_blank=True)
    reason = serializers.CharField(allow_blank=True)
    evidence_sha256 = serializers.CharField(allow_blank=True, help_text="Of the zip that was submitted.")


class OneClaimFields(ClaimFields):
    """A claim with its uses."""

    items = serializers.SerializerMethodField()

    @extend_schema(responses=ItemFields(many=True))
    def get_items(self, claim: ClaimBatch) -> list[dict[str, Any]]:
        return [dict(ItemFields(item).data) for item in operations.items_of(claim)]


class PrepareFields(serializers.Serializer[Any]):
    programme = serializers.CharField(max_length=20, help_text="The programme's code.")


class ReimbursedFields(serializers.Serializer[Any]):
    """What the issuer has paid: all but the refused orders."""

    reference = serializers.CharField(max_length=100, allow_blank=True, default="")
    refused = serializers.DictField(
        child=serializers.CharField(max_length=500), default=dict, help_text="By order number: why it is not paid."
    )


class RefusedFields(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500)
