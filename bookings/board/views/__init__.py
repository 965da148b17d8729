"""Pages of the lab's desk."""

from bookings.board.views.inbox import answer, approvals
from bookings.board.views.listing import desk, listed
from bookings.board.views.moving import move
from bookings.board.views.one import approve, booking, cancel, reject
from bookings.board.views.watching import board, events, take_out

__all__ = [
    "answer",
    "approvals",
    "approve",
    "board",
    "booking",
    "cancel",
    "desk",
    "events",
    "listed",
    "move",
    "reject",
    "take_out",
]
