"""
The booking rules themselves (requirements 4), with the refusals they mean.

All instants are UTC; the lab's zone decides what is a day.
"""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from bookings.availability.rules.facts import SELF, Facts, Wish
from kernel.periods import Period
from kernel.refusals import Refusal


class InstrumentUnavailable(Refusal):
    code = "INSTRUMENT_UNAVAILABLE"
    message = _("{instrument} cannot be booked at present.")


class OrganisationSuspended(Refusal):
    code = "ORG_SUSPENDED"
    message = _("{organisation} may make no new bookings until {until}.")
    status = 403


class ModeNotOffered(Refusal):
    code = "MODE_NOT_OFFERED"
    message = _("{instrument} is not offered in this mode of use.")


class NotOnSlotGrid(Refusal):
    code = "NOT_ON_SLOT_GRID"
    message = _("Start and length must be multiples of {grid} minutes, counted from midnight.")
    status = 422


class DurationTooShort(Refusal):
    code = "DURATION_TOO_SHORT"
    message = _("Book at least {min_minutes} minutes.")
    status = 422


class DurationTooLong(Refusal):
    code = "DURATION_TOO_LONG"
    message = _("Book at most {max_minutes} minutes.")
    status = 422


class UnitsOutOfRange(Refusal):
    code = "UNITS_OUT_OF_RANGE"
    message = _("Between 1 and {capacity} can be booked at once.")
    status = 422


class ClosedDay(Refusal):
    code = "CLOSED_DAY"
    message = _("The lab is closed on {day}.")


class OutsideOpeningHours(Refusal):
    code = "OUTSIDE_OPENING_HOURS"
    message = _("The lab is open {hours} on {day}.")


class LeadTimeTooShort(Refusal):
    code = "LEAD_TIME_TOO_SHORT"
    message = _("Book at least {hours} hours ahead: from {earliest}.")


class TooFarAhead(Refusal):
    code = "TOO_FAR_AHEAD"
    message = _("Bookings are open until {latest}.")


class CapacityExceeded(Refusal):
    code = "CAPACITY_EXCEEDED"
    message = _("{instrument} is taken for part of that time.")


class RoomBusy(Refusal):
    code = "ROOM_BUSY"
    message = _("The room that {instrument} stands in is taken for part of that time.")


class UnderMaintenance(Refusal):
    code = "MAINTENANCE"
    message = _("{instrument} is out of service from {start} to {end}.")


class CalibrationExpired(Refusal):
    code = "CALIBRATION_EXPIRED"
    message = _("{instrument} is not calibrated for all of that time; its calibration ends on {until}.")


class NotQualified(Refusal):
    code = "NOT_QUALIFIED"
    message = _("To operate {instrument} yourself you need its qualification on the day. Book it with an operator.")
    status = 403


def bookable(facts: Facts, wish: Wish, now: datetime) -> Refusal | None:
    """BK-1: published, in a status that allows it, of an active lab."""
    return None if facts.is_bookable else InstrumentUnavailable(instrument=facts.instrument)


def in_good_standing(facts: Facts, wish: Wish, now: datetime) -> Refusal | None:
    """BK-1: the customer's organisation is not suspended."""
    if facts.suspended_until is None or facts.suspended_until <= now:
        return None
    until = _said(facts.suspended_until, facts)
    return OrganisationSuspended(organisation=facts.organisation, until=until)


def mode_offered(facts: Facts, wish: Wish, now: datetime) -> Refusal | None:
    """The instrument is offered in the mode asked for: on one's own, or with an operator."""
    return None if wish.mode in facts.modes else ModeNotOffered(instrument=facts.instrument, mode=wish.mode)


def on_slot_grid(facts: Facts, wish: Wish, now: datetime) -> Refusal | None:
    """BK-2: start on the grid counted from local midnight, length a multiple of it."""
    grid = facts.policy.slot_grid_min
    local = wish.period.start.astimezone(facts.zone)
    length = wish.period.end - wish.period.start
    off = (local.hour * 60 + local.minute) % grid or local.second or local.microsecond
    return NotOnSlotGrid(grid=grid) if off or length % timedelta(minutes=grid) else None


def long_enough(facts: Facts, wish: Wish, now: datetime) -> Refusal | None:
    """BK-2: not shorter than the minimum."""
    least = facts.policy.min_minutes
    return DurationTooShort(min_minutes=least) if wish.period.minutes < least else None


def short_enough(facts: Facts, wish: Wish, now: datetime) -> Refusal | None:
    """BK-2: not longer than the maximum."""
    most = facts.policy.max_minutes
    return DurationTooLong(max_minutes=most) if wish.period.minutes > most else None


def units_within(facts: Facts, wish: Wish, now: datetime) -> Refusal | None:
    """BK-2: between one unit and all of them."""
    capacity = next((supply.capacity for supply in facts.supplies if not supply.is_room), 1)
    return None if 1 <= wish.units <= capacity else UnitsOutOfRange(capacity=capacity)


