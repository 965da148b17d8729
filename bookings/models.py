"""The tables of bookings, in the order of the flow."""

from bookings.schedule.models import Occupancy, Resource  # isort: skip
from bookings.availability.models import InstrumentWeek  # isort: skip
from bookings.discovery.models import Punctuality  # isort: skip
from bookings.rentals.models import Interruption, MoveOffer, Reminder, Rental, UsageRecord, UsageRun  # isort: skip
from bookings.waitlist.models import WaitlistEntry, WaitlistOffer  # isort: skip
from bookings.series.models import Series, SeriesDate  # isort: skip
from bookings.tasks.models import Task  # isort: skip
from bookings.calendars.models import FeedToken  # isort: skip

__all__ = [
    "FeedToken",
    "InstrumentWeek",
    "Interruption",
    "MoveOffer",
    "Occupancy",
    "Punctuality",
    "Reminder",
    "Rental",
    "Resource",
    "Series",
    "SeriesDate",
    "Task",
    "UsageRecord",
    "UsageRun",
    "WaitlistEntry",
    "WaitlistOffer",
]
