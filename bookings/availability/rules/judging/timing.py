"""Rules about when: the grid and lengths (BK-2), opening hours (BK-3, BK-4), lead time and horizon (BK-5)."""

from datetime import UTC, datetime, time, timedelta

from django.utils.translation import gettext_lazy as _

from bookings.availability.rules.facts import Facts, Wish
from bookings.availability.rules.judging import saying
from kernel.periods import Period
from kernel.refusals import Refusal
from labs.hours.rules import lies_open


class NotOnSlotGrid(Refusal):
    code = "NOT_ON_SLOT_GRID"
    message = _("Start and length must be multiples of {grid} minutes, counted from midnight.")
    cure = _("Start at {next_start}.")
    status = 422


class LengthNotOnGrid(NotOnSlotGrid):
    cure = _("End at {until}.")


class DurationTooShort(Refusal):
    code = "DURATION_TOO_SHORT"
    message = _("Book at least {min_minutes} minutes.")
    cure = _("Until {until} or later.")
    status = 422


class DurationTooLong(Refusal):
    code = "DURATION_TOO_LONG"
    message = _("Book at most {max_minutes} minutes.")
    cure = _("Until {until} at the latest.")
    status = 422


class UnitsOutOfRange(Refusal):
    code = "UNITS_OUT_OF_RANGE"
    message = _("Between 1 and {capacity} can be booked at once.")
    cure = _("At most {capacity}.")
    status = 422


class ClosedDay(Refusal):
    code = "CLOSED_DAY"
    message = _("The lab is closed on {day}.")
    cure = _("Opens again at {opens}.")
    otherwise = _("Choose another day.")


class OutsideOpeningHours(Refusal):
    code = "OUTSIDE_OPENING_HOURS"
    message = _("The lab is open {hours} on {day}.")
    cure = _("Within one of these: {hours}.")


class NotOpenYet(OutsideOpeningHours):
    cure = _("Opens at {opens}.")


class ClosesBefore(OutsideOpeningHours):
    cure = _("Closes at {closes}.")


class LeadTimeTooShort(Refusal):
    code = "LEAD_TIME_TOO_SHORT"
    message = _("Book at least {hours} hours ahead: from {earliest}.")
    cure = _("From {earliest} on.")


class TooFarAhead(Refusal):
    code = "TOO_FAR_AHEAD"
    message = _("Bookings are open until {latest}.")
    cure = _("Can be booked from {opens_on} on.")


def on_slot_grid(facts: Facts, wish: Wish, now: datetime) -> Refusal | None:
    """BK-2: start on the grid counted from local midnight, length a multiple of it."""
    grid, asked = timedelta(minutes=facts.policy.slot_grid_min), wish.period
    start = next_on_grid(asked.start, facts)
    if start != asked.start:
        return NotOnSlotGrid(grid=facts.policy.slot_grid_min, next_start=saying.near(start, asked.start, facts))
    if beyond := (asked.end - asked.start) % grid:
        until = asked.end - beyond + grid
        return LengthNotOnGrid(grid=facts.policy.slot_grid_min, until=saying.near(until, asked.start, facts))
    return None


