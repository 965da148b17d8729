"""What is free and at what price: the facts of the rules, the searches over them, and what to do instead."""

from bookings.availability.queries.alternatives import Alternatives, alternatives
from bookings.availability.queries.candidates import (
    MODES,
    Free,
    first_start,
    free_instruments,
    judged,
    maybe_free,
    maybe_free_of,
)
from bookings.availability.queries.free import LOOK_AHEAD, Fit, Week, next_fit, next_free, starts, week
from bookings.availability.queries.quotas import Customer, recounted
from bookings.availability.queries.stretches import free_stretches
from bookings.availability.queries.terms import Lapsed, Terms, as_seen_by, terms

__all__ = [
    "LOOK_AHEAD",
    "MODES",
    "Alternatives",
    "Customer",
    "Fit",
    "Free",
    "Lapsed",
    "Terms",
    "Week",
    "alternatives",
    "as_seen_by",
    "first_start",
    "free_instruments",
    "free_stretches",
    "judged",
    "maybe_free",
    "maybe_free_of",
    "next_fit",
    "next_free",
    "recounted",
    "starts",
    "terms",
    "week",
]
