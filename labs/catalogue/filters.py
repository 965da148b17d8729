"""
The facets of the catalogue, the same for pages and programs.

`CatalogueFilter` filters offerings: the rentals of instruments and the services of labs, in one list.
`InstrumentFilter` filters instruments by the same parameters. Values of one facet widen the list, facets narrow it.
"""

from abc import abstractmethod
from datetime import date
from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from labs.catalogue import searching
from labs.catalogue.models import Accreditation, Honour, Instrument, Lab, Offering


class CodesField(forms.MultipleChoiceField):
    """Codes of rows, in any number; a code that does not exist finds nothing."""

    def valid_value(self, value: Any) -> bool:
        return len(str(value)) <= 40 and "\0" not in str(value)


class CodesFilter(django_filters.MultipleChoiceFilter):
    """A facet over the codes of rows."""

    field_class = CodesField


class WholeNumberFilter(django_filters.Filter):
    """A whole number."""

    field_class = forms.IntegerField


ORDER = ("kind", "category", "district", "zone", "accreditation", "lab_type", "lab", "cluster", "honour")
"""The facets as they are shown."""


class Facets(django_filters.FilterSet):
    """
    What all lists of the catalogue are filtered by.

    `on` is today: the date on which an accreditation or an honour must be valid, where the query names no other.
    """

    q = django_filters.CharFilter(label=_("Search"), max_length=100)
    district = CodesFilter(label=_("District"), help_text=_("Code of the district (GB/T 2260)."))
    lab_type = django_filters.MultipleChoiceFilter(label=_("Type of lab"), choices=Lab.Type.choices)
    accreditation = django_filters.MultipleChoiceFilter(
        label=_("Accreditation"),
        choices=Accreditation.Kind.choices,
        help_text=_("Valid today, or on the date of accredited_on."),
    )
    accredited_on = django_filters.DateFilter(
        label=_("Accreditation valid on"),
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("A date; without a kind, any accreditation will do."),
    )
    zone = CodesFilter(label=_("Zone"), help_text=_("Code of the zone."))
    cluster = CodesFilter(label=_("Industry cluster"), help_text=_("Code of the cluster."))
    honour = django_filters.MultipleChoiceFilter(label=_("Honour"), choices=Honour.Kind.choices)

    to_lab: ClassVar[str] = "lab__"

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.on = on

    @property
    def facet_names(self) -> list[str]:
        """The facets, in the order they are shown."""
        return [name for name in ORDER if name in self.base_filters]

    @cached_property
    def chosen(self) -> dict[str, Any]:
        """What was asked, by parameter; what cannot be read is left out."""
        if not self.is_bound:
            return {}
        self.form.is_valid()
        return {name: value for name, value in self.form.cleaned_data.items() if value}

    def cleaned(self, name: str) -> Any:
        """Return one value that was asked for, zero too; None where none was, or where it cannot be read."""
        if not self.is_bound:
            return None
        self.form.is_valid()
        return self.form.cleaned_data.get(name)

    @cached_property
    def values(self) -> dict[str, list[str]]:
        """The chosen values by facet."""
        chosen = self.chosen
        return {name: list(chosen[name]) for name in self.facet_names if name in chosen}

    @property
    def text(self) -> str:
        """What is searched for."""
        found: str = self.chosen.get("q", "")
        return found

    @cached_property
    def found(self) -> QuerySet[Any]:
        """What the words find, before any facet narrows it, in order."""
        return self.searched()

    @abstractmethod
    def searched(self) -> QuerySet[Any]:
        """Search for the words; asked once, for a search may need a statement to know how to go on."""

    @cached_property
    def narrowed(self) -> dict[str, Q]:
        """What each parameter but the words asks for, by its name."""
        return self.conditions()

    def conditions(self) -> dict[str, Q]:
        """Work out what each parameter but the words asks for, by its name."""
        found = {name: self.condition(name, chosen) for name, chosen in self.values.items()}
        if "accredited_on" in self.chosen and "accreditation" not in found:
            found["accredited_on"] = Q(self.accredited(Accreditation.Kind.values))
        return found

    def condition(self, name: str, chosen: list[str]) -> Q:
        """Return what one facet asks for."""
        if name == "accreditation":
            return Q(self.accredited(chosen))
        if name == "honour":
            return Q(self.honoured(chosen))
        if name in ("zone", "cluster"):
            labs = Lab.objects.filter(**{f"{name}s__code__in": chosen}).values("pk")
            return Q(**{f"{self.to_lab.removesuffix('__') or 'pk'}__in": labs})
        return Q(**{f"{self.to_lab}{name}__in": chosen})

    def honoured(self, kinds: list[str]) -> Exists:
        """Return whether the row's lab has an honour of one of the kinds today."""
        lasting = Q(valid_to__isnull=True) | Q(valid_to__gte=self.on)
        return Exists(
            Honour.objects.filter(lasting, lab=OuterRef(self.to_lab.removesuffix("__") or "pk"), kind__in=kinds)
        )

    def accredited(self, kinds: list[str]) -> Exists:
        """Return whether the row's lab has an accreditation of one of the kinds that is valid on the date."""
        on = self.chosen.get("accredited_on") or self.on
        return Exists(
            Accreditation.objects.filter(
                lab=OuterRef(self.to_lab.removesuffix("__") or "pk"),
                kind__in=kinds,
                valid_from__lte=on,
                valid_to__gte=on,
            )
        )

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return what the words find and every facet lets through."""
        del queryset  # the search has started from it
        return self.found.filter(*self.narrowed.values())


class CatalogueFilter(Facets):
    """
    Offerings by words and facets.

    The list is ordered: with words the best first, without by name.
    """

    kind = django_filters.MultipleChoiceFilter(label=_("Kind of service"), choices=Offering.Kind.choices)
    category = CodesFilter(label=_("Category"), help_text=_("Code of level 1 (two digits) or level 2 (four)."))
    lab = CodesFilter(label=_("Lab"), help_text=_("Code of the lab."))
    standard = django_filters.CharFilter(
        label=_("Standard"), max_length=80, help_text=_("Number of a standard, or a part of it, however it is written.")
    )
    parameter = django_filters.CharFilter(
        label=_("Parameter"), max_length=100, help_text=_("What is measured or tested: a name, or a part of it.")
    )
    turnaround = WholeNumberFilter(
        label=_("Report within (workdays)"),
        min_value=0,
        max_value=1000,
        help_text=_("Services whose report comes within so many workdays of the sample."),
    )

    to_category: ClassVar[str] = "instrument__category"

    class Meta:
        model = Offering
        fields: ClassVar[list[str]] = []

    def searched(self) -> QuerySet[Any]:
        return searching.offerings(self.queryset.all(), self.text)

    def conditions(self) -> dict[str, Q]:
        found = super().conditions()
        if standard := self.chosen.get("standard"):
            found["standard"] = self.by_standard(standard)
        if parameter := self.chosen.get("parameter"):
            found["parameter"] = self.by_parameter(parameter)
        if (turnaround := self.cleaned("turnaround")) is not None:
            found["turnaround"] = Q(turnaround_workdays__lte=turnaround)
        return found

    def condition(self, name: str, chosen: list[str]) -> Q:
        if name == "category":
            wanted = Q()
            for code in chosen:
                wanted |= Q(**{f"{self.to_category}__code__startswith": code})
            return wanted
        if name in ("kind", "lab"):
            return Q(**{f"{'lab__code' if name == 'lab' else 'kind'}__in": chosen})
        return super().condition(name, chosen)

    def by_standard(self, number: str) -> Q:
        """Return what is done by a standard, or is used for it."""
        standards = searching.standards_like(number)
        services = Offering.objects.published().filter(standards__in=standards if standards is not None else [])
        return self.used_for(services)

    def by_parameter(self, text: str) -> Q:
        """Return what measures or tests a parameter, or is found by that word."""
        return Q(pk__in=searching.offering_keys_by_parameter(text))

    def used_for(self, services: QuerySet[Offering]) -> Q:
        """Return the services themselves, and the rentals of the instruments they need."""
        return Q(pk__in=services.values("pk")) | Q(instrument__in=services.values("instruments"))


class InstrumentFilter(CatalogueFilter):
    """Instruments by the words and facets of the catalogue."""

    kind = None
    turnaround = None  # type: ignore[assignment]  # this is how a filter of the base is taken away

    to_category = "category"

    class Meta:
        model = Instrument
        fields: ClassVar[list[str]] = []

    def searched(self) -> QuerySet[Any]:
        return searching.instruments(self.queryset.all(), self.text)

    def by_parameter(self, text: str) -> Q:
        return Q(pk__in=searching.instrument_keys_by_parameter(text))

    def used_for(self, services: QuerySet[Offering]) -> Q:
        return Q(pk__in=services.values("instruments"))


class LabFilter(Facets):
    """Labs by words of their names and fields, and by district, type and accreditation; in the order of their codes."""

    to_lab = ""

    class Meta:
        model = Lab
        fields: ClassVar[list[str]] = []

    def searched(self) -> QuerySet[Any]:
        found: QuerySet[Any] = self.queryset.order_by("code")
        for word in searching.words_of(self.text):
            named = Q(name_zh__icontains=word) | Q(name_en__icontains=word) | Q(code__icontains=word)
            found = found.filter(named | Q(fields_zh__icontains=word) | Q(fields_en__icontains=word))
        return found
