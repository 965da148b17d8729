"""What the public pages show, ready to show: home, cards, one instrument, its week, one lab."""

from bookings.discovery.queries.cards import Card, cards
from bookings.discovery.queries.catalogue import export_columns, exported, offered
from bookings.discovery.queries.home import home
from bookings.discovery.queries.instruments import instrument_page, offset
from bookings.discovery.queries.labs import lab_page
from bookings.discovery.queries.offers import Offer, day_of, local_fields
from bookings.discovery.queries.weeks import pieces

__all__ = [
    "Card",
    "Offer",
    "cards",
    "day_of",
    "export_columns",
    "exported",
    "home",
    "instrument_page",
    "lab_page",
    "local_fields",
    "offered",
    "offset",
    "pieces",
]
