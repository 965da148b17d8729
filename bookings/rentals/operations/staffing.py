"""Who operates a rental, anew: where the one assigned is away, another who is qualified and free (BK-10)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from bookings.availability import queries as availability
from bookings.availability.rules import Wish
from bookings.rentals import events, rules
from bookings.rentals.models import Rental
from bookings.rentals.operations import judging
from bookings.rentals.operations.steps import RENTAL
from bookings.schedule import operations as schedule
from bookings.schedule.rules import Want
from kernel.events import announce
from kernel.locks import lock


@dataclass(frozen=True, slots=True)
class Staffed:
    """Keys of rentals: those whose operator comes, those somebody else was assigned to, those that nobody can."""

    kept: tuple[int, ...]
    reassigned: tuple[int, ...]
    lacking: tuple[int, ...]


@transaction.atomic
def staff_anew(
    *, operator_ids: Sequence[int], now: datetime, actor_id: int | None = None, organisation_id: int | None = None
) -> Staffed:
    """
    Look at all that these operators are assigned to ahead, and give to others what they cannot attend.

    The fewest minutes that day, then the code decide, as at a hold. Where nobody can, the rental stays as it is and
    `RentalLacksOperator` says so. What is in use is left alone. Safe to run twice.

    Raises:
        Busy: others held the rentals, or an operator's time, for too long.
    """
    ahead = Rental.objects.blocking(now).filter(
        operator_id__in=list(operator_ids), status__in=rules.BEFORE_USE, period__endswith__gt=now
    )
    kept, reassigned, lacking = [], [], []
    for rental in sorted(lock(ahead.select_related("instrument")), key=lambda one: (one.time, one.pk)):
        terms, wish = judging.terms_of(rental, now=now), judging.wish_of(rental)
        if _comes(rental, terms, wish):
            kept.append(rental.pk)
            continue
        before = rental.operator_id
        about: dict[str, Any] = {
            "occurred_at": now,
            "rental_id": rental.pk,
            "number": rental.number,
            "actor_id": actor_id,
            "organisation_id": organisation_id,
        }
        if _reassigned(rental, terms, wish, now):
            reassigned.append(rental.pk)
            assert rental.operator_id is not None  # noqa: S101 -- somebody was found
            announce(events.RentalReassigned(operator_id=rental.operator_id, before_id=before, **about))
        else:
            lacking.append(rental.pk)
            announce(events.RentalLacksOperator(**about))
    return Staffed(tuple(kept), tuple(reassigned), tuple(lacking))


def _comes(rental: Rental, terms: availability.Terms, wish: Wish) -> bool:
    """Whether the operator who is assigned is qualified, there and free for it."""
    facts = terms.facts
    assigned = next((one for one in facts.operators if one.key == rental.operator_id), None)
    return assigned is not None and assigned.can_attend(facts.presence(wish.period), until=wish.period.end)


def _reassigned(rental: Rental, terms: availability.Terms, wish: Wish, now: datetime) -> bool:
    """Give a rental to another operator, with their time instead of the other's; say whether there is one."""
    facts = terms.facts
    found = facts.operator_for(wish)
    if found is None:
        return False
    resource = next(one.resource_id for one in facts.operators if one.key == found)
    wants = [want for want in facts.wants(wish) if want.resource_id == resource]
    if not _taken(rental, wants, now):
        return False
    rental.operator_id, rental.changed_at = found, now
    rental.save(update_fields=["operator", "changed_at"])
    return True


def _taken(rental: Rental, wants: list[Want], now: datetime) -> bool:
    """Take another operator's time for a rental, or leave everything as it was where somebody else is faster."""
    with transaction.atomic():
        schedule.release(holder_kind=RENTAL, holder_ids=[rental.pk], of_operators=True)
        until = rental.held_until
        if schedule.occupy(wants, holder_kind=RENTAL, holder_id=rental.pk, lapses_at=until, now=now):
            return True
        transaction.set_rollback(True)
    return False
