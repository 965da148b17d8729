"""Rentals, how they were used, and how their use was interrupted."""

from bookings.rentals.models.rentals import Rental, RentalQuerySet
from bookings.rentals.models.usage import Interruption, UsageRecord, UsageRun

__all__ = ["Interruption", "Rental", "RentalQuerySet", "UsageRecord", "UsageRun"]
