"""What people are written about transfers, balances and monthly statements."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core import mail

from accounts.models import Membership
from billing.models import AdvanceRefund, MonthlyStatement, ReferenceCode
from billing.payments import operations as payments
from tests.factories.accounts import PlatformMembershipFactory
from tests.factories.bookings import MONDAY_9, buyer, confirmed, hours
from tests.factories.labs import InstrumentFactory
from tests.factories.payments import awaiting_transfer, matched, unknown
from tests.jobs import do_jobs

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def letters_to(member: Membership) -> dict[str, str]:
    """What was mailed to a person, by subject."""
    do_jobs("mail")
    return {letter.subject: letter.body for letter in mail.outbox if member.user.email in letter.to}


def reader(**organisation: Any) -> Membership:
    """A buyer who reads English."""
    member = buyer(**organisation)
    member.user.language = "en"
    member.user.save()
    return member


def test_a_monthly_statement_says_how_much_until_when_and_with_which_reference(settings: Any) -> None:
    member = reader()
    confirmed(by=member)
    payments.make_statements(month=date(2026, 11, 1), now=MONDAY_9 + timedelta(days=8))
    statement = MonthlyStatement.objects.get(organisation=member.organisation)

    letter = letters_to(member)["A monthly statement is there"]

    code = ReferenceCode.objects.get(number=statement.number).shown
    for told in (statement.number, "¥600.00", "2026-12-20", code, settings.BANK_ACCOUNT["number"]):
        assert told in letter


def test_money_that_came_and_money_that_goes_back_is_written_of() -> None:
    member, operator = reader(), PlatformMembershipFactory()
    instrument, payer = InstrumentFactory(), member.organisation.name_zh
    code = payments.top_up_code(organisation_id=member.organisation_id, now=MONDAY_9)
    matched(5_000, payer=payer, remark=code.code)
    rental, reference = awaiting_transfer(member, instrument=instrument, period=hours(240, 242))
    late = rental.held_until + timedelta(minutes=1)
    confirmed(instrument=instrument, period=hours(240, 242), now=late)
    matched(60_000, payer=payer, remark=reference.code, now=late)
    payments.sent_back(refund=AdvanceRefund.objects.get(), reference="P-1", by=operator, now=late)

    letters = letters_to(member)

    assert "¥50.00" in letters["The prepaid balance has grown"]
    assert rental.number in letters["A transfer came too late and goes back"]
    assert "¥600.00" in letters["A transfer came too late and goes back"]
    assert "¥600.00 for " + rental.number in letters["A transfer has gone back"]


def test_a_second_person_is_written_of_what_the_first_proposes() -> None:
    one, two = PlatformMembershipFactory(), PlatformMembershipFactory()
    two.user.language = "en"
    two.user.save()
    payments.propose_resolution(line=unknown(), kind="sent_back", reason="误汇", by=one, now=MONDAY_9)

    letter = letters_to(two)["What becomes of a transfer waits for a second person"]

    assert "¥123.00" in letter
    assert "某某公司" in letter


def test_finance_is_written_of_a_refund_that_did_not_get_through() -> None:
    finance, operator = PlatformMembershipFactory(role="finance"), PlatformMembershipFactory()
    finance.user.language = "en"
    finance.user.save()
    line = unknown()
    refund = AdvanceRefund.objects.create(
        line=line, organisation=buyer().organisation, order_number="R7", fen=line.fen, because="late", owed_at=MONDAY_9
    )
    payments.not_sent_back(refund=refund, because="账户已销户", by=operator, now=MONDAY_9)

    letter = letters_to(finance)["A refund did not get through"]

    assert "¥123.00 for R7" in letter
    assert "账户已销户" in letter
