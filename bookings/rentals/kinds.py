"""What people are told about rentals: the customer, and the lab's people."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from bookings.rentals.models import Rental
from notices.kinds import Facts, Group, Kind


def rental_of(facts: Facts, now: datetime) -> Facts:
    """Return what the letters about a rental show: the rental as it is now."""
    del now
    return {"rental": Rental.objects.with_places().get(pk=facts["rental_id"])}


KINDS = (
    Kind(
        "rental_submitted_lab",
        Group.APPROVALS,
        label=_("A booking waits for approval"),
        sentence=_("{organisation} asks for {instrument}, {time}: please answer by {until}."),
        gather=rental_of,
    ),
    Kind(
        "rental_approved",
        Group.BOOKINGS,
        label=_("A booking is approved"),
        sentence=_("Approved: {instrument}, {time}. Please confirm by {until}."),
        gather=rental_of,
    ),
    Kind(
        "rental_rejected",
        Group.BOOKINGS,
        label=_("A booking is declined"),
        sentence=_("Declined: {instrument}, {time}."),
        gather=rental_of,
    ),
    Kind(
        "rental_confirmed",
        Group.BOOKINGS,
        label=_("A booking is confirmed"),
        sentence=_("Confirmed: {instrument}, {time}."),
        gather=rental_of,
    ),
    Kind(
        "rental_confirmed_lab",
        Group.DESK,
        label=_("A new booking at the lab"),
        sentence=_("{organisation} has booked {instrument}, {time}."),
        gather=rental_of,
    ),
    Kind(
        "rental_cancelled",
        Group.BOOKINGS,
        label=_("A booking is cancelled"),
        sentence=_("Cancelled: {instrument}, {time}."),
        gather=rental_of,
    ),
    Kind(
        "rental_cancelled_lab",
        Group.DESK,
        label=_("A booking at the lab is cancelled"),
        sentence=_("The booking of {organisation} is cancelled: {instrument}, {time}."),
        gather=rental_of,
    ),
    Kind(
        "rental_at_risk",
        Group.BOOKINGS,
        label=_("A booking is at risk"),
        sentence=_("At risk: {instrument}, {time}. Its calibration no longer covers all of the time."),
        gather=rental_of,
    ),
    Kind(
        "rental_safe_again",
        Group.BOOKINGS,
        label=_("A booking is safe again"),
        sentence=_("Safe again: {instrument}, {time}. Your booking stands as it was."),
        gather=rental_of,
    ),
)
