"""What a rental may become, what cancelling costs, and how long a lab has to answer (requirements 3.1, 5.4)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bookings.schedule.rules import has_room
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
    "await_payment": {HELD: AWAITING, AWAITING: AWAITING},
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
    "cancel_by_lab": (LAB, CLOCK),
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


# --- Until when something may be done ---------------------------------------------------------------------------------

PAYMENT_HOLD = timedelta(minutes=30)
"""How long a rental is kept until it is paid online."""

ANSWER_HOLD = timedelta(days=1)
"""How long an approved rental is kept at most until its customer, who did not wait at the screen, confirms it."""

ANSWER_ENDS_BEFORE_START = timedelta(hours=1)

TRANSFER_WORKDAYS = 3
"""How many working days a bank transfer may take."""

TRANSFER_ENDS_BEFORE_START = timedelta(hours=24)
"""A transfer must have arrived this long before the start."""

CHECKOUT_HOLD = timedelta(minutes=35)
"""How long a rental is kept from the moment somebody goes to the till: a little longer than the payment page lives."""

MOST_CHECKOUTS = 2

MOVE_NOTICE, MOST_MOVES = timedelta(hours=24), 2
"""A customer moves a rental at most twice, and this long before it begins at the latest."""

CHECK_IN_BEFORE = timedelta(minutes=15)
"""How long before the start somebody may be let in, if the instrument is free."""

CHOICE_WORKDAYS = 5
"""How many working days a customer has to choose what becomes of an interrupted use."""

OBJECTION_WORKDAYS = 2
"""How many working days a lab has to object when a customer says that a run was of no use."""

SETTLE_WORKDAYS = 2
"""How many working days after check-out the price is final, unless the customer confirms it before."""

SHORT_NOTICE = timedelta(hours=24)
"""A lab that calls off later than this before the start has let its customer down."""

NO_SHOWS, NO_SHOWS_WITHIN, SUSPENDED_FOR = 3, timedelta(days=90), timedelta(days=30)
"""BK-15: so many no-shows within so long suspend an organisation from new bookings for so long."""


def approved_until(*, start: datetime, now: datetime) -> datetime:
    """Return until when an approved rental is kept: a day, up to an hour before the start, half an hour at least."""
    return max(now + PAYMENT_HOLD, min(now + ANSWER_HOLD, start - ANSWER_ENDS_BEFORE_START))


def transfer_until(*, start: datetime, workdays_end: datetime, now: datetime) -> datetime | None:
    """Return until when a transfer may arrive: as its working days end, a day before the start; None if too late."""
    latest = min(workdays_end, start - TRANSFER_ENDS_BEFORE_START)
    return latest if latest > now + PAYMENT_HOLD else None


def checkout_until(*, held_until: datetime, now: datetime) -> datetime:
    """Return until when a rental is kept whose customer goes to the till; never shorter than it was."""
    return max(held_until, now + CHECKOUT_HOLD)


def may_still_move(*, start: datetime, now: datetime) -> bool:
    """Whether there is notice enough for the customer to move a rental."""
    return start - now >= MOVE_NOTICE


def check_in_from(start: datetime) -> datetime:
    """Return from when on somebody may be let in."""
    return start - CHECK_IN_BEFORE


def no_show_at(*, start: datetime, grace_min: int) -> datetime:
    """Return when nobody is waited for any longer."""
    return start + timedelta(minutes=grace_min)


def is_short_notice(*, start: datetime, now: datetime) -> bool:
    """Whether a lab that calls off now lets its customer down."""
    return start - now < SHORT_NOTICE


def suspended_until(no_shows: Iterable[datetime], *, now: datetime) -> datetime | None:
    """Return until when an organisation with these no-shows is suspended now (BK-15), or None where it is not."""
    recent = [at for at in no_shows if now - NO_SHOWS_WITHIN < at <= now]
    return now + SUSPENDED_FOR if len(recent) >= NO_SHOWS else None


def remaining(*, booked: Period, interrupted_at: datetime) -> timedelta:
    """Return what is left of a use that was interrupted: from then to its booked end."""
    return max(booked.end - max(interrupted_at, booked.start), timedelta(0))


@dataclass(frozen=True, slots=True)
class UsageBounds:
    """Between which instants a use can have begun, and ended; all inclusive, and it ended after it began."""

    began_from: datetime
    began_by: datetime
    ended_from: datetime
    ended_by: datetime

    def wrong(self, began: datetime, ended: datetime) -> list[str]:
        """Return which of the two cannot be: `started_at`, `ended_at`."""
        found = [] if self.began_from <= began <= self.began_by else ["started_at"]
        if not self.ended_from <= ended <= self.ended_by or ended <= began:
            found.append("ended_at")
        return found


def usage_bounds(
    *,
    booked_start: datetime,
    left_before: datetime | None,
    first_broke_at: datetime | None,
    last_began_at: datetime | None,
    recorded_start: datetime,
    now: datetime,
) -> UsageBounds:
    """
    Return between which instants a use can have begun and ended, whatever the clock wrote down.

    Nobody is let in before `check_in_from`, nor while somebody sits there (`left_before`); what was written down as
    the start is always possible. An interruption (`first_broke_at` to `last_began_at`) stays as it was.
    """
    earliest = min(max(check_in_from(booked_start), left_before or booked_start - CHECK_IN_BEFORE), recorded_start)
    return UsageBounds(
        began_from=earliest, began_by=first_broke_at or now, ended_from=last_began_at or earliest, ended_by=now
    )


OUTAGE, FEWER_UNITS, CLOSED = "outage", "capacity", "hours"
"""Why a rental cannot take place as booked: out of service, fewer units than before, closed then."""

# --- Who has no place any more ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Claim:
    """A rental's claim to units of its instrument for a time; one `is_in_use` cannot be sent away."""

    key: int
    time: Period
    units: int
    is_in_use: bool = False


def without_place(claims: Iterable[Claim], *, capacity: int) -> list[int]:
    """
    Return the keys of the claims for which so few units are not enough (BK-6).

    Those in use stay; of the others the first in the order given stay, as long as there is room.
    """
    kept: list[Period] = []
    lost: list[int] = []
    for claim in sorted(claims, key=lambda one: not one.is_in_use):
        if claim.is_in_use or has_room(kept, claim.time, units=claim.units, capacity=capacity):
            kept += [claim.time] * claim.units
        else:
            lost.append(claim.key)
    return lost
