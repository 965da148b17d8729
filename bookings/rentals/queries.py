"""What a customer sees of their rentals, ready to show."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, CharField, F, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from accounts.models import Membership, Organisation
from audit.models import AuditEvent
from billing.models import Bill
from bookings.rentals import rules
from bookings.rentals.models import Rental, RentalQuerySet
from kernel.money import Money

EVENTS = (
    "rental_held",
    "rental_submitted",
    "rental_approved",
    "rental_rejected",
    "rental_confirmed",
    "rental_cancelled",
    "rental_expired",
    "rental_at_risk",
    "rental_safe_again",
)


def as_of(rentals: RentalQuerySet, now: datetime) -> QuerySet[Any]:
    """Return the rentals with `state`, their status as it is at an instant: a hold that has run out is expired."""
    lapsed = Q(status__in=rules.LAPSING, held_until__lte=now)
    return rentals.annotate(
        state=Case(When(lapsed, then=Value(rules.EXPIRED)), default=F("status"), output_field=CharField())
    )


def listed(member: Membership, now: datetime) -> QuerySet[Any]:
    """Return the organisation's rentals with what a list shows of them, the latest use first."""
    mine = Rental.objects.visible_to(member).with_places()
    return as_of(mine, now).order_by("-period", "-pk")


def waiting(member: Membership, now: datetime, *, most: int = 10) -> list[Rental]:
    """Return the rentals that will lapse unless someone acts, the most urgent first."""
    mine = as_of(Rental.objects.visible_to(member).with_places(), now)
    return list(mine.filter(state__in=rules.LAPSING).order_by("held_until", "pk")[:most])


def upcoming(member: Membership, now: datetime, *, most: int = 5) -> list[Rental]:
    """Return the confirmed rentals that are not over, the next first."""
    mine = as_of(Rental.objects.visible_to(member).with_places(), now)
    ahead = mine.filter(state__in=(rules.CONFIRMED, rules.CHECKED_IN), period__endswith__gt=now)
    return list(ahead.order_by("period", "pk")[:most])


@dataclass(frozen=True, slots=True)
class Account:
    """An organisation's monthly account (月结): its limit, what is owed, what is left."""

    limit: Money
    owed: Money

    @property
    def left(self) -> Money:
        """What may still be charged; nothing when the limit was lowered below what is owed."""
        return max(self.limit - self.owed, Money(0))

    @property
    def used_percent(self) -> int:
        """How much of the limit is used, for a bar."""
        return min(100, 100 * self.owed.fen // self.limit.fen) if self.limit.fen else 0


def account_of(organisation: Organisation) -> Account | None:
    """Return the monthly account of an organisation, or None where it has none."""
    if not organisation.is_verified or not organisation.monthly_credit_fen:
        return None
    owed = Bill.objects.filter(organisation=organisation).owed_on_account().owed_fen()
    return Account(limit=Money(organisation.monthly_credit_fen), owed=Money(owed))


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened to a rental: when, what, who did it, and why."""

    at: datetime
    name: str
    title: str
    by: str
    reason: str


def timeline(rental: Rental, *, for_lab: bool = False) -> list[Moment]:
    """
    Return what happened to a rental, the first first, from the audit.

    The customer reads who of their own people acted; whoever acted for the lab is the lab, except to the lab itself.
    """
    events = AuditEvent.objects.filter(
        name__in=EVENTS,
        occurred_at__gte=rental.created_at,
        occurred_at__lte=rental.changed_at,
        facts__rental_id=rental.pk,
    )
    titles = _titles()
    return [
        Moment(
            at=event.occurred_at,
            name=event.name,
            title=titles["rental_cancelled_by_lab" if event.facts.get("by_lab") else event.name],
            by=_actor(event, rental, for_lab=for_lab),
            reason=event.reason,
        )
        for event in events.select_related("actor").order_by("occurred_at", "pk")
    ]


def _titles() -> dict[str, str]:
    return {
        "rental_held": _("Held"),
        "rental_submitted": _("Sent to the lab for approval"),
        "rental_approved": _("Approved by the lab"),
        "rental_rejected": _("Declined by the lab"),
        "rental_confirmed": _("Confirmed on the monthly account"),
        "rental_cancelled": _("Cancelled"),
        "rental_cancelled_by_lab": _("Cancelled by the lab"),
        "rental_expired": _("The hold ran out"),
        "rental_at_risk": _("At risk: the calibration no longer covers it"),
        "rental_safe_again": _("Safe again: the calibration covers it"),
    }


def _actor(event: AuditEvent, rental: Rental, *, for_lab: bool) -> str:
    if event.actor_id is None or event.actor is None:
        return ""
    if event.organisation_id != rental.organisation_id and not for_lab:
        return rental.instrument.lab.name
    return event.actor.name or event.actor.email
