"""What somebody begins to wait for, as the address of the form says it; filled with what they looked at before."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.shortcuts import get_object_or_404

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
        initial = {**_window(query, group.lab.tz, now), "minutes": _length(query) or AN_HOUR, **_mode(query)}
        return Wanted(group.name, group.lab.tz, initial, group=group)
    kept = asking.kept(query)
    if not kept:
        return None
    zone = ZoneInfo(settings.TIME_ZONE)
    initial = {**_window(query, zone, now), "minutes": _length(query) or AN_HOUR, **_mode(query)}
    return Wanted(asking.words(kept, now=now), zone, initial, query=kept)


def _one(instrument: Instrument, query: QueryDict, *, member: Membership, now: datetime) -> Wanted:
    within = Period(now, now + A_WEEK)
    terms = availability.terms([instrument.pk], within=within, member=member, now=now).get(instrument.pk)
    facts = terms.facts if terms else None
    usual = usual_minutes(facts) if facts else AN_HOUR
    initial = {**_window(query, instrument.lab.tz, now), "minutes": _length(query) or usual, **_mode(query)}
    return Wanted(instrument.name, instrument.lab.tz, initial, instrument=instrument, facts=facts)


def _window(query: QueryDict, zone: ZoneInfo, now: datetime) -> dict[str, datetime]:
    """Return the window that was asked for: free from and until, or a week from a day on, or from now on."""
    since, until = _moment(query, "free_from"), _moment(query, "free_to", ends=True)
    next_hour = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    if day := day_of(query.dict()):
        since = midnight(day, zone)
    since = max(since or next_hour, next_hour)
    if until is None or until <= since:
        until = midnight(since.astimezone(zone).date(), zone) + A_WEEK
    return {"since": since, "until": until}


def _moment(query: Mapping[str, Any], name: str, *, ends: bool = False) -> datetime | None:
    try:
        return MomentField(ends=ends, required=False).clean(query.get(name, ""))
    except forms.ValidationError:
        return None


def _length(query: Mapping[str, Any]) -> int | None:
    minutes = str(query.get("minutes", ""))
    return int(minutes) if minutes.isdecimal() and len(minutes) < 6 else None


def _mode(query: Mapping[str, Any]) -> dict[str, str]:
    mode = query.get("mode", "")
    return {"mode": mode} if mode else {}
