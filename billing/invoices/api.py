"""Invoices for programs: a customer's own, and what a lab has to write."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import access
from accounts.models import Membership
from api.acting import Listing, acting
from api.idempotency import idempotent
from billing.bills.models import Bill
from billing.invoices import operations, queries, rules
from billing.invoices.fields import (
    AskFields,
    ConfirmFields,
    CreditNoteFields,
    InvoiceFields,
    IssueFields,
    ReasonFields,
    WantFields,
    WriteFields,
)
from billing.invoices.filters import InvoiceFilter
from billing.invoices.models import CreditNote, Invoice

READ, WRITE = "money:read", "money:write"

ASKING = {
    "order_number": "R20261123000001",
    "kind": "ordinary",
    "buyer": {"name": "示例电子（广州）有限公司", "tax_id": "91110000600037341L"},
    "remarks": "项目 A",
}
ISSUING = {"number": "26440000000000000001", "issued_on": "2026-11-30", "issuer_name": "王会计"}
REJECTING = {"reason": "抬头与营业执照不符"}
WANTING = {"reason": "allowance", "fen": 10_000, "words": "样品损坏"}
CONFIRMING = {"confirmation_number": "44010026110000001", "confirmation": "confirmed"}
WRITING = {"number": "26440000000000000002", "issued_on": "2026-11-30"}

PROBLEM = OpenApiResponse(description="problem+json: code, detail, remedy, facts, every failing rule in `refusals`.")
ANSWERS: dict[int, Any] = {200: InvoiceFields, 404: PROBLEM, 409: PROBLEM, 422: PROBLEM}
OF_NOTE: dict[int, Any] = {200: CreditNoteFields, 404: PROBLEM, 409: PROBLEM, 422: PROBLEM}


def said(fields: Any, request: Request) -> dict[str, Any]:
    """Return what the body says, checked by its fields."""
    read = fields(data=request.data)
    read.is_valid(raise_exception=True)
    found: dict[str, Any] = read.validated_data
    return found


def example(name: str, body: dict[str, Any]) -> list[OpenApiExample]:
    """Return a documented example of a body."""
    return [OpenApiExample(name, body, request_only=True)]


class Invoices(Listing):
    """The organisation's invoices."""

    access: ClassVar[Any] = {"GET": access.MEMBER, "POST": access.PAYER}
    scope: ClassVar[Any] = {"GET": READ, "POST": WRITE}
    serializer_class = InvoiceFields
    filterset_class = InvoiceFilter
    queryset = Invoice.objects.none()

    def seen(self, member: Membership) -> QuerySet[Any]:
        return queries.invoices_of(member)

    @extend_schema(operation_id="invoices")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the organisation's invoices, the newest first."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="ask_for_invoice",
        request=AskFields,
        responses={201: InvoiceFields, 404: PROBLEM, 409: PROBLEM, 422: PROBLEM},
        examples=example("An ordinary invoice", ASKING),
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Ask for an invoice over a settled order."""
        asked, member = said(AskFields, request), acting(request)
        found = Bill.objects.visible_to(member).select_related("lab__organisation", "organisation")
        buyer = rules.Party(**asked["buyer"]) if "buyer" in asked else queries.party_of(member.organisation)
        made = operations.ask(
            bill=get_object_or_404(found, order_number=asked["order_number"]),
            kind=asked["kind"],
            buyer=buyer,
            remarks=asked["remarks"],
            by=member,
            now=timezone.now(),
        )
        where = {"Location": f"/api/v1/invoices/{made.pk}/"}
        return Response(InvoiceFields(made).data, status=201, headers=where)


class OneInvoice(APIView):
    """One invoice of the organisation."""

    access = access.MEMBER
    scope = READ

    @extend_schema(operation_id="invoice", responses={200: InvoiceFields, 404: PROBLEM})
    def get(self, request: Request, invoice_id: int) -> Response:
        """Show an invoice."""
        return Response(InvoiceFields(get_object_or_404(queries.invoices_of(acting(request)), pk=invoice_id)).data)


class Withdraw(APIView):
    """A request that is made no longer."""

    access = access.PAYER
    scope = WRITE

    @extend_schema(operation_id="withdraw_invoice", request=None, responses=ANSWERS)
    @idempotent
    def post(self, request: Request, invoice_id: int) -> Response:
        """Ask no longer."""
        found = get_object_or_404(queries.invoices_of(acting(request)), pk=invoice_id)
        done = operations.withdraw(invoice=found, by=acting(request), now=timezone.now())
        return Response(InvoiceFields(done).data)


# --- The seller's side ------------------------------------------------------------------------------------------------


class ToWrite(Listing):
    """What the organisation's labs are asked for."""

    access = access.LAB_FINANCE
    scope = READ
    serializer_class = InvoiceFields
    filterset_class = InvoiceFilter
    queryset = Invoice.objects.none()

    def seen(self, member: Membership) -> QuerySet[Any]:
        return queries.invoices_at(member)

    @extend_schema(operation_id="invoices_to_write")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List what customers ask the labs for, the newest first; `state=asked` is what waits."""
        return super().get(request, *args, **kwargs)


class AtDesk(APIView):
    """Something a lab says of a request."""

    access = access.LAB_FINANCE
    scope = WRITE

    def asked(self, request: Request, invoice_id: int) -> Invoice:
        """Return the request, or answer 404."""
        return get_object_or_404(queries.invoices_at(acting(request)), pk=invoice_id)

    def note(self, request: Request, note_id: int) -> CreditNote:
        """Return the credit note, or answer 404."""
        found = CreditNote.objects.operated_by(acting(request)).select_related("invoice__bill")
        return get_object_or_404(found, pk=note_id)


class Issue(AtDesk):
    """Written."""

    @extend_schema(
        operation_id="issue_invoice", request=IssueFields, responses=ANSWERS, examples=example("Written", ISSUING)
    )
    @idempotent
    def post(self, request: Request, invoice_id: int) -> Response:
        """Bring the number, and the file, of an invoice that was written."""
        invoice, came = self.asked(request, invoice_id), said(IssueFields, request)
        done = operations.issue(invoice=invoice, **came, by=acting(request), now=timezone.now())
        return Response(InvoiceFields(done).data)


class Reject(AtDesk):
    """Not written."""

    @extend_schema(
        operation_id="reject_invoice", request=ReasonFields, responses=ANSWERS, examples=example("No", REJECTING)
    )
    @idempotent
    def post(self, request: Request, invoice_id: int) -> Response:
        """Say why an invoice is not written."""
        invoice, why = self.asked(request, invoice_id), said(ReasonFields, request)
        done = operations.reject(invoice=invoice, **why, by=acting(request), now=timezone.now())
        return Response(InvoiceFields(done).data)


class Credit(AtDesk):
    """To be taken back."""

    @extend_schema(
        operation_id="want_credit_note",
        request=WantFields,
        responses={201: CreditNoteFields, 404: PROBLEM, 409: PROBLEM, 422: PROBLEM},
        examples=example("A part of it", WANTING),
    )
    @idempotent
    def post(self, request: Request, invoice_id: int) -> Response:
        """Note that an invoice is to be taken back, whole or in part."""
        invoice, wanted = self.asked(request, invoice_id), said(WantFields, request)
        made = operations.want(invoice=invoice, **wanted, by=acting(request), now=timezone.now())
        return Response(CreditNoteFields(made).data, status=201)


class CreditNotes(Listing):
    """Credit notes that labs have to write."""

    access = access.LAB_FINANCE
    scope = READ
    serializer_class = CreditNoteFields
    queryset = CreditNote.objects.none()

    def seen(self, member: Membership) -> QuerySet[Any]:
        return queries.credit_notes_at(member)

    @extend_schema(operation_id="credit_notes_to_write")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the credit notes to write, the oldest first."""
        return super().get(request, *args, **kwargs)


class Confirm(AtDesk):
    """The confirmation form of a credit note."""

    @extend_schema(
        operation_id="confirm_credit_note",
        request=ConfirmFields,
        responses=OF_NOTE,
        examples=example("Confirmed by the buyer", CONFIRMING),
    )
    @idempotent
    def post(self, request: Request, note_id: int) -> Response:
        """Bring the confirmation form's number and state."""
        note, form = self.note(request, note_id), said(ConfirmFields, request)
        done = operations.confirm(note=note, **form, by=acting(request), now=timezone.now())
        return Response(CreditNoteFields(done).data)


class Write(AtDesk):
    """A credit note that was written."""

    @extend_schema(
        operation_id="write_credit_note", request=WriteFields, responses=OF_NOTE, examples=example("Written", WRITING)
    )
    @idempotent
    def post(self, request: Request, note_id: int) -> Response:
        """Bring the number, and the file, of a credit note that was written."""
        note, came = self.note(request, note_id), said(WriteFields, request)
        done = operations.write(note=note, **came, by=acting(request), now=timezone.now())
        return Response(CreditNoteFields(done).data)
