"""What the addresses of bills are about, for the test of access."""

from collections.abc import Callable
from datetime import timedelta

from billing.bills import operations as bills
from billing.models import Bill
from bookings.rentals import operations as rentals
from tests.architecture.targets import OTHERS, PUBLIC, Target
from tests.factories.accounts import LabMembershipFactory, PlatformMembershipFactory
from tests.factories.bookings import MONDAY_9, buyer, checked_out, confirmed


def bill_of_customer() -> Target:
    """A bill, seen by the customer's side."""
    member = buyer()
    return Target({"number": confirmed(by=member).number}, OTHERS, member)


def bill_at_lab() -> Target:
    """A bill, seen by the side of the lab that earns by it."""
    rental = confirmed()
    manager = LabMembershipFactory(organisation=rental.instrument.lab.organisation, role="lab_manager")
    return Target({"number": rental.number}, OTHERS, manager)


def bill_at_platform() -> Target:
    """A bill, seen by the platform's finance."""
    return Target({"number": confirmed().number}, PUBLIC, PlatformMembershipFactory())


def refund_asked_for() -> Target:
    """A refund that waits for the second person."""
    after = MONDAY_9 + timedelta(days=7)
    number = rentals.settle(rental=checked_out(), by=None, now=after).number
    by = PlatformMembershipFactory()
    bill = Bill.objects.get(order_number=number)
    asked = bills.ask_refund(bill=bill, fen=100, reason="误收", by=PlatformMembershipFactory(), now=after)
    return Target({"pk": asked.pk}, PUBLIC, by)


BILLS: dict[str, Callable[[], Target]] = {
    "bills:bill": bill_of_customer,
    "bills:at_lab": bill_at_lab,
    "bills:at_platform": bill_at_platform,
    "bills:decide": refund_asked_for,
    "bills-api:bill": bill_of_customer,
}
