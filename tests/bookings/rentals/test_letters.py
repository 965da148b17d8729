"""Whoever a rental concerns is written to, in their language, once it is certain."""

import pytest
from django.core import mail

from bookings.rentals import operations as rentals
from tests.factories.accounts import LabMembershipFactory
from tests.factories.bookings import MONDAY_9, buyer, confirmed, held, hours
from tests.factories.labs import InstrumentFactory
from tests.jobs import do_jobs

pytestmark = pytest.mark.django_db


def deliver() -> list[tuple[str, list[str]]]:
    """Do what is due, and return what was sent: subject and readers."""
    do_jobs()
    sent = [(message.subject, message.to) for message in mail.outbox]
    mail.outbox.clear()
    return sorted(sent)


def test_the_customer_and_the_labs_operator_are_told_of_a_confirmed_rental_each_in_their_language():
    instrument = InstrumentFactory()
    operator = LabMembershipFactory(organisation=instrument.lab.organisation, user__language="en")
    member = buyer()
    member.user.language = "en"
    member.user.save()

    rental = confirmed(instrument=instrument, by=member, period=hours(0, 2))

    assert deliver() == [
        (f"Confirmed: Universal testing machine ({rental.number})", [member.user.email]),
        (f"New booking: Universal testing machine ({rental.number})", [operator.user.email]),
    ]


def test_a_mail_says_when_in_the_labs_zone_and_what_it_costs():
    member = buyer()
    member.user.language = "en"
    member.user.save()
    confirmed(by=member, period=hours(0, 2))

    do_jobs()

    (message,) = mail.outbox
    assert "2026-11-24 Tue 09:00–11:00 (UTC+8)" in message.body
    assert "¥600.00" in message.body


def test_a_hold_alone_writes_to_nobody():
    held()

    assert deliver() == []


def test_the_labs_managers_are_asked_and_the_customer_hears_the_answer():
    instrument = InstrumentFactory(policy__requires_approval=True)
    manager = LabMembershipFactory(organisation=instrument.lab.organisation, role="lab_manager", user__language="en")
    member = buyer()
    rental = held(instrument=instrument, by=member)

    rental = rentals.submit_for_approval(rental=rental, by=member, now=MONDAY_9)
    asked = deliver()
    rentals.approve(rental=rental, by=manager, now=MONDAY_9)

    assert asked == [(f"Waiting for your approval: Universal testing machine ({rental.number})", [manager.user.email])]
    assert [readers for _, readers in deliver()] == [[member.user.email]]
