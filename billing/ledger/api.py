"""The ledger for programs of the platform's finance: figures, and every line behind them."""

from datetime import timedelta
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import access
from billing.ledger import queries
from billing.ledger.chart import EVENTS, Account, Per, Type
from billing.ledger.filters import EntryFilter, EveryLineFilter, begins
from billing.ledger.models import Entry, Line

READ = "ledger:read"


class SumFields(serializers.Serializer[Any]):
    """What an account, or one party of it, was debited and credited."""

    account = serializers.ChoiceField(choices=[account.value for account in Account])
    name_zh = serializers.CharField(source="kept.name_zh")
    name_en = serializers.CharField(source="kept.name_en")
    type = serializers.ChoiceField(source="kept.type", choices=[each.value for each in Type])
    per = serializers.ChoiceField(
        source="kept.per", choices=[each.value for each in Per], help_text="What the account's sub-ledgers are by."
    )
    party = serializers.CharField(help_text="Id, number or name of whose the sub-ledger is; empty: the whole account.")
    debit_fen = serializers.IntegerField()
    credit_fen = serializers.IntegerField()
    balance_fen = serializers.IntegerField(source="own.fen", help_text="Of a liability or income: credits less debits.")


class ClientMoneyFields(serializers.Serializer[Any]):
    """Whether what is owed to others is there (BL-35)."""

    held_fen = serializers.IntegerField()
    owed_fen = serializers.IntegerField()
    owed_by_labs_fen = serializers.IntegerField(help_text="What labs owe makes up for no other lab.")
    over_fen = serializers.IntegerField(source="over.fen", help_text="Below nothing, money of others is missing.")
    is_whole = serializers.BooleanField()


class LineFields(serializers.ModelSerializer[Line]):
    """One line: signed fen, debit above nothing."""

    class Meta:
        model = Line
        fields = ("account", "party", "fen", "organisation_id", "order_number", "lab_id", "programme_id", "provider")


class EntryFields(serializers.ModelSerializer[Entry]):
    """One entry with its lines."""

    event = serializers.ChoiceField(choices=list(EVENTS))
    by = serializers.CharField(source="by.email", allow_null=True, default=None)
    lines = LineFields(many=True)

    class Meta:
        model = Entry
        fields = (
            "id",
            "event_id",
            "event",
            "at",
            "order_number",
            "organisation_id",
            "lab_id",
            "by",
            "reason",
            "reverses_id",
            "lines",
        )


class JournalLineFields(LineFields):
    """One line with what its entry says."""

    entry = serializers.IntegerField(source="entry_id")
    event_id = serializers.CharField(source="entry.event_id")
    event = serializers.ChoiceField(source="entry.event", choices=list(EVENTS))
    at = serializers.DateTimeField(source="entry.at")

    class Meta(LineFields.Meta):
        fields = ("entry", "event_id", "event", "at", *LineFields.Meta.fields)  # type: ignore[assignment]  # longer


class UntilFields(serializers.Serializer[Any]):
    """The last day that counts."""

    until = serializers.DateField(required=False)


class TrialBalance(APIView):
    """Every account."""

    access = access.PLATFORM_FINANCE
    scope: ClassVar[str] = READ

    @extend_schema(parameters=[UntilFields], responses=SumFields(many=True))
    def get(self, request: Request) -> Response:
        """Return what every account holds, now or at the end of a local day; debits and credits are equal."""
        fields = UntilFields(data=request.query_params)
        fields.is_valid(raise_exception=True)
        day = fields.validated_data.get("until")
        sums = queries.trial_balance(until=begins(day + timedelta(days=1)) if day else None)
        return Response(SumFields(sums, many=True).data)


class ClientMoney(APIView):
    """Money of others."""

    access = access.PLATFORM_FINANCE
    scope: ClassVar[str] = READ

    @extend_schema(responses=ClientMoneyFields)
    def get(self, request: Request) -> Response:
        """Return what is held for others, and what is owed to them (BL-35)."""
        return Response(ClientMoneyFields(queries.client_money()).data)


class SubLedger(generics.GenericAPIView[Any]):
    """One account by whose it is."""

    access = access.PLATFORM_FINANCE
    scope: ClassVar[str] = READ
    serializer_class = SumFields
    queryset = Line.objects.none()
    filter_backends = ()

    @extend_schema(
        parameters=[OpenApiParameter("open", bool, description="Only those whose balance is not nothing.")],
        responses=SumFields(many=True),
    )
    def get(self, request: Request, code: str) -> Response:
        """Return an account by its sub-ledgers, in pages."""
        if code not in list(Account):
            raise Http404
        is_open = request.query_params.get("open", "").lower() in ("1", "true")
        page = self.paginate_queryset(queries.sub_ledger(Account(code), open_only=is_open))
        return self.get_paginated_response(SumFields(page, many=True).data)


class Entries(generics.ListAPIView[Entry]):
    """The journal."""

    access = access.PLATFORM_FINANCE
    scope: ClassVar[str] = READ
    serializer_class = EntryFields
    filterset_class = EntryFilter
    queryset = Entry.objects.none()

    def get_queryset(self) -> QuerySet[Entry]:
        return queries.posted().prefetch_related("lines")


class OneEntry(generics.RetrieveAPIView[Entry]):
    """One entry with its lines."""

    access = access.PLATFORM_FINANCE
    scope: ClassVar[str] = READ
    serializer_class = EntryFields
    lookup_url_kwarg = "entry_id"
    queryset = Entry.objects.select_related("by").prefetch_related("lines")


class Lines(generics.ListAPIView[Line]):
    """Every line of the books, for taking them away whole."""

    access = access.PLATFORM_FINANCE
    scope: ClassVar[str] = READ
    serializer_class = JournalLineFields
    filterset_class = EveryLineFilter
    queryset = Line.objects.none()

    def get_queryset(self) -> QuerySet[Line]:
        return Line.objects.select_related("entry").order_by("-pk")
