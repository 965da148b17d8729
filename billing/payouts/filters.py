"""Filters of earnings, payouts and differences, the same for pages and programs."""

from datetime import date, datetime, time, timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.ledger.models import Line
from billing.payouts import queries
from billing.payouts.models import Difference, Payout

STATES = {
    queries.WAITING: _("waiting for acceptance"),
    queries.DUE: _("in the next payout"),
    queries.UNDERWAY: _("being paid"),
    queries.PAID: _("paid to the lab"),
}
"""How far what was earned is on its way to the lab."""


def begins(day: date) -> datetime:
    """Return the instant at which a day begins on the clock of the page."""
    return timezone.make_aware(datetime.combine(day, time.min))


def date_field(label: Any, method: str) -> django_filters.DateFilter:
    """Return a field for a local day."""
    return django_filters.DateFilter(label=label, method=method, widget=forms.DateInput({"type": "date"}))


class EarningFilter(django_filters.FilterSet):
    """What labs have earned, by how far it is, lab, order and time; `since` and `until` are local days, included."""

    state = django_filters.ChoiceFilter(label=_("State"), choices=list(STATES.items()), empty_label=_("all"))
    lab = django_filters.CharFilter(label=_("Lab"), field_name="lab__code")
    order = django_filters.CharFilter(label=_("Order number"), field_name="order_number")
    since = date_field(_("From"), "from_day")
    until = date_field(_("Until"), "until_day")

    class Meta:
        model = Line
        fields = ("state", "lab", "order", "since", "until")

    def from_day(self, lines: QuerySet[Any], name: str, day: date) -> QuerySet[Any]:
        """Keep what was earned on the day or later."""
        return lines.filter(entry__at__gte=begins(day))

    def until_day(self, lines: QuerySet[Any], name: str, day: date) -> QuerySet[Any]:
        """Keep what was earned on the day or before."""
        return lines.filter(entry__at__lt=begins(day + timedelta(days=1)))


class PayoutFilter(django_filters.FilterSet):
    """Payouts by state and lab."""

    state = django_filters.ChoiceFilter(label=_("State"), choices=Payout.State.choices, empty_label=_("all"))
    lab = django_filters.CharFilter(label=_("Code of the lab"), field_name="lab__code", lookup_expr="iexact")

    class Meta:
        model = Payout
        fields = ("state", "lab")


STANDING, CLOSED = "standing", "closed"


class DifferenceFilter(django_filters.FilterSet):
    """Differences by kind, and by whether they stand."""

    kind = django_filters.ChoiceFilter(label=_("What differs"), choices=Difference.Kind.choices, empty_label=_("all"))
    shown = django_filters.ChoiceFilter(
        label=_("State"),
        choices=[(STANDING, _("standing")), (CLOSED, _("gone"))],
        empty_label=_("all"),
        method="by_state",
    )

    class Meta:
        model = Difference
        fields = ("kind", "shown")

    def by_state(self, found: QuerySet[Any], name: str, shown: str) -> QuerySet[Any]:
        """Keep those that stand, or those that are gone."""
        return found.filter(closed_at__isnull=shown == STANDING)
