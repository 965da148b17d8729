"""Filters of entries and lines, the same for pages and programs."""

from datetime import date, datetime, time, timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.ledger.chart import CHART, EVENTS, Account
from billing.ledger.models import Entry, Line
from kernel.bilingual import chosen


def begins(day: date) -> datetime:
    """Return the instant at which a day begins on the clock of the page."""
    return timezone.make_aware(datetime.combine(day, time.min))


def event_choices() -> list[tuple[str, str]]:
    """Return the kinds of events with their codes, in the order of the requirements."""
    return [(code, f"{code} {chosen(*names)}" if code[0] == "E" else chosen(*names)) for code, names in EVENTS.items()]


def account_choices() -> list[tuple[str, str]]:
    """Return the accounts with their codes, in the order of the chart."""
    return [(account.value, f"{account.value} {chosen(kept.name_zh, kept.name_en)}") for account, kept in CHART.items()]


class EntryFilter(django_filters.FilterSet):
    """Entries by order, kind of event and time; `since` and `until` are local dates, both included."""

    order = django_filters.CharFilter(label=_("Order number"), field_name="order_number")
    event = django_filters.ChoiceFilter(label=_("Event"), choices=event_choices, empty_label=_("all"))
    since = django_filters.DateFilter(label=_("From"), method="from_day", widget=forms.DateInput({"type": "date"}))
    until = django_filters.DateFilter(label=_("Until"), method="until_day", widget=forms.DateInput({"type": "date"}))

    class Meta:
        model = Entry
        fields = ("order", "event", "since", "until")

    def from_day(self, entries: QuerySet[Any], name: str, day: date) -> QuerySet[Any]:
        """Keep what happened on the day or later."""
        return entries.filter(at__gte=begins(day))

    def until_day(self, entries: QuerySet[Any], name: str, day: date) -> QuerySet[Any]:
        """Keep what happened on the day or before."""
        return entries.filter(at__lt=begins(day + timedelta(days=1)))


class LineFilter(django_filters.FilterSet):
    """Lines of an account by whose they are, order, kind of event and time."""

    party = django_filters.CharFilter(label=_("Whose"), field_name="party", widget=forms.HiddenInput)
    order = django_filters.CharFilter(label=_("Order number"), field_name="order_number")
    event = django_filters.ChoiceFilter(
        label=_("Event"), field_name="entry__event", choices=event_choices, empty_label=_("all")
    )
    since = django_filters.DateFilter(label=_("From"), method="from_day", widget=forms.DateInput({"type": "date"}))
    until = django_filters.DateFilter(label=_("Until"), method="until_day", widget=forms.DateInput({"type": "date"}))

    class Meta:
        model = Line
        fields = ("party", "order", "event", "since", "until")

    def from_day(self, lines: QuerySet[Any], name: str, day: date) -> QuerySet[Any]:
        """Keep what happened on the day or later."""
        return lines.filter(entry__at__gte=begins(day))

    def until_day(self, lines: QuerySet[Any], name: str, day: date) -> QuerySet[Any]:
        """Keep what happened on the day or before."""
        return lines.filter(entry__at__lt=begins(day + timedelta(days=1)))


class EveryLineFilter(LineFilter):
    """Lines of all accounts, or of one."""

    account = django_filters.ChoiceFilter(
        label=_("Ledger account"), choices=[(code.value, code.value) for code in Account]
    )

    class Meta:
        model = Line
        fields = ("account", "party", "order", "event", "since", "until")
