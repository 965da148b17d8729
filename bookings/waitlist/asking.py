"""A wish by search: the catalogue's own parameters, kept as they stand in its address, and read again when asked."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import QueryDict
from django.utils import translation

from bookings.availability.rules import ASSISTED, SELF
from bookings.discovery import chips
from bookings.discovery import queries as discovery
from bookings.discovery.filters import DiscoveryInstrumentFilter
from kernel.periods import Period
from labs.catalogue import queries as catalogues
from labs.models import Instrument

SAID_OTHERWISE = {"free_from", "free_to", "minutes", "mode", "sort", "near"}
"""Parameters that an entry says itself, or that only put a list in order."""
LONGEST_VALUE = 100

type Query = dict[str, list[str]]


def kept(query: Mapping[str, Any]) -> Query:
    """Return what of a catalogue's address says which instruments will do; what is no such parameter is left out."""
    told = query if isinstance(query, QueryDict) else as_address(query)
    names = [name for name in DiscoveryInstrumentFilter.base_filters if name not in SAID_OTHERWISE]
    wanted = {name: [value[:LONGEST_VALUE] for value in told.getlist(name) if value] for name in names}
    return {name: values for name, values in wanted.items() if values}


def understood(query: Mapping[str, Any]) -> Query:
    """Return the same, with words that mean more than words (50 kN, a district) as the parameters they stand for."""
    told = kept(query)
    words = told.get("q", [""])[0].replace("\0", "")
    reading = discovery.understood(words[: discovery.LONGEST_TYPED])
    return kept(discovery.with_terms(as_address(told), reading)) if reading.terms else told


def as_address(query: Mapping[str, Any]) -> QueryDict:
    """Return parameters as those of an address; a value may be a text, a number, or a list of them."""
    told = QueryDict(mutable=True)
    for name, value in query.items():
        values = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
        told.setlist(name, [str(each) for each in values])
    return told


def asked(
    query: Query, *, now: datetime, free: Period | None = None, minutes: int = 0, mode: str = ""
) -> DiscoveryInstrumentFilter:
    """
    Return the catalogue's filter over all published instruments.

    With `free`, only those are found that may be free for so many minutes inside it; the rules of booking decide.
    """
    told = as_address(query)
    if free is not None:
        told["free_from"], told["free_to"] = free.start.isoformat(), free.end.isoformat()
        told["minutes"] = str(minutes)
    if mode in (SELF, ASSISTED):
        told["mode"] = mode
    today = now.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    return DiscoveryInstrumentFilter(told, queryset=Instrument.objects.published(), on=today, now=now, member=None)


def words(query: Query, *, now: datetime) -> str:
    """Return what a query means in the language of the page, as the catalogue's chips say it; three statements."""
    found = asked(query, now=now)
    said = chips.chips(as_address(query), found, catalogues.counted(found).facets)
    return " · ".join(str(chip.label) for chip in said)


def described(query: Query, *, now: datetime) -> dict[str, str]:
    """Return what a query means in both languages."""
    told = {}
    for key, language in (("zh", "zh-hans"), ("en", "en")):
        with translation.override(language):
            told[key] = words(query, now=now)
    return told
