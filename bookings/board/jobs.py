"""Managers are reminded of requests that wait for their answer: each instant once, and right when the job is late."""

from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django import app

from accounts.memberships import rules as roles
from accounts.models import Membership
from bookings.board import queries
from bookings.rentals import rules
from bookings.rentals.models import Reminder, Rental
from notices import facts
from notices import operations as notices

DUE = "approval_due_lab"


@app.periodic(cron="* * * * *", periodic_id="remind_of_approvals")
@app.task(name="board.remind_of_approvals", queue="rentals", queueing_lock="remind_of_approvals", pass_context=False)
def remind_of_approvals(timestamp: int) -> None:
    """Remind of what must be answered: when half of the time is left, and an hour before it is over."""
    del timestamp  # the minute it was meant for; deadlines follow the clock
    remind(now=timezone.now())


def remind(*, now: datetime) -> int:
    """Remind the managers of each request whose turn it is, and return of how many. Safe to run late, or twice."""
    waiting = Rental.objects.filter(status=rules.PENDING, held_until__gt=now).order_by("pk")
    rows = list(waiting.select_related("instrument__lab", "organisation"))
    deadlines = queries.deadlines_of(rows)
    kept = Reminder.objects.filter(rental__in=rows, kind=Reminder.Kind.APPROVAL_DUE).values_list("rental_id", "for_at")
    done = set(kept)
    due = [(row, at) for row in rows if (at := deadlines[row.pk].reminder(now)) and (row.pk, at) not in done]
    return sum(_remind(row, at, now) for row, at in due)


@transaction.atomic
def _remind(rental: Rental, at: datetime, now: datetime) -> bool:
    """Remind of one request, unless somebody has: the constraint `reminder_once` has the last word."""
    _row, is_new = Reminder.objects.get_or_create(
        rental=rental, kind=Reminder.Kind.APPROVAL_DUE, for_at=at, defaults={"reminded_at": now}
    )
    if not is_new or rental.held_until is None:
        return False
    lab = rental.instrument.lab
    staff = Membership.objects.active().filter(
        organisation_id=lab.organisation_id, role__in=(roles.OWNER, roles.LAB_MANAGER)
    )
    notices.tell(
        users=staff.values_list("user_id", flat=True),
        kind=DUE,
        facts={
            "rental_id": rental.pk,
            "instrument": facts.name(rental.instrument.name_zh, rental.instrument.name_en),
            "organisation": facts.name(rental.organisation.name_zh, rental.organisation.name_en),
            "time": facts.stretch(rental.time, lab.tz),
            "until": facts.instant(rental.held_until, lab.tz),
        },
        link=reverse("board:approvals"),
        letter=f"bookings/board/mail/{DUE}.txt",
        organisation_id=lab.organisation_id,
        occurred_at=now,
        about=f"rental:{rental.pk}",
    )
    return True
