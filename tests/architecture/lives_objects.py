"""What the addresses of a rental's life are about, for the test of access."""

from collections.abc import Callable

from accounts.models import Membership
from bookings.models import Rental
from bookings.rentals import operations as rentals
from tests.architecture.targets import OTHERS, Target
from tests.factories.accounts import LabMembershipFactory
from tests.factories.bookings import MONDAY_9, buyer, confirmed, held, hours


def lab_of(rental: Rental) -> Membership:
    """A manager of the lab whose instrument a rental takes."""
    return LabMembershipFactory(organisation=rental.instrument.lab.organisation, role="lab_manager")


def rental_of_customer() -> Target:
    """A rental, seen by the customer's side."""
    member = buyer()
    return Target({"number": held(by=member).number}, OTHERS, member)


def rental_asked_to_move() -> Target:
    """A rental whose customer the lab asks to come at another time."""
    member = buyer()
    rental = confirmed(by=member, period=hours(48, 50))
    rentals.reschedule_by_lab(rental=rental, period=hours(72, 74), reason="fixture", by=lab_of(rental), now=MONDAY_9)
    return Target({"number": rental.number}, OTHERS, member)


def rental_at_lab() -> Target:
    """A rental, seen by the side of the lab whose instrument it takes."""
    rental = held()
    return Target({"number": rental.number}, OTHERS, lab_of(rental))


def rental_at_the_door() -> Target:
    """A rental by the code that is scanned, seen by the side of the lab."""
    rental = held()
    return Target({"uuid": rental.uuid}, OTHERS, lab_of(rental))


LIVES: dict[str, Callable[[], Target]] = {
    "rentals-api:abandon": rental_of_customer,
    "rentals-api:accept-move": rental_asked_to_move,
    "rentals-api:await-payment": rental_of_customer,
    "rentals-api:check-in": rental_at_lab,
    "rentals-api:check-out": rental_at_lab,
    "rentals-api:checkout": rental_of_customer,
    "rentals-api:comparable": rental_of_customer,
    "rentals-api:declare-unusable": rental_of_customer,
    "rentals-api:decline-move": rental_asked_to_move,
    "rentals-api:desk-rental": rental_at_lab,
    "rentals-api:extend": rental_of_customer,
    "rentals-api:extend-by-lab": rental_at_lab,
    "rentals-api:hand-over": rental_of_customer,
    "rentals-api:interrupt": rental_at_lab,
    "rentals-api:object": rental_at_lab,
    "rentals-api:rebook": rental_of_customer,
    "rentals-api:pay-from-balance": rental_of_customer,
    "rentals-api:use-voucher": rental_of_customer,
    "rentals-api:do-without-voucher": rental_of_customer,
    "rentals-api:vouchers": rental_of_customer,
    "rentals-api:reschedule": rental_of_customer,
    "rentals-api:reschedule-by-lab": rental_at_lab,
    "rentals-api:resume": rental_of_customer,
    "rentals-api:resume-by-lab": rental_at_lab,
    "rentals-api:settle": rental_of_customer,
    "rentals:abandon": rental_of_customer,
    "rentals:accept": rental_asked_to_move,
    "rentals:decline": rental_asked_to_move,
    "rentals:extend": rental_of_customer,
    "rentals:hand_over": rental_of_customer,
    "rentals:move": rental_of_customer,
    "rentals:rebook": rental_of_customer,
    "rentals:resume": rental_of_customer,
    "rentals:settle": rental_of_customer,
    "rentals:transfer": rental_of_customer,
    "rentals:from_balance": rental_of_customer,
    "rentals:quote": rental_of_customer,
    "rentals:use_voucher": rental_of_customer,
    "rentals:without_voucher": rental_of_customer,
    "rentals:unusable": rental_of_customer,
    "use:check_in": rental_at_lab,
    "use:check_out": rental_at_lab,
    "use:door": rental_at_the_door,
    "use:extend": rental_at_lab,
    "use:interrupt": rental_at_lab,
    "use:object": rental_at_lab,
    "use:resume": rental_at_lab,
}
