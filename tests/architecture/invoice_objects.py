"""What the addresses of invoices and documents are about, for the test of access."""

from collections.abc import Callable

from django.core.files.base import ContentFile

from billing.invoices import operations as invoices
from billing.invoices.models import CreditNote, Invoice
from tests.architecture.payment_objects import statement
from tests.architecture.targets import OTHERS, Target
from tests.factories.accounts import MembershipFactory
from tests.factories.bookings import MONDAY_9, buyer
from tests.factories.invoices import asked, finance_of, settled, wanted


def settled_order() -> Target:
    """A settled order, seen by its customer."""
    by = buyer()
    return Target({"order_number": settled(by).order_number}, OTHERS, by)


def earned_order() -> Target:
    """A settled order, seen by its lab."""
    bill = settled(buyer())
    by = MembershipFactory(organisation=bill.lab.organisation, role="finance")
    return Target({"order_number": bill.order_number}, OTHERS, by)


def own_invoice() -> Target:
    """A request for an invoice, seen by the customer."""
    by = buyer()
    return Target({"pk": asked(by).pk}, OTHERS, by)


def asked_invoice() -> Target:
    """A request for an invoice, seen by the lab."""
    invoice = asked(buyer())
    return Target({"pk": invoice.pk}, OTHERS, finance_of(invoice))


def own_note() -> Target:
    """A credit note, seen by the customer."""
    by = buyer()
    return Target({"pk": wanted(by).pk}, OTHERS, by)


def note_to_write() -> Target:
    """A credit note, seen by the lab."""
    note = wanted(buyer())
    return Target({"pk": note.pk}, OTHERS, finance_of(note.invoice))


def with_file(made: Callable[[], Target], model: type[Invoice | CreditNote]) -> Callable[[], Target]:
    """The same, with a file."""

    def target() -> Target:
        found = made()
        model.objects.get(**found.kwargs).file.save("a.pdf", ContentFile(b"%PDF-1.7"))
        return found

    return target


def document() -> Target:
    """A document, seen by whom it was given to."""
    target = earned_order()
    bill = target.insider.organisation.labs.get().bills.get()  # type: ignore[union-attr]  # made above
    made = invoices.settlement(bill=bill, by=target.insider, now=MONDAY_9)  # type: ignore[arg-type]  # likewise
    return Target({"number": made.number}, OTHERS, target.insider)


def for_programs(made: Callable[[], Target], name: str) -> Callable[[], Target]:
    """The same, as the endpoints call its key."""

    def target() -> Target:
        found = made()
        return Target({name: found.kwargs["pk"]}, found.whose, found.insider)

    return target


INVOICES: dict[str, Callable[[], Target]] = {
    "invoices-api:confirm": for_programs(note_to_write, "note_id"),
    "invoices-api:credit": for_programs(asked_invoice, "invoice_id"),
    "invoices-api:invoice": for_programs(own_invoice, "invoice_id"),
    "invoices-api:issue": for_programs(asked_invoice, "invoice_id"),
    "invoices-api:reject": for_programs(asked_invoice, "invoice_id"),
    "invoices-api:withdraw": for_programs(own_invoice, "invoice_id"),
    "invoices-api:write": for_programs(note_to_write, "note_id"),
    "invoices:ask": settled_order,
    "invoices:confirm": note_to_write,
    "invoices:credit": asked_invoice,
    "invoices:desk-file": with_file(asked_invoice, Invoice),
    "invoices:desk-invoice": asked_invoice,
    "invoices:desk-note-file": with_file(note_to_write, CreditNote),
    "invoices:document": document,
    "invoices:drop": note_to_write,
    "invoices:file": with_file(own_invoice, Invoice),
    "invoices:invoice": own_invoice,
    "invoices:issue": asked_invoice,
    "invoices:item": asked_invoice,
    "invoices:note": note_to_write,
    "invoices:note-file": with_file(own_note, CreditNote),
    "invoices:receipt": settled_order,
    "invoices:reject": asked_invoice,
    "invoices:settlement": earned_order,
    "invoices:statement": statement,
    "invoices:withdraw": own_invoice,
    "invoices:write": note_to_write,
}
