"""Invoices as pages: who sees what, what can be done, and what is said when it cannot."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Membership
from billing.invoices import operations as invoices
from billing.invoices.models import CreditNote, Document, Invoice
from notices.models import Notice
from tests.factories.accounts import MembershipFactory
from tests.factories.bookings import MONDAY_9, buyer, held
from tests.factories.invoices import LATER, NUMBER, asked, finance_of, issued, settled
from tests.factories.labs import InstrumentFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
MINE, DESK = "/my/invoices/", "/desk/invoices/"
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF"


@pytest.fixture(autouse=True)
def _files_of_this_test(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture(autouse=True)
def _a_week_later(clock: Any) -> None:
    clock.move_to(LATER + timedelta(days=1))


def body(answer: Any) -> str:
    return answer.content.decode()


def told() -> list[str]:
    return sorted(set(Notice.objects.filter(kind__contains="invoice").values_list("kind", flat=True)))


def test_a_customer_asks_with_the_block_of_the_profile_and_takes_the_request_back(client_as: Any) -> None:
    member = buyer()
    bill = settled(member)
    finance = finance_of(asked(buyer()))
    client = client_as(member)

    listed, form = body(client.get(MINE)), body(client.get(f"{MINE}ask/{bill.order_number}/"))
    sent = client.post(
        f"{MINE}ask/{bill.order_number}/",
        {"kind": "ordinary", "name": "示例公司", "tax_id": member.organisation.uscc},
    )
    made = Invoice.objects.get(bill=bill)
    page = body(client.get(f"{MINE}{made.pk}/"))

    assert bill.order_number in listed
    assert member.organisation.uscc in form
    assert (sent.status_code, sent.headers["Location"]) == (302, f"{MINE}{made.pk}/")
    assert "陆佰元整" in page
    assert client_as(finance).get(f"{DESK}{made.pk}/").status_code == 404
    assert client_as(buyer()).get(f"{MINE}{made.pk}/").status_code == 404
    client.post(f"{MINE}{made.pk}/withdraw/")
    made.refresh_from_db()
    assert made.state == "withdrawn"


def test_a_refused_request_names_the_field(client_as: Any) -> None:
    member = buyer()
    bill = settled(member)

    answer = client_as(member).post(
        f"{MINE}ask/{bill.order_number}/", {"kind": "special", "name": "示例", "tax_id": "9111"}
    )

    assert answer.status_code == 422
    assert sorted(answer.context["form"].errors) == ["account", "address", "bank", "kind", "phone", "tax_id"]


def test_a_viewer_reads_and_does_not_ask(client_as: Any) -> None:
    member = buyer()
    invoice = asked(member)
    viewer = client_as(MembershipFactory(organisation=member.organisation, role="viewer"))

    assert viewer.get(f"{MINE}{invoice.pk}/").status_code == 200
    assert viewer.post(f"{MINE}{invoice.pk}/withdraw/").status_code == 403


def test_the_desk_takes_the_data_away_and_brings_number_and_file_back(client_as: Any) -> None:
    member = buyer()
    invoice = asked(member)
    desk = client_as(finance_of(invoice))

    data = json.loads(desk.get(f"{DESK}?format=json").content)
    table = desk.get(f"{DESK}?format=csv").content.decode("utf-8-sig")
    page = body(desk.get(f"{DESK}{invoice.pk}/"))
    wrong = desk.post(f"{DESK}{invoice.pk}/issue/", {"number": "12", "issued_on": "2026-12-01", "issuer_name": "王"})
    sent = desk.post(
        f"{DESK}{invoice.pk}/issue/",
        {
            "number": NUMBER,
            "issued_on": "2026-12-01",
            "issuer_name": "王会计",
            "file": SimpleUploadedFile("x.exe", PDF),
        },
    )
    file = client_as(member).get(f"{MINE}{invoice.pk}/file/")

    assert [one["order_number"] for one in data] == [invoice.bill.order_number]
    assert "陆佰元整" in table
    assert invoice.buyer_block.tax_id in page
    assert (wrong.status_code, list(wrong.context["issuing"].errors)) == (422, ["number"])
    assert sent.status_code == 302
    assert (file.content, file.headers["Content-Type"]) == (PDF, "application/pdf")
    assert told() == ["invoice_asked", "invoice_issued"]


def test_the_desk_rejects_with_a_reason_the_customer_reads(client_as: Any) -> None:
    member = buyer()
    invoice = asked(member)

    client_as(finance_of(invoice)).post(f"{DESK}{invoice.pk}/reject/", {"reason": "抬头与营业执照不符"})

    assert "抬头与营业执照不符" in body(client_as(member).get(f"{MINE}{invoice.pk}/"))
    assert told() == ["invoice_asked", "invoice_rejected"]


def test_the_desk_takes_an_invoice_back_step_by_step(client_as: Any) -> None:
    member = buyer()
    invoice = issued(member)
    desk = client_as(finance_of(invoice))

    desk.post(f"{DESK}{invoice.pk}/credit/", {"reason": "allowance", "fen": "100.00"})
    note = CreditNote.objects.get()
    at = f"{DESK}credit-notes/{note.pk}/"
    early = desk.post(f"{at}write/", {"number": "26440000000000000009", "issued_on": "2026-12-01"})
    desk.post(f"{at}confirm/", {"confirmation_number": "4401", "confirmation": "confirmed"})
    desk.post(f"{at}write/", {"number": "26440000000000000009", "issued_on": "2026-12-01"})

    note.refresh_from_db()
    assert (early.status_code, note.state, note.total_fen) == (422, "issued", -10_000)
    assert "26440000000000000009" in body(client_as(member).get(f"{MINE}{invoice.pk}/"))


def test_a_settlement_sheet_and_a_receipt_are_taken_away_as_pdf(client_as: Any) -> None:
    member = buyer()
    bill = settled(member)
    finance = client_as(MembershipFactory(organisation=bill.lab.organisation, role="finance"))

    owed = client_as(member).post(f"/my/documents/receipts/{bill.order_number}/", follow=True)
    sheet = finance.post(f"/desk/documents/settlement/{bill.order_number}/", follow=True)

    assert "与" not in owed.headers.get("Content-Disposition", "")
    assert owed.headers["Content-Type"].startswith("text/html")
    assert (sheet.headers["Content-Type"], sheet.content[:5]) == ("application/pdf", b"%PDF-")
    number = Document.objects.get().number
    assert client_as(member).get(f"/my/documents/{number}/").status_code == 404


def count_of(client: Any, address: str) -> int:
    with CaptureQueriesContext(connection) as found:
        assert client.get(address).status_code == 200
    return len(found)


def test_the_lists_cost_as_much_for_three_as_for_one(client_as: Any) -> None:
    member = buyer()
    first = asked(member)
    lab, finance = first.lab, finance_of(first)
    wanted_by(member, lab)
    mine, desk = client_as(member), client_as(finance)
    one = (count_of(mine, MINE), count_of(desk, DESK))
    for number in range(2):
        asked(member, settled(member, instrument=InstrumentFactory(lab=lab)))
        wanted_by(member, lab, number=f"2644000000000000001{number}")

    assert (count_of(mine, MINE), count_of(desk, DESK)) == one


def wanted_by(member: Membership, lab: Any, *, number: str = "26440000000000000005") -> None:
    """A credit note to write at a lab, and a settled order that is not invoiced."""
    made = issued(member, settled(member, instrument=InstrumentFactory(lab=lab)), number=number)
    invoices.want(invoice=made, reason="allowance", fen=100, by=finance_of(made), now=LATER)
    settled(member, instrument=InstrumentFactory(lab=lab))


def test_a_rental_that_is_not_confirmed_yet_has_a_pro_forma_and_a_settled_one_none(client_as: Any, clock: Any) -> None:
    member = buyer()
    clock.move_to(MONDAY_9)
    rental = held(by=member)
    client = client_as(member)

    page = body(client.get(f"/my/rentals/{rental.number}/"))
    quote = client.post(f"/my/rentals/{rental.number}/quote/", follow=True)
    clock.move_to(LATER)
    late = client.post(f"/my/rentals/{rental.number}/quote/")

    assert f"/my/rentals/{rental.number}/quote/" in page
    assert (quote.headers["Content-Type"], late.status_code) == ("application/pdf", 409)
