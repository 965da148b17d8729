"""Another time for a rental or for its rest, before anything is changed: what it would cost, what stands against it."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.dateparse import parse_datetime

from accounts.models import Membership
from billing.pricing.wording import lines_told
from bookings.availability import consents
from bookings.availability import queries as availability
from bookings.availability.queries import Terms
from bookings.availability.rules import InstrumentUnavailable, Wish, refusals
from bookings.discovery.forms import TimeForm
from bookings.discovery.queries import local_fields, offers
from bookings.rentals import rules
from bookings.rentals.models import Interruption, Rental
from bookings.rentals.operations import charging, judging, moving, rebooking
from kernel.money import Money
from kernel.periods import Period
from kernel.refusals import Refusal, Refusals
from labs.catalogue.consents import Consent
from labs.hours.rules import midnight
from labs.models import Instrument


@dataclass(frozen=True, slots=True)
class Move:
    """
    A time that a rental, or the rest of it, may move to: the day's free starts, the price, what stands against it.

    `counted` is what is paid for already: the price so far, or what an interrupted use gives back. `refused` are
    refusals that only the attempt brought to light; `key` makes the next attempt one request.
    """

    rental: Rental
    instrument: Instrument
    form: TimeForm
    counted: Money
    day: date | None = None
    starts: tuple[offers.Start, ...] = ()
    offer: offers.Offer | None = None
    consents: tuple[Consent, ...] = ()
    refused: tuple[Refusal, ...] = ()
    key: str = ""

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """All that stands against it now."""
        return (self.offer.refusals if self.offer else ()) or self.refused

    @property
    def is_elsewhere(self) -> bool:
        """Whether it is on another instrument."""
        return self.instrument.pk != self.rental.instrument_id

    @property
    def more(self) -> Money:
        """What it costs beyond what is counted."""
        return Money(max(0, self._difference))

    @property
    def less(self) -> Money:
        """What is given back of what is counted."""
        return Money(max(0, -self._difference))

    @property
    def _difference(self) -> int:
        return self.offer.total.fen - self.counted.fen if self.offer else 0


def move_to(
    rental: Rental,
    data: Mapping[str, Any],
    *,
    member: Membership,
    now: datetime,
    instrument: Instrument | None = None,
    refused: Refusal | None = None,
) -> Move:
    """
    Return the move that a query (or a posted form) asks for; it asks the rules that the move itself will ask.

    `at`, an instant with its offset, stands for day and start. `instrument` is another one to move to.

    Raises:
        InstrumentUnavailable: nothing is offered there any more.
    """
    where = instrument or rental.instrument
    chosen = _chosen(rental, data, where)
    terms = judging.terms_of(rental, period=_reach(_day(rental, chosen, where), chosen), instrument=where, now=now)

    def offered(wish: Wish) -> offers.Offer:
        against = (*_about_the_rental(rental, where, wish.period, now), *refusals(terms.facts, wish, now))
        return offers.priced(terms, wish, refusals=against, instead=_instead(where, wish, against, rental, member, now))

    return _move(rental, where, terms, chosen, offered, counted=rental.total, refused=refused, now=now)


def rest_to(
    rental: Rental,
    interruption: Interruption,
    data: Mapping[str, Any],
    *,
    member: Membership,
    now: datetime,
    instrument: Instrument | None = None,
    refused: Refusal | None = None,
) -> Move:
    """
    Return the use of the rest of an interrupted rental that a query asks for; what it gives back is counted (BL-24).

    Raises:
        InstrumentUnavailable: nothing is offered there any more.
    """
    where = instrument or rental.instrument
    left = charging.booked_minutes_left(rental, interruption)
    reach = Period(now, now + timedelta(days=1))
    policy = _terms(where, reach, rental, member, now).facts.policy
    most = max(policy.min_minutes, -(-left // policy.slot_grid_min) * policy.slot_grid_min)
    today = now.astimezone(where.lab.tz)
    chosen = _chosen(rental, data, where, date=f"{today:%Y-%m-%d}", minutes=str(most))
    terms = _terms(where, _reach(_day(rental, chosen, where), chosen), rental, member, now)

    def offered(wish: Wish) -> offers.Offer:
        found = refusals(terms.facts, wish, now)
        if wish.period.minutes > most:
            found.insert(0, rebooking.MoreThanIsLeft(number=rental.number, minutes=left, most=most))
        against = tuple(found)
        offer = offers.priced(
            terms, wish, refusals=against, instead=_instead(where, wish, against, rental, member, now)
        )
        if where.lab_id != rental.instrument.lab_id:
            return offer
        rest = charging.rest_price(rental, start=wish.period.start, minutes=min(left, wish.period.minutes))
        return replace(offer, lines=tuple(lines_told(rest.lines)), total=rest.total, saved=rest.saved, basis=())

    owed = charging.broken_off(rental, left=interruption.began_at).total
    credit = Money(max(0, rental.total_fen - owed.fen))
    return _move(rental, where, terms, chosen, offered, counted=credit, refused=refused, now=now, longest=most)


def _terms(where: Instrument, within: Period, rental: Rental, member: Membership, now: datetime) -> Terms:
    found = availability.terms([where.pk], within=within, member=member, used_by=rental.used_by_id, now=now)
    if where.pk not in found:
        raise InstrumentUnavailable(instrument=where.name)
    return found[where.pk]


def _move(
    rental: Rental,
    where: Instrument,
    terms: Terms,
    chosen: Mapping[str, Any],
    offered: Callable[[Wish], offers.Offer],
    *,
    counted: Money,
    refused: Refusal | None,
    now: datetime,
    longest: int | None = None,
) -> Move:
    first, last = offers.days_of(terms.facts, now)
    form = TimeForm(chosen, facts=terms.facts, first=first, last=last, longest=longest)
    against = _each(refused)
    if not form.is_valid():
        return Move(rental, where, form, counted, refused=against)
    day, minutes, period = form.cleaned_data["date"], form.cleaned_data["minutes"], form.period()
    sample = judging.wish_of(rental)
    details = {"units": sample.units, "profile": sample.profile, "materials": sample.materials}
    wish = judging.wish_of(rental, period) if period else None
    return Move(
        rental=rental,
        instrument=where,
        form=form,
        counted=counted,
        day=day,
        starts=tuple(offers.starts_on(terms, day, minutes=minutes, mode=sample.mode, now=now, **details)),
        offer=offered(wish) if wish else None,
        consents=tuple(_asked(rental, terms, wish)) if wish else (),
        refused=against,
        key=uuid.uuid4().hex,
    )


def _day(rental: Rental, chosen: Mapping[str, Any], where: Instrument) -> Period:
    """Return the local day that is looked at: the chosen one, or the rental's own."""
    zone = where.lab.tz
    day = offers.day_of(chosen) or rental.time.start.astimezone(zone).date()
    return Period(midnight(day, zone), midnight(day + timedelta(days=1), zone))


