"""What a lab asks before it changes its terms, and what it does about who is concerned."""

from bookings.foresight.views.closing import exception, week
from bookings.foresight.views.earning import last_month
from bookings.foresight.views.making_good import alternatives, conflicts, offer, withdraw
from bookings.foresight.views.outages import change_outage, outage
from bookings.foresight.views.retreating import ahead
from bookings.foresight.views.supposing import what_if

__all__ = [
    "ahead",
    "alternatives",
    "change_outage",
    "conflicts",
    "exception",
    "last_month",
    "offer",
    "outage",
    "week",
    "what_if",
    "withdraw",
]
