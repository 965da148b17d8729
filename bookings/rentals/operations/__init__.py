"""The steps of a rental (requirements 3.1): one function, one transaction, named refusals."""

from bookings.rentals.operations.answering import (
    ApprovalNotNeeded,
    ApprovalTooLate,
    answered_by,
    approve,
    reject,
    submit_for_approval,
)
from bookings.rentals.operations.cancelling import (
    call_off_missed,
    cancel,
    cancel_by_lab,
    fee_of_cancelling,
    let_go,
)
from bookings.rentals.operations.cancelling_many import cancel_many
from bookings.rentals.operations.confirming import NeedsApproval, confirm_from_balance, confirm_on_account
from bookings.rentals.operations.contesting import declare_unusable, object_to_unusable
from bookings.rentals.operations.cutting_short import cut_short
from bookings.rentals.operations.displacing import mark_needs_rebooking, restore_places
from bookings.rentals.operations.extending import extend
from bookings.rentals.operations.handing_over import hand_over
from bookings.rentals.operations.holding import PeriodTaken, place_hold, place_hold_in_group
from bookings.rentals.operations.holding_many import (
    Granted,
    confirm_many_on_account,
    hold_many,
    submit_many,
)
from bookings.rentals.operations.interrupting import abandon, abandon_unanswered, interrupt, resume
from bookings.rentals.operations.lapsing import expire_lapsed
from bookings.rentals.operations.missing import mark_no_shows
from bookings.rentals.operations.moving import accept_move, decline_move, reschedule, reschedule_by_lab
from bookings.rentals.operations.overrunning import flag_overruns
from bookings.rentals.operations.paying import await_payment, confirm_paid, start_checkout
from bookings.rentals.operations.prolonging import prolong_hold
from bookings.rentals.operations.rebooking import rebook
from bookings.rentals.operations.settling import settle, settle_due, settles_at
from bookings.rentals.operations.steps import (
    HoldLapsed,
    NotPossibleNow,
    PlaceLost,
    PriceChanged,
    ReasonMissing,
    part_of_series,
)
from bookings.rentals.operations.using import UsageGiven, check_in, check_out
from bookings.rentals.operations.vouching import (
    NoVoucherChosen,
    do_without_voucher,
    offers,
    release_ended,
    use_voucher,
)

__all__ = [
    "ApprovalNotNeeded",
    "ApprovalTooLate",
    "Granted",
    "HoldLapsed",
    "NeedsApproval",
    "NoVoucherChosen",
    "NotPossibleNow",
    "PeriodTaken",
    "PlaceLost",
    "PriceChanged",
    "ReasonMissing",
    "UsageGiven",
    "abandon",
    "abandon_unanswered",
    "accept_move",
    "answered_by",
    "approve",
    "await_payment",
    "call_off_missed",
    "cancel",
    "cancel_by_lab",
    "cancel_many",
    "check_in",
    "check_out",
    "confirm_from_balance",
    "confirm_many_on_account",
    "confirm_on_account",
    "confirm_paid",
    "cut_short",
    "declare_unusable",
    "decline_move",
    "do_without_voucher",
    "expire_lapsed",
    "extend",
    "fee_of_cancelling",
    "flag_overruns",
    "hand_over",
    "hold_many",
    "interrupt",
    "let_go",
    "mark_needs_rebooking",
    "mark_no_shows",
    "object_to_unusable",
    "offers",
    "part_of_series",
    "place_hold",
    "place_hold_in_group",
    "prolong_hold",
    "rebook",
    "reject",
    "release_ended",
    "reschedule",
    "reschedule_by_lab",
    "restore_places",
    "resume",
    "settle",
    "settle_due",
    "settles_at",
    "start_checkout",
    "submit_for_approval",
    "submit_many",
    "use_voucher",
]
