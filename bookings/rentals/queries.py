"""What a customer sees of their rentals, ready to show."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, CharField, F, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from accounts.models import Membership, Organisation
from audit.models import AuditEvent
from billing.bills.queries import owed_on_account
from bookings.availability import queries as availability
from bookings.availability.rules import refusals, starts
from bookings.rentals import rules
from bookings.rentals.models import Interruption, MoveOffer, Reminder, Rental, RentalQuerySet
from bookings.rentals.wishes import customer_of, wish_of
from kernel.money import Money
from kernel.periods import Period
from labs.catalogue import queries as catalogue
from labs.hours import queries as hours
from labs.models import Instrument

EVENTS = (
    "rental_held",
    "rental_submitted",
    "rental_approved",
    "rental_rejected",
    "rental_awaits_payment",
    "rental_checkout_started",
    "rental_confirmed",
    "rental_cancelled",
    "rental_expired",
    "rental_rescheduled",
    "rental_move_offered",
    "rental_move_declined",
    "rental_handed_over",
    "rental_at_risk",
    "rental_safe_again",
    "rental_needs_rebooking",
    "rental_place_restored",
    "rental_reassigned",
    "rental_lacks_operator",
    "rental_checked_in",
    "rental_voucher_used",
    "rental_extended",
    "rental_cut_short",
    "rental_spared",
    "rental_interrupted",
    "rental_resumed",
    "rental_rebooked",
    "rental_abandoned",
    "rental_unusable",
    "rental_unusable_contested",
    "rental_runs_over",
    "rental_checked_out",
    "rental_no_show",
    "rental_settled",
)
"""What the timeline of a rental tells."""


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
    return Account(limit=Money(organisation.monthly_credit_fen), owed=owed_on_account(organisation.pk))


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
            title=titles[f"{event.name}_by_lab" if event.facts.get("by_lab") else event.name],
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
        "rental_awaits_payment": _("Waiting for payment"),
        "rental_checkout_started": _("Payment begun"),
        "rental_confirmed": _("Booking confirmed"),
        "rental_cancelled": _("Cancelled"),
        "rental_cancelled_by_lab": _("Cancelled by the lab"),
        "rental_expired": _("The hold ran out"),
        "rental_rescheduled": _("Moved to another time"),
        "rental_rescheduled_by_lab": _("Moved to another time by the lab"),
        "rental_move_offered": _("The lab asks for another time"),
        "rental_move_declined": _("The other time was declined"),
        "rental_handed_over": _("Handed to a colleague"),
        "rental_at_risk": _("At risk: the calibration no longer covers it"),
        "rental_safe_again": _("Safe again: the calibration covers it"),
        "rental_needs_rebooking": _("Cannot take place as booked: the instrument is not available"),
        "rental_place_restored": _("Can take place as booked after all"),
        "rental_reassigned": _("Another operator will be there"),
        "rental_lacks_operator": _("No operator is free then: the lab looks for one"),
        "rental_checked_in": _("Checked in"),
        "rental_voucher_used": _("The voucher that pays a part was chosen anew"),
        "rental_extended": _("Extended"),
        "rental_cut_short": _("The instrument goes out of service before its end"),
        "rental_spared": _("The instrument stays in service after all"),
        "rental_interrupted": _("Interrupted: the instrument broke down"),
        "rental_resumed": _("Resumed"),
        "rental_rebooked": _("The rest is used another time"),
        "rental_abandoned": _("Ended where it was interrupted"),
        "rental_unusable": _("Declared of no use by the customer"),
        "rental_unusable_contested": _("The lab objects: the minutes used are owed"),
        "rental_runs_over": _("Runs over its booked end"),
        "rental_checked_out": _("Checked out"),
        "rental_no_show": _("Nobody came"),
        "rental_settled": _("Settled"),
    }


def _actor(event: AuditEvent, rental: Rental, *, for_lab: bool) -> str:
    if event.actor_id is None or event.actor is None:
        return ""
    if event.organisation_id != rental.organisation_id and not for_lab:
        return rental.instrument.lab.name
    return event.actor.name or event.actor.email


# --- What may be done, and instead of what -------------------------------------------------------------------------


def what_may_be_done(rental: Rental, member: Membership, now: datetime) -> set[str]:
    """
    Return the events that a member may bring about now, as customer or as the lab, by state, role and clock.

    What only the rules of a booking can tell is left to the operation. One statement at most.
    """
    state = rental.status_at(now)
    sides = set()
    if rental.organisation_id == member.organisation_id and member.may_book:
        sides.add(rules.CUSTOMER)
    if rental.instrument.lab.organisation_id == member.organisation_id and member.may_operate_lab:
        sides.add(rules.LAB)
    drawn = {event for event, moves in rules.MOVES.items() if state in moves and sides & set(rules.BY[event])}
    return {event for event in drawn if _is_time_for(event, rental, member, now)}


def _is_time_for(event: str, rental: Rental, member: Membership, now: datetime) -> bool:
    needs_approval = rental.status == rules.HELD and rental.needs_approval
    match event:
        case "submit":
            return needs_approval
        case "confirm":
            return not needs_approval and rental.needs_rebooking is None
        case "await_payment":
            return not needs_approval and rental.needs_rebooking is None and not rental.pays_by
        case "start_checkout":
            return rental.checkouts < rules.MOST_CHECKOUTS
        case "approve" | "reject" | "cancel_by_lab" | "reschedule_by_lab" | "object_to_unusable":
            return member.may_manage_lab and (event != "object_to_unusable" or _contestable(rental, declared=True))
        case "reschedule":
            is_free = rental.needs_rebooking is not None
            in_time = rules.may_still_move(start=rental.time.start, now=now) and rental.moves < rules.MOST_MOVES
            return is_free or in_time
        case "check_in":
            return rules.check_in_from(rental.time.start) <= now < rental.time.end
        case "declare_unusable":
            return rental.interrupted_at is not None and _contestable(rental, declared=False)
    return True


def _contestable(rental: Rental, *, declared: bool) -> bool:
    ended_by = Interruption.objects.filter(rental=rental).exclude(choice=Interruption.Choice.RESUME)
    last = ended_by.order_by("-began_at").first() if rental.interrupted_at else None
    if last is None or last.objected_at is not None:
        return False
    return (last.unusable_at is not None) == declared


def move_offer(rental: Rental, now: datetime) -> MoveOffer | None:
    """Return the other time that the lab asks for, while it can be answered."""
    asked = rental.move_offers.filter(outcome=MoveOffer.Outcome.OPEN, expires_at__gt=now)
    return asked.select_related("offered_by").first()


def out_from(rental: Rental, now: datetime) -> datetime | None:
    """Return from when on the instrument is out of service during a use under way; at most one statement."""
    if rental.status_at(now) != rules.CHECKED_IN:
        return None
    warned = Reminder.objects.filter(rental=rental, kind=Reminder.Kind.CUT_SHORT)
    return warned.values_list("for_at", flat=True).first()


def interruption(rental: Rental) -> Interruption | None:
    """Return what interrupts a rental, or last did."""
    return rental.interruptions.order_by("-began_at").first()


COMPARED, OFFERED = 12, 5
"""How many comparable instruments are judged, and how many of them offered."""

REST_WITHIN = timedelta(days=5)
"""How far ahead an instrument is free for the rest of an interrupted use, to be offered."""


def comparable(rental: Rental, now: datetime) -> list[Instrument]:
    """
    Return instruments of the same kind that the customer could book instead; two statements.

    They are free at the rental's time; for the rest of a use that was interrupted, at some time in the next days, the
    soonest first.
    """
    rest = rental.status == rules.INTERRUPTED
    if not rest and rental.time.start <= now:
        return []
    others = {other.pk: other for other in catalogue.comparable_instruments(rental.instrument, most=COMPARED)}
    within = Period(now, now + REST_WITHIN) if rest else rental.time
    customer = customer_of(rental)
    there = availability.terms(others, within=within, member=customer, used_by=rental.used_by_id, now=now)
    facts = {key: there[key].facts for key in others if key in there}
    if not rest:
        return [others[key] for key, one in facts.items() if not refusals(one, wish_of(rental), now)][:OFFERED]
    minutes = _rest_minutes(rental)
    soonest = {
        key: next(starts(one, within=within, minutes=minutes, mode=rental.mode, units=rental.units, now=now), None)
        for key, one in facts.items()
    }
    free = sorted((start, key) for key, start in soonest.items() if start is not None)
    return [others[key] for _, key in free][:OFFERED]


def _rest_minutes(rental: Rental) -> int:
    """Return how long the rest of an interrupted use is, on the grid of its policy."""
    left = rules.remaining(booked=rental.time, interrupted_at=rental.interrupted_at or rental.time.start)
    grid = rental.policy.slot_grid_min
    return max(-(-left // timedelta(minutes=grid)) * grid, rental.policy.min_minutes)


def unannounced_year(rental: Rental) -> int | None:
    """Return the year of a rental whose holidays are not announced yet (BK-23), or None; one statement."""
    zone = rental.instrument.lab.tz
    first = rental.time.start.astimezone(zone).date()
    last = (rental.time.end - timedelta(microseconds=1)).astimezone(zone).date()
    unknown = {first.year, last.year} - hours.announced_years(first, last)
    return min(unknown, default=None)
