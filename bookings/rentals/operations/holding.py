"""
Placing a hold: all rules asked, the price agreed, the time taken, in one transaction.

Note [Judged twice]: whoever asks for a time is judged before anything is locked; who is refused there has locked and
rolled back nothing (docs/adr/0008). Then the organisation, the open time and the resources are locked, in that order,
and what may have changed is asked again: quotas always; all rules where the open time has another version, or where
counts decide; else whether the units, and the operator, are still free. A refusal under the lock is returned, and
whoever loses an operator at the last instant takes back what was written: such a transaction ends by commit, for after
a rollback the driver plans all its statements anew (docs/adr/0009).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from accounts.models import Membership, User
from billing.pricing.rules import Price
from bookings.availability import queries as availability
from bookings.availability.rules import CapacityExceeded, InstrumentUnavailable, Wish, over_quota, refusals
from bookings.rentals import consents, events
from bookings.rentals.models import Rental
from bookings.rentals.operations.drafting import draft
from bookings.rentals.operations.lapsing import clear_lapsed
from bookings.rentals.operations.steps import RENTAL, PriceChanged, tell
from bookings.schedule import operations as schedule
from kernel.money import Money
from kernel.numbering import next_number
from kernel.periods import Period
from kernel.refusals import Refusal, Refusals
from kernel.transactions import operation
from labs.catalogue.rules import normalised
from labs.models import Instrument, InstrumentGroup

TRIES = 3
"""How often a hold is tried whose operator somebody else got at the same instant: another one may be free."""


class PeriodTaken(CapacityExceeded):
    """Someone else was faster: the constraint `occupancy_no_overlap` has the last word."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is judged of a hold: where, what, for whom, used by whom (None: by who asks), and what was agreed to."""

    instrument: Instrument
    wish: Wish
    customer: availability.Customer
    used_by: int | None
    agreed: Collection[str]


@dataclass(frozen=True, slots=True)
class _Particulars:
    """What a hold is told beside its time: nothing of it is judged."""

    by: Membership | None
    purpose: str
    used_by: User | None
    offered_until: datetime | None
    rebooks: Rental | None
    with_setup: bool


def place_hold(
    *,
    instrument: Instrument,
    period: Period,
    mode: str,
    by: Membership | None,
    now: datetime,
    purpose: str = "",
    expected: Money | None = None,
    agreed: Collection[str] = (),
    units: int = 1,
    profile: str = "",
    materials: Sequence[str] = (),
    used_by: User | None = None,
    offered_until: datetime | None = None,
    on_behalf: availability.Customer | None = None,
    rebooks: Rental | None = None,
    with_setup: bool = True,
) -> Rental:
    """
    Keep `units` of an instrument for half an hour (the policy's `hold_minutes`) while the price is agreed.

    All rules are asked; then, in one transaction, the organisation and the instrument are locked, what may have changed
    meanwhile is asked again, and units, a place in the room and an operator's time are taken, all or none; see Note
    [Judged twice]. Holds that have run out give way. `expected` is the price the person saw; without it any price is
    accepted. `agreed` are the codes of the consents that were ticked; `profile` is the condition it is run under (BK-7)
    and `materials` the hazardous classes brought along (BK-16).

    `used_by` will operate or accompany it, where that is not who asks; `offered_until` is when the hold ends instead,
    where it is offered to somebody who waited (BK-19); `on_behalf` is for whom, where the clock or a workstation acts
    (then `by` may be None); `rebooks` is the interrupted rental whose rest this one makes good; `with_setup` is false
    where an earlier date of its series leaves the instrument set up (BL-5). A transaction that places several holds
    places them on one instrument, in order of time: see Note [Who operates].

    Raises:
        ConsentMissing: the results would not be traceable, and nobody agreed to that (CAL-2).
        Refusals: the booking rules that fail, in their order (BK-1 to BK-16).
        PeriodTaken: someone else took part of it just now (BK-17).
        PriceChanged: the price is no longer the expected one.
        Busy: others kept the instrument locked for too long.
    """
    customer = on_behalf or by
    assert customer is not None  # noqa: S101 -- somebody is booked for
    asked = _Asked(
        instrument=instrument,
        wish=Wish(period, mode, units, normalised(profile), tuple(materials)),
        customer=customer,
        used_by=used_by.pk if used_by else None,
        agreed=agreed,
    )
    told = _Particulars(
        by=by, purpose=purpose, used_by=used_by, offered_until=offered_until, rebooks=rebooks, with_setup=with_setup
    )
    for _ in range(TRIES - 1):
        try:
            return _placed(asked, told, expected=expected, now=now)
        except PeriodTaken:
            if not asked.wish.needs_operator:
                raise
    return _placed(asked, told, expected=expected, now=now)


