"""Asking the rules of a booking about a rental that stands, and giving it other time."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from bookings.availability import queries as availability
from bookings.availability.rules import (
    CalibrationExpired,
    DurationTooLong,
    DurationTooShort,
    InstrumentUnavailable,
    LeadTimeTooShort,
    NotOnSlotGrid,
    NotQualified,
    TooFarAhead,
    Wish,
    refusals,
)
from bookings.rentals.models import Rental
from bookings.rentals.operations.holding import PeriodTaken
from bookings.rentals.operations.lapsing import clear_lapsed
from bookings.rentals.operations.steps import RENTAL
from bookings.rentals.wishes import customer_of, wish_of
from bookings.schedule import operations as schedule
from bookings.schedule.rules import Want
from kernel.periods import Period
from kernel.refusals import Refusals
from labs.models import Instrument, Operator

__all__ = [
    "AGREED_BEFORE",
    "AT_THE_DOOR",
    "PERSONAL",
    "TERMS_OF_THEN",
    "customer_of",
    "demand",
    "demand_only",
    "lock_for",
    "retake",
    "terms_of",
    "wish_of",
    "without_pre_buffer",
]

AGREED_BEFORE = frozenset({LeadTimeTooShort.code, TooFarAhead.code})
"""Rules that held when a rental was placed, and are not asked of the same time again."""

TERMS_OF_THEN = AGREED_BEFORE | {NotOnSlotGrid.code, DurationTooShort.code, DurationTooLong.code}
"""More of them: a rental keeps the grid and the lengths of the policy it was placed under."""

PERSONAL = frozenset({NotQualified.code})
"""Rules about who operates it."""

AT_THE_DOOR = PERSONAL | {CalibrationExpired.code}
"""Rules that must hold for all of its time when somebody is let in."""


def lock_for(rental: Rental, instrument: Instrument | None = None) -> None:
    """
    Lock what the rules of a rental span, before its own row: organisation, open time, resources.

    Raises:
        Busy: others held one of them for too long.
    """
    schedule.lock_for_booking(instrument or rental.instrument, organisation_id=rental.organisation_id)


def terms_of(
    rental: Rental,
    *,
    now: datetime,
    period: Period | None = None,
    instrument: Instrument | None = None,
    used_by: int | None = None,
    operator: Operator | int | None = None,
) -> availability.Terms:
    """
    Return the terms of a rental for its customer now, its own time and quota left out; in one statement, mostly.

    `operator` is the only one who may be assigned.

    Raises:
        InstrumentUnavailable: nothing is offered there any more.
    """
    where = instrument or rental.instrument

    def asked() -> availability.Terms | None:
        return availability.terms(
            [where.pk],
            within=period or rental.time,
            member=customer_of(rental),
            used_by=used_by or rental.used_by_id,
            but_for=rental.pk,
            now=now,
        ).get(where.pk)

    found = asked()
    if found is not None and found.facts.lacks_resources:  # nobody has booked it, or its new operator, before
        schedule.add_missing_resources()
        schedule.lock_for_booking(where)
        found = asked()
    if found is None:
        raise InstrumentUnavailable(instrument=where.name)
    if operator is None:
        return found
    key = operator if isinstance(operator, int) else operator.pk
    only = tuple(one for one in found.facts.operators if one.key == key)
    return replace(found, facts=replace(found.facts, operators=only))


def without_pre_buffer(terms: availability.Terms) -> availability.Terms:
    """Return the terms for somebody who is there already: nothing needs to be prepared."""
    policy = replace(terms.facts.policy, pre_buffer_min=0)
    return replace(terms, facts=replace(terms.facts, policy=policy))


def demand(terms: availability.Terms, wish: Wish, *, now: datetime, waived: Collection[str] = ()) -> None:
    """
    Let a wish pass that every rule lets pass but those waived, by code.

    Raises:
        Refusal: the rule that fails, or all of them (`Refusals`), in their order.
    """
    failing = [refusal for refusal in refusals(terms.facts, wish, now) if refusal.code not in waived]
    if failing:
        raise failing[0] if len(failing) == 1 else Refusals(failing)


def demand_only(terms: availability.Terms, wish: Wish, asked: Collection[str], *, now: datetime) -> None:
    """
    Let a wish pass that the asked rules let pass, by code; the others are not asked.

    Raises:
        Refusal: the rule that fails, or all of them (`Refusals`), in their order.
    """
    failing = [refusal for refusal in refusals(terms.facts, wish, now) if refusal.code in asked]
    if failing:
        raise failing[0] if len(failing) == 1 else Refusals(failing)


def retake(
    rental: Rental,
    terms: availability.Terms,
    wish: Wish,
    *,
    now: datetime,
    at: tuple[int, ...] = (),
    from_: datetime | None = None,
) -> None:
    """
    Give a rental the time of a wish that was judged under the lock, instead of what it has; assign its operator.

    `at` are the units of the instrument that it keeps. `from_` is when it really begins, where that is earlier than
    what its buffers take. Holds that have run out give way. Part of the caller's transaction.

    Raises:
        PeriodTaken: someone else took part of it just now.
        Busy: another transaction holds part of it undecided for too long.
    """
    facts = terms.facts
    occupied = facts.occupied(wish.period)
    clear_lapsed((hold.holder_id for hold in terms.lapsed if hold.period.overlaps(occupied)), now=now)
    schedule.release(holder_kind=RENTAL, holder_ids=[rental.pk])
    wants = facts.wants(wish, at=at)
    if from_ is not None:
        places = {supply.resource_id for supply in facts.supplies}
        wants = [_from(want, from_) if want.resource_id in places else want for want in wants]
    lapses_at = rental.held_until
    if not schedule.occupy(wants, holder_kind=RENTAL, holder_id=rental.pk, lapses_at=lapses_at, now=now):
        raise PeriodTaken(instrument=facts.instrument)
    rental.operator_id = facts.operator_for(wish)


def _from(want: Want, begins: datetime) -> Want:
    """Return what is wanted, from an instant on where that is earlier."""
    period = Period(min(want.period.start, begins), want.period.end)
    return replace(want, period=period, usage=Period(min(want.usage.start, begins), want.usage.end))