def next_on_grid(instant: datetime, facts: Facts) -> datetime:
    """Return the first instant on the grid that is not before this one: multiples of it on the clock of each day."""
    local = instant.astimezone(facts.zone)
    grid = timedelta(minutes=facts.policy.slot_grid_min)
    since = timedelta(hours=local.hour, minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    found = instant + -since % grid
    then = found.astimezone(facts.zone)
    if then.utcoffset() != local.utcoffset():
        return _next_on_moved_clock(instant, facts)
    return found if then.date() == local.date() else facts.midnight(then.date())


def _next_on_moved_clock(instant: datetime, facts: Facts) -> datetime:
    """Return the same where the clock is moved meanwhile: a time that it skips is not there, one it repeats twice."""
    first = instant.astimezone(facts.zone).date()
    told = (
        datetime.combine(day, time(*divmod(minute, 60), fold=fold), facts.zone)
        for day in (first, first + timedelta(days=1))
        for minute in range(0, 24 * 60, facts.policy.slot_grid_min)
        for fold in (0, 1)
    )
    shown = (at.astimezone(UTC) for at in told if at.astimezone(UTC).astimezone(facts.zone).time() == at.time())
    return min(at for at in shown if at >= instant)


def long_enough(facts: Facts, wish: Wish, now: datetime) -> Refusal | None:
    """BK-2: not shorter than the minimum."""
    least = facts.policy.min_minutes
    if wish.period.minutes >= least:
        return None
    until = wish.period.start + timedelta(minutes=least)
    return DurationTooShort(min_minutes=least, until=saying.near(until, wish.period.start, facts))


def short_enough(facts: Facts, wish: Wish, now: datetime) -> Refusal | None:
    """BK-2: not longer than the maximum."""
    most = facts.policy.max_minutes
    if wish.period.minutes <= most:
        return None
    until = wish.period.start + timedelta(minutes=most)
    return DurationTooLong(max_minutes=most, until=saying.near(until, wish.period.start, facts))


def units_within(facts: Facts, wish: Wish, now: datetime) -> Refusal | None:
    """BK-2: between one unit and all of them."""
    return None if 1 <= wish.units <= facts.capacity else UnitsOutOfRange(capacity=facts.capacity)


def in_opening_hours(facts: Facts, wish: Wish, now: datetime) -> Refusal | None:
    """BK-3 and BK-4: inside one opening window; unattended runs only begin and end at or in one."""
    return None if is_open(facts, wish.period) else _closed(facts, wish.period, _must_lie(facts, wish.period))


def is_open(facts: Facts, period: Period) -> bool:
    """Whether a use of that period lies in opening hours (BK-4)."""
    return lies_open(period, _must_lie(facts, period), facts.open, runs_unattended=facts.span_closed)


def _must_lie(facts: Facts, period: Period) -> Period:
    """Return what of a use must lie in opening hours: its buffers too, where somebody must be there for them."""
    return period if facts.unattended_buffers else facts.occupied(period)


def _edges(asked: Period, must_lie: Period) -> list[datetime]:
    """Return the instants of an unattended run at which somebody hands over: of the use, and of its buffers too."""
    return sorted({asked.start, asked.end, must_lie.start, must_lie.end})


def _somebody_is_there(instant: datetime, facts: Facts) -> bool:
    return any(window.start <= instant <= window.end for window in facts.open)


def _closed(facts: Facts, asked: Period, must_lie: Period) -> Refusal:
    """Return the refusal of a time that is not open, with the next opening or closing that would matter."""
    whole = facts.day_of(asked.start)
    day = saying.day(asked.start, facts)
    windows = [part for window in facts.open if (part := window.clipped(whole)) is not None]
    edge = must_lie.start
    if facts.span_closed:  # the first hand-over at which nobody is there
        edge = next(one for one in _edges(asked, must_lie) if not _somebody_is_there(one, facts))
    after = next((window.start for window in facts.open if window.start > edge), None)
    if not windows:
        opens = after or facts.opens_later
        return ClosedDay(day=day, opens=saying.said(opens, facts) if opens else "")
    told = {"day": day, "hours": saying.windows(windows, whole.end, facts)}
    around = next((one for one in facts.open if one.start <= edge < one.end), None)
    if around is not None:
        return ClosesBefore(closes=saying.near(around.end, asked.start, facts), **told)
    if after is not None:
        return NotOpenYet(opens=saying.near(after, asked.start, facts), **told)
    return OutsideOpeningHours(**told)


def early_enough(facts: Facts, wish: Wish, now: datetime) -> Refusal | None:
    """BK-5: the lab has its notice."""
    earliest = facts.earliest(now)
    if wish.period.start >= earliest:
        return None
    return LeadTimeTooShort(hours=saying.hours(facts.policy.lead_time_min), earliest=saying.said(earliest, facts))


def near_enough(facts: Facts, wish: Wish, now: datetime) -> Refusal | None:
    """BK-5: not beyond the last local date that may be booked."""
    latest = facts.latest(now)
    if wish.period.start < latest:
        return None
    opens_on = wish.period.start.astimezone(facts.zone).date() - timedelta(days=facts.policy.advance_days)
    return TooFarAhead(latest=saying.last_day(latest, facts), opens_on=opens_on.isoformat())
