"""What happens to tasks."""

from dataclasses import dataclass

from kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskEvent(Event):
    """A fact about one task of a lab."""

    task_id: int
    kind: str
    rental_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskOpened(TaskEvent):
    """There is something a lab must see to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskClosed(TaskEvent):
    """It is seen to: by a person, who said how, or by itself, because its cause is gone."""
