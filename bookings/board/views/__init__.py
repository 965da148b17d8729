"""Pages of the lab's desk."""

from bookings.board.views.approvals import answer, approvals
from bookings.board.views.board import board, events, take_out
from bookings.board.views.booking import approve, booking, cancel, reject
from bookings.board.views.desk import desk, listed
from bookings.board.views.moving import move

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
