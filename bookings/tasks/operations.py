"""Opening and closing the tasks of a lab."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from bookings.rentals.events import RentalAtRisk, RentalEvent
from bookings.rentals.models import Rental
from bookings.tasks.events import TaskClosed, TaskEvent, TaskOpened
from bookings.tasks.models import Task
from kernel.events import announce
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


def open_for_rental(event: RentalAtRisk) -> None:
    """
    Open a task about a rental at risk, or tell the open one what has changed.

    Whoever marks a rental holds its row, so two never open one at once; `task_open_once_a_rental` sees to it anyhow.
    """
    rental = Rental.objects.select_related("instrument").get(pk=event.rental_id)
    risk = dict(rental.at_risk or {})
    kind = Task.Kind(risk.pop("why"))
    waiting = Task.objects.open().filter(kind=kind, rental=rental)
    if waiting.update(facts=risk):
        return
    task = Task.objects.create(
        kind=kind, lab_id=rental.instrument.lab_id, rental=rental, facts=risk, opened_at=event.occurred_at
    )
    _announce(TaskOpened, task, **_told(event))


def close_for_rental(event: RentalEvent) -> None:
    """Close what waits about a rental that is safe again or has ended: there is nothing left to see to."""
    for task in lock(Task.objects.open().filter(rental_id=event.rental_id)):
        task.closed_at = event.occurred_at
        task.save(update_fields=["closed_at"])
        _announce(TaskClosed, task, **_told(event))


def _told(event: RentalEvent) -> dict[str, Any]:
    return {
        "occurred_at": event.occurred_at,
        "actor_id": event.actor_id,
        "organisation_id": event.organisation_id,
    }


def _announce(kind: type[TaskEvent], task: Task, **told: Any) -> None:
    announce(kind(task_id=task.pk, kind=task.kind, rental_id=task.rental_id, **told))
