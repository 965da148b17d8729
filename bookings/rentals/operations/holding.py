"""Placing a hold: all rules asked, the price agreed, the time taken, in one transaction."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from accounts.models import Membership, User
from billing.pricing.rules import Price
from bookings.availability import queries as availability
from bookings.availability.rules import CapacityExceeded, Facts, InstrumentUnavailable, Wish, refusals
from bookings.rentals import consents, events, rules
from bookings.rentals.models import Rental
from bookings.rentals.operations.lapsing import clear_lapsed
from bookings.rentals.operations.steps import RENTAL, PriceChanged, tell
from bookings.schedule import operations as schedule
from kernel.money import Money
from kernel.numbering import next_number
from kernel.periods import Period
from kernel.refusals import Refusal, Refusals
from labs.models import Instrument, InstrumentGroup


class PeriodTaken(CapacityExceeded):
    """Someone else was faster: the constraint `occupancy_no_overlap` has the last word."""


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
    expires_at: datetime | None = None,
    on_behalf: availability.Customer | None = None,
    rebooks: Rental | None = None,
) -> Rental:
    """
    Keep `units` of an instrument for half an hour (the policy's `hold_minutes`) while the price is agreed.

    All rules are asked; then, in one transaction, the instrument is locked, what may have changed meanwhile is asked
    again, and its units (and its room's) are taken, all or none. Holds that have run out give way. `expected` is the
    price the person saw; without it any price is accepted. `agreed` are the codes of the consents that were ticked.

    `used_by` will operate or accompany it, where that is not who asks; `expires_at` is when the hold ends instead;
    `on_behalf` is for whom, where the clock or a workstation acts (then `by` may be None); `rebooks` is the interrupted
    rental whose rest this one makes good.

    Raises:
        ConsentMissing: the results would not be traceable, and nobody agreed to that (CAL-2).
        Refusals: the booking rules that fail, in their order (BK-1 to BK-11).
        PeriodTaken: someone else took part of it just now (BK-17).
        PriceChanged: the price is no longer the expected one.
        Busy: others kept the instrument locked for too long.
    """
    customer = on_behalf or by
    assert customer is not None  # noqa: S101 -- somebody is booked for
    wish = Wish(period, mode, units, profile, tuple(materials))
    used_by_id = used_by.pk if used_by else None
    # who is refused here has locked and rolled back nothing
    terms = _judged(instrument, wish, agreed, customer, used_by=used_by_id, now=now)
    with transaction.atomic():
        if schedule.lock_for_booking(instrument) != terms.open_time_version or not _decided_by_constraint(terms):
            terms = _judged(instrument, wish, agreed, customer, used_by=used_by_id, now=now)
        price = terms.price(wish)
        if expected is not None and expected != price.total:
            raise PriceChanged(expected=str(expected), total=str(price.total))
        if not schedule.is_taken(_wants(terms.facts, wish), period=terms.facts.occupied(wish.period), now=now):
            return _hold(
                instrument,
                wish,
                terms,
                price,
                customer,
                by=by,
                now=now,
                purpose=purpose,
                used_by=used_by,
                expires_at=expires_at,
                rebooks=rebooks,
            )
    raise PeriodTaken(instrument=instrument.name)  # after the block: see Note [No rollback where nothing was written]


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


def _wants(facts: Facts, wish: Wish) -> list[schedule.Want]:
    return [schedule.Want(*each) for each in facts.takes(wish)]


def _hold(
    instrument: Instrument,
    wish: Wish,
    terms: availability.Terms,
    price: Price,
    customer: availability.Customer,
    *,
    by: Membership | None,
    now: datetime,
    purpose: str,
    used_by: User | None,
    expires_at: datetime | None,
    rebooks: Rental | None,
) -> Rental:
    """Write a hold that has been judged and priced, and take its time."""
    occupied = terms.facts.occupied(wish.period)
    clear_lapsed((hold.holder_id for hold in terms.lapsed if hold.period.overlaps(occupied)), now=now)
    rental = Rental.objects.create(
        number=next_number("R", now.astimezone(terms.facts.zone).date()),
        instrument=instrument,
        organisation_id=customer.organisation_id,
        placed_by_id=customer.user_id,
        used_by=used_by,
        mode=wish.mode,
        units=wish.units,
        profile=wish.profile,
        materials=list(wish.materials),
        period=wish.period.as_range(),
        status=rules.HELD,
        held_until=expires_at or now + timedelta(minutes=terms.facts.policy.hold_minutes),
        rebooks=rebooks,
        purpose=purpose,
        tariff_id=terms.tariff_id,
        policy_id=terms.policy_id,
        price_lines=price.as_json(),
        discount=price.discount,
        total_fen=price.total.fen,
        consents=consents.kept(terms.facts, wish, by=customer, now=now),
        created_at=now,
        changed_at=now,
    )
    taken = schedule.occupy(
        _wants(terms.facts, wish),
        period=occupied,
        usage=wish.period,
        holder_kind=RENTAL,
        holder_id=rental.pk,
        lapses_at=rental.held_until,
        now=now,
    )
    if not taken:
        raise PeriodTaken(instrument=instrument.name)
    tell(events.RentalHeld, rental, by=by, now=now)
    return rental


def _judged(
    instrument: Instrument,
    wish: Wish,
    agreed: Collection[str],
    customer: availability.Customer,
    *,
    used_by: int | None,
    now: datetime,
) -> availability.Terms:
    """Return the terms of a wish that every rule lets pass, and whose consents were given."""
    found = availability.terms([instrument.pk], within=wish.period, member=customer, used_by=used_by, now=now)
    terms = found.get(instrument.pk)
    if terms is None:
        raise InstrumentUnavailable(instrument=instrument.name)
    if failing := refusals(terms.facts, wish, now):
        raise failing[0] if len(failing) == 1 else Refusals(failing)
    consents.demand(terms.facts, wish, agreed=agreed)
    return terms


def _decided_by_constraint(terms: availability.Terms) -> bool:
    """Whether each resource is known and has one unit: then the constraint alone decides who comes first."""
    return all(supply.resource_id and supply.capacity == 1 for supply in terms.facts.supplies)
