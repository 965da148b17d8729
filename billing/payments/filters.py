"""Filters of bank lines and of movements on a balance, the same for pages and programs."""

from datetime import date, timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from billing.bills.models import MonthlyStatement
from billing.ledger.filters import begins
from billing.ledger.models import Line
from billing.payments.models import BankLine


class BankLineFilter(django_filters.FilterSet):
    """Bank lines by state, by what stands in them, and by day; both days included."""

    state = django_filters.ChoiceFilter(label=_("State"), choices=BankLine.State, empty_label=_("all"))
    search = django_filters.CharFilter(label=_("Payer, remark, serial or order"), method="like")
    since = django_filters.DateFilter(
        label=_("From"), field_name="on", lookup_expr="gte", widget=forms.DateInput({"type": "date"})
    )
    until = django_filters.DateFilter(
        label=_("Until"), field_name="on", lookup_expr="lte", widget=forms.DateInput({"type": "date"})
    )

    class Meta:
        model = BankLine
        fields = ("state", "search", "since", "until")

    def like(self, lines: QuerySet[BankLine], name: str, text: str) -> QuerySet[BankLine]:
        """Keep the lines in which a text stands."""
        named = Q(payer__icontains=text) | Q(remark__icontains=text) | Q(serial__icontains=text) | Q(paid__iexact=text)
        return lines.filter(named)


class MovementFilter(django_filters.FilterSet):
    """Movements on a balance by order and by local day; both days included."""

    order = django_filters.CharFilter(label=_("Order number"), field_name="order_number")
    since = django_filters.DateFilter(label=_("From"), method="from_day", widget=forms.DateInput({"type": "date"}))
    until = django_filters.DateFilter(label=_("Until"), method="until_day", widget=forms.DateInput({"type": "date"}))

    class Meta:
        model = Line
        fields = ("order", "since", "until")

    def from_day(self, lines: QuerySet[Any], name: str, day: date) -> QuerySet[Any]:
        """Keep what moved on the day or later."""
        return lines.filter(entry__at__gte=begins(day))

    def until_day(self, lines: QuerySet[Any], name: str, day: date) -> QuerySet[Any]:
        """Keep what moved on the day or before."""
        return lines.filter(entry__at__lt=begins(day + timedelta(days=1)))


class StatementFilter(django_filters.FilterSet):
    """Monthly statements by whether they are paid."""

    state = django_filters.ChoiceFilter(label=_("State"), choices=MonthlyStatement.State, empty_label=_("all"))

    class Meta:
        model = MonthlyStatement
        fields = ("state",)
