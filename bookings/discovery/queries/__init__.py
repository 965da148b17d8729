"""What the public pages show, ready to show: home, finding and comparing, one instrument, its week."""

from bookings.discovery.queries.cards import Card, cards
from bookings.discovery.queries.catalogue import export_columns, exported, offered
from bookings.discovery.queries.comparing import side_by_side, to_add, tray
from bookings.discovery.queries.counting import counted
from bookings.discovery.queries.home import home
from bookings.discovery.queries.instruments import instrument_page, offset
from bookings.discovery.queries.listing import Judged, ListPaginator, listed
from bookings.discovery.queries.offers import Offer, day_of, local_fields, next_fit
from bookings.discovery.queries.places import places
from bookings.discovery.queries.standards import superseded
from bookings.discovery.queries.suggestions import LONGEST_TYPED, suggestions
from bookings.discovery.queries.understanding import EXACTLY, TYPED, understood, with_terms
from bookings.discovery.queries.weeks import pieces
from bookings.discovery.wishes import MOST_COMPARED

__all__ = [
    "EXACTLY",
    "LONGEST_TYPED",
    "MOST_COMPARED",
    "TYPED",
    "Card",
    "Judged",
    "ListPaginator",
    "Offer",
    "cards",
    "counted",
    "day_of",
    "export_columns",
    "exported",
    "home",
    "instrument_page",
    "listed",
    "local_fields",
    "next_fit",
    "offered",
    "offset",
    "pieces",
    "places",
    "side_by_side",
    "suggestions",
    "superseded",
    "to_add",
    "tray",
    "understood",
    "with_terms",
]
