"""The tables of bookings, in the order of the flow."""

from bookings.schedule.models import Occupancy, Resource  # isort: skip
from bookings.availability.models import InstrumentWeek  # isort: skip
from bookings.rentals.models import Rental  # isort: skip
from bookings.tasks.models import Task  # isort: skip
from bookings.calendars.models import FeedToken  # isort: skip

__all__ = ["FeedToken", "InstrumentWeek", "Occupancy", "Rental", "Resource", "Task"]
