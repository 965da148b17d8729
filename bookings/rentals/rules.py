"""What a rental may become, what cancelling costs, and how long a lab has to answer (requirements 3.1, 5.4)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from kernel.money import Money
from kernel.periods import Period

HELD, PENDING, AWAITING, CONFIRMED = "held", "pending_approval", "awaiting_payment", "confirmed"
CHECKED_IN, INTERRUPTED, CHECKED_OUT, SETTLED = "checked_in", "interrupted", "checked_out", "settled"
EXPIRED, REJECTED, CANCELLED, NO_SHOW = "expired", "rejected", "cancelled", "no_show"

BLOCKING = (HELD, PENDING, AWAITING, CONFIRMED, CHECKED_IN, INTERRUPTED)
"""States that keep others out of the instrument."""

LAPSING = (HELD, PENDING, AWAITING)
"""States that end by themselves at `held_until` (BK-18)."""

BEFORE_USE = (HELD, PENDING, AWAITING, CONFIRMED)
"""States in which nobody has come yet: a rental may be called off, or handed to a colleague."""

OVER = (SETTLED, EXPIRED, REJECTED, CANCELLED, NO_SHOW)
"""States in which nothing more happens, but for a payment that comes late."""

MOVES: dict[str, dict[str, str]] = {
    "submit": {HELD: PENDING},
    "approve": {PENDING: AWAITING},
    "reject": {PENDING: REJECTED},
    "await_payment": {HELD: AWAITING},
    "start_checkout": {AWAITING: AWAITING},
    "confirm": {HELD: CONFIRMED, AWAITING: CONFIRMED},
    "pay": {HELD: CONFIRMED, AWAITING: CONFIRMED},
    "late_pay": {EXPIRED: CONFIRMED},
    "expire": dict.fromkeys(LAPSING, EXPIRED),
    "cancel": dict.fromkeys(BEFORE_USE, CANCELLED),
    "cancel_by_lab": dict.fromkeys(BEFORE_USE, CANCELLED),
    "hand_over": {state: state for state in BEFORE_USE},
    "reschedule": {CONFIRMED: CONFIRMED},
    "reschedule_by_lab": {CONFIRMED: CONFIRMED},
    "check_in": {CONFIRMED: CHECKED_IN},
    "no_show": {CONFIRMED: NO_SHOW},
    "extend": {CHECKED_IN: CHECKED_IN},
    "interrupt": {CHECKED_IN: INTERRUPTED},
    "resume": {INTERRUPTED: CHECKED_IN},
    "rebook": {INTERRUPTED: CHECKED_OUT},
    "abandon": {INTERRUPTED: CHECKED_OUT},
    "check_out": {CHECKED_IN: CHECKED_OUT},
    "declare_unusable": {CHECKED_OUT: CHECKED_OUT},
    "object_to_unusable": {CHECKED_OUT: CHECKED_OUT},
    "settle": {CHECKED_OUT: SETTLED},
}
"""The state machine: event -> from -> to; whatever is not here is refused and changes nothing."""

CUSTOMER, LAB, CLOCK, PAYMENT = "customer", "lab", "clock", "payment"

BY: dict[str, tuple[str, ...]] = {
    "submit": (CUSTOMER,),
    "approve": (LAB,),
    "reject": (LAB,),
    "await_payment": (CUSTOMER,),
    "start_checkout": (CUSTOMER,),
    "confirm": (CUSTOMER,),
    "pay": (PAYMENT,),
    "late_pay": (PAYMENT,),
    "expire": (CLOCK,),
    "cancel": (CUSTOMER,),
    "cancel_by_lab": (LAB,),
    "hand_over": (CUSTOMER,),
    "reschedule": (CUSTOMER,),
    "reschedule_by_lab": (LAB,),
    "check_in": (LAB,),
    "no_show": (CLOCK,),
    "extend": (CUSTOMER, LAB),
    "interrupt": (LAB,),
    "resume": (CUSTOMER, LAB),
    "rebook": (CUSTOMER,),
    "abandon": (CUSTOMER, CLOCK),
    "check_out": (LAB,),
    "declare_unusable": (CUSTOMER,),
    "object_to_unusable": (LAB,),
    "settle": (CUSTOMER, CLOCK),
}
"""Who may bring each event about: the customer, the lab, the clock, or money that has arrived."""

APPROVAL_WORKING_MINUTES = 8 * 60
"""How long a lab has to approve, in minutes of its opening hours."""

APPROVAL_ENDS_BEFORE_START = timedelta(hours=2)
"""An approval comes no later than this before the rental begins."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the cancellation ladder (取消阶梯): from this much notice on, the fee is so many basis points."""

    min_notice_hours: int
    fee_bp: int


LADDER = (Step(72, 0), Step(24, 3_000), Step(4, 5_000), Step(0, 10_000))
"""BL-20: the ladder where a policy gives none; lower bounds inclusive."""


def ladder_of(stored: Iterable[dict[str, int]] | None) -> tuple[Step, ...]:
    """Read a ladder as a booking policy stores it, the longest notice first."""
    steps = (Step(step["min_notice_hours"], step["fee_bp"]) for step in stored or ())
    return tuple(sorted(steps, key=lambda step: -step.min_notice_hours)) or LADDER


def cancellation_fee(
    *, price: Money, start: datetime, cancelled_at: datetime, ladder: Sequence[Step] = LADDER
) -> Money:
    """Return what cancelling costs by the notice given, exact to the second (BL-20); after the start all of it."""
    notice = start - cancelled_at
    for step in ladder:
        if notice >= timedelta(hours=step.min_notice_hours):
            return price.basis_points(step.fee_bp)
    return price


def approval_deadline(*, open_windows: Iterable[Period], now: datetime, start: datetime) -> datetime:
    """Return when an approval must have come: 8 of the lab's working hours from now, at most 2 h before the start."""
    latest = start - APPROVAL_ENDS_BEFORE_START
    left = timedelta(minutes=APPROVAL_WORKING_MINUTES)
    for window in sorted(open_windows):
        begins = max(window.start, now)
        if begins >= window.end:
            continue
        if window.end - begins >= left:
            return min(begins + left, latest)
        left -= window.end - begins
    return latest
