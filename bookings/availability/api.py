"""When an instrument is free and what a use costs, for programs: open to all, the price as the caller would have it."""

from datetime import datetime, timedelta, tzinfo
from typing import Any, ClassVar, overload

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import access
from accounts.models import Membership
from api import problems
from billing.pricing.rules import LINE_KINDS, Price
from billing.pricing.wording import basis_in_both, lines_in_both
from bookings.availability import queries, rules
from kernel.periods import Period
from kernel.refusals import Refusals
from labs.catalogue.rules import normalised
from labs.models import Instrument

LONGEST_SEARCH = timedelta(days=31)
"""How much time one search of starts may span."""


class HowFields(serializers.Serializer[Any]):
    """How an instrument is wanted: by whom it is operated, how many positions, under what condition, with what."""

    mode = serializers.ChoiceField(choices=[rules.SELF, rules.ASSISTED, rules.TRAINING], default=rules.ASSISTED)
    units = serializers.IntegerField(min_value=1, max_value=1000, default=1, help_text="How many of its positions.")
    profile = serializers.CharField(
        max_length=200,
        required=False,
        allow_blank=True,
        default="",
        help_text="The condition it is run under, where customers share it at one time (BK-7).",
    )
    materials = serializers.ListField(
        child=serializers.ChoiceField(choices=Instrument.Material.choices),
        required=False,
        default=list,
        help_text="Hazardous classes that are brought along (BK-16).",
    )


