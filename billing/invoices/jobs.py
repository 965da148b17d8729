"""Who reacts to money that goes back, and who is told about invoices."""

from typing import Any

from django.urls import reverse

from accounts.memberships import rules as roles
from accounts.models import Membership, Organisation
from billing.bills.events import RefundDecided
from billing.invoices import events, operations
from kernel.events import Event
from labs.models import Lab
from notices import facts
from notices import operations as notices

PAYING = (roles.OWNER, roles.BUYER, roles.FINANCE)
"""Who of a customer is told: whoever books or pays."""
WRITING = (roles.OWNER, roles.LAB_MANAGER, roles.FINANCE)
"""Who of a lab is told: whoever sees its money."""


def follow_refund(event: RefundDecided) -> None:
    """Let the invoice of an order follow money that goes back, in the same transaction."""
    if event.approved:
        operations.follow_refund(request_id=event.request_id, now=event.occurred_at)


def tell_asked(event: events.InvoiceAsked) -> None:
    """Tell the lab's money people that a customer asks."""
    assert event.organisation_id is not None  # noqa: S101 -- an invoice is somebody's
    customer = Organisation.objects.values_list("name_zh", "name_en").get(pk=event.organisation_id)
    _tell_lab(event, "invoice_asked", reverse("invoices:desk-invoice", args=[event.invoice_id]),
              f"invoice:{event.invoice_id}", {"organisation": facts.name(*customer)})  # fmt: skip


def tell_answered(event: events.InvoiceIssued | events.InvoiceRejected) -> None:
    """Tell the customer that the invoice is there, or why it is not."""
    link = reverse("invoices:invoice", args=[event.invoice_id])
    _tell_customer(event, event.name(), link, f"invoice:{event.invoice_id}", {"why": event.reason})


def tell_wanted(event: events.CreditNoteWanted) -> None:
    """Tell the lab's money people that a credit note is to be written."""
    link = reverse("invoices:note", args=[event.credit_note_id])
    _tell_lab(event, "credit_note_wanted", link, f"credit-note:{event.credit_note_id}", {})


def tell_taken_back(event: events.CreditNoteIssued) -> None:
    """Tell the customer that an invoice, or a part of it, was taken back."""
    link = reverse("invoices:invoice", args=[event.invoice_id])
    _tell_customer(event, "credit_note_issued", link, f"credit-note:{event.credit_note_id}", {})


def _tell_lab(event: Any, kind: str, link: str, about: str, told: dict[str, Any]) -> None:
    seller = Lab.objects.values_list("organisation_id", flat=True).get(pk=event.lab_id)
    _tell(event, kind, link, about, told, organisation_id=seller, among=WRITING)


def _tell_customer(event: Any, kind: str, link: str, about: str, told: dict[str, Any]) -> None:
    _tell(event, kind, link, about, told, organisation_id=event.organisation_id, among=PAYING)


def _tell(
    event: Event,
    kind: str,
    link: str,
    about: str,
    told: dict[str, Any],
    *,
    organisation_id: int,
    among: tuple[str, ...],
) -> None:
    people = Membership.objects.active().filter(organisation_id=organisation_id, role__in=among)
    ids = {name: value for name, value in event.facts().items() if name in ("invoice_id", "credit_note_id")}
    notices.tell(
        users=people.values_list("user_id", flat=True),
        kind=kind,
        facts={**told, **ids, "number": event.facts()["order_number"]},
        link=link,
        letter=f"billing/invoices/mail/{kind}.txt",
        organisation_id=organisation_id,
        occurred_at=event.occurred_at,
        about=about,
        actor_id=event.actor_id,
    )
