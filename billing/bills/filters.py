"""Filters of bills and of refunds asked for, the same for pages and programs."""

from typing import Any

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from billing.bills.models import Bill, RefundRequest, Way

DAY: dict[str, Any] = {"widget": forms.DateInput(attrs={"type": "date"})}


class BillFilter(django_filters.FilterSet):
    """Bills by state, way of payment, order, and the local day of the service."""

    state = django_filters.ChoiceFilter(label=_("State"), choices=Bill.State.choices, empty_label=_("all"))
    way = django_filters.ChoiceFilter(label=_("Paid by"), choices=Way.choices, empty_label=_("all"))
    order = django_filters.CharFilter(label=_("Order number"), field_name="order_number", lookup_expr="iexact")
    since = django_filters.DateFilter(label=_("Service from"), field_name="served_on", lookup_expr="gte", **DAY)
    until = django_filters.DateFilter(label=_("Service until"), field_name="served_on", lookup_expr="lte", **DAY)

    class Meta:
        model = Bill
        fields = ("state", "way", "order", "since", "until")


class RequestFilter(django_filters.FilterSet):
    """Refunds that were asked for, by state and order; where nothing is asked, those that wait."""

    state = django_filters.ChoiceFilter(
        label=_("State"), choices=[*RefundRequest.State.choices, ("all", _("all"))], method="in_state", empty_label=None
    )
    order = django_filters.CharFilter(label=_("Order number"), field_name="bill__order_number", lookup_expr="iexact")

    class Meta:
        model = RefundRequest
        fields = ("state", "order")

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        given = data.copy() if data is not None else {}
        given.setdefault("state", RefundRequest.State.WAITING)
        super().__init__(given, *args, **kwargs)

    def in_state(self, requests: Any, name: str, state: str) -> Any:
        """Keep those in a state, or all."""
        return requests if state == "all" else requests.filter(state=state)
