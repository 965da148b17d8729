"""What is free and at what price: the facts of the rules, the searches over them, and what to do instead."""

from bookings.availability.queries.alternatives import Alternatives, alternatives
from bookings.availability.queries.candidates import free_instruments, is_maybe_free, maybe_free, maybe_free_of
from bookings.availability.queries.free import LOOK_AHEAD, Fit, Week, next_fit, next_free, starts, week
from bookings.availability.queries.quotas import Customer, recounted
from bookings.availability.queries.terms import Lapsed, Terms, as_seen_by, terms

__all__ = [
    "LOOK_AHEAD",
    "Alternatives",
    "Customer",
    "Fit",
    "Lapsed",
    "Terms",
    "Week",
    "alternatives",
    "as_seen_by",
    "free_instruments",
    "is_maybe_free",
    "maybe_free",
    "maybe_free_of",
    "next_fit",
    "next_free",
    "recounted",
    "starts",
    "terms",
    "week",
]
