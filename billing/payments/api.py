"""Balances, reference codes and monthly statements for programs; the lines of the bank for the platform's finance."""

from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import access
from accounts.models import Membership
from api.acting import Listing as Own
from api.acting import acting
from api.idempotency import idempotent
from billing.bills import queries as bills
from billing.bills.models import MonthlyStatement
from billing.ledger.chart import EVENTS
from billing.ledger.models import Line
from billing.payments import operations, queries
from billing.payments.filters import BankLineFilter, MovementFilter, StatementFilter
from billing.payments.models import BankLine, ReferenceCode
from billing.vouchers.rules import local_day

READ, WRITE = "money:read", "money:write"


class BalanceFields(serializers.Serializer[Any]):
    """What an organisation has, owes, and may still book on account; fen."""

    prepaid_fen = serializers.IntegerField(help_text="The prepaid balance (预存款).")
    owed_fen = serializers.IntegerField(help_text="On the monthly account (月结), unsettled orders included.")
    credit_left_fen = serializers.IntegerField(help_text="What may still be booked on account.")
    overdue_statement = serializers.CharField(
        allow_null=True, help_text="The number of a statement that was not paid in time: nothing goes onto the account."
    )


class MovementFields(serializers.ModelSerializer[Line]):
    """What came onto a balance or went off it."""

    at = serializers.DateTimeField(source="entry.at")
    event = serializers.ChoiceField(source="entry.event", choices=list(EVENTS))
    order_number = serializers.SerializerMethodField()
    fen = serializers.SerializerMethodField(help_text="Above nothing what came onto the balance.")

    class Meta:
        model = Line
        fields = ("id", "at", "event", "order_number", "fen")

    def get_order_number(self, line: Line) -> str:
        """The order it is about, if any."""
        return line.order_number or line.entry.order_number

    def get_fen(self, line: Line) -> int:
        """A balance is what is owed to its organisation: a credit of the books."""
        return -line.fen


class ReferenceFields(serializers.ModelSerializer[ReferenceCode]):
    """A code that belongs into the remark of a transfer, and where the transfer goes."""

    payee = serializers.SerializerMethodField()
    bank = serializers.SerializerMethodField()
    account = serializers.SerializerMethodField()

    class Meta:
        model = ReferenceCode
        fields = ("code", "purpose", "number", "expected_fen", "made_at", "paid_at", "payee", "bank", "account")

    def get_payee(self, reference: ReferenceCode) -> str:
        """Whose account it is."""
        return settings.BANK_ACCOUNT["payee"]

    def get_bank(self, reference: ReferenceCode) -> str:
        """At which bank."""
        return settings.BANK_ACCOUNT["bank"]

    def get_account(self, reference: ReferenceCode) -> str:
        """Its number."""
        return settings.BANK_ACCOUNT["number"]


class MonthlyStatementFields(serializers.ModelSerializer[MonthlyStatement]):
    """What is owed for a month on account; fen."""

    is_overdue = serializers.SerializerMethodField()

    class Meta:
        model = MonthlyStatement
        fields = (
            "number",
            "month",
            "opening_fen",
            "debit_fen",
            "credit_fen",
            "closing_fen",
            "due_fen",
            "due_on",
            "state",
            "paid_at",
            "is_overdue",
        )

    def get_is_overdue(self, statement: MonthlyStatement) -> bool:
        """Whether its money should have come by now."""
        return statement.state == MonthlyStatement.State.OPEN and statement.due_on < local_day(timezone.now())


class StatementLineFields(MovementFields):
    """What came onto the account or went off it in a month."""

    def get_fen(self, line: Line) -> int:
        """Above nothing what came onto the account."""
        return line.fen


class OneStatementFields(MonthlyStatementFields):
    """A monthly statement with its lines, and the code by which it is paid."""

    reference = serializers.SerializerMethodField()
    lines = serializers.SerializerMethodField()

    class Meta(MonthlyStatementFields.Meta):
        fields = (*MonthlyStatementFields.Meta.fields, "reference", "lines")  # type: ignore[assignment]  # longer

    def get_reference(self, statement: MonthlyStatement) -> str:
        """The code; empty where nothing is to be paid."""
        found = queries.reference_of(statement.number, purpose=ReferenceCode.Purpose.STATEMENT)
        return found.code if found else ""

    @extend_schema(responses=StatementLineFields(many=True))
    def get_lines(self, statement: MonthlyStatement) -> Any:
        """The movements of the month, in order."""
        return StatementLineFields(queries.lines_of_statement(statement), many=True).data


