"""The seller's desk: requests for invoices with their files, what comes back, and credit notes."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from billing.bills.models import Bill
from billing.invoices import exporting, operations, queries
from billing.invoices.filters import InvoiceFilter
from billing.invoices.forms import ConfirmationForm, CreditForm, IssueForm, ItemForm, ReasonForm, WriteForm
from billing.invoices.models import CreditNote, Invoice
from billing.invoices.views.mine import facts_of
from billing.vouchers.rules import ZONE, local_day
from billing.vouchers.views.shown import add_refusal
from kernel.refusals import Refusal
from web import access, files, tables
from web.lists import show_list
from web.pages import show
from web.requests import MemberRequest

JSON = "json"
State = Invoice.State


@access.lab_finance
@require_safe
def invoices(request: MemberRequest) -> HttpResponse:
    """List what the organisation's labs are asked for, and credit notes to write; as JSON, CSV or XLSX, too."""
    found = InvoiceFilter(request.GET, queryset=queries.invoices_at(request.member))
    fmt = request.GET.get("format", "")
    if fmt == JSON:
        return _as_json([exporting.as_json(one) for one in found.qs[: tables.MOST_ROWS]], "invoices")
    if tables.asked_for(fmt):
        rows = exporting.rows(found.qs[: tables.MOST_ROWS])
        return tables.answer(fmt, name=_("invoices"), columns=exporting.columns(), rows=rows)
    context = {"notes": queries.credit_notes_at(request.member), "zone": ZONE, "now": timezone.now()}
    return show_list(
        request, "billing/invoices/desk.html", found, file="", columns=[], row=lambda one: [], context=context
    )


def _as_json(content: Any, name: str) -> HttpResponse:
    response = JsonResponse(content, safe=False, json_dumps_params={"ensure_ascii": False, "indent": 2})
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.json"'
    return response


def _theirs(request: MemberRequest, pk: int) -> Invoice:
    return get_object_or_404(queries.invoices_at(request.member), pk=pk)


@access.lab_finance
@require_safe
def invoice(request: MemberRequest, pk: int) -> HttpResponse:
    """Show one request with all its fields; as JSON, CSV or XLSX, too."""
    shown = _theirs(request, pk)
    fmt, name = request.GET.get("format", ""), f"{shown.bill.order_number}-{shown.pk}"
    if fmt == JSON:
        return _as_json(exporting.as_json(shown), name)
    if tables.asked_for(fmt):
        return tables.answer(fmt, name=name, columns=exporting.columns(), rows=exporting.rows([shown]))
    return _show(request, shown)


def _show(request: MemberRequest, shown: Invoice, **bound: forms.Form) -> HttpResponse:
    """Show one request with its forms; those in `bound` were refused."""
    today = local_day(timezone.now())
    item = queries.item_of(shown.lab_id, shown.bill.tax_category)
    named = {"short_name": item.short_name, "name": item.name, "code": item.code}
    context = {
        **facts_of(shown),
        "issuing": IssueForm(initial={"issued_on": today, "issuer_name": str(request.user)}),
        "rejecting": ReasonForm(),
        "naming": ItemForm(initial=named),
        "crediting": CreditForm(),
        "may_credit": shown.state == State.ISSUED and any(queries.left_to_credit(shown)),
        **bound,
    }
    return show(request, "billing/invoices/desk_invoice.html", context, status=422 if bound else 200)


def _act(
    request: MemberRequest, shown: Invoice, name: str, form: forms.Form, act: Callable[[], Any], done: str
) -> HttpResponse:
    """Do what a form of an invoice's page asks for, or show the page with what is wrong."""
    if not form.is_valid():
        return _show(request, shown, **{name: form})
    try:
        act()
    except Refusal as refusal:
        add_refusal(form, refusal)
        return _show(request, shown, **{name: form})
    messages.success(request, done)
    return HttpResponseRedirect(reverse("invoices:desk-invoice", args=[shown.pk]))


@access.lab_finance
@require_POST
def issue(request: MemberRequest, pk: int) -> HttpResponse:
    """Enter the number and the file of an invoice that was written."""
    shown, form = _theirs(request, pk), IssueForm(request.POST, request.FILES)

    def act() -> None:
        operations.issue(invoice=shown, **form.cleaned_data, by=request.member, now=timezone.now())

    return _act(request, shown, "issuing", form, act, _("The invoice is issued; the customer is told."))


@access.lab_finance
@require_POST
def reject(request: MemberRequest, pk: int) -> HttpResponse:
    """Do not write an invoice, and say why."""
    shown, form = _theirs(request, pk), ReasonForm(request.POST)

    def act() -> None:
        operations.reject(invoice=shown, **form.cleaned_data, by=request.member, now=timezone.now())

    return _act(request, shown, "rejecting", form, act, _("The request is rejected; the customer is told why."))


