"""Opening and closing the tasks of a lab."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from bookings.rentals.events import (
    RentalAtRisk,
    RentalCheckedOut,
    RentalCutShort,
    RentalEvent,
    RentalLacksOperator,
    RentalNeedsRebooking,
    RentalRunsOver,
    RentalUnusable,
)
from bookings.rentals.models import Rental, UsageRecord
from bookings.tasks.events import TaskClosed, TaskEvent, TaskOpened
from bookings.tasks.models import Task
from kernel.events import Event, announce
from kernel.locks import lock
from kernel.refusals import Refusal


class TaskDone(Refusal):
    """Somebody was faster, or its cause is gone."""

    code = "TASK_DONE"
    message = _("This task is closed already.")


class NoteMissing(Refusal):
    """Whoever closes a task says what was done."""

    code = "NOTE_MISSING"
    message = _("Please say what was done.")
    status = 422


@transaction.atomic
def close(*, task: Task, note: str, by: Membership, now: datetime) -> Task:
    """
    Close a task as the lab, with what was done; the rental it is about stays as it is.

    Raises:
        NoteMissing: nothing was said.
        TaskDone: it is closed already.
    """
    if not note.strip():
        raise NoteMissing
    task = lock(Task.objects.filter(pk=task.pk))[0]
    if task.closed_at is not None:
        raise TaskDone
    task.closed_at, task.closed_by_id, task.note = now, by.user_id, note.strip()
    task.save(update_fields=["closed_at", "closed_by", "note"])
    _announce(TaskClosed, task, occurred_at=now, actor_id=by.user_id, organisation_id=by.organisation_id, reason=note)
    return task


# --- Reactions: tasks follow rentals, in the same transaction --------------------------------------------------------

PLACES = (Task.Kind.OUTAGE, Task.Kind.CAPACITY, Task.Kind.HOURS)
BEFORE_USE = (Task.Kind.CALIBRATION, *PLACES, Task.Kind.RUNS_OVER, Task.Kind.OPERATOR)
"""What there is to see to before a rental begins, at its time and on its instrument."""


def open_for_rental(event: RentalAtRisk) -> None:
    """Open a task about a rental at risk, or tell the open one what has changed."""
    risk = dict(_rental(event.rental_id).at_risk or {})
    _see_to(Task.Kind(risk.pop("why")), event.rental_id, event, facts=risk)


def open_for_displaced(event: RentalNeedsRebooking) -> None:
    """Open a task about a rental that cannot take place as booked; one for another reason is over."""
    why = dict(_rental(event.rental_id).needs_rebooking or {})
    kind = Task.Kind(why.pop("why"))
    _close(event, kinds=[other for other in PLACES if other != kind])
    _see_to(kind, event.rental_id, event, facts=why)


def open_for_waiting(event: RentalRunsOver) -> None:
    """Open a task about the booking that has to wait, naming the one before."""
    _see_to(Task.Kind.RUNS_OVER, event.next_rental_id, event, facts={"before": event.number})


def open_for_unstaffed(event: RentalLacksOperator) -> None:
    """Open a task about a rental that nobody is there to operate."""
    _see_to(Task.Kind.OPERATOR, event.rental_id, event, facts={})


def open_for_cut_short(event: RentalCutShort) -> None:
    """Open a task about a use during which the instrument goes out of service: the desk interrupts it, or ends it."""
    _see_to(Task.Kind.CUT_SHORT, event.rental_id, event, facts={"out_from": event.out_from})


def open_for_unusable(event: RentalUnusable) -> None:
    """Open a task about a run that its customer declared of no use: the lab may object until an instant."""
    _see_to(Task.Kind.UNUSABLE, event.rental_id, event, facts={"until": event.object_until})


def open_for_damage(event: RentalCheckedOut) -> None:
    """Open a task about an instrument that was left damaged."""
    if event.condition == UsageRecord.Condition.DAMAGED:
        damage = UsageRecord.objects.values_list("damage", flat=True).get(rental_id=event.rental_id)
        _see_to(Task.Kind.DAMAGE, event.rental_id, event, facts={"damage": damage})


def _rental(rental_id: int) -> Rental:
    return Rental.objects.only("at_risk", "needs_rebooking").get(pk=rental_id)


def _see_to(kind: Task.Kind, rental_id: int, event: RentalEvent, *, facts: dict[str, Any]) -> None:
    """
    Open a task about a rental, or tell the open one what has changed.

    Whoever marks a rental holds its row, so two never open one at once; `task_open_once_a_rental` sees to it anyhow.
    """
    if Task.objects.open().filter(kind=kind, rental_id=rental_id).update(facts=facts):
        return
    rental = Rental.objects.select_related("instrument").only("instrument__lab_id").get(pk=rental_id)
    task = Task.objects.create(
        kind=kind, lab_id=rental.instrument.lab_id, rental=rental, facts=facts, opened_at=event.occurred_at
    )
    _announce(TaskOpened, task, **_told(event))


def close_for_rental(event: RentalEvent) -> None:
    """Close all that waits about a rental that has ended: there is nothing left to see to."""
    _close(event)


def close_for_rentals(happened: Sequence[RentalEvent]) -> None:
    """Close all that waits about rentals that have ended in one act; one statement where nothing waits."""
    rentals = [event.rental_id for event in happened]
    waiting = set(Task.objects.open().filter(rental_id__in=rentals).values_list("rental_id", flat=True))
    for event in happened:
        if event.rental_id in waiting:
            close_for_rental(event)


def close_before_use(event: RentalEvent) -> None:
    """Close what waits about the time of a rental that has begun, or takes place at another time."""
    _close(event, kinds=BEFORE_USE)


def close_calibration(event: RentalEvent) -> None:
    """Close what waits about a certificate that covers a rental again."""
    _close(event, kinds=[Task.Kind.CALIBRATION])


def close_displaced(event: RentalEvent) -> None:
    """Close what waits about a rental that can take place as booked after all."""
    _close(event, kinds=PLACES)


def close_cut_short(event: RentalEvent) -> None:
    """Close what waits about a use that goes out of service no more, is interrupted, or is over."""
    _close(event, kinds=[Task.Kind.CUT_SHORT])


def close_staffed(event: Event, *, rental_ids: Collection[int]) -> None:
    """Close what waits about rentals that somebody is there to operate after all."""
    found = Task.objects.open().filter(kind=Task.Kind.OPERATOR, rental_id__in=list(rental_ids))
    _close_all(lock(found), event)


def close_unusable(event: RentalEvent) -> None:
    """Close what waits about a run declared of no use: the lab has answered, or the price is final."""
    _close(event, kinds=[Task.Kind.UNUSABLE])


def _close(event: RentalEvent, *, kinds: Collection[str] = Task.Kind.values) -> None:
    _close_all(lock(Task.objects.open().filter(rental_id=event.rental_id, kind__in=list(kinds))), event)


def _close_all(tasks: Iterable[Task], event: Event) -> None:
    for task in tasks:
        task.closed_at = event.occurred_at
        task.save(update_fields=["closed_at"])
        _announce(TaskClosed, task, **_told(event))


def _told(event: Event) -> dict[str, Any]:
    return {
        "occurred_at": event.occurred_at,
        "actor_id": event.actor_id,
        "organisation_id": event.organisation_id,
    }


def _announce(kind: type[TaskEvent], task: Task, **told: Any) -> None:
    announce(kind(task_id=task.pk, kind=task.kind, rental_id=task.rental_id, **told))
