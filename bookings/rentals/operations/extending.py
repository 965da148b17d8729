"""Going on longer than booked."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from bookings.rentals import events
from bookings.rentals.models import Rental, UsageRecord
from bookings.rentals.operations import charging, judging
from bookings.rentals.operations.steps import locked, move, save, tell
from kernel.periods import Period
from kernel.refusals import Refusal


class EndNotLater(Refusal):
    """Whoever goes on longer ends later than booked, and later than now."""

    code = "END_NOT_LATER"
    message = _("The new end must be later than {end}.")
    status = 422


@transaction.atomic
def extend(*, rental: Rental, until: datetime, by: Membership, now: datetime) -> Rental:
    """
    Let a use go on until an instant, as the customer or the lab, where the booking rules let it (next one's buffer).

    What it adds is priced by the price list in force, shown at once and owed at settlement.

    Raises:
        EndNotLater: it would not end later.
        Refusal: a booking rule that the longer time fails, or all of them (`Refusals`).
        NotPossibleNow: it is not in use.
        Busy: others held the instrument for too long.
    """
    judging.lock_for(rental)
    rental = locked(rental)
    move(rental, "extend", now)
    before = rental.time
    if until <= max(before.end, now):
        raise EndNotLater(end=f"{max(before.end, now).astimezone(rental.instrument.lab.tz):%Y-%m-%d %H:%M}")
    record = UsageRecord.objects.get(rental=rental)
    longer = Period(before.start, until)
    wish = judging.wish_of(rental, longer)
    terms = judging.terms_of(rental, period=longer, operator=rental.operator_id, now=now)
    judging.demand(terms, wish, now=now, waived=judging.AGREED_BEFORE)
    judging.retake(rental, terms, wish, now=now, at=tuple(record.positions), from_=record.started_at)
    added_fen = charging.add_time(rental, terms.rates, until=until)
    rental.extensions.append({"from": before.end.isoformat(), "until": until.isoformat(), "tariff": terms.tariff_id})
    rental.period = longer.as_range()
    save(rental, now)
    tell(
        events.RentalExtended,
        rental,
        by=by,
        now=now,
        before=before.end.isoformat(),
        until=longer.end.isoformat(),
        added_fen=added_fen,
    )
    return rental
