"""Rentals, how they were used, how their use was interrupted, and what their customers are asked."""

from bookings.rentals.models.asking import MoveOffer, Reminder
from bookings.rentals.models.rentals import Rental, RentalQuerySet
from bookings.rentals.models.usage import Interruption, UsageRecord, UsageRun

__all__ = ["Interruption", "MoveOffer", "Reminder", "Rental", "RentalQuerySet", "UsageRecord", "UsageRun"]
