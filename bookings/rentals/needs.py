"""What needs somebody of the organisation now: a hold that runs out, a choice, an answer; the most urgent first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.db.models import Prefetch, Q

from accounts.models import Membership
from bookings.rentals import queries, rules
from bookings.rentals.models import Interruption, MoveOffer, Rental

type Kind = Literal["confirm", "submit", "wait", "pay", "offer", "choose", "rebook", "answer"]


@dataclass(frozen=True, slots=True)
class Need:
    """
    What one rental needs, and until when.

    Kinds: `confirm` or `submit` a hold; `wait` for the lab's answer; `pay`; `offer`, a time that the waitlist holds;
    `choose` after a breakdown; `rebook`, it cannot take place as booked; `answer` whether another time suits.
    """

    kind: Kind
    rental: Any
    due_at: datetime
    about: Any = None


def needs_now(member: Membership, now: datetime, *, most: int = 20) -> list[Need]:
    """Return what needs the organisation now; three statements."""
    open_offers = MoveOffer.objects.filter(outcome=MoveOffer.Outcome.OPEN, expires_at__gt=now)
    unanswered = Interruption.objects.filter(choice="").order_by("began_at")
    mine = queries.as_of(Rental.objects.visible_to(member).with_places().select_related("policy", "offer"), now)
    urgent = mine.filter(
        Q(state__in=(*rules.LAPSING, rules.INTERRUPTED))
        | Q(needs_rebooking_since__isnull=False, state=rules.CONFIRMED, period__endswith__gt=now)
        | Q(pk__in=open_offers.filter(rental__organisation_id=member.organisation_id).values("rental_id"))
    ).prefetch_related(
        Prefetch("move_offers", queryset=open_offers, to_attr="asked"),
        Prefetch("interruptions", queryset=unanswered, to_attr="unanswered"),
    )
    found = [need for rental in urgent.order_by("pk") if (need := _need(rental)) is not None]
    return sorted(found, key=lambda need: (need.due_at, need.rental.pk))[:most]


def _need(rental: Any) -> Need | None:
    if rental.state in rules.LAPSING:
        return Need(_of_a_hold(rental), rental, rental.held_until)
    if rental.state == rules.INTERRUPTED:
        return (
            Need("choose", rental, rental.unanswered[0].choice_due_at, rental.unanswered[0])
            if rental.unanswered
            else None
        )
    if rental.asked:
        return Need("answer", rental, rental.asked[0].expires_at, rental.asked[0])
    return Need("rebook", rental, rental.time.start)


def _of_a_hold(rental: Any) -> Kind:
    if rental.state == rules.PENDING:
        return "wait"
    if rental.state == rules.AWAITING:
        return "pay"
    if getattr(rental, "offer", None) is not None:
        return "offer"
    return "submit" if rental.needs_approval else "confirm"
