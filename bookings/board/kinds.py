"""What a lab's managers are told by their desk."""

from django.utils.translation import gettext_lazy as _

from bookings.rentals.kinds import ABOUT, ANSWERED, rental_of
from notices.kinds import Group, Kind

KINDS = (
    Kind(
        "approval_due_lab",
        Group.APPROVALS,
        label=_("A request must be answered soon"),
        sentence=_("Please answer {organisation} by {until}: {instrument}, {time}. After that the time is free again."),
        gather=rental_of,
        done_by=ANSWERED,
        about=ABOUT,
    ),
)
