"""Acts on a series (BK-21): one function, one transaction over all its dates, named refusals."""

from bookings.series.operations.answering import Answered, approve, reject
from bookings.series.operations.booking import book, extend, preview_extension
from bookings.series.operations.cancelling import cancel, cancel_by_lab
from bookings.series.operations.finishing import confirm
from bookings.series.operations.moving import (
    Change,
    Moves,
    MovesChanged,
    Moving,
    NotAllMoved,
    NotConfirmedYet,
    NothingMoved,
    move,
    preview_move,
)
from bookings.series.operations.steps import NoDateLeft, NotAllDates, NothingToDo, SeriesChanged

__all__ = [
    "Answered",
    "Change",
    "Moves",
    "MovesChanged",
    "Moving",
    "NoDateLeft",
    "NotAllDates",
    "NotAllMoved",
    "NotConfirmedYet",
    "NothingMoved",
    "NothingToDo",
    "SeriesChanged",
    "approve",
    "book",
    "cancel",
    "cancel_by_lab",
    "confirm",
    "extend",
    "move",
    "preview_extension",
    "preview_move",
    "reject",
]
