"""Who a program acts as, for which organisation, and the check of a credit code."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import access
from accounts.memberships import rules as roles
from accounts.models import ApiToken, Membership, Organisation, User
from accounts.organisations import operations, rules
from kernel.refusals import Refusal


class MembershipFields(serializers.Serializer[Membership]):
    """One of the memberships a person has: an organisation and a role in it."""

    id = serializers.IntegerField(help_text="Say it in the header X-Acting to act for this organisation in a session.")
    organisation = serializers.CharField(source="organisation.code")
    organisation_name = serializers.CharField(source="organisation.name")
    role = serializers.ChoiceField(choices=Membership.Role.choices)
    may_book = serializers.BooleanField()
    may_operate_lab = serializers.BooleanField()


class MeFields(serializers.Serializer[Any]):
    """Who is calling, and for whom."""

    email = serializers.EmailField()
    name = serializers.CharField()
    language = serializers.CharField()
    timezone = serializers.CharField()
    acting = MembershipFields(allow_null=True, help_text="The membership this request acts with.")
    memberships = MembershipFields(many=True)
    scopes = serializers.ListField(
        child=serializers.CharField(), allow_null=True, help_text="What the token may do; null for a session."
    )


class OrganisationFields(serializers.ModelSerializer[Organisation]):
    """The organisation acted for; amounts in fen. Bank and credit are shown to owners and finance only."""

    district = serializers.CharField(source="district_id", allow_null=True)
    is_sme = serializers.BooleanField(help_text="Whether SME prices apply: the size, and verified.")

    class Meta:
        model = Organisation
        fields = (
            "code", "name_zh", "name_en", "org_type", "uscc", "foreign_reg_no", "country", "district", "size",
            "is_sme", "industry", "roles", "verification", "email", "phone", "timezone", "invoice_title",
            "invoice_address", "invoice_phone", "bank_name", "bank_account", "monthly_credit_fen",
        )  # fmt: skip

    def to_representation(self, instance: Organisation) -> dict[str, Any]:
        shown = super().to_representation(instance)
        if not roles.may_see_money(self.context["role"]):
            for name in ("bank_name", "bank_account", "monthly_credit_fen"):
                shown[name] = None
        return shown


class CreditCodeFields(serializers.Serializer[Any]):
    credit_code = serializers.CharField(max_length=60, allow_blank=True, trim_whitespace=False)


class FlawFields(serializers.Serializer[Any]):
    code = serializers.CharField()
    detail = serializers.CharField()
    position = serializers.IntegerField(help_text="From 1; 0 when the whole code is meant.")
    character = serializers.CharField(allow_blank=True)


class CheckedFields(serializers.Serializer[Any]):
    """What is wrong with a credit code (ORG-1, ORG-3), and what is odd about it (ORG-2)."""

    credit_code = serializers.CharField(
        help_text="As it would be kept: folded, upper-cased, without spaces and hyphens."
    )
    is_right = serializers.BooleanField()
    flaws = FlawFields(many=True)
    organisation_code_is_odd = serializers.BooleanField(
        help_text="The check character of the organisation code (GB 11714) does not match; old codes may differ."
    )


class Me(APIView):
    """Who is calling."""

    access = access.SIGNED_IN

    @extend_schema(operation_id="me", responses=MeFields)
    def get(self, request: Request) -> Response:
        """Return the person behind the token or session, and the organisations they belong to."""
        user, member = request.user, request._request.member  # type: ignore[attr-defined]  # declared in web.requests
        assert isinstance(user, User)  # noqa: S101 -- the access rule has let nobody else in
        token: Any = request.auth if isinstance(request.auth, ApiToken) else None
        told = {
            "email": user.email,
            "name": user.name,
            "language": user.language,
            "timezone": user.timezone,
            "acting": member,
            "memberships": [member] if token else list(Membership.objects.of_user(user)),
            "scopes": token.scopes if token else None,
        }
        return Response(MeFields(told).data)


class OwnOrganisation(APIView):
    """The organisation acted for."""

    access = access.MEMBER
    scope = "organisation:read"

    @extend_schema(operation_id="organisation", responses=OrganisationFields)
    def get(self, request: Request) -> Response:
        """Return the profile of the organisation acted for."""
        member = request._request.member  # type: ignore[attr-defined]  # declared in web.requests
        return Response(OrganisationFields(member.organisation, context={"role": member.role}).data)


class CheckCreditCode(APIView):
    """The check of a unified social credit code; it makes nothing, so it needs no idempotency key."""

    access = access.SIGNED_IN

    @extend_schema(operation_id="check_credit_code", request=CreditCodeFields, responses=CheckedFields)
    def post(self, request: Request) -> Response:
        """Say whether a credit code is right, and name every wrong character with its position."""
        asked = CreditCodeFields(data=request.data)
        asked.is_valid(raise_exception=True)
        typed = asked.validated_data["credit_code"]
        refusals = operations.credit_code_refusals(typed)
        told = {
            "credit_code": rules.normalised(typed),
            "is_right": not refusals,
            "flaws": [flaw(each) for each in refusals],
            "organisation_code_is_odd": rules.organisation_code_warning(typed) is not None,
        }
        return Response(CheckedFields(told).data)


def flaw(refusal: Refusal) -> dict[str, Any]:
    """Return one thing wrong with a credit code, as told to programs."""
    facts = refusal.facts
    is_whole = isinstance(refusal, operations.CreditCodeLength)
    return {
        "code": refusal.code,
        "detail": str(refusal),
        "position": facts["position"],
        "character": "" if is_whole else facts["character"],
    }
