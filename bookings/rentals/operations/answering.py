"""Asking for the lab's approval, and its answer."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from bookings.availability import queries as availability
from bookings.availability.rules import Facts
from bookings.rentals import events, rules
from bookings.rentals.models import Rental
from bookings.rentals.operations import judging
from bookings.rentals.operations.steps import RENTAL, ReasonMissing, locked, move, save, tell
from bookings.schedule import operations as schedule
from kernel.periods import Period
from kernel.refusals import Refusal
from labs.models import Operator

TWO_WEEKS = timedelta(days=14)
"""How far the lab's working hours are looked at at least, for when it must have answered."""


class ApprovalNotNeeded(Refusal):
    """The lab approves nothing of this instrument."""

    code = "APPROVAL_NOT_NEEDED"
    message = _("This booking needs no approval: confirm it.")


class ApprovalTooLate(Refusal):
    """The lab would have to answer before now."""

    code = "APPROVAL_TOO_LATE"
    message = _("The lab answers at most {hours} hours before the start: it is too late to ask. Choose a later time.")


@transaction.atomic
def submit_for_approval(*, rental: Rental, by: Membership, now: datetime) -> Rental:
    """
    Ask the lab to approve a held rental; the hold lasts until the lab's deadline (8 working hours).

    Raises:
        NotPossibleNow: the rental is not held.
        HoldLapsed: the hold has run out.
        ApprovalNotNeeded: nobody wants to approve it; it can be confirmed at once.
        ApprovalTooLate: the lab could not answer in time: its answer comes at most two hours before the start.
    """
    rental = locked(rental)
    move(rental, "submit", now)
    if not rental.needs_approval:
        raise ApprovalNotNeeded
    within = Period(now, max(rental.time.end, now + TWO_WEEKS))
    terms = availability.terms([rental.instrument_id], within=within, member=by, now=now)[rental.instrument_id]
    rental.held_until = answered_by(terms.facts, rental.time, now)
    save(rental, now)
    schedule.keep(holder_kind=RENTAL, holder_id=rental.pk, lapses_at=rental.held_until)
    tell(events.RentalSubmitted, rental, by=by, now=now)
    return rental


def answered_by(facts: Facts, time: Period, now: datetime) -> datetime:
    """
    Return until when the lab must have answered a booking of that time; the facts reach from now to its start.

    Raises:
        ApprovalTooLate: it would have to answer before now.
    """
    deadline = rules.approval_deadline(open_windows=facts.open, now=now, start=time.start)
    if deadline <= now:
        raise ApprovalTooLate(hours=rules.APPROVAL_ENDS_BEFORE_START // timedelta(hours=1))
    return deadline


@transaction.atomic
def approve(*, rental: Rental, by: Membership, now: datetime, operator: Operator | None = None) -> Rental:
    """
    Agree to a rental as the lab, after the rules were asked again; the customer then has time to confirm it.

    That is a day, at most until an hour before the start. `operator` is whom the lab sends; without one the assigned
    operator stays, or the rules choose another who can.

    Raises:
        NotPossibleNow: nothing waits for approval.
        HoldLapsed: the deadline has passed.
        Refusal: a booking rule that holds no more, or all of them (`Refusals`).
        Busy: others held the instrument for too long.
    """
    judging.lock_for(rental)
    rental = locked(rental)
    move(rental, "approve", now)
    wish = judging.wish_of(rental)
    terms = judging.terms_of(rental, now=now, operator=operator)
    judging.demand(terms, wish, now=now, waived=judging.TERMS_OF_THEN)
    rental.held_until = rules.approved_until(start=rental.time.start, now=now)
    if terms.facts.operator_for(wish) == rental.operator_id:
        schedule.keep(holder_kind=RENTAL, holder_id=rental.pk, lapses_at=rental.held_until)
    else:
        judging.retake(rental, terms, wish, now=now)
    save(rental, now)
    tell(events.RentalApproved, rental, by=by, now=now)
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
    rental = locked(rental)
    move(rental, "reject", now)
    rental.reason = reason.strip()
    save(rental, now)
    schedule.release(holder_kind=RENTAL, holder_ids=[rental.pk])
    tell(events.RentalRejected, rental, by=by, now=now, reason=rental.reason)
    return rental
