"""What is free and at what price: the facts of the rules, the searches over them, and what to do instead."""

from bookings.availability.queries.alternatives import Alternatives, alternatives
from bookings.availability.queries.free import LOOK_AHEAD, Week, next_free, starts, week
from bookings.availability.queries.terms import Lapsed, Terms, as_seen_by, terms

__all__ = [
    "LOOK_AHEAD",
    "Alternatives",
    "Lapsed",
    "Terms",
    "Week",
    "alternatives",
    "as_seen_by",
    "next_free",
    "starts",
    "terms",
    "week",
]
