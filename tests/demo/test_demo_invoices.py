"""The demo's invoices: in every state, made once, by the platform's own operations."""

from pathlib import Path

import pytest

from billing.invoices.models import CreditNote, Document, Invoice
from demo import invoices
from tests.factories.bookings import buyer
from tests.factories.invoices import LATER, finance_of, settled
from tests.factories.labs import InstrumentFactory

pytestmark = pytest.mark.django_db
NOWHERE = Path("/nowhere")


def test_some_orders_are_invoiced_in_every_state_and_a_second_loading_adds_nothing() -> None:
    instrument = InstrumentFactory()
    bills = [settled(buyer(), instrument=each) for each in [instrument, *_more(instrument, 5)]]
    finance_of(Invoice(lab=bills[0].lab))

    first, second = invoices.load(NOWHERE, LATER), invoices.load(NOWHERE, LATER)

    assert first == second == {"invoices": 5, "credit notes": 1, "documents": 5}
    states = sorted(Invoice.objects.values_list("state", flat=True))
    assert states == ["asked", "issued", "issued", "issued", "rejected"]
    assert (CreditNote.objects.get().state, Document.objects.count()) == ("wanted", 5)


def _more(instrument: object, number: int) -> list[object]:
    return [InstrumentFactory(lab=instrument.lab) for _ in range(number)]  # type: ignore[attr-defined]  # an instrument