def place_hold_in_group(*, group: InstrumentGroup, **asked: Any) -> Rental:
    """
    Keep the first member of a group that fits ("one of four hardness testers", BK-10), else as `place_hold` does.

    Members are tried in the order of their codes, each in a transaction of its own: a refused one leaves nothing.

    Raises:
        Refusal: what the last member was refused for, where none fits.
    """
    refused: Refusal = InstrumentUnavailable(instrument=group.name)
    for instrument in group.instruments.published().select_related("lab").order_by("code"):
        try:
            return place_hold(instrument=instrument, **asked)
        except Refusal as refusal:
            refused = refusal
    raise refused


def _placed(asked: _Asked, told: _Particulars, *, expected: Money | None, now: datetime) -> Rental:
    """Judge, lock, judge again, and hold."""
    terms, refusal = _judged(asked, now=now)
    if refusal is not None:
        raise refusal
    with operation():
        terms, refusal = _under_lock(asked, terms, now=now)
        if refusal is None:
            held = _priced_and_held(asked, terms, told, expected=expected, now=now)
            if isinstance(held, Rental):
                return held
            refusal = held
    raise refusal  # after the block: see Note [Judged twice]


def _judged(asked: _Asked, *, now: datetime) -> tuple[availability.Terms, Refusal | None]:
    """Return the terms, and what the rules (or a missing consent) say against the wish."""
    terms = _terms(asked, now=now)
    if terms.facts.lacks_resources:
        schedule.add_missing_resources()
        terms = _terms(asked, now=now)
    if failing := refusals(terms.facts, asked.wish, now):
        return terms, _one(failing)
    return terms, consents.missing(terms.facts, asked.wish, agreed=asked.agreed)


def _terms(asked: _Asked, *, now: datetime) -> availability.Terms:
    key, within = asked.instrument.pk, asked.wish.period
    found = availability.terms([key], within=within, member=asked.customer, used_by=asked.used_by, now=now)
    if key not in found:
        raise InstrumentUnavailable(instrument=asked.instrument.name)
    return found[key]


def _under_lock(
    asked: _Asked, terms: availability.Terms, *, now: datetime
) -> tuple[availability.Terms, Refusal | None]:
    """Lock what the rules span, ask again what may have changed, and return what holds now; see Note [Judged twice]."""
    wish, customer = asked.wish, asked.customer
    version = schedule.lock_for_booking(asked.instrument, organisation_id=customer.organisation_id)
    if version != terms.open_time_version or terms.facts.counts_decide(wish, now):
        return _judged(asked, now=now)
    now_so = availability.recounted(terms.facts, wish, customer=customer, now=now)
    terms = replace(terms, facts=now_so.facts)
    if failing := over_quota(terms.facts, wish, now):
        return terms, _one(failing)
    if any(supply.resource_id in now_so.taken for supply in terms.facts.supplies):
        return terms, PeriodTaken(instrument=asked.instrument.name)
    return _judged(asked, now=now) if now_so.taken else (terms, None)  # another operator may be free


def _one(failing: list[Refusal]) -> Refusal:
    return failing[0] if len(failing) == 1 else Refusals(failing)


def _priced_and_held(
    asked: _Asked, terms: availability.Terms, told: _Particulars, *, expected: Money | None, now: datetime
) -> Rental | Refusal:
    """Price and hold what has been judged, or return why not; then nothing is left of it."""
    price = terms.price(asked.wish, with_setup=told.with_setup)
    if expected is not None and expected != price.total:
        return PriceChanged(expected=str(expected), total=str(price.total))
    return _hold(asked, terms, price, told, now=now) or PeriodTaken(instrument=asked.instrument.name)


def _hold(
    asked: _Asked, terms: availability.Terms, price: Price, told: _Particulars, *, now: datetime
) -> Rental | None:
    """Write a hold and take its time, or return None and take it back; holds that have run out give way."""
    wish, facts = asked.wish, terms.facts
    occupied = facts.occupied(wish.period)
    clear_lapsed((hold.holder_id for hold in terms.lapsed if hold.period.overlaps(occupied)), now=now)
    rental = draft(
        number=next_number("R", now.astimezone(facts.zone).date()),
        instrument=asked.instrument,
        terms=terms,
        facts=facts,
        wish=wish,
        price=price,
        customer=asked.customer,
        used_by=told.used_by,
        purpose=told.purpose,
        offered_until=told.offered_until,
        rebooks=told.rebooks,
        now=now,
    )
    rental.save(force_insert=True)
    lapses_at = rental.held_until
    if not schedule.occupy(facts.wants(wish), holder_kind=RENTAL, holder_id=rental.pk, lapses_at=lapses_at, now=now):
        schedule.release(holder_kind=RENTAL, holder_ids=[rental.pk])
        rental.delete()
        return None
    tell(events.RentalHeld, rental, by=told.by, now=now)
    return rental
