"""The tables of bookings, in the order of the flow."""

from bookings.schedule.models import Occupancy, Resource  # isort: skip
from bookings.rentals.models import Rental  # isort: skip

__all__ = ["Occupancy", "Rental", "Resource"]