class BankLineFields(serializers.ModelSerializer[BankLine]):
    """A line of the custody account: signed fen, and what became of it."""

    reference = serializers.CharField(source="reference.code", allow_null=True, default=None)
    organisation = serializers.CharField(source="reference.organisation.code", allow_null=True, default=None)

    class Meta:
        model = BankLine
        fields = ("id", "serial", "on", "fen", "payer", "account", "remark", "state", "why", "reference",
                  "organisation", "paid")  # fmt: skip


class Balance(APIView):
    """What the organisation has and owes."""

    access = access.MEMBER
    scope: ClassVar[str] = READ

    @extend_schema(operation_id="balance", responses=BalanceFields)
    def get(self, request: Request) -> Response:
        """Return the prepaid balance, what is owed on account, and what may still be booked so."""
        whose = acting(request).organisation
        late = bills.overdue_statement(whose.pk, now=timezone.now())
        told = {
            "prepaid_fen": bills.prepaid(whose.pk).fen,
            "owed_fen": bills.owed_on_account(whose.pk).fen,
            "credit_left_fen": 0 if late else max(0, bills.credit_left(whose).fen),
            "overdue_statement": late.number if late else None,
        }
        return Response(BalanceFields(told).data)


class Listing(Own):
    """A list of what the caller's organisation has."""

    scope: ClassVar[Any] = READ


class Movements(Listing):
    """What moved on the prepaid balance."""

    serializer_class = MovementFields
    filterset_class = MovementFilter

    def seen(self, member: Membership) -> QuerySet[Any]:
        return queries.movements(member.organisation_id)

    @extend_schema(operation_id="balance_movements")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List what came onto the prepaid balance and went off it, the newest first."""
        return super().get(request, *args, **kwargs)


class References(Listing):
    """Codes for transfers."""

    scope: ClassVar[Any] = {"GET": READ, "POST": WRITE}
    serializer_class = ReferenceFields
    queryset = ReferenceCode.objects.none()

    def seen(self, member: Membership) -> QuerySet[Any]:
        return ReferenceCode.objects.visible_to(member)

    @extend_schema(operation_id="transfer_references")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the codes by which the organisation's transfers are found, the newest first."""
        return super().get(request, *args, **kwargs)

    @extend_schema(operation_id="top_up_reference", request=None, responses={201: ReferenceFields})
    @idempotent
    def post(self, request: Request) -> Response:
        """Return the code by which a transfer reaches the prepaid balance; it stays the same."""
        code = operations.top_up_code(organisation_id=acting(request).organisation_id, now=timezone.now())
        return Response(ReferenceFields(code).data, status=201)


class Statements(Listing):
    """What is owed by month."""

    serializer_class = MonthlyStatementFields
    filterset_class = StatementFilter
    queryset = MonthlyStatement.objects.none()

    def seen(self, member: Membership) -> QuerySet[Any]:
        return queries.statements_of(member)

    @extend_schema(operation_id="monthly_statements")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the organisation's monthly statements, the newest first."""
        return super().get(request, *args, **kwargs)


class OneStatement(APIView):
    """One month."""

    access = access.MEMBER
    scope: ClassVar[str] = READ

    @extend_schema(operation_id="monthly_statement", responses=OneStatementFields)
    def get(self, request: Request, number: str) -> Response:
        """Return a monthly statement with its lines."""
        found = get_object_or_404(queries.statements_of(acting(request)), number=number)
        return Response(OneStatementFields(found).data)


class BankLines(Listing):
    """What the bank reported."""

    access: ClassVar[Any] = access.PLATFORM_FINANCE
    serializer_class = BankLineFields
    filterset_class = BankLineFilter
    queryset = BankLine.objects.none()

    def seen(self, member: Membership) -> QuerySet[Any]:
        return queries.lines()

    @extend_schema(operation_id="bank_lines")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the lines of the custody account, the newest first, with what became of each."""
        return super().get(request, *args, **kwargs)
