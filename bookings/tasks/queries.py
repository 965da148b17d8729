"""What waits for a lab, ready to show."""

from typing import Any

from django.db.models import QuerySet

from accounts.models import Membership
from bookings.tasks.models import Task


def listed(member: Membership) -> QuerySet[Any]:
    """Return the lab's tasks with what a list shows of them: the earliest use first, those of no rental last."""
    tasks = Task.objects.visible_to(member)
    shown = tasks.select_related("lab", "rental__instrument__lab", "rental__organisation", "closed_by")
    return shown.order_by("rental__period", "opened_at", "pk")


def waiting(member: Membership) -> int:
    """Return how many tasks wait for the lab."""
    return Task.objects.visible_to(member).open().count()
