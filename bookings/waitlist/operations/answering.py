"""
An offer is taken or declined; whatever happens to the rental it holds is followed.

Note [Rental first]
    A step of a rental locks the rental, and its reaction then locks the entry. So whoever answers, and whoever
    withdraws, locks the rental before the entry too, and whoever makes an offer places the hold before it locks the
    entry. Steps of rentals are often taken with instruments locked, and organisations come before those
    (docs/adr/0014): so an offer is let go without its organisation, for no money moves.
"""

from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import Membership
from bookings.rentals import operations as rentals
from bookings.rentals import rules as rental_rules
from bookings.rentals.events import (
    RentalAwaitsPayment,
    RentalCancelled,
    RentalConfirmed,
    RentalEvent,
    RentalExpired,
    RentalRejected,
    RentalSubmitted,
)
from bookings.rentals.models import Rental
from bookings.rentals.operations.lapsing import clear_lapsed
from bookings.waitlist import events, rules
from bookings.waitlist.models import WaitlistEntry, WaitlistOffer
from bookings.waitlist.operations.refusals import OfferAnswered
from bookings.waitlist.operations.steps import tell
from kernel.locks import lock

Outcome = WaitlistOffer.Outcome


@transaction.atomic
def take_offer(*, offer: WaitlistOffer, by: Membership, now: datetime) -> Rental:
    """
    Take an offered time: it is held as any other from now on, to be confirmed, approved or paid in the usual time.

    Raises:
        OfferAnswered: it was answered before, or it ran out.
    """
    rental = _open(offer, now)
    hold = timedelta(minutes=rental.policy.hold_minutes)
    rental = rentals.prolong_hold(rental=rental, until=now + hold, now=now)
    entry = lock(WaitlistEntry.objects.filter(pk=offer.entry_id))[0]
    _answer(offer, Outcome.TAKEN, events.WaitlistOfferTaken, entry, by=by, now=now)
    return rental


@transaction.atomic
def decline(*, offer: WaitlistOffer, by: Membership, now: datetime) -> WaitlistEntry:
    """
    Let an offered time go: it is free at once, the next in line is asked, and the entry waits on.

    Raises:
        OfferAnswered: it was answered before, or it ran out.
    """
    rentals.let_go(rental=_open(offer, now), by=by, now=now)
    return WaitlistEntry.objects.get(pk=offer.entry_id)


def let_go(offer: WaitlistOffer, *, by: Membership | None, now: datetime) -> None:
    """Free what an offer holds that nobody has answered, also one that has just run out; leave any other alone."""
    rental = _locked(offer)
    if offer.outcome != Outcome.OPEN:
        return
    if now >= offer.expires_at:
        clear_lapsed([rental.pk], now=now)
    else:
        rentals.let_go(rental=rental, by=by, now=now)


def _locked(offer: WaitlistOffer) -> Rental:
    """Lock the rental of an offer, and see what became of the offer meanwhile; see Note [Rental first]."""
    rental = lock(Rental.objects.filter(pk=offer.rental_id).select_related("policy", "instrument__lab"))[0]
    offer.refresh_from_db(fields=["outcome", "expires_at"])
    return rental


def _open(offer: WaitlistOffer, now: datetime) -> Rental:
    """Lock the rental of an offer that still stands."""
    rental = _locked(offer)
    if offer.outcome == Outcome.OPEN and now >= offer.expires_at:
        raise OfferAnswered(outcome=str(Outcome.LAPSED.label))
    if offer.outcome != Outcome.OPEN:
        raise OfferAnswered(outcome=str(offer.get_outcome_display()))
    return rental


# --- Reactions: the entry follows the rental, in the same transaction -------------------------------------------------


