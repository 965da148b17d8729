"""Another time for a rental: as the customer, or as the lab with the customer's consent."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from bookings.rentals import consents, events, rules
from bookings.rentals.models import MoveOffer, Rental
from bookings.rentals.operations import charging, judging
from bookings.rentals.operations.steps import PriceChanged, ReasonMissing, locked, move, save, tell
from kernel.locks import lock
from kernel.money import Money
from kernel.periods import Period
from kernel.refusals import Refusal, refusing
from labs.models import Instrument


class MoveTooLate(Refusal):
    """A customer moves a rental 24 hours before it begins at the latest."""

    code = "MOVE_TOO_LATE"
    message = _("{number} begins in less than {hours} hours; it can no longer be moved.")
    cure = _("Ask the lab for another time.")


class MovedTooOften(Refusal):
    """A customer moves a rental twice at most."""

    code = "MOVED_TOO_OFTEN"
    message = _("{number} was moved {most} times already.")
    cure = _("Ask the lab for another time.")


class OtherKindOfInstrument(Refusal):
    """A rental moves only to an instrument of the same category; as the customer, only when its own is out."""

    code = "OTHER_KIND_OF_INSTRUMENT"
    message = _("{number} cannot be moved to {instrument}.")


class SameTime(Refusal):
    """It is there already."""

    code = "SAME_TIME"
    message = _("{number} is booked for that time already.")
    status = 422


class MoveOfferGone(Refusal):
    """The other time was answered, withdrawn, or is not offered any longer."""

    code = "MOVE_OFFER_GONE"
    message = _("That other time is no longer offered.")


class MoveOfferedAlready(Refusal):
    """The customer was asked, and has not answered yet."""

    code = "MOVE_OFFERED_ALREADY"
    message = _("The customer of {number} has not yet answered the last question.")


@transaction.atomic
def reschedule(
    *,
    rental: Rental,
    period: Period,
    by: Membership,
    now: datetime,
    expected: Money | None = None,
    instrument: Instrument | None = None,
    mode: str = "",
    with_setup: bool = True,
    agreed: Collection[str] = (),
) -> Rental:
    """
    Move a confirmed rental to another time as its customer: a day before it begins at the latest, twice at most.

    It is priced anew by the price list in force, and its bill follows; a difference is charged or given back. A rental
    that cannot take place as booked (`needs_rebooking`) may be moved at any notice and does not count, and also to
    another `instrument` of the same category. `mode` is another way of use; `with_setup` is as
    for `place_hold`. `expected` is the price the person saw. Number and calendar entry stay.

    Raises:
        MoveTooLate, MovedTooOften, SameTime, OtherKindOfInstrument: it cannot be moved like that.
        ConsentMissing: the other time needs a consent that was not given.
        Refusal: a booking rule that the other time fails, or all of them (`Refusals`).
        PriceChanged: the price is not the expected one.
        CreditExceeded: the difference is not left on the monthly account.
        NotPossibleNow: it is not confirmed, or in use, or over.
        Busy: others held the instrument for too long.
    """
    judging.lock_for(rental, instrument)
    rental = locked(rental)
    move(rental, "reschedule", now)
    if rental.needs_rebooking is None:
        _demand_notice(rental, now)
        if instrument is not None and instrument.pk != rental.instrument_id:
            raise OtherKindOfInstrument(number=rental.number, instrument=instrument.name)
        rental.moves += 1
    _withdraw_offers(rental, now)
    return _moved(
        rental,
        period,
        instrument,
        by=by,
        now=now,
        by_lab=False,
        mode=mode,
        with_setup=with_setup,
        expected=expected,
        agreed=agreed,
    )


def _demand_notice(rental: Rental, now: datetime) -> None:
    if not rules.may_still_move(start=rental.time.start, now=now):
        raise MoveTooLate(number=rental.number, hours=int(rules.MOVE_NOTICE.total_seconds() // 3600))
    if rental.moves >= rules.MOST_MOVES:
        raise MovedTooOften(number=rental.number, most=rules.MOST_MOVES)


@transaction.atomic
def reschedule_by_lab(
    *,
    rental: Rental,
    period: Period,
    by: Membership,
    now: datetime,
    reason: str,
    consent: bool = False,
    instrument: Instrument | None = None,
) -> Rental:
    """
    Move a confirmed rental as the lab, with a reason: at once where the customer's consent is recorded, else ask them.

    Without consent the customer is offered the other time and the rental stays as it is until they accept. `instrument`
    is another one of the same category, with consent only. The customer never pays more for it.

    Raises:
        ReasonMissing: no reason was given.
        MoveOfferedAlready: they were asked already.
        SameTime, OtherKindOfInstrument: it cannot be moved like that.
        Refusal: a booking rule that the other time fails, or all of them (`Refusals`).
        NotPossibleNow: it is not confirmed, or in use, or over.
        Busy: others held the instrument for too long.
    """
    if not reason.strip():
        raise ReasonMissing
    judging.lock_for(rental, instrument)
    rental = locked(rental)
    move(rental, "reschedule_by_lab", now)
    if consent:
        _withdraw_offers(rental, now)
        rental.reason = reason.strip()
        return _moved(rental, period, instrument, by=by, now=now, by_lab=True, reason=rental.reason)
    if instrument is not None and instrument.pk != rental.instrument_id:
        raise OtherKindOfInstrument(number=rental.number, instrument=instrument.name)
    _demand_other(rental, period, None)
    terms = judging.terms_of(rental, period=period, now=now)
    judging.demand(terms, judging.wish_of(rental, period), now=now, waived=judging.AGREED_BEFORE)
    with refusing(move_offer_open_once_a_rental=MoveOfferedAlready(number=rental.number)):
        MoveOffer.objects.create(
            rental=rental,
            period=period.as_range(),
            reason=reason.strip(),
            offered_by_id=by.user_id,
            offered_at=now,
            expires_at=min(rental.time.start, period.start),
        )
    tell(
        events.RentalMoveOffered,
        rental,
        by=by,
        now=now,
        reason=reason.strip(),
        start=period.start.isoformat(),
        end=period.end.isoformat(),
    )
    return rental


@transaction.atomic
def accept_move(*, offer: MoveOffer, by: Membership, now: datetime) -> Rental:
    """
    Agree, as the customer, to the other time that the lab has asked for; the rules are asked again.

    Raises:
        MoveOfferGone: it was answered or withdrawn, or one of the two times has begun.
        Refusal: a booking rule that the other time fails meanwhile, or all of them (`Refusals`).
        NotPossibleNow: the rental is not confirmed any more.
        Busy: others held the instrument for too long.
    """
    seen = Rental.objects.select_related("instrument").get(pk=offer.rental_id)
    judging.lock_for(seen)
    rental = locked(seen)
    offer = _open_offer(offer, now)
    move(rental, "reschedule_by_lab", now)
    _answer(offer, MoveOffer.Outcome.ACCEPTED, by=by, now=now)
    rental.reason = offer.reason
    return _moved(rental, offer.time, None, by=by, now=now, by_lab=True, reason=offer.reason)


@transaction.atomic
def decline_move(*, offer: MoveOffer, by: Membership, now: datetime) -> Rental:
    """
    Keep, as the customer, the time that was agreed.

    Raises:
        MoveOfferGone: it was answered or withdrawn, or one of the two times has begun.
    """
    rental = locked(Rental(pk=offer.rental_id))
    _answer(_open_offer(offer, now), MoveOffer.Outcome.DECLINED, by=by, now=now)
    tell(events.RentalMoveDeclined, rental, by=by, now=now)
    return rental


def _open_offer(offer: MoveOffer, now: datetime) -> MoveOffer:
    (offer,) = lock(MoveOffer.objects.filter(pk=offer.pk))
    if offer.outcome != MoveOffer.Outcome.OPEN or offer.expires_at <= now:
        raise MoveOfferGone
    return offer


def _answer(offer: MoveOffer, outcome: MoveOffer.Outcome, *, by: Membership, now: datetime) -> None:
    offer.outcome, offer.answered_at, offer.answered_by_id = outcome, now, by.user_id
    offer.save(update_fields=["outcome", "answered_at", "answered_by"])


def _withdraw_offers(rental: Rental, now: datetime) -> None:
    asked = MoveOffer.objects.filter(rental=rental, outcome=MoveOffer.Outcome.OPEN)
    asked.update(outcome=MoveOffer.Outcome.WITHDRAWN, answered_at=now)


def _demand_other(rental: Rental, period: Period, instrument: Instrument | None, mode: str = "") -> None:
    """Let pass another time, another way of use, or another instrument of the same category."""
    if instrument is None or instrument.pk == rental.instrument_id:
        if period == rental.time and mode in ("", rental.mode):
            raise SameTime(number=rental.number)
    elif instrument.category_id is None or instrument.category_id != rental.instrument.category_id:
        raise OtherKindOfInstrument(number=rental.number, instrument=instrument.name)


def _moved(
    rental: Rental,
    period: Period,
    instrument: Instrument | None,
    *,
    by: Membership,
    now: datetime,
    by_lab: bool,
    mode: str = "",
    with_setup: bool = True,
    expected: Money | None = None,
    agreed: Collection[str] = (),
    reason: str = "",
) -> Rental:
    """Judge the other time, take it instead of the old one, and let price and bill follow."""
    _demand_other(rental, period, instrument, mode)
    rental.mode = mode or rental.mode
    wish = judging.wish_of(rental, period)
    terms = judging.terms_of(rental, period=period, instrument=instrument, now=now)
    judging.demand(terms, wish, now=now, waived=judging.AGREED_BEFORE if by_lab else ())
    known = {consent["code"] for consent in rental.consents}
    consents.demand(terms.facts, wish, agreed={*agreed, *known})
    price = terms.price(wish, with_setup=with_setup)
    if expected is not None and expected != price.total:
        raise PriceChanged(expected=str(expected), total=str(price.total))
    before, old, where = rental.time, rental.total, rental.instrument.code
    if instrument is not None and instrument.pk != rental.instrument_id:
        rental.instrument = instrument
        rental.policy_id = terms.policy_id
    else:
        where = ""
    judging.retake(rental, terms, wish, now=now)
    rental.period = period.as_range()
    if not (by_lab and price.total > old):  # whom the lab moves never pays more
        rental.tariff_id, rental.discount = terms.tariff_id, price.discount
        charging.freeze(rental, price)
        charging.adjust_bill(rental, now=now, served_on=None if by_lab else charging.service_day(rental))
    customer = judging.customer_of(rental)
    rental.consents += [
        consent for consent in consents.kept(terms.facts, wish, by=customer, now=now) if consent["code"] not in known
    ]
    rental.needs_rebooking = rental.needs_rebooking_since = None
    rental.at_risk = rental.at_risk_since = None
    save(rental, now)
    tell(
        events.RentalRescheduled,
        rental,
        by=by,
        now=now,
        reason=reason,
        before=_ends(before),
        after=_ends(period),
        by_lab=by_lab,
        difference_fen=rental.total_fen - old.fen,
        instrument_before=where,
    )
    return rental


def _ends(period: Period) -> tuple[str, str]:
    return period.start.isoformat(), period.end.isoformat()
