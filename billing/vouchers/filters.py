"""Filters of the lists of vouchers, the same for pages and programs."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from billing.vouchers.models import ClaimBatch, Programme, Redemption, SpotCheck, VoucherApplication

PROGRAMME: dict[str, Any] = {
    "label": _("Programme's code"),
    "field_name": "programme__code",
    "lookup_expr": "iexact",
}
DAY: dict[str, Any] = {"widget": forms.DateInput(attrs={"type": "date"})}


class RedemptionFilter(django_filters.FilterSet):
    """Uses of vouchers by state, programme, order and the day of the service."""

    state = django_filters.ChoiceFilter(label=_("State"), choices=Redemption.State.choices, empty_label=_("all"))
    programme = django_filters.CharFilter(
        label=_("Programme's code"), field_name="programme__code", lookup_expr="iexact"
    )
    order = django_filters.CharFilter(label=_("Order number"), field_name="order_number", lookup_expr="iexact")
    since = django_filters.DateFilter(label=_("Service from"), field_name="service_on", lookup_expr="gte", **DAY)
    until = django_filters.DateFilter(label=_("Service until"), field_name="service_on", lookup_expr="lte", **DAY)

    class Meta:
        model = Redemption
        fields = ("state", "programme", "order", "since", "until")


class ProgrammeFilter(django_filters.FilterSet):
    """Programmes by their state."""

    state = django_filters.ChoiceFilter(label=_("State"), choices=Programme.State.choices, empty_label=_("all"))

    class Meta:
        model = Programme
        fields = ("state",)


class ApplicationFilter(django_filters.FilterSet):
    """Applications by state (where nothing is asked, those that wait), programme and who asks."""

    state = django_filters.ChoiceFilter(
        label=_("State"),
        choices=[*VoucherApplication.State.choices, ("all", _("all"))],
        method="in_state",
        empty_label=None,
    )
    programme = django_filters.CharFilter(
        label=_("Programme's code"), field_name="programme__code", lookup_expr="iexact"
    )
    q = django_filters.CharFilter(label=_("Organisation"), method="of_organisation")

    class Meta:
        model = VoucherApplication
        fields = ("state", "programme", "q")

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        given = data.copy() if data is not None else {}
        given.setdefault("state", VoucherApplication.State.SUBMITTED)
        super().__init__(given, *args, **kwargs)

    def in_state(self, applications: QuerySet[Any], name: str, state: str) -> QuerySet[Any]:
        """Keep those in a state, or all."""
        return applications if state == "all" else applications.filter(state=state)

    def of_organisation(self, applications: QuerySet[Any], name: str, text: str) -> QuerySet[Any]:
        """Keep those of organisations of that name or code."""
        named = Q(organisation__name_zh__icontains=text) | Q(organisation__name_en__icontains=text)
        return applications.filter(named | Q(organisation__code__iexact=text))


class ClaimFilter(django_filters.FilterSet):
    """Claims by state and programme."""

    state = django_filters.ChoiceFilter(label=_("State"), choices=ClaimBatch.State.choices, empty_label=_("all"))
    programme = django_filters.CharFilter(
        label=_("Programme's code"), field_name="programme__code", lookup_expr="iexact"
    )

    class Meta:
        model = ClaimBatch
        fields = ("state", "programme")


class CheckFilter(django_filters.FilterSet):
    """Spot-checks by their outcome."""

    outcome = django_filters.ChoiceFilter(label=_("Outcome"), choices=SpotCheck.Outcome.choices, empty_label=_("all"))

    class Meta:
        model = SpotCheck
        fields = ("outcome",)
