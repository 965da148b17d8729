"""What the addresses of invoices and documents are about, for the test of access."""

from collections.abc import Callable

from billing.invoices import operations as invoices
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


def document() -> Target:
    """A document, seen by whom it was given to."""
    target = earned_order()
    bill = target.insider.organisation.labs.get().bills.get()  # type: ignore[union-attr]  # made above
    made = invoices.settlement(bill=bill, by=target.insider, now=MONDAY_9)  # type: ignore[arg-type]  # likewise
    return Target({"number": made.number}, OTHERS, target.insider)


INVOICES: dict[str, Callable[[], Target]] = {
    "invoices:ask": settled_order,
    "invoices:confirm": note_to_write,
    "invoices:credit": asked_invoice,
    "invoices:desk-file": asked_invoice,
    "invoices:desk-invoice": asked_invoice,
    "invoices:desk-note-file": note_to_write,
    "invoices:document": document,
    "invoices:drop": note_to_write,
    "invoices:file": own_invoice,
    "invoices:invoice": own_invoice,
    "invoices:issue": asked_invoice,
    "invoices:item": asked_invoice,
    "invoices:note": note_to_write,
    "invoices:note-file": own_note,
    "invoices:receipt": settled_order,
    "invoices:reject": asked_invoice,
    "invoices:settlement": earned_order,
    "invoices:statement": statement,
    "invoices:withdraw": own_invoice,
    "invoices:write": note_to_write,
}