@access.lab_finance
@require_POST
def name_item(request: MemberRequest, pk: int) -> HttpResponse:
    """Say how the lab names such a service on its invoices."""
    shown, form = _theirs(request, pk), ItemForm(request.POST)

    def act() -> None:
        operations.name_item(
            lab=shown.lab, category=shown.bill.tax_category, **form.cleaned_data, by=request.member, now=timezone.now()
        )

    return _act(request, shown, "naming", form, act, _("Waiting requests of this kind are named so from now on."))


@access.lab_finance
@require_POST
def credit(request: MemberRequest, pk: int) -> HttpResponse:
    """Take an invoice back, whole or in part."""
    shown, form = _theirs(request, pk), CreditForm(request.POST)

    def act() -> None:
        operations.want(invoice=shown, **form.cleaned_data, by=request.member, now=timezone.now())

    return _act(request, shown, "crediting", form, act, _("The credit note is to be written: see below."))


# --- Credit notes ---------------------------------------------------------------------------------------------------


def _note(request: MemberRequest, pk: int) -> CreditNote:
    found = CreditNote.objects.operated_by(request.member).select_related("invoice__bill", "invoice__organisation")
    return get_object_or_404(found, pk=pk)


@access.lab_finance
@require_safe
def note(request: MemberRequest, pk: int) -> HttpResponse:
    """Show one credit note with what is to be done about it."""
    return _show_note(request, _note(request, pk))


def _show_note(request: MemberRequest, shown: CreditNote, **bound: forms.Form) -> HttpResponse:
    known = {"confirmation_number": shown.confirmation_number, "confirmation": shown.confirmation}
    context = {
        "note": shown,
        "invoice": shown.invoice,
        "confirming": ConfirmationForm(initial=known),
        "writing": WriteForm(initial={"issued_on": local_day(timezone.now())}),
        "dropping": ReasonForm(),
        "is_open": shown.state == CreditNote.State.WANTED,
        "zone": ZONE,
        **bound,
    }
    return show(request, "billing/invoices/note.html", context, status=422 if bound else 200)


def _act_on_note(
    request: MemberRequest, shown: CreditNote, name: str, form: forms.Form, act: Callable[[], Any], done: str
) -> HttpResponse:
    if not form.is_valid():
        return _show_note(request, shown, **{name: form})
    try:
        act()
    except Refusal as refusal:
        add_refusal(form, refusal)
        return _show_note(request, shown, **{name: form})
    messages.success(request, done)
    return HttpResponseRedirect(reverse("invoices:note", args=[shown.pk]))


@access.lab_finance
@require_POST
def confirm(request: MemberRequest, pk: int) -> HttpResponse:
    """Enter the confirmation form's number and state."""
    shown, form = _note(request, pk), ConfirmationForm(request.POST)

    def act() -> None:
        operations.confirm(note=shown, **form.cleaned_data, by=request.member, now=timezone.now())

    return _act_on_note(request, shown, "confirming", form, act, _("The confirmation form is noted."))


@access.lab_finance
@require_POST
def write(request: MemberRequest, pk: int) -> HttpResponse:
    """Enter the number and the file of a credit note that was written."""
    shown, form = _note(request, pk), WriteForm(request.POST, request.FILES)

    def act() -> None:
        operations.write(note=shown, **form.cleaned_data, by=request.member, now=timezone.now())

    return _act_on_note(request, shown, "writing", form, act, _("The credit note is issued; the customer is told."))


@access.lab_finance
@require_POST
def drop(request: MemberRequest, pk: int) -> HttpResponse:
    """Do not write a credit note after all."""
    shown, form = _note(request, pk), ReasonForm(request.POST)

    def act() -> None:
        operations.drop(note=shown, **form.cleaned_data, by=request.member, now=timezone.now())

    return _act_on_note(request, shown, "dropping", form, act, _("The credit note is not written."))


# --- Files ------------------------------------------------------------------------------------------------------------


@access.lab_finance
@require_safe
def file(request: MemberRequest, pk: int) -> HttpResponse:
    """Send the file of an invoice."""
    shown = _theirs(request, pk)
    return files.sent(shown.file, name=shown.number or f"invoice-{shown.pk}")


@access.lab_finance
@require_safe
def note_file(request: MemberRequest, pk: int) -> HttpResponse:
    """Send the file of a credit note."""
    shown = _note(request, pk)
    return files.sent(shown.file, name=shown.number or f"credit-note-{shown.pk}")


@access.lab_finance
@require_POST
def settlement(request: MemberRequest, order_number: str) -> HttpResponse:
    """Give out the settlement sheet of an order."""
    earned = Bill.objects.earned_by(request.member).select_related("lab__organisation", "organisation")
    bill = get_object_or_404(earned, order_number=order_number)
    try:
        made = operations.settlement(bill=bill, by=request.member, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return HttpResponseRedirect(reverse("invoices:desk"))
    return HttpResponseRedirect(reverse("invoices:document", args=[made.number]))
