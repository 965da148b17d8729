"""Rentals paid by bank transfer: the code by which the money is found, and what it does when it is there."""

from billing.payments import operations as payments
from billing.payments import rules
from billing.payments.events import TransferReceived
from bookings.rentals import operations
from bookings.rentals.events import RentalAwaitsPayment
from bookings.rentals.models import Rental
from bookings.rentals.operations.paying import PaidTooLate
from bookings.rentals.operations.steps import PlaceLost


def give_code(event: RentalAwaitsPayment) -> None:
    """Give a rental that is paid by transfer the code that belongs into its remark."""
    if event.pays_by != Rental.Payment.TRANSFER:
        return
    rental = Rental.objects.get(pk=event.rental_id)
    payments.reference_for(
        purpose=rules.ORDER,
        number=rental.number,
        organisation_id=rental.organisation_id,
        expected_fen=rental.own.fen,
        now=event.occurred_at,
    )


def confirm(event: TransferReceived) -> None:
    """
    Let the rental confirm itself that a transfer has paid.

    Raises:
        OrderUnknown: no rental has that number.
        OrderLost: it cannot take place any more; the money goes back.
        Refusal: it takes no payment of this amount now (`confirm_paid`).
    """
    rental = Rental.objects.filter(number=event.number).first()
    if rental is None:
        raise payments.OrderUnknown(number=event.number)
    try:
        operations.confirm_paid(
            rental_id=rental.pk,
            amount_fen=event.fen,
            pays_by=Rental.Payment.TRANSFER,
            now=event.occurred_at,
        )
    except PaidTooLate as refusal:
        raise payments.OrderLost(number=event.number, because=rules.LATE) from refusal
    except PlaceLost as refusal:
        raise payments.OrderLost(number=event.number, because=rules.LOST) from refusal
