"""What the booking rules look at: values gathered once, for one instrument and one customer, inside a window."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bookings.availability.rules.operators import Operator, chosen
from bookings.schedule.rules import Want, has_room
from kernel.periods import Period, merged

SELF, ASSISTED, TRAINING = "self", "assisted", "training"

AT_EITHER_END = 30
"""Minutes before and after the start, and the end, of an unattended run in which an operator is there (BK-10)."""

RELEASED_BEFORE = timedelta(hours=48)
"""How long before a booking begins the reserve for SMEs no longer holds it back (BK-13)."""


@dataclass(frozen=True, slots=True)
class Policy:
    """
    The booking policy in force: minutes, days, what needs approval, and what is kept for whom.

    `sme_reserve_bp` are basis points of each day (BK-13); `week_max_minutes` is one customer's share of an ISO week,
    None for any (BK-12).
    """

    slot_grid_min: int
    min_minutes: int
    max_minutes: int
    pre_buffer_min: int
    post_buffer_min: int
    lead_time_min: int
    advance_days: int
    requires_approval: bool
    hold_minutes: int
    sme_reserve_bp: int = 0
    week_max_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """One unit of one resource, taken for a period (buffers included)."""

    unit: int
    period: Period


@dataclass(frozen=True, slots=True)
class Supply:
    """
    A resource the booking needs: its units, and those taken that do not lapse before now.

    `out` are units of an instrument that are out of service for a time, a period each (BK-6, BK-8).
    """

    resource_id: int
    is_room: bool
    capacity: int
    taken: tuple[Taken, ...]
    out: tuple[Period, ...] = ()

    def has_room(self, occupied: Period, units: int) -> bool:
        """Whether so many units more fit into the occupied period, whoever sits where; a room gives one place."""
        wanted = 1 if self.is_room else units
        return has_room(self.busy, occupied, units=wanted, capacity=self.capacity)

    @property
    def busy(self) -> list[Period]:
        """When its units are taken or out, a period a unit."""
        return [*(one.period for one in self.taken), *self.out]


@dataclass(frozen=True, slots=True)
class Use:
    """Somebody's booking of the instrument: its usage, its condition, its units, and whether an SME's (BK-7, BK-13)."""

    usage: Period
    booked: Period
    units: int
    profile: str
    is_sme: bool


@dataclass(frozen=True, slots=True)
class Quota:
    """
    What the customer's organisation has already, and the most it may have (BK-12); the booking asked about left out.

    `spent` are its attended uses of this instrument, whole weeks around the window. `most_holds` is None where no hold
    is placed.
    """

    ahead: int
    most_ahead: int
    holds: int
    most_holds: int | None
    spent: tuple[Period, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """
    All that the rules look at, for one instrument and one customer, inside a window of time.

    `open` and `calibrated` are cut to the window and in order; `opens_later` and `calibrated_later` say when they go on
    beyond it, `calibrated_until` when the last certificate ends. `blocked` and `external` touch the window, uncut.
    `blocked` are outages of all units, those of other calendars (`external`, BK-14) apart. `certified` is None where
    the instrument must be calibrated; else it says when a certificate covers it although none must (CAL-2). `quota` is
    None for a visitor. `operators` are those qualified for it (BK-10), where one may be needed.
    """

    instrument_id: int
    instrument: str
    is_bookable: bool
    zone: ZoneInfo
    policy: Policy
    modes: frozenset[str]
    span_closed: bool
    unattended_buffers: bool
    open: tuple[Period, ...]
    blocked: tuple[Period, ...]
    calibrated: tuple[Period, ...]
    calibrated_until: datetime | None
    supplies: tuple[Supply, ...]
    external: tuple[Period, ...] = ()
    opens_later: datetime | None = None
    calibrated_later: datetime | None = None
    operators: tuple[Operator, ...] = ()
    uses: tuple[Use, ...] = ()
    shares_condition: bool = False
    materials_allowed: frozenset[str] = frozenset()
    organisation: str = ""
    suspended_until: datetime | None = None
    is_sme: bool = False
    quota: Quota | None = None
    qualified_until: datetime | None = None
    needs_qualification: bool = False
    certified: tuple[Period, ...] | None = None

    def is_traceable(self, period: Period) -> bool:
        """Whether a certificate covers every instant of the use; BK-9 sees to it where one must."""
        return self.certified is None or any(sound.contains(period) for sound in self.certified)

    def occupied(self, period: Period) -> Period:
        """Return the period with the buffers of the policy (BK-6)."""
        return period.widened(before=self.policy.pre_buffer_min, after=self.policy.post_buffer_min)

    @property
    def capacity(self) -> int:
        """How many units the instrument has."""
        return next((supply.capacity for supply in self.supplies if not supply.is_room), 1)

    @property
    def lacks_resources(self) -> bool:
        """Whether something that would be taken is not in the schedule yet."""
        known = [*(one.resource_id for one in self.supplies), *(one.resource_id for one in self.operators)]
        return not all(known)

    def is_unattended(self, period: Period) -> bool:
        """Whether it runs on while the lab is closed: then nobody need stand by throughout (BK-4, BK-10, BK-12)."""
        return self.span_closed and not any(window.contains(period) for window in self.open)

    def presence(self, period: Period) -> list[Period]:
        """Return when an operator must be there: buffers and use, or both ends of an unattended run; in open hours."""
        around = timedelta(minutes=AT_EITHER_END)
        attended = [self.occupied(period)]
        if self.is_unattended(period):
            attended = [Period(edge - around, edge + around) for edge in (period.start, period.end)]
        return merged(part for stretch in attended for window in self.open if (part := stretch.clipped(window)))

    def is_attended(self, wish: "Wish") -> bool:
        """Whether somebody qualified could operate it (BK-10), or nobody need."""
        if not wish.needs_operator:
            return True
        presence = self.presence(wish.period)
        return any(one.can_attend(presence, until=wish.period.end) for one in self.operators)

    def operator_for(self, wish: "Wish") -> int | None:
        """Return the key of the operator who would be assigned (BK-10), or None where none is needed or free."""
        operator = self._operator_for(wish)
        return operator.key if operator else None

    def _operator_for(self, wish: "Wish") -> Operator | None:
        if not wish.needs_operator:
            return None
        presence, day = self.presence(wish.period), self.day_of(wish.period.start)
        return chosen(self.operators, presence=presence, until=wish.period.end, day=day)

    def wants(self, wish: "Wish", *, at: tuple[int, ...] = ()) -> list[Want]:
        """
        Return what a wish takes, of each resource for its own time: units, a place in the room, an operator's hours.

        `at` are the units of the instrument that it keeps, where its use has begun.
        """
        occupied = self.occupied(wish.period)
        wanted = [
            Want(one.resource_id, occupied, wish.period, 1, one.capacity)
            if one.is_room
            else Want(one.resource_id, occupied, wish.period, wish.units, one.capacity, at)
            for one in self.supplies
        ]
        if operator := self._operator_for(wish):
            wanted += [
                Want(operator.resource_id, part, part.clipped(wish.period) or part)
                for part in self.presence(wish.period)
            ]
        return wanted

    def day_of(self, instant: datetime) -> Period:
        """Return the lab's local day that an instant lies in, from midnight to midnight."""
        day = instant.astimezone(self.zone).date()
        return Period(self.midnight(day), self.midnight(day + timedelta(days=1)))

    def midnight(self, day: date) -> datetime:
        """Return the instant (UTC) at which a local day begins."""
        return datetime.combine(day, time(), self.zone).astimezone(UTC)

    def earliest(self, now: datetime) -> datetime:
        """The first instant the lead time allows (BK-5)."""
        return now + timedelta(minutes=self.policy.lead_time_min)

    def latest(self, now: datetime) -> datetime:
        """The end of the last local day that may be booked (BK-5)."""
        return self.midnight(now.astimezone(self.zone).date() + timedelta(days=self.policy.advance_days + 1))

    def is_reserved(self, wish: "Wish", now: datetime) -> bool:
        """Whether the reserve for SMEs counts against this customer, at this notice (BK-13)."""
        return bool(self.policy.sme_reserve_bp) and not self.is_sme and now < wish.period.start - RELEASED_BEFORE

    def counts_decide(self, wish: "Wish", now: datetime) -> bool:
        """Whether counts decide, and not one unit alone: then all is asked again under the lock."""
        return self.shares_condition or self.is_reserved(wish, now) or any(one.capacity > 1 for one in self.supplies)

    def needs_approval(self, mode: str) -> bool:
        """Whether the lab agrees before a use is confirmed: always, or to train somebody who is not qualified."""
        return self.policy.requires_approval or mode == TRAINING

    def counted(self, quota: Quota) -> "Facts":
        """Return the facts with the customer's quota as it is now."""
        return replace(self, quota=quota)


@dataclass(frozen=True, slots=True)
class Wish:
    """
    What a customer asks for: when, operated by whom, how many units, under which condition, and what they bring.

    `profile` is the condition (BK-7), empty where none is named; `materials` the hazardous classes declared (BK-16).
    """

    period: Period
    mode: str
    units: int = 1
    profile: str = ""
    materials: tuple[str, ...] = ()

    @property
    def needs_operator(self) -> bool:
        """Whether somebody of the lab takes part: in all modes but one's own (BK-10, BK-11)."""
        return self.mode != SELF
