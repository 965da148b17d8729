"""
Many rentals of one customer on one instrument in one act: held, bound or sent to the lab in few statements (BK-21).

What is decided is decided by the rules of a single rental; here it is only written together.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import F

from accounts.models import Membership, User
from billing.bills import operations as bills
from billing.pricing.rules import Price
from bookings.availability import queries as availability
from bookings.availability.rules import Facts, Wish
from bookings.rentals import consents, events, rules
from bookings.rentals.models import Rental
from bookings.rentals.operations import charging
from bookings.rentals.operations.answering import TWO_WEEKS, ApprovalNotNeeded, answered_by
from bookings.rentals.operations.confirming import NeedsApproval
from bookings.rentals.operations.drafting import draft
from bookings.rentals.operations.holding import PeriodTaken
from bookings.rentals.operations.lapsing import clear_lapsed
from bookings.rentals.operations.steps import RENTAL, demand_place, locked_all, move, tell_all
from bookings.schedule.together import Taking, keep_all, occupy_all
from kernel.periods import Period
from labs.models import Instrument

NUMBERS = "SELECT gongheng_next_number('R', %s) FROM generate_series(1, %s)"


@dataclass(frozen=True, slots=True)
class Granted:
    """A wish that every rule lets pass, by the facts it was judged by, and its price."""

    facts: Facts
    wish: Wish
    price: Price


def hold_many(
    granted: Sequence[Granted],
    *,
    instrument: Instrument,
    terms: availability.Terms,
    by: Membership,
    now: datetime,
    used_by: User | None = None,
    purpose: str = "",
    agreed: Collection[str] = (),
) -> list[Rental]:
    """
    Hold many times of one instrument, all of them or none, all equally long.

    Part of the caller's transaction, which has locked what a booking locks (`schedule.lock_for_booking`) and has had
    every rule judge each wish under that lock, with what the wishes before it take already taken. `terms` are those
    the facts come from. Holds that have run out give way.

    Raises:
        ConsentMissing: the results would not be traceable, and nobody agreed to that (CAL-2).
        PeriodTaken: somebody else got an operator just now; what was written must be undone.
        Busy: another transaction holds part of it undecided for too long.
    """
    for one in granted:
        consents.demand(one.facts, one.wish, agreed=agreed)
    occupied = [one.facts.occupied(one.wish.period) for one in granted]
    in_the_way = [hold.holder_id for hold in terms.lapsed if any(hold.period.overlaps(each) for each in occupied)]
    clear_lapsed(in_the_way, now=now)
    with connection.cursor() as cursor:
        cursor.execute(NUMBERS, [now.astimezone(terms.facts.zone).date(), len(granted)])
        numbers = [number for (number,) in cursor.fetchall()]
    rentals = Rental.objects.bulk_create(
        draft(
            number=number,
            instrument=instrument,
            terms=terms,
            facts=one.facts,
            wish=one.wish,
            price=one.price,
            customer=by,
            used_by=used_by,
            purpose=purpose,
            now=now,
        )
        for number, one in zip(numbers, granted, strict=True)
    )
    takings = [
        Taking(rental.pk, one.facts.wants(one.wish), rental.held_until)
        for rental, one in zip(rentals, granted, strict=True)
    ]
    if not occupy_all(takings, holder_kind=RENTAL, now=now):
        raise PeriodTaken(instrument=terms.facts.instrument)
    tell_all(events.RentalHeld, rentals, by=by, now=now)
    return rentals


def confirm_many_on_account(rentals: Sequence[Rental], *, by: Membership, now: datetime) -> list[Rental]:
    """
    Confirm held (or approved) rentals of one organisation at one lab on its monthly account (月结): all, or none.

    Part of the caller's transaction.

    Raises:
        NeedsApproval, NotPossibleNow, HoldLapsed, PlaceLost: one of them cannot be confirmed.
        NoMonthlyAccount, CreditExceeded: the account does not allow all of them together.
        Busy: others held the organisation or a rental for too long.
    """
    account = bills.lock_account(rentals[0].organisation_id)  # before the rentals: as every booking does
    ours = locked_all(rentals)
    for rental in ours:
        if rental.status == rules.HELD and rental.needs_approval:
            raise NeedsApproval
        move(rental, "confirm", now)
        demand_place(rental)
    charges = [charging.charge_of(rental) for rental in ours]
    bills.charge_all(charges, way=Rental.Payment.ACCOUNT, account=account, now=now)
    _write(ours, now, status=rules.CONFIRMED, pays_by=Rental.Payment.ACCOUNT, confirmed_at=now, held_until=None)
    keep_all({rental.pk: None for rental in ours}, holder_kind=RENTAL)
    tell_all(events.RentalConfirmed, ours, by=by, now=now)
    return ours


def submit_many(rentals: Sequence[Rental], *, by: Membership, now: datetime) -> list[Rental]:
    """
    Send held rentals of one instrument to the lab for approval, each with a deadline of its own; all of them or none.

    Part of the caller's transaction.

    Raises:
        NotPossibleNow, HoldLapsed: one of them is not held.
        ApprovalNotNeeded: nobody wants to approve it.
        ApprovalTooLate: the lab could not answer one of them in time.
        Busy: others held a rental for too long.
    """
    ours = locked_all(rentals)
    instrument_id = ours[0].instrument_id
    within = Period(now, max(now + TWO_WEEKS, *(rental.time.end for rental in ours)))
    facts = availability.terms([instrument_id], within=within, member=by, now=now)[instrument_id].facts
    for rental in ours:
        move(rental, "submit", now)
        if not rental.needs_approval:
            raise ApprovalNotNeeded
        rental.held_until = answered_by(facts, rental.time, now)
        rental.changed_at, rental.sequence = now, rental.sequence + 1
    Rental.objects.bulk_update(ours, ["status", "held_until", "changed_at", "sequence"])
    keep_all({rental.pk: rental.held_until for rental in ours}, holder_kind=RENTAL)
    tell_all(events.RentalSubmitted, ours, by=by, now=now)
    return ours


def _write(rentals: Sequence[Rental], now: datetime, **values: object) -> None:
    """Give rentals the same values, that calendar programs must look at again (CA-5); one statement."""
    changed = Rental.objects.filter(pk__in=[rental.pk for rental in rentals])
    changed.update(**values, changed_at=now, sequence=F("sequence") + 1)
    for rental in rentals:
        rental.changed_at, rental.sequence = now, rental.sequence + 1
        for name, value in values.items():
            setattr(rental, name, value)
