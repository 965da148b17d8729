"""A customer's invoices: what can be asked for, what was asked for, and documents to take away."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing.bills.models import Bill, MonthlyStatement
from billing.invoices import exporting, operations, queries, rules
from billing.invoices.capitals import in_capitals
from billing.invoices.filters import InvoiceFilter
from billing.invoices.forms import AskForm
from billing.invoices.models import CreditNote, Document, Invoice
from billing.pricing.queries import VatRateUnknown
from billing.vouchers.rules import ZONE, local_day
from billing.vouchers.views.shown import add_refusal
from kernel.money import Money
from kernel.refusals import Refusal
from web import access, files
from web.lists import show_list
from web.pages import show
from web.requests import MemberRequest

SHOWN = 10
"""How many orders that can be invoiced, and documents, stand beside the list."""


@access.member
@require_safe
def mine(request: MemberRequest) -> HttpResponse:
    """List what can be invoiced, the organisation's invoices, and its documents; invoices as a file, too."""
    billable = queries.to_be_invoiced(request.member)
    context = {
        "billable": billable[:SHOWN],
        "more": max(0, billable.count() - SHOWN),
        "documents": Document.objects.visible_to(request.member).filter(organisation=request.member.organisation_id)[
            :SHOWN
        ],
        "may_ask": request.member.may_book or request.member.may_see_money,
        "zone": ZONE,
    }
    return show_list(
        request,
        "billing/invoices/mine.html",
        InvoiceFilter(request.GET, queryset=queries.invoices_of(request.member)),
        file=_("invoices"),
        columns=[
            _("Order number"), _("Laboratory"), _("Kind of invoice"), _("State"), _("Amount without tax (¥)"),
            _("Tax (¥)"), _("Total of the invoice (¥)"), _("Invoice number"), _("Invoice date"),
        ],
        row=_row,
        context=context,
    )  # fmt: skip


def _row(one: Invoice) -> list[object]:
    return [
        one.bill.order_number,
        one.lab.name,
        str(one.get_kind_display()),
        str(one.get_state_display()),
        one.net_fen / 100,
        one.tax_fen / 100,
        one.total_fen / 100,
        one.number or "",
        one.issued_on or "",
    ]


@access.payer
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: MemberRequest, order_number: str) -> HttpResponse:
    """Ask for an invoice over a settled order; the buyer's block is filled from the organisation's profile."""
    now = timezone.now()
    found = Bill.objects.visible_to(request.member).select_related("lab__organisation", "organisation")
    bill = get_object_or_404(found, order_number=order_number)
    block = queries.party_of(request.member.organisation)
    special = not queries.flaws_of(
        block, kind=rules.Kind.SPECIAL, organisation=request.member.organisation, on=local_day(now)
    )
    first = {**block.as_json(), "kind": rules.Kind.SPECIAL.value if special else rules.Kind.ORDINARY.value}
    form = AskForm(request.POST if request.method == "POST" else None, initial=first)
    if form.is_valid():
        try:
            made = operations.ask(
                bill=bill,
                kind=form.cleaned_data["kind"],
                buyer=form.buyer(),
                remarks=form.cleaned_data["remarks"],
                by=request.member,
                now=now,
            )
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("The laboratory is asked for the invoice. You are told when it is there."))
            return HttpResponseRedirect(reverse("invoices:invoice", args=[made.pk]))
    total = queries.invoiceable_fen(bill) if bill.state == Bill.State.SETTLED else 0
    context = {
        "form": form,
        "bill": bill,
        "total": Money(max(total, 0)),
        "capitals": in_capitals(max(total, 0)),
        "is_net": queries.is_net_of_voucher(bill),
        "rate": _rate(bill),
    }
    return show(request, "billing/invoices/ask.html", context, status=422 if request.method == "POST" else 200)


def _rate(bill: Bill) -> str:
    try:
        return exporting.rate(queries.rate_of(bill))
    except VatRateUnknown:
        return ""


def _own(request: MemberRequest, pk: int) -> Invoice:
    return get_object_or_404(queries.invoices_of(request.member), pk=pk)


@access.member
@require_safe
def invoice(request: MemberRequest, pk: int) -> HttpResponse:
    """Show one invoice with its lines, what became of it, and what was taken back."""
    shown = _own(request, pk)
    may_withdraw = request.member.may_book or request.member.may_see_money
    context = {**facts_of(shown), "may_withdraw": may_withdraw and shown.state == Invoice.State.ASKED}
    return show(request, "billing/invoices/invoice.html", context)


def facts_of(shown: Invoice) -> dict[str, object]:
    """Return what every page of one invoice shows."""
    return {
        "invoice": shown,
        "lines": shown.written_lines,
        "capitals": in_capitals(shown.total_fen),
        "remarks": exporting.remarks_of(shown),
        "rate": exporting.rate(shown.rate_bp),
        "notes": shown.credit_notes.select_related("invoice__bill").order_by("asked_at", "pk"),
        "left": Money(shown.total_fen - shown.credited_fen),
        "zone": ZONE,
    }


@access.payer
@require_POST
def withdraw(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask no longer."""
    try:
        operations.withdraw(invoice=_own(request, pk), by=request.member, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The request is withdrawn."))
    return HttpResponseRedirect(reverse("invoices:mine"))


@access.member
@require_safe
def file(request: MemberRequest, pk: int) -> HttpResponse:
    """Send the file of an invoice."""
    shown = _own(request, pk)
    return files.sent(shown.file, name=shown.number or f"invoice-{shown.pk}")


@access.member
@require_safe
def note_file(request: MemberRequest, pk: int) -> HttpResponse:
    """Send the file of a credit note."""
    note = get_object_or_404(CreditNote.objects.visible_to(request.member), pk=pk)
    return files.sent(note.file, name=note.number or f"credit-note-{note.pk}")


# --- Documents --------------------------------------------------------------------------------------------------------


@access.member
@require_POST
def receipt(request: MemberRequest, order_number: str) -> HttpResponse:
    """Give out the receipt for what was paid towards an order."""
    found = Bill.objects.visible_to(request.member).select_related("lab__organisation", "organisation")
    bill = get_object_or_404(found, order_number=order_number)
    try:
        made = operations.receipt(bill=bill, by=request.member, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, f"{refusal} {refusal.remedy}".strip())
        return HttpResponseRedirect(reverse("invoices:mine"))
    return HttpResponseRedirect(reverse("invoices:document", args=[made.number]))


@access.member
@require_POST
def statement(request: MemberRequest, number: str) -> HttpResponse:
    """Give out the statement of account of a month as a document."""
    found = MonthlyStatement.objects.visible_to(request.member).select_related("organisation")
    made = operations.statement(monthly=get_object_or_404(found, number=number), by=request.member, now=timezone.now())
    return HttpResponseRedirect(reverse("invoices:document", args=[made.number]))


@access.member
@require_safe
def document(request: MemberRequest, number: str) -> HttpResponse:
    """Send a document as PDF/A, as it was given out."""
    found = get_object_or_404(Document.objects.visible_to(request.member), number=number)
    response = HttpResponse(operations.as_pdf(found), content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{found.number}.pdf"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
