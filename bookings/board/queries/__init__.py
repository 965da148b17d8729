"""What a lab sees of its instruments: the board, a day's bookings, what waits for an answer."""

from bookings.board.queries.asking import Request, deadlines_of, inbox, number_waiting, waiting_for_answer
from bookings.board.queries.desk import ON_THE_BOARD, asked_window, expected, ours, window
from bookings.board.queries.drawing import board
from bookings.board.queries.instruments import Rows, rows, shown_hours
from bookings.board.queries.occupying import Placed, mark, placed

__all__ = [
    "ON_THE_BOARD",
    "Placed",
    "Request",
    "Rows",
    "asked_window",
    "board",
    "deadlines_of",
    "expected",
    "inbox",
    "mark",
    "number_waiting",
    "ours",
    "placed",
    "rows",
    "shown_hours",
    "waiting_for_answer",
    "window",
]
