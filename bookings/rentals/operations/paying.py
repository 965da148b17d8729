"""Keeping a rental's time until it is paid, and what money that arrives does to it (no money moves here)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from billing.bills import operations as bills
from bookings.rentals import events, rules
from bookings.rentals.models import Rental
from bookings.rentals.operations import judging
from bookings.rentals.operations.confirming import NeedsApproval, bind
from bookings.rentals.operations.lapsing import clear_lapsed
from bookings.rentals.operations.steps import RENTAL, NotPossibleNow, demand_place, locked, move, save, tell
from bookings.schedule import operations as schedule
from kernel.money import Money
from kernel.refusals import Busy, Refusal
from labs.hours.workdays import due_after


class TransferNotOffered(Refusal):
    """A bank transfer is for verified organisations, and needs its time before the start."""

    code = "TRANSFER_NOT_OFFERED"
    message = _("{number} cannot be paid by bank transfer: only verified organisations can, a day before the start.")
    cure = _("Pay online.")


class CheckoutsUsedUp(Refusal):
    """The hold was prolonged for the till as often as it may be."""

    code = "CHECKOUTS_USED_UP"
    message = _("The payment of {number} was begun {most} times already; it can be paid until {until} all the same.")


class AmountDiffers(Refusal):
    """What arrived is not the frozen price: it waits until somebody has looked at it (BL-32)."""

    code = "AMOUNT_DIFFERS"
    message = _("{paid} was paid for {number}, and {total} is owed.")


class PaidTooLate(Refusal):
    """The hold had run out, and its time is taken: the whole payment (`refund_fen`) goes back, with an apology."""

    code = "PAID_TOO_LATE"
    message = _("The payment for {number} came after its hold had run out, and the time is taken: {because}")


@transaction.atomic
def await_payment(*, rental: Rental, pays_by: str, by: Membership, now: datetime) -> Rental:
    """
    Keep a held rental that needs no approval, or an approved one, until it is paid in the way that is chosen once.

    Half an hour online, three working days by transfer, which is for verified organisations and must arrive a day
    before the start. The hold is never shortened.

    Raises:
        NeedsApproval: the lab approves first.
        TransferNotOffered: not verified, or too close to the start.
        NotPossibleNow: it is neither held nor approved, the way was chosen before, or there is no such way.
        HoldLapsed: the hold has run out (BK-18).
    """
    rental = locked(rental)
    is_held = rental.status == rules.HELD
    move(rental, "await_payment", now)
    if is_held and rental.needs_approval:
        raise NeedsApproval
    if rental.pays_by or pays_by not in (Rental.Payment.ONLINE, Rental.Payment.TRANSFER):
        raise NotPossibleNow(number=rental.number, status=str(rental.get_status_display()))
    until = now + rules.PAYMENT_HOLD if pays_by == Rental.Payment.ONLINE else _transfer_until(rental, now)
    rental.pays_by = pays_by
    _keep(rental, until, now)
    tell(events.RentalAwaitsPayment, rental, by=by, now=now, pays_by=pays_by)
    return rental


def _transfer_until(rental: Rental, now: datetime) -> datetime:
    ends = due_after(now, rules.TRANSFER_WORKDAYS, rental.instrument.lab.tz)
    until = rules.transfer_until(start=rental.time.start, workdays_end=ends, now=now)
    if until is None or not rental.organisation.is_verified:
        raise TransferNotOffered(number=rental.number)
    return until


@transaction.atomic
def start_checkout(*, rental: Rental, by: Membership, now: datetime) -> Rental:
    """
    Keep a rental while its customer is at the till: 35 minutes from now on, if that is longer; twice at most (BL-30).

    Raises:
        NotPossibleNow: it does not wait for payment.
        HoldLapsed: the hold has run out (BK-18).
        CheckoutsUsedUp: this is the third time.
    """
    rental = locked(rental)
    move(rental, "start_checkout", now)
    assert rental.held_until is not None  # noqa: S101 -- the constraint rental_that_may_lapse_says_when
    if rental.checkouts >= rules.MOST_CHECKOUTS:
        until = rental.held_until.astimezone(rental.instrument.lab.tz)
        raise CheckoutsUsedUp(number=rental.number, most=rules.MOST_CHECKOUTS, until=f"{until:%Y-%m-%d %H:%M}")
    rental.checkouts += 1
    rental.pays_by = Rental.Payment.ONLINE
    _keep(rental, rules.checkout_until(held_until=rental.held_until, now=now), now)
    tell(events.RentalCheckoutStarted, rental, by=by, now=now)
    return rental


def _keep(rental: Rental, until: datetime, now: datetime) -> None:
    rental.held_until = until if rental.held_until is None else max(rental.held_until, until)
    save(rental, now)
    schedule.keep(holder_kind=RENTAL, holder_id=rental.pk, lapses_at=rental.held_until)


@transaction.atomic
def confirm_paid(*, rental_id: int, amount_fen: int, now: datetime, pays_by: str = "") -> Rental:
    """
    Confirm a rental whose money has arrived; one that lapsed meanwhile takes its time again, if the rules let it.

    `pays_by` is the way it came, where that may be another than the one chosen.

    Raises:
        AmountDiffers: it is not the frozen price; nothing was confirmed.
        PlaceLost: it cannot take place as booked any more (BK-8); the money goes back.
        PaidTooLate: the hold had run out and the time is gone; `refund_fen` goes back, `codes` say what is against it.
        NeedsApproval: the lab approves first.
        NotPossibleNow: it is neither waiting for payment nor expired.
        Busy: others held the instrument for too long.
    """
    seen = Rental.objects.select_related("instrument__lab").get(pk=rental_id)
    if seen.status_at(now) == rules.EXPIRED:
        return _confirm_late(seen, amount_fen, now, pays_by)
    bills.lock_account(seen.organisation_id)  # before the rental: as every booking does
    rental = locked(seen)
    if rental.status == rules.HELD and rental.needs_approval:
        raise NeedsApproval
    if rental.status_at(now) == rules.EXPIRED:
        raise Busy  # it lapsed in this very moment; whoever tries again finds it so, and locks in the right order
    move(rental, "pay", now)
    demand_place(rental)
    _exactly(rental, amount_fen)
    return _paid(rental, now, pays_by)


def _confirm_late(rental: Rental, amount_fen: int, now: datetime, pays_by: str) -> Rental:
    judging.lock_for(rental)
    rental = locked(rental)
    _exactly(rental, amount_fen)
    if rental.status in rules.LAPSING:
        clear_lapsed([rental.pk], now=now)
        rental = locked(rental)
    move(rental, "late_pay", now)
    rental.held_until = None
    wish = judging.wish_of(rental)
    try:
        terms = judging.terms_of(rental, now=now)
        judging.demand(terms, wish, now=now, waived=judging.AGREED_BEFORE if rental.time.start > now else ())
        judging.retake(rental, terms, wish, now=now)
    except Busy:
        raise  # nothing is known yet: whoever brings the money tries again
    except Refusal as refusal:
        codes = [one.code for one in getattr(refusal, "refusals", [refusal])]
        raise PaidTooLate(number=rental.number, refund_fen=amount_fen, codes=codes, because=str(refusal)) from refusal
    return _paid(rental, now, pays_by)


def _exactly(rental: Rental, amount_fen: int) -> None:
    if amount_fen != rental.own.fen:
        raise AmountDiffers(number=rental.number, paid=str(Money(amount_fen)), total=str(rental.own))


def _paid(rental: Rental, now: datetime, pays_by: str) -> Rental:
    return bind(rental, pays_by=pays_by or rental.pays_by or Rental.Payment.ONLINE, by=None, now=now)