def follow(event: RentalEvent) -> None:
    """Let an entry follow what happens to the time it was offered."""
    if not event.is_offer:
        return
    (entry,) = lock(WaitlistEntry.objects.filter(offers__rental_id=event.rental_id))
    offer = WaitlistOffer.objects.get(rental_id=event.rental_id)
    match event:
        case RentalSubmitted() | RentalAwaitsPayment():
            _taken(offer, entry, event)
        case RentalConfirmed():
            _taken(offer, entry, event)
            _fulfilled(offer, entry, event)
        case RentalExpired():
            _ended(offer, entry, event, Outcome.LAPSED, events.WaitlistOfferLapsed)
        case RentalCancelled(by_lab=False):
            _ended(offer, entry, event, Outcome.DECLINED, events.WaitlistOfferDeclined)
        case RentalCancelled() | RentalRejected():
            _ended(offer, entry, event, Outcome.WITHDRAWN, events.WaitlistOfferWithdrawn)


def _taken(offer: WaitlistOffer, entry: WaitlistEntry, event: RentalEvent) -> None:
    if offer.outcome == Outcome.OPEN:
        _answer(offer, Outcome.TAKEN, events.WaitlistOfferTaken, entry, by=event, now=event.occurred_at)


def _fulfilled(offer: WaitlistOffer, entry: WaitlistEntry, event: RentalEvent) -> None:
    """
    Close the entry, also where a late payment brought back a time that had lapsed.

    What a customer lost to an outage and could not use is let go, for nothing (BL-21): they have another time now.
    Where somebody holds that rental's row just now, it is left to the clock (`let_go_of_lost`): waiting for them with
    the entry locked would be a circle, since a step of the lost rental locks the entry after it.
    """
    if entry.state == entry.State.WAITING or (entry.state == entry.State.OFFERED and _is_current(offer)):
        _move(entry, entry.State.FULFILLED, event)
        tell(events.WaitlistFulfilled, entry, by=event, now=event.occurred_at, rental_id=event.rental_id)
        stands = Rental.objects.filter(status=rental_rules.CONFIRMED, needs_rebooking__isnull=False)
        mine = stands.filter(waitlist_entries=entry).select_for_update(skip_locked=True, of=("self",))
        if lost := mine.first():
            rentals.cancel(rental=lost, by=None, now=event.occurred_at)


def _ended(
    offer: WaitlistOffer,
    entry: WaitlistEntry,
    event: RentalEvent,
    outcome: Outcome,
    kind: type[events.OfferEvent],
) -> None:
    """Close an open offer, and let the entry wait again, at its old place, where this was what it was offered."""
    was_open = offer.outcome == Outcome.OPEN
    if was_open:
        _answer(offer, outcome, kind, entry, by=event, now=event.occurred_at)
    if entry.state == entry.State.OFFERED and _is_current(offer):
        _move(entry, entry.State.WAITING, event)
        if outcome == Outcome.LAPSED and was_open:
            _give_up(entry, event)
        elif not was_open:
            tell(events.WaitlistWaitsAgain, entry, by=event, now=event.occurred_at, rental_id=event.rental_id)


def _give_up(entry: WaitlistEntry, event: RentalEvent) -> None:
    """Let an entry wait no longer whose offers nobody answers."""
    unanswered = WaitlistOffer.objects.filter(entry=entry, outcome=Outcome.LAPSED).count()
    if unanswered >= rules.MOST_UNANSWERED:
        _move(entry, entry.State.WITHDRAWN, event)
        tell(events.WaitlistGivenUp, entry, by=None, now=event.occurred_at)


def _is_current(offer: WaitlistOffer) -> bool:
    return not WaitlistOffer.objects.filter(entry_id=offer.entry_id, pk__gt=offer.pk).exists()


def _move(entry: WaitlistEntry, state: WaitlistEntry.State, event: RentalEvent) -> None:
    entry.state, entry.changed_at = state, event.occurred_at
    entry.save(update_fields=["state", "changed_at"])


def _answer(
    offer: WaitlistOffer,
    outcome: Outcome,
    kind: type[events.OfferEvent],
    entry: WaitlistEntry,
    *,
    by: Membership | RentalEvent,
    now: datetime,
) -> None:
    offer.outcome, offer.answered_at = outcome, now
    offer.save(update_fields=["outcome", "answered_at"])
    tell(kind, entry, by=by, now=now, offer_id=offer.pk, rental_id=offer.rental_id)
