"""Rules about what is left: units (BK-6), conditions (BK-7), outages (BK-8, BK-14), rooms (BK-10), reserves (BK-13)."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from bookings.availability.rules.facts import RELEASED_BEFORE, Facts, Supply, Use, Wish
from bookings.availability.rules.judging import saying
from bookings.availability.rules.judging.later import later_start
from kernel.periods import Period, merged
from kernel.refusals import Refusal
from labs.catalogue.rules import normalised

BASIS_POINTS = 10_000


class CapacityExceeded(Refusal):
    code = "CAPACITY_EXCEEDED"
    message = _("{instrument} is taken for part of that time.")
    cure = _("Free again from {free_from}.")
    otherwise = _("Choose another day, or join the waitlist.")


class ProfileConflict(Refusal):
    code = "PROFILE_CONFLICT"
    message = _("{instrument} runs one condition for all, and another one is booked for part of that time: {runs}.")
    cure = _("Under the same condition ({joins}), or from {free_from} on.")
    otherwise = _("Under the same condition, or on another day.")


class ProfilesDiffer(ProfileConflict):
    cure = _("From {free_from} on.")
    otherwise = _("Choose another day.")


class UnderMaintenance(Refusal):
    code = "MAINTENANCE"
    message = _("{instrument} is out of service from {start} to {end}.")
    cure = _("In service again from {end}.")


class RoomBusy(Refusal):
    code = "ROOM_BUSY"
    message = _("The room that {instrument} stands in is taken for part of that time.")
    cure = _("Free again from {free_from}.")
    otherwise = _("Choose another day, or join the waitlist.")


class SmeReserve(Refusal):
    code = "SME_RESERVE"
    message = _("{share} of {day} is reserved for small and medium enterprises until {until}.")
    cure = _("From {until} on, if it is still free then; or at most {left} h that day.")
    otherwise = _("Choose another day, or book nearer to it, if it is still free then.")


class ExternallyBusy(Refusal):
    code = "EXTERNAL_BUSY"
    message = _("{instrument} is in use elsewhere from {start} to {end}.")
    cure = _("Free again from {end}.")


def capacity_left(facts: Facts, wish: Wish, now: datetime) -> Refusal | None:
    """BK-6: at no instant, buffers included, are more units taken or out than there are; touching is no overlap."""
    return next(
        (
            CapacityExceeded(instrument=facts.instrument, free_from=_free_from(facts, wish, supply))
            for supply in facts.supplies
            if not supply.is_room and not supply.has_room(facts.occupied(wish.period), min(wish.units, supply.capacity))
        ),
        None,
    )


def room_free(facts: Facts, wish: Wish, now: datetime) -> Refusal | None:
    """BK-10: the room has a place left."""
    return next(
        (
            RoomBusy(instrument=facts.instrument, free_from=_free_from(facts, wish, supply))
            for supply in facts.supplies
            if supply.is_room and not supply.has_room(facts.occupied(wish.period), wish.units)
        ),
        None,
    )


def one_condition(facts: Facts, wish: Wish, now: datetime) -> Refusal | None:
    """BK-7: where one condition runs for all, whoever uses it at the same time has declared the identical one."""
    if not facts.shares_condition:
        return None
    wanted = normalised(wish.profile)
    others = [use for use in facts.uses if use.usage.overlaps(wish.period)]
    if all(use.profile == wanted != "" for use in others):
        return None
    runs = sorted({use.profile or str(_("none named")) for use in others})
    only = others[0].profile if len({use.profile for use in others}) == 1 else ""
    ends = _clear_from(facts, wish, wanted)
    told = {"instrument": facts.instrument, "runs": saying.listed(runs), "free_from": ends}
    return ProfileConflict(joins=only, **told) if only and only != wanted else ProfilesDiffer(**told)


def not_out_of_service(facts: Facts, wish: Wish, now: datetime) -> Refusal | None:
    """BK-8: no maintenance, calibration or closure of all units in the occupied period."""
    occupied = facts.occupied(wish.period)
    outage = _met(facts.blocked, occupied)
    if outage is None:
        return None
    start, end = saying.said(outage.start, facts), saying.said(outage.end, facts)
    return UnderMaintenance(instrument=facts.instrument, start=start, end=end)


def not_busy_elsewhere(facts: Facts, wish: Wish, now: datetime) -> Refusal | None:
    """BK-14: no other calendar says that all of it is in use in the occupied period."""
    busy = _met(facts.external, facts.occupied(wish.period))
    if busy is None:
        return None
    start, end = saying.said(busy.start, facts), saying.said(busy.end, facts)
    return ExternallyBusy(instrument=facts.instrument, start=start, end=end)


def reserve_respected(facts: Facts, wish: Wish, now: datetime) -> Refusal | None:
    """
    BK-13: on each local day, others than SMEs book no more unit-minutes than the reserve leaves them.

    A booking counts, whole, on the day it starts. The reserve ends for a booking 48 hours before its start.
    """
    if not facts.is_reserved(wish, now):
        return None
    day = facts.day_of(wish.period.start)
    open_minutes = sum(part.minutes for window in facts.open if (part := window.clipped(day)) is not None)
    share = BASIS_POINTS - facts.policy.sme_reserve_bp
    left = open_minutes * facts.capacity * share // BASIS_POINTS - sum(_unit_minutes(use, day) for use in facts.uses)
    if wish.period.minutes * wish.units <= left:
        return None
    most = left // wish.units // facts.policy.slot_grid_min * facts.policy.slot_grid_min
    return SmeReserve(
        share=f"{facts.policy.sme_reserve_bp / 100:g} %",
        day=saying.day(wish.period.start, facts),
        until=saying.said(wish.period.start - RELEASED_BEFORE, facts),
        left=saying.hours(most) if most >= facts.policy.min_minutes else "",
    )


def _unit_minutes(use: Use, day: Period) -> int:
    """Return the unit-minutes that a booking of others than SMEs takes of the day it starts on."""
    return 0 if use.is_sme or not day.holds(use.booked.start) else use.booked.minutes * use.units


def _met(stretches: Iterable[Period], occupied: Period) -> Period | None:
    return next((one for one in merged(stretches) if one.overlaps(occupied)), None)


def _free_from(facts: Facts, wish: Wish, supply: Supply) -> str:
    """Return the next start at which as many units are left for as long; empty where the facts do not reach so far."""
    before = timedelta(minutes=facts.policy.pre_buffer_min)
    return later_start(
        facts,
        wish,
        (one.end + before for one in supply.busy),
        passes=lambda period: supply.has_room(facts.occupied(period), wish.units),
    )


def _clear_from(facts: Facts, wish: Wish, wanted: str) -> str:
    """Return the next start at which nobody runs another condition for as long."""
    return later_start(
        facts,
        wish,
        (use.usage.end for use in facts.uses),
        passes=lambda period: all(use.profile == wanted != "" for use in facts.uses if use.usage.overlaps(period)),
    )
