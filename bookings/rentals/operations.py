"""Placing, confirming and ending rentals (requirements 3.1): one function, one transaction, named refusals."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from billing.bills import operations as bills
from billing.pricing.rules import Price
from bookings.availability import queries as availability
from bookings.availability.rules import CapacityExceeded, Facts, InstrumentUnavailable, Wish, refusals
from bookings.rentals import consents, events, rules
from bookings.rentals.models import Rental
from bookings.schedule import operations as schedule
from bookings.schedule.models import Occupancy
from kernel.events import announce
from kernel.locks import lock
from kernel.money import Money
from kernel.numbering import next_number
from kernel.periods import Period
from kernel.refusals import Refusal, Refusals
from labs.models import Instrument

RENTAL = Occupancy.Holder.RENTAL

PAYMENT_HOLD = timedelta(minutes=30)
"""How long an approved rental is kept until it is confirmed."""


class PeriodTaken(CapacityExceeded):
    """Someone else was faster: the constraint `occupancy_no_overlap` has the last word."""


class PriceChanged(Refusal):
    """The price is not the one the person saw and agreed to."""

    code = "PRICE_CHANGED"
    message = _("The price has changed from {expected} to {total}. Please look at it again.")


class NotPossibleNow(Refusal):
    """The rental's state does not allow it; nothing was changed."""

    code = "ILLEGAL_TRANSITION"
    message = _("That is not possible: the rental {number} is {status}.")


class HoldLapsed(Refusal):
    """The hold ran out before it was confirmed (BK-18)."""

    code = "HOLD_LAPSED"
    message = _("The hold of {number} has run out. Please choose the time again.")


class NeedsApproval(Refusal):
    """The lab wants to approve the rental before it is confirmed."""

    code = "APPROVAL_REQUIRED"
    message = _("The lab approves bookings of this instrument first. Send it for approval.")


class ReasonMissing(Refusal):
    """A lab that declines or cancels says why."""

    code = "REASON_MISSING"
    message = _("Please give the reason.")
    status = 422


def place_hold(
    *,
    instrument: Instrument,
    period: Period,
    mode: str,
    by: Membership,
    now: datetime,
    purpose: str = "",
    expected: Money | None = None,
    agreed: Collection[str] = (),
    units: int = 1,
) -> Rental:
    """
    Keep `units` of an instrument for half an hour (the policy's `hold_minutes`) while the price is agreed.

    All rules are asked; then, in one transaction, the instrument is locked, what may have changed meanwhile is asked
    again, and its units (and its room's) are taken, all or none. Holds that have run out give way. `expected` is the
    price the person saw; without it any price is accepted. `agreed` are the codes of the consents that were ticked.

    Raises:
        ConsentMissing: the results would not be traceable, and nobody agreed to that (CAL-2).
        Refusals: the booking rules that fail, in their order (BK-1 to BK-11).
        PeriodTaken: someone else took part of it just now (BK-17).
        PriceChanged: the price is no longer the expected one.
        Busy: others kept the instrument locked for too long.
    """
    wish = Wish(period=period, mode=mode, units=units)
    terms = _judged(instrument, wish, agreed, by=by, now=now)  # who is refused here has locked and rolled back nothing
    with transaction.atomic():
        if schedule.lock_for_booking(instrument) != terms.open_time_version or not _decided_by_constraint(terms):
            terms = _judged(instrument, wish, agreed, by=by, now=now)
        price = terms.price(wish)
        if expected is not None and expected != price.total:
            raise PriceChanged(expected=str(expected), total=str(price.total))
        if not schedule.is_taken(_wants(terms.facts, wish), period=terms.facts.occupied(wish.period), now=now):
            return _hold(instrument, wish, terms, price, by=by, purpose=purpose, now=now)
    raise PeriodTaken(instrument=instrument.name)  # after the block: see Note [No rollback where nothing was written]


def _wants(facts: Facts, wish: Wish) -> list[schedule.Want]:
    return [schedule.Want(*each) for each in facts.takes(wish)]


