"""Rentals for programs: the same operations as the pages, refusals as problem+json, every making POST idempotent."""

from bookings.rentals.api.fields import RentalFields

__all__ = ["RentalFields"]
