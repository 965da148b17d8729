"""Using the rest of an interrupted rental another time, there or on a comparable instrument (BL-24)."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from billing.bills import operations as bills
from bookings.rentals import events
from bookings.rentals.models import Interruption, Rental
from bookings.rentals.operations import charging
from bookings.rentals.operations.answering import submit_for_approval
from bookings.rentals.operations.confirming import bind
from bookings.rentals.operations.holding import place_hold
from bookings.rentals.operations.interrupting import answered, end_use, lock_open_time, open_interruption
from bookings.rentals.operations.moving import OtherKindOfInstrument
from bookings.rentals.operations.steps import locked, move, tell
from kernel.money import ZERO, Money
from kernel.periods import Period
from kernel.refusals import Refusal
from labs.models import Instrument


class MoreThanIsLeft(Refusal):
    """The rest of an interrupted use is what was not used of it, on the instrument's grid."""

    code = "MORE_THAN_IS_LEFT"
    message = _("{minutes} minutes of {number} are left; book at most {most}.")
    status = 422


@transaction.atomic
def rebook(
    *,
    rental: Rental,
    instrument: Instrument,
    period: Period,
    by: Membership,
    now: datetime,
    agreed: Collection[str] = (),
) -> Rental:
    """
    Use the rest of an interrupted rental at another time, as the customer; return the new rental, which is confirmed.

    The old one ends where it stopped. On instruments of the same lab the minutes left cost what they cost then, without
    set-up; elsewhere what they cost there. What the old one gives back is `credit_fen` of the new one. Where another
    lab approves its bookings first, the new one waits for that.

    Raises:
        OtherKindOfInstrument: it is not of the same category.
        MoreThanIsLeft: the time is longer than what is left, rounded up to the grid.
        Refusal: a booking rule that the other time fails, or all of them (`Refusals`).
        CreditExceeded: what it costs beyond the credit is not left on the monthly account.
        NotPossibleNow: it is not interrupted.
        Busy: others held the instrument for too long.
    """
    old = rental.instrument
    if instrument.pk != old.pk and (old.category_id is None or instrument.category_id != old.category_id):
        raise OtherKindOfInstrument(number=rental.number, instrument=instrument.name)
    bills.lock_account(rental.organisation_id)
    lock_open_time(old.pk, instrument.pk)  # both at once: the hold takes the one, the end of the use the other
    new = place_hold(
        instrument=instrument,
        period=period,
        mode=rental.mode,
        units=rental.units,
        profile=rental.profile,
        materials=rental.materials,
        used_by=rental.used_by,
        purpose=rental.purpose,
        agreed={*agreed, *(consent["code"] for consent in rental.consents)},
        rebooks=rental,
        by=by,
        now=now,
    )
    rental = locked(rental)
    move(rental, "rebook", now)
    interruption = open_interruption(rental)
    left = charging.booked_minutes_left(rental, interruption)
    most = -(-left // new.policy.slot_grid_min) * new.policy.slot_grid_min
    if period.minutes > max(most, new.policy.min_minutes):
        raise MoreThanIsLeft(number=rental.number, minutes=left, most=max(most, new.policy.min_minutes))
    before = rental.total
    answered(interruption, Interruption.Choice.REBOOK, by=by, now=now)
    end_use(rental, interruption, by=by, now=now)
    same_lab = instrument.lab_id == old.lab_id
    if same_lab:
        price = charging.rest_price(rental, start=period.start, minutes=min(left, period.minutes))
        new.tariff_id, new.discount = rental.tariff_id, price.discount
        charging.freeze(new, price)
    new.credit_fen = max((before - rental.total).fen, 0)
    waits = new.needs_approval and not same_lab
    carry = ZERO if waits else min(new.own, Money(new.credit_fen))
    charging.adjust_bill(rental, now=now, carry=carry)
    new.save(update_fields=["tariff", "discount", "price_lines", "priced_from", "total_fen", "credit_fen"])
    tell(
        events.RentalRebooked,
        rental,
        by=by,
        now=now,
        new_rental_id=new.pk,
        new_number=new.number,
        credit_fen=new.credit_fen,
    )
    if waits:
        return submit_for_approval(rental=new, by=by, now=now)
    new = locked(new)
    move(new, "confirm", now)  # the same lab has agreed to this use before
    return bind(new, pays_by=rental.pays_by or Rental.Payment.ACCOUNT, carried=carry, by=by, now=now)
