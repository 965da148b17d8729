"""Whether an interrupted run was of any use: the customer says no, the lab may object (BL-24)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from bookings.rentals import events, rules
from bookings.rentals.models import Interruption, Rental
from bookings.rentals.operations.steps import ReasonMissing, locked, move, save, tell
from kernel.locks import lock
from kernel.refusals import Refusal
from labs.hours.workdays import due_after


class NotBrokenOff(Refusal):
    """Only a use that a fault broke off can be declared of no use."""

    code = "NOT_BROKEN_OFF"
    message = _("The use of {number} was not broken off by a fault.")


class DeclaredAlready(Refusal):
    """It was declared of no use before."""

    code = "DECLARED_ALREADY"
    message = _("{number} was declared of no use already.")


class NothingToObjectTo(Refusal):
    """Nobody said that the run was of no use, or the lab has answered, or its two working days are over."""

    code = "NOTHING_TO_OBJECT_TO"
    message = _("There is nothing to object to, or the time for it is over.")


@transaction.atomic
def declare_unusable(*, rental: Rental, by: Membership, now: datetime) -> Rental:
    """
    Say, as the customer, that what was measured until the fault is of no use.

    Nothing is owed if the lab does not object within two working days.

    Raises:
        NotBrokenOff: no fault ended it.
        DeclaredAlready: it was said before.
        NotPossibleNow: it is still interrupted, or settled.
    """
    rental = locked(rental)
    move(rental, "declare_unusable", now)
    interruption = _last(rental)
    if interruption is None:
        raise NotBrokenOff(number=rental.number)
    if interruption.unusable_at is not None:
        raise DeclaredAlready(number=rental.number)
    interruption.unusable_at = now
    interruption.save(update_fields=["unusable_at"])
    save(rental, now)
    until = due_after(now, rules.OBJECTION_WORKDAYS, rental.instrument.lab.tz)
    tell(events.RentalUnusable, rental, by=by, now=now, object_until=until.isoformat())
    return rental


@transaction.atomic
def object_to_unusable(*, rental: Rental, reason: str, by: Membership, now: datetime) -> Rental:
    """
    Object, as the lab and with a reason, to what the customer said; then the minutes used are owed.

    Raises:
        ReasonMissing: no reason was given.
        NothingToObjectTo: nobody said so, it was answered, or two working days are over.
        NotPossibleNow: it is settled.
    """
    if not reason.strip():
        raise ReasonMissing
    rental = locked(rental)
    move(rental, "object_to_unusable", now)
    interruption = _last(rental)
    if interruption is None or interruption.unusable_at is None or interruption.objected_at is not None:
        raise NothingToObjectTo
    if now >= due_after(interruption.unusable_at, rules.OBJECTION_WORKDAYS, rental.instrument.lab.tz):
        raise NothingToObjectTo
    interruption.objected_at, interruption.objection = now, reason.strip()
    interruption.save(update_fields=["objected_at", "objection"])
    save(rental, now)
    tell(events.RentalUnusableContested, rental, by=by, now=now, reason=reason.strip())
    return rental


def _last(rental: Rental) -> Interruption | None:
    """Return the fault that a use ended with, locked; none where it went on afterwards."""
    ended_by = Interruption.objects.filter(rental=rental).exclude(choice=Interruption.Choice.RESUME)
    found = lock(ended_by)
    return found[-1] if found else None
