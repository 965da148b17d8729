"""Filters of lists of series."""

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from bookings.series.models import Series

AHEAD, WAITING, OVER = "ahead", "waiting", "over"
STATES = [(AHEAD, _("dates ahead")), (WAITING, _("waiting for approval")), (OVER, _("nothing ahead"))]


class SeriesFilter(django_filters.FilterSet):
    """Series by what is ahead of them, and by instrument; the queryset carries what `queries.listed` counts."""

    state = django_filters.ChoiceFilter(label=_("State"), choices=STATES, method="in_state", empty_label=_("all"))
    instrument = django_filters.CharFilter(
        label=_("Instrument's code"),
        field_name="instrument__code",
        lookup_expr="iexact",
        widget=forms.TextInput({"placeholder": "TH-001"}),
    )

    class Meta:
        model = Series
        fields = ("state", "instrument")

    def in_state(self, series: QuerySet[Any], name: str, state: str) -> QuerySet[Any]:
        """Keep those with a date ahead, with a date that waits for the lab, or with none ahead."""
        if state == WAITING:
            return series.filter(waiting__gt=0)
        return series.filter(next_at__isnull=state == OVER)
