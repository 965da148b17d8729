"""Using an instrument: check-in and check-out, with the usage record (使用记录)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from bookings.availability import queries as availability
from bookings.availability.rules import CapacityExceeded, RoomBusy, UnderMaintenance, Wish
from bookings.rentals import events, rules
from bookings.rentals.models import Rental, UsageRecord, UsageRun
from bookings.rentals.operations import charging, correcting, judging
from bookings.rentals.operations.overrunning import flag_next
from bookings.rentals.operations.steps import RENTAL, locked, move, save, tell
from bookings.schedule.models import Occupancy
from bookings.schedule.shortening import shorten
from kernel.periods import Period
from kernel.refusals import Refusal

SHA256 = re.compile(r"[0-9a-fA-F]{64}")
SAID = "%Y-%m-%d %H:%M"
FIELDS = {
    "condition": _("condition of the instrument"),
    "damage": _("the damage"),
    "counter_end": _("hour counter"),
    "consumables": _("consumables"),
    "data_files": _("data files"),
}
"""What a usage record is asked for, as people read it."""


class CheckInTooEarly(Refusal):
    """Nobody is let in earlier than a quarter of an hour before the start."""

    code = "CHECK_IN_TOO_EARLY"
    message = _("{number} can be checked in from {earliest}.")


class CheckInTooLate(Refusal):
    """The booked time is over."""

    code = "CHECK_IN_TOO_LATE"
    message = _("The time of {number} is over.")


class NotYetFree(Refusal):
    """Somebody else still uses the instrument."""

    code = "NOT_YET_FREE"
    message = _("{instrument} is still in use.")
    cure = _("Check out whoever uses it first.")


class UsageIncomplete(Refusal):
    """The usage record lacks something, or holds what cannot be; `fields` name what."""

    code = "USAGE_INCOMPLETE"
    message = _("Please look again at what the usage record says of: {names}.")
    status = 422


class CounterRunsBack(Refusal):
    """An hour counter shows less than at check-in."""

    code = "COUNTER_RUNS_BACK"
    message = _("The hour counter showed {before} at check-in; it cannot show {after} now.")
    status = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageGiven:
    """
    What the usage record says at check-out; counters in hours.

    `consumables` are {name, quantity, unit_price_fen}, `data_files` {name, sha256}. Damage is described. `started_at`
    and `ended_at` are given where the desk wrote them down late, with the reason (`correction`).
    """

    condition: str
    counter_end: Decimal | None = None
    samples: int | None = None
    conditions: str = ""
    anomalies: str = ""
    damage: str = ""
    consumables: Sequence[Mapping[str, Any]] = ()
    data_files: Sequence[Mapping[str, Any]] = ()
    started_at: datetime | None = None
    ended_at: datetime | None = None
    correction: str = ""


@transaction.atomic
def check_in(*, rental: Rental, by: Membership, now: datetime, counter: Decimal | None = None) -> Rental:
    """
    Let somebody in, as the lab: from a quarter of an hour before the start; their position is fixed and recorded.

    Before the start only if the instrument is really free. Whoever operates it themself must be qualified, the
    instrument calibrated and not out of service; who they are is seen at the door. `counter` is the hour counter.

    Raises:
        CheckInTooEarly, CheckInTooLate: it is not the time.
        NotYetFree: somebody else still uses it, or has it until the start.
        NotQualified, CalibrationExpired, UnderMaintenance: a rule that must hold at the door.
        NotPossibleNow: it is not confirmed, or has begun already.
        Busy: others held the instrument for too long.
    """
    judging.lock_for(rental)
    rental = locked(rental)
    move(rental, "check_in", now)
    time, zone = rental.time, rental.instrument.lab.tz
    if now < rules.check_in_from(time.start):
        earliest = rules.check_in_from(time.start).astimezone(zone)
        raise CheckInTooEarly(number=rental.number, earliest=f"{earliest:{SAID}}")
    if now >= time.end:
        raise CheckInTooLate(number=rental.number)
    wish = judging.wish_of(rental)
    terms = judging.terms_of(rental, now=now, operator=rental.operator_id)
    judging.demand_only(terms, wish, judging.AT_THE_DOOR, now=now)
    bare = replace(terms.facts, policy=replace(terms.facts.policy, pre_buffer_min=0, post_buffer_min=0))
    this_moment = judging.wish_of(rental, Period(now, now + timedelta(minutes=1)))
    judging.demand_only(replace(terms, facts=bare), this_moment, {UnderMaintenance.code}, now=now)
    positions = _own_positions(rental, now) or _moved_up(rental, terms, wish, now)
    rental.checked_in_at = now
    save(rental, now)
    UsageRecord.objects.create(
        rental=rental,
        positions=positions,
        operator_id=rental.operator_id,
        operated_by_id=(rental.used_by_id or rental.placed_by_id) if rental.mode == Rental.Mode.SELF else None,
        started_at=now,
        counter_start=counter,
        recorded_by_id=by.user_id,
    )
    UsageRun.objects.create(rental=rental, began_at=now)
    tell(events.RentalCheckedIn, rental, by=by, now=now)
    return rental


def _own_positions(rental: Rental, now: datetime) -> list[int]:
    """Return the positions a rental has, where their time has begun and nobody sits there; none where it must move."""
    places = _places(rental)
    positions = sorted(place.unit for place in places)
    has_begun = all(place.period.lower <= now for place in places)
    return positions if has_begun and not set(positions) & _in_use(rental) else []


def _moved_up(rental: Rental, terms: availability.Terms, wish: Wish, now: datetime) -> list[int]:
    """Take the time from now on, on positions where nobody sits, and return them."""
    sitting = _in_use(rental)
    free = tuple(unit for unit in range(1, terms.facts.capacity + 1) if unit not in sitting)
    if len(free) < rental.units:
        raise NotYetFree(instrument=rental.instrument.name)
    own = tuple(sorted(place.unit for place in _places(rental)))
    at = own if set(own) <= set(free) else free[: rental.units] if sitting else ()
    try:
        with transaction.atomic():
            judging.retake(rental, terms, wish, now=now, at=at, from_=now)
    except (CapacityExceeded, RoomBusy) as refusal:
        raise NotYetFree(instrument=rental.instrument.name) from refusal
    return sorted(place.unit for place in _places(rental))


def _places(rental: Rental) -> list[Occupancy]:
    mine = Occupancy.objects.filter(holder_kind=RENTAL, holder_id=rental.pk)
    return list(mine.filter(resource__instrument_id=rental.instrument_id).order_by("unit"))


def _in_use(rental: Rental) -> set[int]:
    """Return the positions of the instrument where somebody else sits at this moment, whatever is booked."""
    others = UsageRecord.objects.filter(
        rental__instrument_id=rental.instrument_id, rental__status=rules.CHECKED_IN, ended_at__isnull=True
    ).exclude(rental=rental)
    return {unit for positions in others.values_list("positions", flat=True) for unit in positions}


@transaction.atomic
def check_out(*, rental: Rental, usage: UsageGiven, by: Membership, now: datetime) -> Rental:
    """
    End a use, as the lab, with its usage record complete; time after it and its buffer is free again.

    The price is worked out: as booked, or by the time used (BL-2), with consumables; it is final when the rental is
    settled. Whoever comes next is flagged where the use went on too long. It began at check-in and ends now, or when
    the desk says that it did (see `times_of`); the time is free from now on in any case.

    Raises:
        UsageIncomplete: something is missing, or cannot be; `fields` name it.
        CounterRunsBack: the hour counter shows less than at check-in.
        CorrectionUnexplained, UsageTimesImpossible: it did not begin or end so.
        NotPossibleNow: it is not in use.
    """
    rental = locked(rental)
    move(rental, "check_out", now)
    record = UsageRecord.objects.get(rental=rental)
    _demand_complete(usage, record)
    times = correcting.times_of(
        rental, record, began_at=usage.started_at, ended_at=usage.ended_at, why=usage.correction, now=now
    )
    correcting.write_down(rental, record, times)
    record.correction = usage.correction.strip() if times.corrected else ""
    record.counter_end, record.samples = usage.counter_end, usage.samples
    record.conditions, record.anomalies = usage.conditions.strip(), usage.anomalies.strip()
    record.condition, record.damage = usage.condition, usage.damage.strip()
    record.consumables = [
        {"name": str(one["name"]).strip(), "quantity": str(one["quantity"]), "unit_price_fen": one["unit_price_fen"]}
        for one in usage.consumables
    ]
    record.data_files = [{"name": str(one["name"]), "sha256": one["sha256"].lower()} for one in usage.data_files]
    record.recorded_by_id = by.user_id
    record.save()
    charging.freeze(rental, charging.final_price(rental, record, left=times.ended_at))
    rental.checked_out_at = now
    save(rental, now)
    buffer = timedelta(minutes=rental.policy.post_buffer_min)
    shorten(holder_kind=RENTAL, holder_id=rental.pk, until=now + buffer)
    if now > rental.time.end:
        flag_next(rental, until=now + buffer, by=by, now=now)
    said: dict[str, Any] = {"condition": record.condition, "corrected": dict(times.corrected) or None}
    tell(events.RentalCheckedOut, rental, by=by, now=now, reason=record.correction, **said)
    return rental


def _demand_complete(usage: UsageGiven, record: UsageRecord) -> None:
    missing = []
    if usage.condition not in UsageRecord.Condition.values:
        missing.append("condition")
    if usage.condition == UsageRecord.Condition.DAMAGED and not usage.damage.strip():
        missing.append("damage")
    if record.counter_start is not None and usage.counter_end is None:
        missing.append("counter_end")
    if not all(_is_consumable(one) for one in usage.consumables):
        missing.append("consumables")
    if not all(one.get("name") and SHA256.fullmatch(str(one.get("sha256", ""))) for one in usage.data_files):
        missing.append("data_files")
    if missing:
        names = ", ".join(str(FIELDS[name]) for name in missing)
        raise UsageIncomplete(fields=", ".join(missing), names=names)
    if record.counter_start is not None and usage.counter_end is not None and usage.counter_end < record.counter_start:
        raise CounterRunsBack(before=str(record.counter_start), after=str(usage.counter_end))


def _is_consumable(one: Mapping[str, Any]) -> bool:
    try:
        quantity = Decimal(str(one.get("quantity", "")))
    except InvalidOperation:
        return False
    price = one.get("unit_price_fen")
    is_priced = isinstance(price, int) and not isinstance(price, bool) and price >= 0
    return bool(str(one.get("name", "")).strip()) and quantity.is_finite() and quantity > 0 and is_priced
