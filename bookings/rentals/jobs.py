"""What happens to rentals later: holds run out, people are told. Each job may run twice, late, or at once."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django import app

from accounts.memberships import rules as roles
from accounts.models import Membership
from bookings.rentals import operations
from bookings.rentals.events import (
    RentalCancelled,
    RentalConfirmed,
    RentalEvent,
    RentalSubmitted,
)
from bookings.rentals.models import Rental
from kernel.periods import Period
from notices import facts
from notices import operations as notices
from notices.operations import Telling


@app.periodic(cron="* * * * *", periodic_id="expire_lapsed")
@app.task(name="rentals.expire_lapsed", queue="rentals", queueing_lock="expire_lapsed", pass_context=False)
def expire_lapsed(timestamp: int) -> None:
    """Expire holds that have run out; nobody waits for it, since a lapsed hold blocks no one before either (BK-18)."""
    del timestamp  # the minute it was meant for; holds follow the clock
    operations.expire_lapsed(now=timezone.now())


# --- Reactions: who is told -----------------------------------------------------------------------------------


def unless_of_series(reaction: Callable[[Any], None]) -> Callable[[Any], None]:
    """Leave out what is part of an act on a series: people are told of that once, as a whole (BK-21)."""

    @wraps(reaction)
    def told(event: RentalEvent) -> None:
        if event.series_id is None:
            reaction(event)

    return told


@unless_of_series
def tell_customer(event: RentalEvent) -> None:
    """Tell the person who placed the rental; kind and letter are named after the event."""
    notices.tell_all([_to_customer(event, _told_of(event))])


@unless_of_series
def tell_managers(event: RentalSubmitted) -> None:
    """Tell the lab's managers that a rental waits for them."""
    notices.tell_all([_to_lab(event, _told_of(event, at_lab=(roles.OWNER, roles.LAB_MANAGER)))])


@unless_of_series
def tell_customer_and_lab(event: RentalConfirmed | RentalCancelled) -> None:
    """Tell the person who placed the rental, and the lab's operators who comes, or no longer comes."""
    rental = _told_of(event, at_lab=(roles.LAB_MANAGER, roles.LAB_OPERATOR))
    notices.tell_all([_to_customer(event, rental), _to_lab(event, rental)])


def _told_of(event: RentalEvent, *, at_lab: tuple[str, ...] = ()) -> Mapping[str, Any]:
    """
    Return what is told of a rental, and as `staff` who of the lab in some roles hears it: who did it knows.

    One statement of few columns: it is on the way of every confirmation.
    """
    of_the_lab = OuterRef("instrument__lab__organisation_id")
    others = ~Q(user_id=event.actor_id)
    staff = Membership.objects.active().filter(others, organisation_id=of_the_lab, role__in=at_lab)
    heard = {"staff": ArraySubquery(staff.order_by().values("user_id"))}
    return Rental.objects.values(
        "number",
        "period",
        "held_until",
        "placed_by_id",
        "organisation_id",
        "organisation__name_zh",
        "organisation__name_en",
        "instrument__name_zh",
        "instrument__name_en",
        "instrument__lab__organisation_id",
        "instrument__lab__timezone",
        **(heard if at_lab else {}),
    ).get(pk=event.rental_id)


def _to_customer(event: RentalEvent, rental: Mapping[str, Any]) -> Telling:
    kind, organisation_id = event.name(), rental["organisation_id"]
    return _telling(event, rental, kind, [rental["placed_by_id"]], organisation_id, page="rentals:rental")


def _to_lab(event: RentalEvent, rental: Mapping[str, Any]) -> Telling:
    kind, organisation_id = f"{event.name()}_lab", rental["instrument__lab__organisation_id"]
    return _telling(event, rental, kind, rental["staff"], organisation_id, page="board:booking")


def _telling(
    event: RentalEvent, rental: Mapping[str, Any], kind: str, users: list[int], organisation_id: int, *, page: str
) -> Telling:
    tz = ZoneInfo(rental["instrument__lab__timezone"])
    told: dict[str, Any] = {
        "rental_id": event.rental_id,
        "number": rental["number"],
        "instrument": facts.name(rental["instrument__name_zh"], rental["instrument__name_en"]),
        "organisation": facts.name(rental["organisation__name_zh"], rental["organisation__name_en"]),
        "time": facts.stretch(Period.from_range(rental["period"]), tz),
    }
    if rental["held_until"] is not None:
        told["until"] = facts.instant(rental["held_until"], tz)
    return Telling(
        users=users,
        kind=kind,
        facts=told,
        link=reverse(page, kwargs={"number": rental["number"]}),
        letter=f"bookings/rentals/mail/{kind}.txt",
        organisation_id=organisation_id,
        occurred_at=event.occurred_at,
        about=f"rental:{event.rental_id}",
        actor_id=event.actor_id,
    )
