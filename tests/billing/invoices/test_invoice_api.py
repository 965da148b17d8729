"""Invoices for programs: the documented examples work as they are written, and every refusal has its name."""

import base64
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from billing.bills.models import Bill
from billing.invoices import api
from billing.invoices.models import CreditNote, Invoice
from tests.factories.accounts import MembershipFactory
from tests.factories.bookings import buyer
from tests.factories.invoices import LATER, asked, finance_of, issued, settled

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
V1 = "/api/v1/"
PDF = b"%PDF-1.7\n%%EOF"


@pytest.fixture(autouse=True)
def _a_week_later(clock: Any, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    clock.move_to(LATER + timedelta(hours=1))


def post(client: Any, address: str, body: Any = None, key: str = "a-key") -> Any:
    return client.post(f"{V1}{address}", body or {}, format="json", HTTP_IDEMPOTENCY_KEY=key)


def test_a_program_asks_reads_and_withdraws(api_as: Any) -> None:
    member = buyer()
    bill = settled(member)
    Bill.objects.filter(pk=bill.pk).update(order_number="R20261123000001")
    client = api_as(member)

    made = post(client, "invoices/", api.ASKING)
    again = post(client, "invoices/", api.ASKING, key="other")
    listed = client.get(f"{V1}invoices/?state=asked").json()["results"]
    done = post(client, f"invoices/{made.json()['id']}/withdraw/", key="third")

    assert (made.status_code, made.headers["Location"]) == (201, f"{V1}invoices/{made.json()['id']}/")
    assert made.json()["buyer"]["tax_id"] == "91110000600037341L"
    assert (made.json()["total_fen"], made.json()["total_in_capitals"]) == (60_000, "陆佰元整")
    assert (again.status_code, again.json()["code"]) == (409, "invoiced_already")
    assert [one["order_number"] for one in listed] == ["R20261123000001"]
    assert client.get(made.headers["Location"]).json()["state"] == done.json()["state"] == "withdrawn"


def test_what_is_wrong_with_a_request_is_named(api_as: Any) -> None:
    member = buyer()
    body = {"order_number": settled(member).order_number, "kind": "special", "buyer": {"name": "", "tax_id": "9111"}}

    answer = post(api_as(member), "invoices/", body)

    assert (answer.status_code, answer.json()["code"]) == (422, "not_general_taxpayer")
    assert len(answer.json()["refusals"]) == 7


def test_a_lab_s_program_brings_the_number_and_the_file(api_as: Any) -> None:
    invoice = asked(buyer())
    client = api_as(finance_of(invoice))
    waiting = client.get(f"{V1}invoices/to-write/?state=asked").json()["results"]

    wrong = post(client, f"invoices/{invoice.pk}/issue/", {**api.ISSUING, "number": "1"})
    junk = post(client, f"invoices/{invoice.pk}/issue/", {**api.ISSUING, "file": "???"}, key="junk")
    file = base64.b64encode(PDF).decode()
    done = post(client, f"invoices/{invoice.pk}/issue/", {**api.ISSUING, "file": file}, key="third")

    invoice = Invoice.objects.get()
    assert [one["id"] for one in waiting] == [invoice.pk]
    assert (wrong.status_code, wrong.json()["code"], junk.status_code) == (422, "invoice_number_wrong", 400)
    assert (done.json()["number"], invoice.file.read()) == (api.ISSUING["number"], PDF)


def test_a_lab_s_program_rejects(api_as: Any) -> None:
    invoice = asked(buyer())

    done = post(api_as(finance_of(invoice)), f"invoices/{invoice.pk}/reject/", api.REJECTING)

    assert (done.json()["state"], done.json()["answer"]) == ("rejected", api.REJECTING["reason"])


def test_a_lab_s_program_takes_an_invoice_back(api_as: Any) -> None:
    invoice = issued(buyer())
    client = api_as(finance_of(invoice))

    wanted = post(client, f"invoices/{invoice.pk}/credit/", api.WANTING)
    waiting = client.get(f"{V1}credit-notes/").json()["results"]
    at = f"credit-notes/{wanted.json()['id']}/"
    early = post(client, f"{at}write/", api.WRITING, key="early")
    post(client, f"{at}confirm/", api.CONFIRMING, key="form")
    done = post(client, f"{at}write/", api.WRITING, key="second")

    assert (wanted.status_code, wanted.json()["total_fen"]) == (201, -10_000)
    assert [one["id"] for one in waiting] == [CreditNote.objects.get().pk]
    assert (early.status_code, early.json()["code"]) == (409, "confirmation_missing")
    assert (done.json()["state"], done.json()["number"]) == ("issued", api.WRITING["number"])


def test_others_find_nothing_and_a_viewer_does_not_ask(api_as: Any) -> None:
    member = buyer()
    invoice = asked(member)
    other = MembershipFactory(organisation=finance_of(asked(buyer())).organisation, role="finance")
    viewer = MembershipFactory(organisation=member.organisation, role="viewer")

    assert api_as(buyer()).get(f"{V1}invoices/{invoice.pk}/").status_code == 404
    assert post(api_as(other), f"invoices/{invoice.pk}/issue/", api.ISSUING).status_code == 404
    assert post(api_as(viewer), f"invoices/{invoice.pk}/withdraw/").status_code == 403
