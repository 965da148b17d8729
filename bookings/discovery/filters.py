"""
What the catalogue is asked, the same for pages and programs: words, facets, capability, free time, price, order.

`DiscoveryFilter` filters offerings, `DiscoveryInstrumentFilter` instruments, by the same parameters.
"""

import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import F, Q, QuerySet
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from bookings.availability import queries as availability
from bookings.availability.rules import ASSISTED, SELF
from bookings.discovery import sorting
from bookings.discovery.fields import AskedForm, MomentField, OriginField
from bookings.discovery.wishes import MOST_COMPARED, USUAL_MINUTES, FreeWish, Origin
from labs.capabilities import queries as capable
from labs.capabilities import rules as capabilities
from labs.catalogue.filters import CatalogueFilter, Facets, InstrumentFilter, WholeNumberFilter
from labs.models import Capability, Instrument, Offering

LONGEST_MINUTES = 31 * 24 * 60
SORTS = {
    sorting.BEST: _("Best match"),
    sorting.EARLIEST: _("Earliest start"),
    sorting.PRICE: _("Price for my use"),
    sorting.DISTANCE: _("Distance"),
    sorting.UNCERTAINTY: _("Smallest uncertainty"),
    sorting.TURNAROUND: _("Quickest report"),
    sorting.PUNCTUALITY: _("Most often on time"),
}


class MomentFilter(django_filters.Filter):
    """A moment; see `MomentField`."""

    field_class = MomentField


class OriginFilter(django_filters.Filter):
    """A point of the earth; see `OriginField`."""

    field_class = OriginField


class MoneyFilter(django_filters.Filter):
    """An amount in yuan."""

    field_class = forms.DecimalField

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, max_value=10**9, decimal_places=2, **kwargs)


