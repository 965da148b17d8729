"""Filters of the lists of invoices, the same for pages and programs."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from billing.invoices.models import Invoice

DAY: dict[str, Any] = {"widget": forms.DateInput(attrs={"type": "date"})}


class InvoiceFilter(django_filters.FilterSet):
    """Invoices by state, kind, words of order, buyer or number, and the day they were asked for."""

    state = django_filters.ChoiceFilter(label=_("State"), choices=Invoice.State.choices, empty_label=_("all"))
    kind = django_filters.ChoiceFilter(label=_("Kind of invoice"), choices=Invoice.Kind.choices, empty_label=_("all"))
    q = django_filters.CharFilter(label=_("Order, buyer or number"), method="with_words")
    since = django_filters.DateFilter(label=_("Asked from"), field_name="asked_at__date", lookup_expr="gte", **DAY)
    until = django_filters.DateFilter(label=_("Asked until"), field_name="asked_at__date", lookup_expr="lte", **DAY)

    class Meta:
        model = Invoice
        fields = ("state", "kind", "q", "since", "until")

    def with_words(self, invoices: QuerySet[Any], name: str, text: str) -> QuerySet[Any]:
        """Keep those whose order, buyer or number has the text."""
        text = text.strip()
        return invoices.filter(Q(bill__order_number__iexact=text) | Q(number=text) | Q(buyer__name__icontains=text))
