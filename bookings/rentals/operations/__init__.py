"""The steps of a rental (requirements 3.1): one function, one transaction, named refusals."""

from bookings.rentals.operations.answering import PAYMENT_HOLD, approve, reject, submit_for_approval
from bookings.rentals.operations.cancelling import cancel, cancel_by_lab, fee_of_cancelling
from bookings.rentals.operations.confirming import NeedsApproval, confirm_on_account
from bookings.rentals.operations.displacing import mark_needs_rebooking, restore_places
from bookings.rentals.operations.holding import PeriodTaken, place_hold, place_hold_in_group
from bookings.rentals.operations.interrupting import (
    abandon,
    abandon_unanswered,
    declare_unusable,
    interrupt,
    object_to_unusable,
    rebook,
    resume,
)
from bookings.rentals.operations.lapsing import expire_lapsed
from bookings.rentals.operations.moving import accept_move, decline_move, hand_over, reschedule, reschedule_by_lab
from bookings.rentals.operations.paying import await_payment, confirm_paid, start_checkout
from bookings.rentals.operations.prolonging import prolong_hold
from bookings.rentals.operations.settling import mark_no_shows, settle, settle_due
from bookings.rentals.operations.steps import HoldLapsed, NotPossibleNow, PriceChanged, ReasonMissing, part_of_series
from bookings.rentals.operations.using import UsageGiven, check_in, check_out, extend

__all__ = [
    "PAYMENT_HOLD",
    "HoldLapsed",
    "NeedsApproval",
    "NotPossibleNow",
    "PeriodTaken",
    "PriceChanged",
    "ReasonMissing",
    "UsageGiven",
    "abandon",
    "abandon_unanswered",
    "accept_move",
    "approve",
    "await_payment",
    "cancel",
    "cancel_by_lab",
    "check_in",
    "check_out",
    "confirm_on_account",
    "confirm_paid",
    "declare_unusable",
    "decline_move",
    "expire_lapsed",
    "extend",
    "fee_of_cancelling",
    "hand_over",
    "interrupt",
    "mark_needs_rebooking",
    "mark_no_shows",
    "object_to_unusable",
    "part_of_series",
    "place_hold",
    "place_hold_in_group",
    "prolong_hold",
    "rebook",
    "reject",
    "reschedule",
    "reschedule_by_lab",
    "restore_places",
    "resume",
    "settle",
    "settle_due",
    "start_checkout",
    "submit_for_approval",
]
