"""Filters of rentals, the same for pages and programs."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import DateTimeField, F, Func, QuerySet, Value
from django.db.models.lookups import GreaterThan, LessThan
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from bookings.rentals import rules
from bookings.rentals.models import Rental


@dataclass(frozen=True, slots=True)
class StateChoice:
    """A state one may ask for."""

    value: str
    label: str
    is_chosen: bool


SHOWN = (
    rules.HELD,
    rules.PENDING,
    rules.AWAITING,
    rules.CONFIRMED,
    rules.CHECKED_IN,
    rules.INTERRUPTED,
    rules.CHECKED_OUT,
    rules.SETTLED,
    rules.NO_SHOW,
    rules.CANCELLED,
    rules.REJECTED,
    rules.EXPIRED,
)
"""The states one may ask for, in the order of a rental's life."""


class RentalFilter(django_filters.FilterSet):
    """
    Rentals by state, instrument and time; the queryset carries `state` (see `queries.as_of`).

    `since` and `until` are local dates of the lab, both included: a rental that touches one of them is found.
    """

    status = django_filters.MultipleChoiceFilter(
        label=_("State"),
        field_name="state",
        choices=Rental.Status.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    instrument = django_filters.CharFilter(label=_("Instrument's code"), field_name="instrument__code")
    since = django_filters.DateFilter(
        label=_("From"), method="touching_since", widget=forms.DateInput({"type": "date"})
    )
    until = django_filters.DateFilter(
        label=_("Until"), method="touching_until", widget=forms.DateInput({"type": "date"})
    )
    at_risk = django_filters.BooleanFilter(
        label=_("At risk"), field_name="at_risk_since", lookup_expr="isnull", exclude=True
    )
    needs_rebooking = django_filters.BooleanFilter(
        label=_("Cannot take place"), field_name="needs_rebooking_since", lookup_expr="isnull", exclude=True
    )
    ends_after = django_filters.IsoDateTimeFilter(field_name="period__endswith", lookup_expr="gt")
    starts_before = django_filters.IsoDateTimeFilter(field_name="period__startswith", lookup_expr="lt")

    class Meta:
        model = Rental
        fields = ("status", "instrument", "since", "until", "at_risk", "needs_rebooking", "ends_after", "starts_before")

    @property
    def states(self) -> list[StateChoice]:
        """The states to choose from."""
        chosen = set(self.data.getlist("status")) if isinstance(self.data, QueryDict) else set()
        return [StateChoice(value, str(Rental.Status(value).label), value in chosen) for value in SHOWN]

    def touching_since(self, rentals: QuerySet[Any], name: str, day: date) -> QuerySet[Any]:
        """Keep those that end after the day has begun where the lab is."""
        return rentals.filter(GreaterThan(_bound("upper"), _midnight(day)))

    def touching_until(self, rentals: QuerySet[Any], name: str, day: date) -> QuerySet[Any]:
        """Keep those that begin before the day has ended where the lab is."""
        return rentals.filter(LessThan(_bound("lower"), _midnight(day + timedelta(days=1))))


def _bound(function: str) -> Func:
    return Func(F("period"), function=function, output_field=DateTimeField())


def _midnight(day: date) -> Func:
    """Return the instant at which a date begins on the clock of the rental's lab."""
    return Func(
        F("instrument__lab__timezone"),
        Value(day.isoformat()),
        template="timezone(%(expressions)s::timestamp)",
        output_field=DateTimeField(),
    )
