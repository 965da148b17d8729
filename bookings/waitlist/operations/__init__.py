"""The waitlist that holds (BK-19): waiting, being offered a freed time, answering."""

from bookings.waitlist.operations.answering import decline, follow, take_offer
from bookings.waitlist.operations.closing import close_over, keep_right
from bookings.waitlist.operations.displaced import join_displaced, put_first, step_back, step_back_all
from bookings.waitlist.operations.joining import change_window, join, withdraw
from bookings.waitlist.operations.offering import offer_freed
from bookings.waitlist.operations.refusals import (
    AlreadyWaiting,
    FreeNow,
    NothingFits,
    NotWaiting,
    OfferAnswered,
    TooManyEntries,
    WindowOver,
    WindowTooLong,
    WindowTooShort,
)

__all__ = [
    "AlreadyWaiting",
    "FreeNow",
    "NotWaiting",
    "NothingFits",
    "OfferAnswered",
    "TooManyEntries",
    "WindowOver",
    "WindowTooLong",
    "WindowTooShort",
    "change_window",
    "close_over",
    "decline",
    "follow",
    "join",
    "join_displaced",
    "keep_right",
    "offer_freed",
    "put_first",
    "step_back",
    "step_back_all",
    "take_offer",
    "withdraw",
]
