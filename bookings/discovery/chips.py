"""What a search was understood as: one chip for each thing that narrows the list, each with the query without it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings.discovery.fields import city_zone
from bookings.discovery.filters import Asking
from bookings.discovery.queries.understanding import EXACTLY, TYPED
from bookings.discovery.wishes import FreeWish
from bookings.discovery.wording import MODES, length
from kernel.money import Money
from labs.capabilities import wording as capabilities
from labs.catalogue.queries import Facet
from web import moments

CAPABILITY = ("quantity", "value", "value_to", "unit", "uncertainty")
FREE = ("free_from", "free_to")
PRICE = ("price_from", "price_to")


@dataclass(frozen=True, slots=True)
class Guess:
    """A word that was understood as something written otherwise; `query` searches for the word as it is typed."""

    words: str
    meant: str
    query: str
    told: str


@dataclass(frozen=True, slots=True)
class Chip:
    """One thing asked for in words, the condition it stands for, and the query that takes it away."""

    condition: str
    label: str
    query: str
    count: int | None = None


def without(query: QueryDict, names: Iterable[str], value: str | None = None) -> str:
    """Return a query without some names (or without one value of a name), and from the first page."""
    left = query.copy()
    for name in ("page", "format", *(names if value is None else ())):
        left.pop(name, None)
    if value is not None:
        for name in names:
            left.setlist(name, [one for one in left.getlist(name) if one != value])
    return f"?{left.urlencode()}"


def chips(query: QueryDict, asked: Asking, facets: Sequence[Facet]) -> list[Chip]:
    """Return what narrows the list, in the order it is asked."""
    found = [Chip(condition, label, without(query, names)) for condition, label, names in _single(asked) if label]
    for facet in facets:
        found += [
            Chip(
                facet.name,
                _("{facet}: {value}").format(facet=facet.label, value=value.label),
                without(query, [facet.name], value.value),
            )
            for value in facet.values
            if value.is_chosen
        ]
    return found


def guesses(query: QueryDict, asked: Asking, facets: Sequence[Facet]) -> list[Guess]:
    """Return what was guessed and still narrows the list; see Note [Understood as]."""
    labels = {(facet.name, value.value): value.label for facet in facets for value in facet.values if value.is_chosen}
    if number := asked.chosen.get("standard"):
        labels["standard", number] = number
    found = []
    for told in dict.fromkeys(query.getlist(TYPED)):
        name, _colon, rest = told.partition(":")
        value, _colon, words = rest.partition(":")
        if words and (name, value) in labels:
            found.append(Guess(words, labels[name, value], _as_typed(query, name, value, told, words), told))
    return found


def _as_typed(query: QueryDict, name: str, value: str, told: str, words: str) -> str:
    """Return the query that looks for the words themselves."""
    left = query.copy()
    left.pop("page", None)
    for each, dropped in ((name, value), (TYPED, told)):
        left.setlist(each, [one for one in left.getlist(each) if one != dropped])
    if name == "standard":
        left[name] = words
    else:
        left["q"] = f"{left.get('q', '')} {words}".strip()
    left[EXACTLY] = "1"
    return f"?{left.urlencode()}"


def _single(asked: Asking) -> Iterator[tuple[str, str, Sequence[str]]]:
    chosen = asked.chosen
    if asked.text:
        yield "q", f"“{asked.text}”", ("q",)
    if standard := chosen.get("standard"):
        yield "standard", _("Standard: {number}").format(number=standard), ("standard",)
    if parameter := chosen.get("parameter"):
        yield "parameter", _("Parameter: {name}").format(name=parameter), ("parameter",)
    if asked.capability or asked.quantity_alone:
        yield "capability", _capability(asked), CAPABILITY
    if asked.free is not None:
        yield "free", free_told(asked.free), FREE
    elif minutes := chosen.get("minutes"):
        yield "minutes", _("For {length}").format(length=length(minutes)), ("minutes",)
    if mode := asked.mode_of_use:
        yield "mode", str(MODES[mode]), ("mode",)
    if (workdays := asked.cleaned("turnaround")) is not None:
        told = ngettext("Report within {number} workday", "Report within {number} workdays", workdays)
        yield "turnaround", told.format(number=workdays), ("turnaround",)
    yield "price", _price(asked), PRICE
    if on := chosen.get("accredited_on"):
        yield "accredited_on", _("Accreditation valid on {day}").format(day=on.isoformat()), ("accredited_on",)
    if near := chosen.get("near"):
        yield "near", _("Near {lat}, {lon}").format(lat=f"{near.lat:g}", lon=f"{near.lon:g}"), ("near",)


def _capability(asked: Asking) -> str:
    if asked.capability is None:
        return _("Measures: {quantity}").format(quantity=capabilities.quantity_name(asked.quantity_alone))
    told = capabilities.asked(asked.capability)
    if uncertainty := asked.chosen.get("uncertainty"):
        told = _("{capability}, uncertainty at most {uncertainty}").format(capability=told, uncertainty=uncertainty)
    return told


def free_told(free: FreeWish) -> str:
    """Return what must be free in words; times on the city's clock."""
    within = moments.period(free.within, city_zone())
    return _("Free {period} for {length}").format(period=within, length=length(free.minutes))


def _price(asked: Asking) -> str:
    low, high = asked.bound("price_from"), asked.bound("price_to")
    if low is not None and high is not None:
        return _("Price {low} to {high}").format(low=Money(low), high=Money(high))
    if low is not None:
        return _("Price from {low}").format(low=Money(low))
    return _("Price up to {high}").format(high=Money(high)) if high is not None else ""


def loosened(found: Iterable[Chip], counts: dict[str, int]) -> list[Chip]:
    """Return the chips that may be taken away with how many results that leaves, those that help most first."""
    told = [
        Chip(chip.condition, chip.label, chip.query, counts[chip.condition])
        for chip in found
        if counts.get(chip.condition)
    ]
    return sorted(told, key=lambda chip: -(chip.count or 0))
