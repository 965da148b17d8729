"""The steps of a rental (requirements 3.1): one function, one transaction, named refusals."""

from bookings.rentals.operations.answering import PAYMENT_HOLD, approve, reject, submit_for_approval
from bookings.rentals.operations.cancelling import cancel, cancel_by_lab, fee_of_cancelling
from bookings.rentals.operations.confirming import NeedsApproval, confirm_on_account
from bookings.rentals.operations.holding import PeriodTaken, place_hold
from bookings.rentals.operations.lapsing import expire_lapsed
from bookings.rentals.operations.steps import HoldLapsed, NotPossibleNow, PriceChanged, ReasonMissing

__all__ = [
    "PAYMENT_HOLD",
    "HoldLapsed",
    "NeedsApproval",
    "NotPossibleNow",
    "PeriodTaken",
    "PriceChanged",
    "ReasonMissing",
    "approve",
    "cancel",
    "cancel_by_lab",
    "confirm_on_account",
    "expire_lapsed",
    "fee_of_cancelling",
    "place_hold",
    "reject",
    "submit_for_approval",
]
