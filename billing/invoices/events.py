"""What happens to invoices and credit notes."""

from dataclasses import dataclass

from kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceEvent(Event):
    """A fact about an invoice over one order; `organisation_id` is the buyer's; fen."""

    invoice_id: int
    order_number: str
    lab_id: int
    fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceAsked(InvoiceEvent):
    """A customer asks for an invoice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceWithdrawn(InvoiceEvent):
    """A customer asks no longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceIssued(InvoiceEvent):
    """The seller has written it; its number is known."""

    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceRejected(InvoiceEvent):
    """The seller does not write it; `reason` says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceFollowedRefund(InvoiceEvent):
    """Money went back before the invoice was written: it asks for less now, or for nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditNoteEvent(Event):
    """A fact about a credit note of an invoice; `fen` is what it takes back."""

    credit_note_id: int
    invoice_id: int
    order_number: str
    lab_id: int
    fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditNoteWanted(CreditNoteEvent):
    """An invoice, or a part of it, is to be taken back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditNoteConfirmed(CreditNoteEvent):
    """What the tax channel says of the confirmation form."""

    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditNoteIssued(CreditNoteEvent):
    """It is written; its number is known."""

    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditNoteDropped(CreditNoteEvent):
    """It is not written after all; `reason` says why."""