def _hold(
    instrument: Instrument,
    wish: Wish,
    terms: availability.Terms,
    price: Price,
    *,
    by: Membership,
    purpose: str,
    now: datetime,
) -> Rental:
    """Write a hold that has been judged and priced, and take its time."""
    occupied = terms.facts.occupied(wish.period)
    _clear_lapsed((hold.holder_id for hold in terms.lapsed if hold.period.overlaps(occupied)), now=now)
    rental = Rental.objects.create(
        number=next_number("R", now.astimezone(terms.facts.zone).date()),
        instrument=instrument,
        organisation_id=by.organisation_id,
        placed_by_id=by.user_id,
        mode=wish.mode,
        units=wish.units,
        period=wish.period.as_range(),
        status=rules.HELD,
        held_until=now + timedelta(minutes=terms.facts.policy.hold_minutes),
        purpose=purpose,
        tariff_id=terms.tariff_id,
        policy_id=terms.policy_id,
        price_lines=price.as_json(),
        discount=price.discount,
        total_fen=price.total.fen,
        consents=consents.kept(terms.facts, wish, by=by, now=now),
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
    _announce(events.RentalHeld, rental, by=by, now=now)
    return rental


def _judged(
    instrument: Instrument, wish: Wish, agreed: Collection[str], *, by: Membership, now: datetime
) -> availability.Terms:
    """Return the terms of a wish that every rule lets pass, and whose consents were given."""
    terms = availability.terms([instrument.pk], within=wish.period, member=by, now=now).get(instrument.pk)
    if terms is None:
        raise InstrumentUnavailable(instrument=instrument.name)
    if failing := refusals(terms.facts, wish, now):
        raise failing[0] if len(failing) == 1 else Refusals(failing)
    consents.demand(terms.facts, wish, agreed=agreed)
    return terms


def _decided_by_constraint(terms: availability.Terms) -> bool:
    """Whether each resource is known and has one unit: then the constraint alone decides who comes first."""
    return all(supply.resource_id and supply.capacity == 1 for supply in terms.facts.supplies)


def _clear_lapsed(rental_ids: Iterable[int], *, now: datetime) -> None:
    """Expire holds that have run out and give their time back; the rental's row decides, not the schedule's."""
    wanted = sorted(set(rental_ids))
    if not wanted:
        return
    expired = lock(Rental.objects.filter(pk__in=wanted).lapsed(now))
    Rental.objects.filter(pk__in=[rental.pk for rental in expired]).update(
        status=rules.EXPIRED, changed_at=now, sequence=F("sequence") + 1
    )
    schedule.release(holder_kind=RENTAL, holder_ids=[rental.pk for rental in expired])
    for rental in expired:
        _announce(events.RentalExpired, rental, by=None, now=now)


@transaction.atomic
def expire_lapsed(*, now: datetime, limit: int = 500) -> int:
    """
    Expire holds that have run out, the oldest first, and return how many; for the clock's job.

    Nobody waits for it: a lapsed hold blocks no one before either (BK-18). Safe to run late, twice, or at once.
    """
    due = Rental.objects.lapsed(now).order_by("held_until", "pk").select_for_update(skip_locked=True, of=("self",))
    expired = list(due[:limit])
    if expired:
        _clear_lapsed([rental.pk for rental in expired], now=now)
    return len(expired)


@transaction.atomic
def submit_for_approval(*, rental: Rental, by: Membership, now: datetime) -> Rental:
    """
    Ask the lab to approve a held rental; the hold lasts until the lab's deadline (8 working hours).

    Raises:
        NotPossibleNow: the rental is not held.
        HoldLapsed: the hold has run out.
    """
    rental = _locked(rental)
    _move(rental, "submit", now)
    within = Period(now, max(rental.time.end, now + timedelta(days=14)))
    terms = availability.terms([rental.instrument_id], within=within, member=by, now=now)[rental.instrument_id]
    rental.held_until = rules.approval_deadline(open_windows=terms.facts.open, now=now, start=rental.time.start)
    _save(rental, now)
    schedule.keep(holder_kind=RENTAL, holder_id=rental.pk, lapses_at=rental.held_until)
    _announce(events.RentalSubmitted, rental, by=by, now=now)
    return rental


@transaction.atomic
def approve(*, rental: Rental, by: Membership, now: datetime) -> Rental:
    """
    Agree to a rental as the lab; the customer then has half an hour of the lab's patience to confirm it.

    Raises:
        NotPossibleNow: nothing waits for approval.
        HoldLapsed: the deadline has passed.
    """
    rental = _locked(rental)
    _move(rental, "approve", now)
    rental.held_until = max(now + PAYMENT_HOLD, min(now + timedelta(days=1), rental.time.start - timedelta(hours=1)))
    _save(rental, now)
    schedule.keep(holder_kind=RENTAL, holder_id=rental.pk, lapses_at=rental.held_until)
    _announce(events.RentalApproved, rental, by=by, now=now)
    return rental


@transaction.atomic
def reject(*, rental: Rental, reason: str, by: Membership, now: datetime) -> Rental:
    """
    Decline a rental as the lab, with a reason; its time is free again.

    Raises:
        ReasonMissing: no reason was given.
        NotPossibleNow: nothing waits for approval.
        HoldLapsed: the deadline has passed.
    """
    if not reason.strip():
        raise ReasonMissing
    rental = _locked(rental)
    _move(rental, "reject", now)
    rental.reason = reason.strip()
    _save(rental, now)
    schedule.release(holder_kind=RENTAL, holder_ids=[rental.pk])
    _announce(events.RentalRejected, rental, by=by, now=now, reason=rental.reason)
    return rental


@transaction.atomic
def confirm_on_account(*, rental: Rental, by: Membership, now: datetime) -> Rental:
    """
    Confirm a held (or approved) rental, its frozen price on the organisation's monthly account (月结).

    Raises:
        NeedsApproval: the lab approves first.
        NotPossibleNow: the rental is neither held nor approved.
        HoldLapsed: the hold has run out (BK-18).
        NoMonthlyAccount, CreditExceeded: the account does not allow it.
    """
    rental = _locked(rental)
    if rental.status == rules.HELD and rental.policy.requires_approval:
        raise NeedsApproval
    _move(rental, "confirm", now)
    bills.charge_on_account(
        organisation_id=rental.organisation_id,
        lab=rental.instrument.lab,
        order_number=rental.number,
        lines=rental.price_lines,
        total=rental.total,
        now=now,
    )
    rental.confirmed_at = now
    rental.held_until = None
    _save(rental, now)
    schedule.keep(holder_kind=RENTAL, holder_id=rental.pk, lapses_at=None)
    _announce(events.RentalConfirmed, rental, by=by, now=now)
    return rental


@transaction.atomic
def cancel(*, rental: Rental, by: Membership, now: datetime, expected_fee: Money | None = None) -> Rental:
    """
    Cancel a rental as the customer; a confirmed one costs what the ladder of its policy says (BL-20).

    `expected_fee` is the fee the person saw before agreeing; without it any fee is accepted.

    Raises:
        NotPossibleNow: it is over, in use, or cancelled already.
        PriceChanged: the fee is no longer the expected one.
    """
    rental = _locked(rental)
    was_confirmed = rental.status == rules.CONFIRMED
    fee = fee_of_cancelling(rental, now=now)
    _move(rental, "cancel", now)
    if expected_fee is not None and expected_fee != fee:
        raise PriceChanged(expected=str(expected_fee), total=str(fee))
    return _end(rental, fee=fee, was_confirmed=was_confirmed, by=by, by_lab=False, reason="", now=now)


@transaction.atomic
def cancel_by_lab(*, rental: Rental, reason: str, by: Membership, now: datetime) -> Rental:
    """
    Cancel a rental as the lab, with a reason; the customer owes nothing (BL-21).

    Raises:
        ReasonMissing: no reason was given.
        NotPossibleNow: it is over, in use, or cancelled already.
    """
    if not reason.strip():
        raise ReasonMissing
    rental = _locked(rental)
    was_confirmed = rental.status == rules.CONFIRMED
    _move(rental, "cancel", now)
    return _end(rental, fee=Money(0), was_confirmed=was_confirmed, by=by, by_lab=True, reason=reason.strip(), now=now)


def fee_of_cancelling(rental: Rental, *, now: datetime) -> Money:
    """Return what cancelling would cost the customer now: nothing before it is confirmed, then by BL-20."""
    if rental.status != rules.CONFIRMED:
        return Money(0)
    return rules.cancellation_fee(
        price=rental.total,
        start=rental.time.start,
        cancelled_at=now,
        ladder=rules.ladder_of(rental.policy.cancellation),
    )


def _end(
    rental: Rental, *, fee: Money, was_confirmed: bool, by: Membership, by_lab: bool, reason: str, now: datetime
) -> Rental:
    rental.cancelled_at = now
    rental.fee_fen = fee.fen
    rental.reason = reason
    _save(rental, now)
    schedule.release(holder_kind=RENTAL, holder_ids=[rental.pk])
    if was_confirmed:
        bills.cancel_charge(order_number=rental.number, fee=fee, now=now)
    _announce(events.RentalCancelled, rental, by=by, now=now, reason=reason, by_lab=by_lab, fee_fen=fee.fen)
    return rental


def _locked(rental: Rental) -> Rental:
    rows = Rental.objects.filter(pk=rental.pk).select_related("policy", "instrument__lab")
    return lock(rows)[0]


def _move(rental: Rental, event: str, now: datetime) -> None:
    """Set the state an event leads to, or refuse and leave everything as it is."""
    if event != "expire" and rental.status_at(now) == rules.EXPIRED != rental.status:
        raise HoldLapsed(number=rental.number)
    following = rules.MOVES[event].get(rental.status)
    if following is None:
        raise NotPossibleNow(number=rental.number, status=str(rental.get_status_display()))
    rental.status = following


def _save(rental: Rental, now: datetime) -> None:
    rental.changed_at = now
    rental.sequence += 1
    rental.save()


def _announce(
    kind: type[events.RentalEvent], rental: Rental, *, by: Membership | None, now: datetime, **facts: Any
) -> None:
    announce(
        kind(
            occurred_at=now,
            actor_id=by.user_id if by else None,
            organisation_id=by.organisation_id if by else None,
            rental_id=rental.pk,
            number=rental.number,
            **facts,
        )
    )
