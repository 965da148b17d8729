"""Vouchers for programs: an organisation's own, and the claims of the platform's operator."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import access
from accounts.models import Membership
from api.acting import Listing as Own
from api.acting import acting
from api.idempotency import idempotent
from billing.vouchers import operations, queries, rules
from billing.vouchers.fields import (
    ApplicationFields,
    ApplyFields,
    ClaimFields,
    GrantFields,
    OneClaimFields,
    PrepareFields,
    ProgrammeFields,
    RedemptionFields,
    RefusedFields,
    ReimbursedFields,
)
from billing.vouchers.filters import ApplicationFilter, ClaimFilter, ProgrammeFilter, RedemptionFilter
from billing.vouchers.models import ClaimBatch, Grant, Programme, Redemption, VoucherApplication
from kernel.money import Money

READ, WRITE = "vouchers:read", "vouchers:write"

APPLYING = {"programme": "VP-CX-2026", "wanted_fen": 5_000_000, "purpose": "线束端子拉脱力来料检验，每周两次"}
PREPARING = {"programme": "VP-CX-2026"}
REIMBURSING = {"reference": "财政国库支付 2026-1207", "refused": {"R20261123000001": "缺少上机记录"}}
REFUSING = {"reason": "超出年度预算"}


PROBLEM = OpenApiResponse(description="problem+json: code, detail, remedy, facts, every failing rule in `refusals`.")
ANSWERS: dict[int, Any] = {200: OneClaimFields, 404: PROBLEM, 409: PROBLEM, 422: PROBLEM}


class Listing(Own):
    """A list of what the caller's organisation has; all there is for the platform's operator."""

    scope: ClassVar[Any] = READ


class Programmes(Listing):
    """The programmes there are."""

    serializer_class = ProgrammeFields
    filterset_class = ProgrammeFilter
    queryset = Programme.objects.none()

    def seen(self, member: Membership) -> QuerySet[Any]:
        found = Programme.objects.visible_to(member).select_related("issuer")
        return found.prefetch_related("districts", "labs").order_by("code")

    def get_serializer_context(self) -> dict[str, Any]:
        told = {**super().get_serializer_context()}
        if not getattr(self, "swagger_fake_view", False):
            told["party"] = queries.party_of(acting(self.request).organisation)
            told["today"] = rules.local_day(timezone.now())
        return told

    @extend_schema(operation_id="voucher_programmes")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the programmes, with what keeps the caller's organisation from a voucher."""
        return super().get(request, *args, **kwargs)


class Grants(Listing):
    """Vouchers in hand."""

    serializer_class = GrantFields
    queryset = Grant.objects.none()

    def seen(self, member: Membership) -> QuerySet[Any]:
        return queries.grants_of(member)

    @extend_schema(operation_id="vouchers")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the vouchers with what is left of them, those that end first at the top."""
        return super().get(request, *args, **kwargs)


class Redemptions(Listing):
    """Where vouchers were used."""

    serializer_class = RedemptionFields
    filterset_class = RedemptionFilter
    queryset = Redemption.objects.none()

    def seen(self, member: Membership) -> QuerySet[Any]:
        return queries.redemptions_of(member)

    @extend_schema(operation_id="voucher_redemptions")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the uses of vouchers, the newest first."""
        return super().get(request, *args, **kwargs)