def in_opening_hours(facts: Facts, wish: Wish, now: datetime) -> Refusal | None:
    """BK-3 and BK-4: inside one opening window; unattended runs only begin and end at or in one."""
    must_lie = wish.period if facts.unattended_buffers else facts.occupied(wish.period)
    if facts.span_closed:
        starts = any(window.start <= must_lie.start <= window.end for window in facts.open)
        ends = any(window.start <= must_lie.end <= window.end for window in facts.open)
        if starts and ends:
            return None
    elif any(window.contains(must_lie) for window in facts.open):
        return None
    day = wish.period.start.astimezone(facts.zone).date()
    midnight = datetime.combine(day, time(), facts.zone)
    whole = Period(midnight, midnight + timedelta(days=1))
    windows = [window.clipped(whole) for window in facts.open if window.overlaps(whole)]
    if not windows:
        return ClosedDay(day=day.isoformat())
    hours = ", ".join(
        f"{window.start.astimezone(facts.zone):%H:%M}–{_closing(window.end, whole.end, facts.zone)}"
        for window in windows
        if window
    )
    return OutsideOpeningHours(day=day.isoformat(), hours=hours)


def early_enough(facts: Facts, wish: Wish, now: datetime) -> Refusal | None:
    """BK-5: the lab has its notice."""
    earliest = facts.earliest(now)
    if wish.period.start >= earliest:
        return None
    hours = facts.policy.lead_time_min / 60
    return LeadTimeTooShort(hours=f"{hours:g}", earliest=_said(earliest, facts))


def near_enough(facts: Facts, wish: Wish, now: datetime) -> Refusal | None:
    """BK-5: not beyond the last local date that may be booked."""
    latest = facts.latest(now)
    if wish.period.start < latest:
        return None
    return TooFarAhead(latest=(latest - timedelta(minutes=1)).astimezone(facts.zone).date().isoformat())


def capacity_left(facts: Facts, wish: Wish, now: datetime) -> Refusal | None:
    """BK-6: at no instant, buffers included, are more units taken than there are; touching periods do not overlap."""
    occupied = facts.occupied(wish.period)
    for supply in facts.supplies:
        if not supply.has_room(occupied, wish.units):
            refusal = RoomBusy if supply.is_room else CapacityExceeded
            return refusal(instrument=facts.instrument)
    return None


def not_out_of_service(facts: Facts, wish: Wish, now: datetime) -> Refusal | None:
    """BK-8: no maintenance, calibration or closure in the occupied period."""
    occupied = facts.occupied(wish.period)
    outage = next((blocked for blocked in facts.blocked if blocked.overlaps(occupied)), None)
    if outage is None:
        return None
    return UnderMaintenance(instrument=facts.instrument, start=_said(outage.start, facts), end=_said(outage.end, facts))


def calibrated_throughout(facts: Facts, wish: Wish, now: datetime) -> Refusal | None:
    """BK-9, CAL-2: calibrated at every instant of the period, buffers excluded."""
    if any(calibrated.contains(wish.period) for calibrated in facts.calibrated):
        return None
    until = facts.calibrated_until
    last_day = "—" if until is None else (until - timedelta(minutes=1)).astimezone(facts.zone).date().isoformat()
    return CalibrationExpired(instrument=facts.instrument, until=last_day)


def qualified(facts: Facts, wish: Wish, now: datetime) -> Refusal | None:
    """BK-11: who operates it on their own holds its qualification through the end date."""
    if wish.mode != SELF or not facts.needs_qualification:
        return None
    if facts.qualified_until is not None and wish.period.end <= facts.qualified_until:
        return None
    return NotQualified(instrument=facts.instrument)


RULES = (
    bookable,
    in_good_standing,
    mode_offered,
    on_slot_grid,
    long_enough,
    short_enough,
    units_within,
    in_opening_hours,
    early_enough,
    near_enough,
    capacity_left,
    not_out_of_service,
    calibrated_throughout,
    qualified,
)
"""All rules, in the order their refusals are shown (BK-1 to BK-11)."""

ABOUT_THE_CUSTOMER = (bookable, in_good_standing, mode_offered, long_enough, short_enough, units_within)
"""Rules whose answer is the same for every start of a wish: asked once by a search."""

ABOUT_THE_START = (
    on_slot_grid,
    in_opening_hours,
    early_enough,
    near_enough,
    capacity_left,
    not_out_of_service,
    calibrated_throughout,
    qualified,
)


def refusals(facts: Facts, wish: Wish, now: datetime) -> list[Refusal]:
    """Return every refusal of the wish, in the order of the rules; none means that it may be booked."""
    return [refusal for rule in RULES if (refusal := rule(facts, wish, now)) is not None]


def _said(instant: datetime, facts: Facts) -> str:
    return f"{instant.astimezone(facts.zone):%Y-%m-%d %H:%M}"


def _closing(end: datetime, midnight: datetime, zone: ZoneInfo) -> str:
    return "24:00" if end == midnight else f"{end.astimezone(zone):%H:%M}"
