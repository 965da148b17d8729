"""Filters of tasks."""

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from bookings.tasks.models import Task

OPEN, CLOSED, ALL = "open", "closed", "all"
STATES = [(OPEN, _("to see to")), (CLOSED, _("seen to")), (ALL, _("all"))]


class TaskFilter(django_filters.FilterSet):
    """Tasks by state (what is open, where nothing is asked), kind, and instrument or number of the booking."""

    state = django_filters.ChoiceFilter(label=_("State"), choices=STATES, method="in_state", empty_label=None)
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=Task.Kind.choices, empty_label=_("all kinds"))
    instrument = django_filters.CharFilter(
        label=_("Instrument's code"),
        field_name="rental__instrument__code",
        lookup_expr="iexact",
        widget=forms.TextInput({"placeholder": "TH-001"}),
    )

    class Meta:
        model = Task
        fields = ("state", "kind", "instrument")

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        given = data.copy() if data is not None else {}
        given.setdefault("state", OPEN)
        super().__init__(given, *args, **kwargs)

    def in_state(self, tasks: QuerySet[Any], name: str, state: str) -> QuerySet[Any]:
        """Keep what is open, or what is closed."""
        return tasks if state == ALL else tasks.filter(closed_at__isnull=state == OPEN)
