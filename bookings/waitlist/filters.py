"""Filters of entries, the same for pages and programs."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from bookings.waitlist.models import WaitlistEntry

OPEN, CLOSED, ALL = "open", "closed", "all"


class EntryFilter(django_filters.FilterSet):
    """Entries by whether they are open (where nothing is asked, those that are)."""

    state = django_filters.ChoiceFilter(
        label=_("State"),
        choices=[(OPEN, _("waiting")), (CLOSED, _("over")), (ALL, _("all"))],
        method="in_state",
        empty_label=None,
    )

    class Meta:
        model = WaitlistEntry
        fields = ("state",)

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        given = data.copy() if data is not None else {}
        given.setdefault("state", OPEN)
        super().__init__(given, *args, **kwargs)

    def in_state(self, entries: QuerySet[Any], name: str, state: str) -> QuerySet[Any]:
        """Keep what is open, or what is closed."""
        if state == ALL:
            return entries
        is_open = Q(state__in=WaitlistEntry.OPEN)
        return entries.filter(is_open if state == OPEN else ~is_open)


class DemandFilter(django_filters.FilterSet):
    """Entries by the instrument or the group that is waited for."""

    instrument = django_filters.CharFilter(
        label=_("Instrument's code"), method="of_thing", widget=forms.TextInput({"placeholder": "TH-001"})
    )

    class Meta:
        model = WaitlistEntry
        fields = ("instrument",)

    def of_thing(self, entries: QuerySet[Any], name: str, code: str) -> QuerySet[Any]:
        """Keep those of an instrument, or of a group of that code."""
        return entries.filter(Q(instrument__code__iexact=code) | Q(group__code__iexact=code))
