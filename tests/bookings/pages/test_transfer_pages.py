"""Paying by bank transfer: the page and the letter say to which account, how much, and with which reference."""

from typing import Any

import pytest
from django.core import mail

from billing.models import ReferenceCode
from bookings.models import Rental
from bookings.rentals import operations as rentals
from tests.factories.bookings import MONDAY_9, buyer, held, hours
from tests.factories.labs import InstrumentFactory
from tests.jobs import do_jobs

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
ACCOUNT = {"payee": "公衡平台存管户", "bank": "某银行广州分行", "number": "6200 1111 2222 3333"}


@pytest.fixture(autouse=True)
def account(settings: Any) -> None:
    settings.BANK_ACCOUNT = ACCOUNT


def far(**how: Any) -> Rental:
    instrument = InstrumentFactory(policy__requires_approval=False)
    return held(instrument=instrument, period=hours(7 * 24, 7 * 24 + 2), **how)


def code_of(rental: Rental) -> str:
    return ReferenceCode.objects.get(number=rental.number).shown


def test_the_page_of_a_rental_that_waits_for_a_transfer_says_where_to_pay(client_as: Any) -> None:
    member = buyer()
    rental = far(by=member)
    client = client_as(member)
    before = client.get(f"/my/rentals/{rental.number}/").content.decode()

    client.post(f"/my/rentals/{rental.number}/transfer/")

    page = client.get(f"/my/rentals/{rental.number}/").content.decode()
    assert all(told in page for told in (*ACCOUNT.values(), f"<strong>{code_of(rental)}</strong>"))
    assert ACCOUNT["number"] not in before


def test_the_letter_says_it_too() -> None:
    member = buyer()
    rentals.await_payment(rental=far(by=member), pays_by="transfer", by=member, now=MONDAY_9)
    do_jobs("mail")

    (letter,) = mail.outbox
    assert all(told in letter.body for told in (*ACCOUNT.values(), code_of(Rental.objects.get())))


def test_where_no_account_is_set_nobody_is_offered_to_pay_so(client_as: Any, settings: Any) -> None:
    settings.BANK_ACCOUNT = {**ACCOUNT, "number": ""}
    member = buyer()
    rental = far(by=member)

    page = client_as(member).get(f"/my/rentals/{rental.number}/")

    assert page.context["may_transfer"] is False
    assert f"/my/rentals/{rental.number}/transfer/" not in page.content.decode()
