"""What somebody begins to wait for, as the address of the form says it; filled with what they looked at before."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.shortcuts import get_object_or_404
from django.utils.dateparse import parse_time

from accounts.models import Membership
from bookings.availability import queries as availability
from bookings.availability.rules import Facts
from bookings.discovery.fields import MomentField
from bookings.discovery.queries.offers import AN_HOUR, day_of, usual_minutes
from bookings.waitlist import asking
from kernel.periods import Period
from labs.hours.rules import midnight
from labs.models import Instrument, InstrumentGroup

A_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Wanted:
    """
    One instrument, a group of them, or what a search finds (`query`), and how the form about it begins.

    `words` say it in the language of the page. `facts` are the one instrument's, where it can be priced and booked.
    """

    words: str
    zone: ZoneInfo
    initial: dict[str, Any]
    instrument: Instrument | None = None
    group: InstrumentGroup | None = None
    query: asking.Query | None = None
    facts: Facts | None = None

    @property
    def capacity(self) -> int:
        """How many units might be wanted."""
        return self.instrument.capacity if self.instrument else 1

    def form_kwargs(self) -> dict[str, Any]:
        """What the form needs to know."""
        return {
            "zone": self.zone,
            "initial": self.initial,
            "facts": self.facts,
            "instrument": self.instrument,
            "capacity": self.capacity,
        }


def wanted(query: QueryDict, *, member: Membership, now: datetime) -> Wanted | None:
    """Return what an address names, or None where it names nothing; what is not in the catalogue is a 404."""
    if code := query.get("instrument"):
        found = get_object_or_404(Instrument.objects.published().select_related("lab"), code=code)
        return _one(found, query, member=member, now=now)
    if code := query.get("group"):
        group = get_object_or_404(InstrumentGroup.objects.select_related("lab"), code=code, lab__is_active=True)
        return Wanted(group.name, group.lab.tz, _initial(query, group.lab.tz, now), group=group)
    kept = asking.kept(query)
    if not kept:
        return None
    zone = ZoneInfo(settings.TIME_ZONE)
    return Wanted(asking.words(kept, now=now), zone, _initial(query, zone, now), query=kept)


def _initial(query: QueryDict, zone: ZoneInfo, now: datetime, *, usual: int = AN_HOUR) -> dict[str, Any]:
    """Return what the form begins with: all that was chosen or asked before."""
    minutes = _length(query) or usual
    told = {name: query[name] for name in ("mode", "units", "profile") if query.get(name)}
    return {**_window(query, minutes, zone, now), "minutes": minutes, "materials": query.getlist("materials"), **told}


def _one(instrument: Instrument, query: QueryDict, *, member: Membership, now: datetime) -> Wanted:
    within = Period(now, now + A_WEEK)
    terms = availability.terms([instrument.pk], within=within, member=member, now=now).get(instrument.pk)
    facts = terms.facts if terms else None
    initial = _initial(query, instrument.lab.tz, now, usual=usual_minutes(facts) if facts else AN_HOUR)
    return Wanted(instrument.name, instrument.lab.tz, initial, instrument=instrument, facts=facts)


def _window(query: QueryDict, minutes: int, zone: ZoneInfo, now: datetime) -> dict[str, datetime]:
    """
    Return the window: the very time that was chosen, what had to be free, or a week from a day or from now on.

    Nothing of it lies before the next full hour.
    """
    next_hour = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    since, until = _moment(query, "free_from"), _moment(query, "free_to", ends=True)
    if day := day_of(query.dict()):
        since = midnight(day, zone)
        if clock := _clock(query.get("start", "")):
            since = datetime.combine(day, clock, zone)
            until = since + timedelta(minutes=minutes)
    since = max(since or next_hour, next_hour)
    if until is None or until <= since:
        until = midnight(since.astimezone(zone).date(), zone) + A_WEEK
    return {"since": since, "until": until}


def _clock(text: str) -> time | None:
    try:
        return parse_time(text)
    except ValueError:
        return None


def _moment(query: Mapping[str, Any], name: str, *, ends: bool = False) -> datetime | None:
    try:
        return MomentField(ends=ends, required=False).clean(query.get(name, ""))
    except forms.ValidationError:
        return None


def _length(query: Mapping[str, Any]) -> int | None:
    minutes = str(query.get("minutes", ""))
    return int(minutes) if minutes.isdecimal() and len(minutes) < 6 else None
