"""How long a lab still has to answer, in its own working time, and when its managers are reminded of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from kernel.periods import Period

LAST_CALL = timedelta(hours=1)
"""How long before the deadline the managers are reminded for the last time."""

CALM, SOON, URGENT = "calm", "soon", "urgent"


@dataclass(frozen=True, slots=True)
class Deadline:
    """
    When an answer is due, and what of the lab's working time is left until then.

    `windows` is when the lab is open between the request and the deadline.
    """

    asked_at: datetime
    due_at: datetime
    windows: tuple[Period, ...]

    def minutes_left(self, now: datetime) -> int:
        """Return the minutes of working time that are left."""
        return _minutes(self.windows, now, self.due_at)

    @property
    def half_at(self) -> datetime:
        """The instant at which half of the working time is over; half of the time, where there is none."""
        half = timedelta(minutes=_minutes(self.windows, self.asked_at, self.due_at)) / 2
        for window in sorted(self.windows):
            begins, ends = max(window.start, self.asked_at), min(window.end, self.due_at)
            if begins >= ends:
                continue
            if ends - begins >= half:
                return begins + half
            half -= ends - begins
        return self.asked_at + (self.due_at - self.asked_at) / 2

    def look(self, now: datetime) -> str:
        """Say how pressing it is: more than half of the time is left, less, or an hour."""
        if now >= self.due_at - LAST_CALL or self.minutes_left(now) <= LAST_CALL.total_seconds() // 60:
            return URGENT
        return SOON if now >= self.half_at else CALM

    def reminder(self, now: datetime) -> datetime | None:
        """
        Return the last instant to be reminded of that has come: half of the time, or an hour before; None for none.

        A job that comes late reminds once, of the later of the two, and never after the deadline.
        """
        if now >= self.due_at:
            return None
        come = [at for at in (self.half_at, self.due_at - LAST_CALL) if self.asked_at < at <= now]
        return max(come, default=None)


def _minutes(windows: Iterable[Period], start: datetime, end: datetime) -> int:
    if start >= end:
        return 0
    parts: Sequence[Period | None] = [window.clipped(Period(start, end)) for window in windows]
    return sum(part.minutes for part in parts if part)
