"""Another person of the same organisation comes instead."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, User
from bookings.rentals import events
from bookings.rentals.models import Rental
from bookings.rentals.operations import judging
from bookings.rentals.operations.steps import locked, move, save, tell
from kernel.refusals import Refusal


class NotAColleague(Refusal):
    """A rental is handed to somebody of the organisation that booked it."""

    code = "NOT_A_COLLEAGUE"
    message = _("{person} does not belong to {organisation}.")
    status = 422


class TheirsAlready(Refusal):
    """They are the one who comes."""

    code = "THEIRS_ALREADY"
    message = _("{person} is the one who comes already.")
    status = 422


@transaction.atomic
def hand_over(*, rental: Rental, to: User, by: Membership, now: datetime) -> Rental:
    """
    Let a colleague of the same organisation come instead; whoever operates it themself must be qualified (BK-11).

    Raises:
        NotAColleague: they do not belong to the organisation.
        TheirsAlready: they are the one who comes.
        NotQualified: they may not operate the instrument themself on that day.
        NotPossibleNow: it is in use, or over.
        HoldLapsed: the hold has run out (BK-18).
    """
    rental = locked(rental)
    move(rental, "hand_over", now)
    person = to.name or to.email
    before = rental.used_by_id or rental.placed_by_id
    if to.pk == before:
        raise TheirsAlready(person=person)
    if not Membership.objects.active().filter(user=to, organisation_id=rental.organisation_id).exists():
        raise NotAColleague(person=person, organisation=rental.organisation.name)
    terms = judging.terms_of(rental, now=now, used_by=to.pk)
    judging.demand_only(terms, judging.wish_of(rental), judging.PERSONAL, now=now)
    rental.used_by = to
    save(rental, now)
    tell(events.RentalHandedOver, rental, by=by, now=now, from_user_id=before, to_user_id=to.pk)
    return rental
