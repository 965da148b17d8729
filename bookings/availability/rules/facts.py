"""What the booking rules look at: values gathered once, for one instrument and one customer, inside a window."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bookings.schedule.rules import has_room
from kernel.periods import Period

SELF, ASSISTED, TRAINING = "self", "assisted", "training"


@dataclass(frozen=True, slots=True)
class Policy:
    """The booking policy in force: minutes, days, and what needs approval."""

    slot_grid_min: int
    min_minutes: int
    max_minutes: int
    pre_buffer_min: int
    post_buffer_min: int
    lead_time_min: int
    advance_days: int
    requires_approval: bool
    hold_minutes: int


@dataclass(frozen=True, slots=True)
class Taken:
    """One unit of one resource, taken for a period (buffers included)."""

    unit: int
    period: Period


@dataclass(frozen=True, slots=True)
class Supply:
    """A resource the booking needs: its units, and those taken that do not lapse before now."""

    resource_id: int
    is_room: bool
    capacity: int
    taken: tuple[Taken, ...]

    def has_room(self, occupied: Period, units: int) -> bool:
        """Whether so many units more fit into the occupied period, whoever sits where; a room gives one place."""
        wanted = 1 if self.is_room else units
        return has_room((one.period for one in self.taken), occupied, units=wanted, capacity=self.capacity)


@dataclass(frozen=True, slots=True)
class Facts:
    """
    All that the rules look at, for one instrument and one customer, inside a window of time.

    `open`, `blocked` and `calibrated` are cut to the window and in order; `calibrated_until` is not cut. `certified` is
    None where the instrument must be calibrated; else it says when a certificate covers it although none must (CAL-2).
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
    organisation: str = ""
    suspended_until: datetime | None = None
    qualified_until: datetime | None = None
    needs_qualification: bool = False
    certified: tuple[Period, ...] | None = None

    def is_traceable(self, period: Period) -> bool:
        """Whether a certificate covers every instant of the use; BK-9 sees to it where one must."""
        return self.certified is None or any(sound.contains(period) for sound in self.certified)

    def occupied(self, period: Period) -> Period:
        """Return the period with the buffers of the policy (BK-6)."""
        return period.widened(before=self.policy.pre_buffer_min, after=self.policy.post_buffer_min)

    def takes(self, wish: "Wish") -> list[tuple[int, int, int]]:
        """What a wish takes, as (resource id, units, capacity): its units of the instrument, one place in the room."""
        return [(one.resource_id, 1 if one.is_room else wish.units, one.capacity) for one in self.supplies]

    def operator_for(self, wish: "Wish") -> int | None:
        """Return the key of the operator who would be assigned (BK-10), or None where none is needed or free."""
        return None

    def earliest(self, now: datetime) -> datetime:
        """The first instant the lead time allows (BK-5)."""
        return now + timedelta(minutes=self.policy.lead_time_min)

    def latest(self, now: datetime) -> datetime:
        """The end of the last local day that may be booked (BK-5)."""
        last = now.astimezone(self.zone).date() + timedelta(days=self.policy.advance_days)
        return datetime.combine(last + timedelta(days=1), time(), self.zone).astimezone(UTC)


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
