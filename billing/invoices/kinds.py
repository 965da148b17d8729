"""What people are told about invoices and credit notes."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from billing.invoices import events
from billing.invoices.models import CreditNote, Invoice
from notices.kinds import Facts, Group, Kind


def invoice_of(facts: Facts, now: datetime) -> Facts:
    """Return the invoice with its order and both sides."""
    del now
    found = Invoice.objects.select_related("bill", "lab", "organisation")
    shown: dict[str, Any] = {"invoice": found.get(pk=facts["invoice_id"])}
    return shown


def waiting_invoice(facts: Facts, now: datetime) -> Facts | None:
    """Return the invoice while it waits to be written."""
    shown = invoice_of(facts, now)
    return shown if shown["invoice"].state == Invoice.State.ASKED else None


def note_of(facts: Facts, now: datetime) -> Facts:
    """Return the credit note with its invoice."""
    del now
    found = CreditNote.objects.select_related("invoice__bill", "invoice__lab", "invoice__organisation")
    shown: dict[str, Any] = {"note": found.get(pk=facts["credit_note_id"])}
    return shown


ANSWERED = (events.InvoiceIssued, events.InvoiceRejected, events.InvoiceWithdrawn)

KINDS = (
    Kind(
        "invoice_asked",
        Group.DESK,
        label=_("A customer asks for an invoice"),
        sentence=_("{organisation} asks for an invoice over {number}."),
        gather=waiting_invoice,
        done_by=ANSWERED,
        about="invoice:{0.invoice_id}",
    ),
    Kind(
        "invoice_issued",
        Group.ORGANISATION,
        label=_("An invoice is there"),
        sentence=_("The invoice over {number} is there."),
        gather=invoice_of,
    ),
    Kind(
        "invoice_rejected",
        Group.ORGANISATION,
        label=_("An invoice cannot be written"),
        sentence=_("The invoice over {number} cannot be written: {why}"),
        gather=invoice_of,
    ),
    Kind(
        "credit_note_wanted",
        Group.DESK,
        label=_("A credit note is to be written"),
        sentence=_("A credit note for the invoice over {number} is to be written."),
        gather=note_of,
        done_by=(events.CreditNoteIssued, events.CreditNoteDropped),
        about="credit-note:{0.credit_note_id}",
    ),
    Kind(
        "credit_note_issued",
        Group.ORGANISATION,
        label=_("An invoice was taken back"),
        sentence=_("A credit note for the invoice over {number} is there."),
        gather=note_of,
    ),
)
