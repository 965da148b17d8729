"""What happens to rentals later: holds run out, people are told. Each job may run twice, late, or at once."""

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

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


@app.periodic(cron="* * * * *", periodic_id="expire_lapsed")
@app.task(name="rentals.expire_lapsed", queue="rentals", queueing_lock="expire_lapsed", pass_context=False)
def expire_lapsed(timestamp: int) -> None:
    """Expire holds that have run out; nobody waits for it, since a lapsed hold blocks no one before either (BK-18)."""
    del timestamp  # the minute it was meant for; holds follow the clock
    operations.expire_lapsed(now=timezone.now())


# --- Reactions: who is told -----------------------------------------------------------------------------------


def tell_customer(event: RentalEvent) -> None:
    """Tell the person who placed the rental; kind and letter are named after the event."""
    rental = _told_of(event)
    _tell(event, rental, users=[rental["placed_by_id"]], kind=event.name(), organisation_id=rental["organisation_id"])


def tell_managers(event: RentalSubmitted) -> None:
    """Tell the lab's managers that a rental waits for them."""
    _tell_lab(event, to=(roles.OWNER, roles.LAB_MANAGER))


def tell_lab(event: RentalConfirmed | RentalCancelled) -> None:
    """Tell the lab's operators who comes, or no longer comes; who did it knows."""
    _tell_lab(event, to=(roles.LAB_MANAGER, roles.LAB_OPERATOR))


def _tell_lab(event: RentalEvent, *, to: tuple[str, ...]) -> None:
    rental = _told_of(event)
    lab = rental["instrument__lab__organisation_id"]
    staff = Membership.objects.active().filter(organisation_id=lab, role__in=to).exclude(user_id=event.actor_id)
    users = staff.values_list("user_id", flat=True)
    _tell(event, rental, users=users, kind=f"{event.name()}_lab", organisation_id=lab, page="board:booking")


def _told_of(event: RentalEvent) -> dict[str, Any]:
    """Return what is told of a rental, in one statement of few columns: it is on the way of every confirmation."""
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
    ).get(pk=event.rental_id)


def _tell(
    event: RentalEvent,
    rental: dict[str, Any],
    *,
    users: Iterable[int],
    kind: str,
    organisation_id: int,
    page: str = "rentals:rental",
) -> None:
    tz = ZoneInfo(rental["instrument__lab__timezone"])
    told = {
        "rental_id": event.rental_id,
        "number": rental["number"],
        "instrument": facts.name(rental["instrument__name_zh"], rental["instrument__name_en"]),
        "organisation": facts.name(rental["organisation__name_zh"], rental["organisation__name_en"]),
        "time": facts.stretch(Period.from_range(rental["period"]), tz),
    }
    if rental["held_until"] is not None:
        told["until"] = facts.instant(rental["held_until"], tz)
    notices.tell(
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
