"""What people are written about invoices and credit notes."""

from typing import Any

import pytest
from django.core import mail

from accounts.models import Membership
from billing.invoices import operations as invoices
from tests.factories.accounts import MembershipFactory
from tests.factories.bookings import buyer
from tests.factories.invoices import LATER, NUMBER, TODAY, asked, finance_of, settled
from tests.jobs import do_jobs

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def english(member: Membership) -> Membership:
    """The same, who reads English."""
    member.user.language = "en"
    member.user.save()
    return member


def letters_to(member: Membership) -> dict[str, str]:
    """What was mailed to a person, by subject."""
    do_jobs("mail")
    return {letter.subject: letter.body for letter in mail.outbox if member.user.email in letter.to}


def test_the_lab_is_written_of_requests_and_the_customer_of_answers(clock: Any) -> None:
    clock.move_to(LATER)
    member = english(buyer())
    bill = settled(member)
    desk = english(MembershipFactory(organisation=bill.lab.organisation, role="finance"))

    first = asked(member, bill)
    to_desk = letters_to(desk)
    invoices.reject(invoice=first, reason="抬头不符", by=desk, now=LATER)
    second = asked(member, bill)
    invoices.issue(invoice=second, number=NUMBER, issued_on=TODAY, issuer_name="王", by=desk, now=LATER)
    note = invoices.want(invoice=second, reason="allowance", fen=10_000, by=desk, now=LATER)
    invoices.confirm(note=note, confirmation_number="4401", confirmation="confirmed", by=desk, now=LATER)
    invoices.write(note=note, number="26440000000000000002", issued_on=TODAY, by=desk, now=LATER)
    letters = letters_to(member)

    order = bill.order_number
    assert "¥600.00" in to_desk[f"An invoice is asked for: {order}"]
    assert "抬头不符" in letters[f"Your invoice cannot be written: {order}"]
    assert NUMBER in letters[f"Your invoice is there: {order}"]
    assert NUMBER in letters[f"An invoice was taken back: {order}"]


def test_the_lab_is_written_of_a_credit_note_that_a_refund_asks_for(clock: Any) -> None:
    clock.move_to(LATER)
    made = asked(buyer())
    desk = english(finance_of(made))
    invoices.issue(invoice=made, number=NUMBER, issued_on=TODAY, issuer_name="王", by=finance_of(made), now=LATER)

    invoices.want(invoice=made, reason="allowance", fen=100, by=finance_of(made), now=LATER)

    letter = letters_to(desk)[f"A credit note is to be written: {made.bill.order_number}"]
    assert NUMBER in letter