class Asking(Facets):
    """
    What is asked beside words and facets, by whom and when.

    `member` decides whose price and whose address; `now` which price lists are in force.
    """

    quantity = django_filters.ChoiceFilter(
        label=_("Quantity"),
        choices=lambda: [(one.code, one.name) for one in capabilities.QUANTITIES.values()],
        empty_label=_("Any quantity"),
        help_text=_("What is measured: alone, or with a value; without it, what the unit makes one think of."),
    )
    value = django_filters.CharFilter(
        label=_("Value, or from"), max_length=40, help_text=_("A number: 50, 0.05, 5e-6; it may carry its unit: 50 kN.")
    )
    value_to = django_filters.CharFilter(label=_("To"), max_length=40, help_text=_("The end of a range."))
    unit = django_filters.CharFilter(label=_("Unit"), max_length=24, help_text=_("mm, kN, ℃, V, Hz ..."))
    uncertainty = django_filters.CharFilter(
        label=_("Uncertainty at most"),
        max_length=60,
        help_text=_("Expanded, k = 2: 0.5 %, 1 ℃, (0.5+L/300) µm."),
    )
    free_from = MomentFilter(
        label=_("Free from"), help_text=_("A date, or a date and a time; without an offset on the city's clock.")
    )
    free_to = MomentFilter(
        label=_("Free until"), ends=True, help_text=_("The whole use ends by then, at most 31 days later.")
    )
    minutes = WholeNumberFilter(
        label=_("For how many minutes"),
        min_value=1,
        max_value=LONGEST_MINUTES,
        help_text=_("Length of the use in minutes: for what is free, and for the price."),
    )
    mode = django_filters.ChoiceFilter(
        label=_("How it is operated"),
        choices=[(SELF, _("I operate it myself")), (ASSISTED, _("The lab's operator runs it for me"))],
        empty_label=_("Either way"),
    )
    price_from = MoneyFilter(label=_("Price from (¥)"), help_text=_("An hour of an instrument, a unit of a service."))
    price_to = MoneyFilter(label=_("Price up to (¥)"), help_text=_("An hour of an instrument, a unit of a service."))
    near = OriginFilter(label=_("Near"), help_text=_("Latitude and longitude (WGS-84): 23.12,113.36."))
    sort = django_filters.ChoiceFilter(
        label=_("Sort by"),
        choices=list(SORTS.items()),
        empty_label=None,
        help_text=format_lazy(
            _(
                "By the earliest start, and by price under free time, only the {number} best matches are compared; "
                "`order_is_partial` says whether there are more."
            ),
            number=MOST_COMPARED,
        ),
    )

    to_instrument: ClassVar[str] = "instrument"

    class Meta:
        form = AskedForm

    def __init__(self, *args: Any, now: datetime.datetime, member: Membership | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        self.member = member

    # --- What is asked -------------------------------------------------------------------------------------------

    @property
    def free(self) -> FreeWish | None:
        """What must be free, and when."""
        found: FreeWish | None = self.chosen.get("free")
        return found

    @property
    def capability(self) -> capabilities.Wish | None:
        """What must be measured, and how well."""
        found: capabilities.Wish | None = self.chosen.get("capability")
        return found

    @property
    def quantity_alone(self) -> str:
        """The quantity asked for without any value of it."""
        chosen = self.chosen
        asks_more = any(self.data.get(name) for name in ("value", "value_to", "uncertainty"))
        return "" if asks_more else chosen.get("quantity", "")

    @property
    def minutes_of_use(self) -> int:
        """The length of the use that prices are told for."""
        found: int = self.chosen.get("minutes") or USUAL_MINUTES
        return found

    @property
    def mode_of_use(self) -> str | None:
        """The mode of use asked for."""
        return self.chosen.get("mode")

    @cached_property
    def origin(self) -> Origin | None:
        """Where distances are measured from: the point given, or the district of the member's organisation."""
        given: Origin | None = self.chosen.get("near")
        if given is not None or self.member is None:
            return given
        district = self.member.organisation.district
        return Origin(district.lat, district.lon, district.name) if district else None

    @property
    def order(self) -> str:
        """The order asked for; one that cannot be told here is the best match."""
        asked: str = self.chosen.get("sort") or sorting.BEST
        return asked if asked in self.sorts else sorting.BEST

    @property
    def is_by_punctuality(self) -> bool:
        """Whether it is sorted by how often the labs are on time."""
        return self.order == sorting.PUNCTUALITY

    @property
    def sorts(self) -> list[str]:
        """The orders that can be told for this query."""
        possible = dict.fromkeys(SORTS, True)
        possible[sorting.DISTANCE] = self.origin is not None
        possible[sorting.TURNAROUND] = "turnaround" in self.filters
        possible[sorting.UNCERTAINTY] = self.capability is not None
        return [name for name, is_possible in possible.items() if is_possible]

    @property
    def sort_choices(self) -> list[tuple[str, str]]:
        """The orders that can be told for this query, with their names."""
        return [(name, str(SORTS[name])) for name in self.sorts]

    @property
    def says_more(self) -> bool:
        """Whether something of the last group of fields is asked, so that it stands open."""
        names = ("standard", "parameter", "price_from", "price_to", "turnaround", "accredited_on")
        return self.is_bound and any(self.data.get(name) for name in names)

    @property
    def refused(self) -> bool:
        """Whether something asked cannot be read; unknown values of facets merely find nothing."""
        return self.is_bound and bool(set(self.form.errors) - {*self.facet_names, "q", "sort"})

    # --- What it finds -------------------------------------------------------------------------------------------

    def conditions(self) -> dict[str, Q]:
        found = super().conditions()
        if free := self.free:
            key = "pk" if self.to_instrument == "pk" else "instrument_id"
            maybe = availability.maybe_free(within=free.starting, minutes=free.minutes)
            found["free"] = Q(**{f"{key}__in": maybe})
        if self.mode_of_use:
            path = "" if self.to_instrument == "pk" else "instrument__"
            found["mode"] = Q(**{f"{path}rental_mode__in": (self.mode_of_use, Instrument.RentalMode.BOTH)})
        if self.capability:
            found["capability"] = self.of_instruments(capable.instruments_for(self.capability))
        elif quantity := self.quantity_alone:
            found["capability"] = self.of_instruments(
                Capability.objects.filter(quantity=quantity).values_list("instrument_id", flat=True)
            )
        found |= self._price()
        return found

    def of_instruments(self, keys: QuerySet[Any, Any]) -> Q:
        """Return what is done on one of these instruments: their rentals, and the services they are used for."""
        if self.to_instrument == "pk":
            return Q(pk__in=keys)
        services = Offering.instruments.through.objects.filter(instrument__in=keys).values("offering_id")
        return Q(instrument__in=keys) | Q(pk__in=services)

    def _price(self) -> dict[str, Q]:
        bounds = {"gte": self.bound("price_from"), "lte": self.bound("price_to")}
        if bounds["gte"] is None and bounds["lte"] is None:
            return {}
        price = sorting.lowest_price(self.now, self.to_instrument)
        found = Q()
        if bounds["gte"] is not None:
            found &= Q(sorting.at_least(price, bounds["gte"]))
        if bounds["lte"] is not None:
            found &= Q(sorting.at_most(price, bounds["lte"]))
        return {"price": found}

    def bound(self, name: str) -> int | None:
        """Return a bound of the price in fen."""
        yuan: Decimal | None = self.cleaned(name)
        return None if yuan is None else int(yuan * 100)

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return what is found, in the order asked for; what needs the rules of booking comes later, in `listing`."""
        found = super().filter_queryset(queryset)
        rest = found.query.order_by
        match self.order:
            case sorting.PRICE:
                is_sme = self.member is not None and self.member.organisation.is_sme
                cost = sorting.cost_of_use(
                    minutes=self.minutes_of_use,
                    mode=self.mode_of_use,
                    is_sme=is_sme,
                    now=self.now,
                    instrument=self.to_instrument,
                )
                return sorting.smallest_first(found, cost, rest)
            case sorting.DISTANCE if self.origin is not None:
                return sorting.smallest_first(found, sorting.distance(self.origin, self.to_lab), rest)
            case sorting.UNCERTAINTY if self.capability is not None:
                key = "pk" if self.to_instrument == "pk" else "instrument_id"
                return sorting.smallest_first(found, capable.uncertainty_for(self.capability, instrument=key), rest)
            case sorting.TURNAROUND:
                return sorting.smallest_first(found, F("turnaround_workdays"), rest)
            case sorting.PUNCTUALITY:
                return sorting.smallest_first(found, sorting.lateness(self.to_lab), rest)
            case sorting.BEST if (parameter := self.chosen.get("parameter")) and not self.text:
                return sorting.smallest_first(found, sorting.not_named(parameter), rest)
        return found


class DiscoveryFilter(Asking, CatalogueFilter):
    """Offerings by all that the catalogue can be asked."""

    class Meta(Asking.Meta):
        model = Offering
        fields: ClassVar[list[str]] = []


class DiscoveryInstrumentFilter(Asking, InstrumentFilter):
    """Instruments by all that the catalogue can be asked of them."""

    to_instrument = "pk"

    class Meta(Asking.Meta):
        model = Instrument
        fields: ClassVar[list[str]] = []
