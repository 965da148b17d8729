"""What the addresses of transfers and statements are about, for the test of access."""

from collections.abc import Callable
from datetime import date, timedelta

from billing.models import AdvanceRefund, MonthlyStatement
from billing.payments import operations as payments
from tests.architecture.targets import OTHERS, PUBLIC, Target
from tests.factories.accounts import PlatformMembershipFactory
from tests.factories.bookings import MONDAY_9, buyer, confirmed
from tests.factories.payments import unknown, uploaded


def line() -> Target:
    """A transfer that nobody knows."""
    return Target({"pk": unknown().pk}, PUBLIC, PlatformMembershipFactory())


def proposal() -> Target:
    """What somebody proposes to do with it."""
    by = PlatformMembershipFactory()
    made = payments.propose_resolution(line=unknown(), kind="sent_back", reason="误汇", by=by, now=MONDAY_9)
    return Target({"pk": made.pk}, PUBLIC, PlatformMembershipFactory())


def bank_statement() -> Target:
    """A bank's file."""
    return Target({"pk": uploaded(("A1", 100, "x", "")).pk}, PUBLIC, PlatformMembershipFactory())


def refund() -> Target:
    """A transfer that goes back."""
    came = unknown()
    made = AdvanceRefund.objects.create(
        line=came, organisation=buyer().organisation, order_number="R1", fen=came.fen, because="late", owed_at=MONDAY_9
    )
    return Target({"kind": "advance", "pk": made.pk}, PUBLIC, PlatformMembershipFactory())


def statement() -> Target:
    """What an organisation owes for a month."""
    by = buyer()
    confirmed(by=by)
    payments.make_statements(month=date(2026, 11, 1), now=MONDAY_9 + timedelta(days=8))
    found = MonthlyStatement.objects.get(organisation=by.organisation)
    return Target({"number": found.number}, OTHERS, by)


PAYMENTS: dict[str, Callable[[], Target]] = {
    "payments-api:statement": statement,
    "transfers:decide": proposal,
    "transfers:line": line,
    "transfers:preview": bank_statement,
    "transfers:propose": line,
    "transfers:refund": refund,
    "transfers:statement": statement,
}