class WishFields(HowFields):
    """A time wanted on an instrument: instants with their offset, and how it is wanted."""

    start = serializers.DateTimeField(help_text="ISO 8601 with offset, on the slot grid.")
    end = serializers.DateTimeField(help_text="ISO 8601 with offset; exclusive.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["start"] >= attrs["end"]:
            raise serializers.ValidationError({"end": _("The end must come after the start.")})
        return attrs

    def wish(self) -> rules.Wish:
        """The validated fields as a value."""
        data = self.validated_data
        return rules.Wish(
            period=Period(data["start"], data["end"]),
            mode=data["mode"],
            units=data["units"],
            profile=normalised(data["profile"]),
            materials=tuple(data["materials"]),
        )


class SearchFields(HowFields):
    """A search for starts: from, to (at most 31 days), length in minutes, mode of use."""

    start = serializers.DateTimeField(help_text="First start that will do.")
    end = serializers.DateTimeField(help_text="Starts before this instant; at most 31 days after `start`.")
    minutes = serializers.IntegerField(min_value=1, max_value=366 * 24 * 60)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not timedelta() < attrs["end"] - attrs["start"] <= LONGEST_SEARCH:
            raise serializers.ValidationError({"end": _("The end must come within 31 days after the start.")})
        return attrs


class LineFields(serializers.Serializer[Any]):
    """One line of a price: what for, how much, and how it came about (fen, minutes, basis points)."""

    kind = serializers.ChoiceField(choices=LINE_KINDS)
    minutes = serializers.IntegerField(allow_null=True)
    rate_fen_per_hour = serializers.IntegerField(allow_null=True)
    rate_bp = serializers.IntegerField(allow_null=True)
    band = serializers.CharField(allow_blank=True)
    band_zh = serializers.CharField(allow_blank=True)
    units = serializers.IntegerField()
    list_fen = serializers.IntegerField()
    discount_bp = serializers.IntegerField()
    discount_fen = serializers.IntegerField()
    amount_fen = serializers.IntegerField()
    item = serializers.CharField(allow_blank=True, help_text="What was consumed; empty on other lines.")
    quantity = serializers.CharField(allow_blank=True, help_text="How much of it, as a decimal number.")
    unit_price_fen = serializers.IntegerField(allow_null=True)
    told_zh = serializers.CharField(help_text="The line in words and numbers, in Chinese.")
    told_en = serializers.CharField(help_text="The line in words and numbers, in English.")


class PriceFields(serializers.Serializer[Any]):
    """What a use costs: its lines and their sum, tax included."""

    total_fen = serializers.IntegerField()
    discount = serializers.CharField(allow_blank=True)
    lines = LineFields(many=True)
    basis_zh = serializers.ListField(child=serializers.CharField(), help_text="Which time is counted, in Chinese.")
    basis_en = serializers.ListField(child=serializers.CharField(), help_text="Which time is counted, in English.")


class StartsFields(serializers.Serializer[Any]):
    """The starts for which a hold placed now would succeed."""

    starts = serializers.ListField(child=serializers.DateTimeField())


def member_of(request: Request) -> Membership | None:
    """The acting membership of a request, or None for a visitor."""
    member: Membership | None = getattr(request._request, "member", None)
    return member


def told(price: Price) -> dict[str, Any]:
    """A price as the API says it."""
    basis = basis_in_both(price.priced_from)
    return {
        "total_fen": price.total.fen,
        "discount": price.discount,
        "lines": lines_said(price.as_json()),
        "basis_zh": basis["zh"],
        "basis_en": basis["en"],
    }


def lines_said(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Frozen lines as the API says them: each in words as well, in both languages."""
    return [{**line, **told} for line, told in zip(lines, lines_in_both(lines), strict=True)]


@overload
def said(instant: datetime, zone: tzinfo) -> str: ...
@overload
def said(instant: None, zone: tzinfo) -> None: ...
def said(instant: datetime | None, zone: tzinfo) -> str | None:
    """An instant in the lab's zone, with its offset; nothing for none."""
    return None if instant is None else instant.astimezone(zone).isoformat()


class Availability(APIView):
    """Starts that are free."""

    access = {"GET": access.ANYONE}
    scope: ClassVar[dict[str, str]] = {"GET": "catalogue:read"}

    @extend_schema(
        parameters=[
            SearchFields,
            OpenApiParameter("code", str, OpenApiParameter.PATH, description="The instrument's code."),
        ],
        responses=StartsFields,
    )
    def get(self, request: Request, code: str) -> Response:
        """List the starts on the slot grid for which a hold placed now, as this caller, would succeed (BK-25)."""
        search = SearchFields(data=request.query_params)
        search.is_valid(raise_exception=True)
        wanted = search.validated_data
        member = member_of(request)
        instrument = get_object_or_404(Instrument.objects.published().select_related("lab"), code=code)
        found = queries.starts(
            instrument.pk,
            within=Period(wanted["start"], wanted["end"]),
            minutes=wanted["minutes"],
            mode=wanted["mode"],
            units=wanted["units"],
            profile=normalised(wanted["profile"]),
            materials=tuple(wanted["materials"]),
            member=member,
            now=timezone.now(),
        )
        return Response({"starts": [said(start, instrument.lab.tz) for start in found]})


class PriceOfUse(APIView):
    """What a use would cost."""

    access = {"GET": access.ANYONE}
    scope: ClassVar[dict[str, str]] = {"GET": "catalogue:read"}

    @extend_schema(
        parameters=[
            WishFields,
            OpenApiParameter("code", str, OpenApiParameter.PATH, description="The instrument's code."),
        ],
        responses=PriceFields,
    )
    def get(self, request: Request, code: str) -> Response:
        """Price a use for this caller, and refuse with every rule that fails; nothing is kept."""
        fields = WishFields(data=request.query_params)
        fields.is_valid(raise_exception=True)
        wish, member = fields.wish(), member_of(request)
        now = timezone.now()
        instrument = get_object_or_404(Instrument.objects.published(), code=code)
        found = queries.terms([instrument.pk], within=wish.period, member=member, now=now).get(instrument.pk)
        if found is None:
            return problems.problem(rules.InstrumentUnavailable(instrument=instrument.name))
        if failing := rules.refusals(found.facts, wish, now):
            return problems.problem(Refusals(failing), price=told(found.price(wish)))
        return Response(told(found.price(wish)))