class Applications(Listing):
    """Applications for vouchers."""

    access: ClassVar[Any] = {"GET": access.MEMBER, "POST": access.BUYER}
    scope: ClassVar[Any] = {"GET": READ, "POST": WRITE}
    serializer_class = ApplicationFields
    filterset_class = ApplicationFilter
    queryset = VoucherApplication.objects.none()

    def seen(self, member: Membership) -> QuerySet[Any]:
        found = VoucherApplication.objects.visible_to(member).select_related("programme", "organisation")
        return found.order_by("-applied_at", "-pk")

    @extend_schema(operation_id="voucher_applications")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the applications, the newest first; where no state is asked for, those that wait."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="apply_for_voucher",
        request=ApplyFields,
        responses={201: ApplicationFields, 404: PROBLEM, 409: PROBLEM, 422: PROBLEM},
        examples=[OpenApiExample("Apply for ¥50,000", APPLYING, request_only=True)],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Apply for a voucher of a programme."""
        fields = ApplyFields(data=request.data)
        fields.is_valid(raise_exception=True)
        said, member = fields.validated_data, acting(request)
        programme = get_object_or_404(Programme.objects.visible_to(member), code=said["programme"])
        made = operations.apply(
            programme=programme,
            wanted=Money(said["wanted_fen"]),
            purpose=said["purpose"],
            by=member,
            now=timezone.now(),
        )
        return Response(ApplicationFields(made).data, status=201)


class Withdraw(APIView):
    """An application that is made no longer."""

    access = access.BUYER
    scope = WRITE

    @extend_schema(
        operation_id="withdraw_voucher_application",
        request=None,
        responses={200: ApplicationFields, 404: PROBLEM, 409: PROBLEM},
    )
    @idempotent
    def post(self, request: Request, application_id: int) -> Response:
        """Ask no longer."""
        member = acting(request)
        own = VoucherApplication.objects.filter(organisation=member.organisation_id)
        found = operations.withdraw(
            application=get_object_or_404(own, pk=application_id), by=member, now=timezone.now()
        )
        return Response(ApplicationFields(found).data)


# --- Claims, for the platform's operator ------------------------------------------------------------------------------


class Claims(Listing):
    """Claims to the issuers."""

    access: ClassVar[Any] = access.PLATFORM_OPERATOR
    scope: ClassVar[Any] = {"GET": READ, "POST": WRITE}
    serializer_class = ClaimFields
    filterset_class = ClaimFilter
    queryset = ClaimBatch.objects.none()

    def seen(self, member: Membership) -> QuerySet[Any]:
        return queries.claims(member)

    @extend_schema(operation_id="voucher_claims")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the claims, the newest first."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="prepare_voucher_claim",
        request=PrepareFields,
        responses={201: OneClaimFields, 404: PROBLEM, 409: PROBLEM},
        examples=[OpenApiExample("What was used of a programme", PREPARING, request_only=True)],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Put together what was used of a programme and not claimed yet."""
        fields = PrepareFields(data=request.data)
        fields.is_valid(raise_exception=True)
        member = acting(request)
        programme = get_object_or_404(Programme.objects.visible_to(member), code=fields.validated_data["programme"])
        made = operations.claim_batch(programme=programme, by=member, now=timezone.now())
        where = {"Location": f"/api/v1/vouchers/claims/{made.number}/"}
        return Response(OneClaimFields(made).data, status=201, headers=where)


def claim_of(request: Request, number: str) -> ClaimBatch:
    """Return a claim, or answer 404."""
    seen = ClaimBatch.objects.visible_to(acting(request)).select_related("programme")
    return get_object_or_404(seen, number=number)


class OneClaim(APIView):
    """One claim with its uses."""

    access = access.PLATFORM_OPERATOR
    scope = READ

    @extend_schema(operation_id="voucher_claim", responses={200: OneClaimFields, 404: PROBLEM})
    def get(self, request: Request, number: str) -> Response:
        """Show a claim with its uses."""
        return Response(OneClaimFields(claim_of(request, number)).data)


class Act(APIView):
    """Something the platform's operator says of a claim."""

    access = access.PLATFORM_OPERATOR
    scope = WRITE


class Submit(Act):
    """Handed to the issuer."""

    @extend_schema(operation_id="submit_voucher_claim", request=None, responses=ANSWERS)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Say that a claim was handed to its issuer; its evidence is kept as it is now."""
        found = operations.submitted(batch=claim_of(request, number), by=acting(request), now=timezone.now())
        return Response(OneClaimFields(found).data)


class Reimburse(Act):
    """Paid by the issuer."""

    @extend_schema(
        operation_id="reimburse_voucher_claim",
        request=ReimbursedFields,
        responses=ANSWERS,
        examples=[OpenApiExample("All but one", REIMBURSING, request_only=True)],
    )
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Say what the issuer has paid; it is booked as received (E6b)."""
        batch, fields = claim_of(request, number), ReimbursedFields(data=request.data)
        fields.is_valid(raise_exception=True)
        by_order = {item.redemption.order_number: item.pk for item in operations.items_of(batch)}
        refused = fields.validated_data["refused"]
        if unknown := sorted(set(refused) - set(by_order)):
            raise serializers.ValidationError({"refused": f"Not in this claim: {', '.join(unknown)}"})
        found = operations.reimbursed(
            batch=batch,
            reference=fields.validated_data["reference"],
            refused={by_order[order]: why for order, why in refused.items()},
            by=acting(request),
            now=timezone.now(),
        )
        return Response(OneClaimFields(found).data)


class Refuse(Act):
    """Refused by the issuer."""

    @extend_schema(
        operation_id="refuse_voucher_claim",
        request=RefusedFields,
        responses=ANSWERS,
        examples=[OpenApiExample("Nothing is paid", REFUSING, request_only=True)],
    )
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Say that the issuer pays nothing, and why; its uses can be claimed again."""
        fields = RefusedFields(data=request.data)
        fields.is_valid(raise_exception=True)
        reason = fields.validated_data["reason"]
        found = operations.refused(
            batch=claim_of(request, number), reason=reason, by=acting(request), now=timezone.now()
        )
        return Response(OneClaimFields(found).data)