def _instead(
    where: Instrument, wish: Wish, against: Sequence[Refusal], rental: Rental, member: Membership, now: datetime
) -> availability.Alternatives | None:
    """Return what whoever comes could do instead, where something stands against a move."""
    if not against:
        return None
    comes = rental.used_by_id or rental.placed_by_id
    return availability.alternatives(where, wish=wish, member=member, now=now, used_by=comes)


def _chosen(rental: Rental, data: Mapping[str, Any], where: Instrument, **usual: str) -> dict[str, Any]:
    """Return day, start and length as the form takes them; what is left open is as usual, or as it was booked."""
    at = parse_datetime(str(data.get("at") or "")) if data.get("at") else None
    told = local_fields(at, where.lab.tz) if at is not None and at.tzinfo is not None else {}
    as_it_is = {"date": local_fields(rental.time.start, where.lab.tz)["date"], "minutes": str(rental.time.minutes)}
    given = {name: data[name] for name in ("date", "start", "minutes") if data.get(name)}
    return {**as_it_is, **usual, **given, **told}


def _reach(day: Period, chosen: Mapping[str, Any]) -> Period:
    minutes = str(chosen["minutes"])
    longer = min(int(minutes), 366 * 24 * 60) if minutes.isdecimal() and len(minutes) < 9 else 0
    return Period(day.start, day.end + timedelta(minutes=longer))


def _about_the_rental(rental: Rental, where: Instrument, period: Period, now: datetime) -> list[Refusal]:
    """Return what stands against moving this rental at all, or to this time (requirements 3.1, reschedule)."""
    found: list[Refusal] = []
    if rental.needs_rebooking is None:
        if not rules.may_still_move(start=rental.time.start, now=now):
            hours = int(rules.MOVE_NOTICE.total_seconds() // 3600)
            found.append(moving.MoveTooLate(number=rental.number, hours=hours))
        if rental.moves >= rules.MOST_MOVES:
            found.append(moving.MovedTooOften(number=rental.number, most=rules.MOST_MOVES))
    if where.pk == rental.instrument_id and period == rental.time:
        found.append(moving.SameTime(number=rental.number))
    return found


def _asked(rental: Rental, terms: Terms, wish: Wish) -> list[Consent]:
    """Return what must be agreed to that was not when it was held (CAL-2)."""
    known = {consent["code"] for consent in rental.consents}
    return [consent for consent in consents.needed(terms.facts, wish) if consent.code not in known]


def _each(refused: Refusal | None) -> tuple[Refusal, ...]:
    if isinstance(refused, Refusals):
        return tuple(refused.refusals)
    return () if refused is None else (refused,)
