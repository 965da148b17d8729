"""What the catalogue's query may say beside words and facets, and how it is read: moments, places, whole questions."""

import datetime
import re
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _

from bookings.discovery.wishes import YEARS, FreeWish, Origin
from kernel.periods import Period
from kernel.refusals import Refusal
from labs.capabilities import rules as capabilities

LONGEST_LOOK = datetime.timedelta(days=31)
"""How much time one question of what is free may span."""
PLACE = re.compile(r"^\s*(-?\d{1,3}(?:\.\d+)?)\s*,\s*(-?\d{1,3}(?:\.\d+)?)\s*$")


def city_zone() -> ZoneInfo:
    """Return the zone in which a time without an offset is read."""
    return ZoneInfo(settings.TIME_ZONE)


class MomentField(forms.CharField):
    """
    A moment: a date, a date and a time on the city's clock, or an instant with its offset.

    A date alone is its first minute, or, where it ends something, the midnight after it.
    """

    def __init__(self, *, ends: bool = False, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local", "step": "900"}, format="%Y-%m-%dT%H:%M")
        super().__init__(widget=widget, max_length=40, **kwargs)
        self.ends = ends

    def clean(self, value: Any) -> datetime.datetime | None:
        """Read the moment; aware, in the city's zone where the text names no offset."""
        text = super().clean(value)
        if not text:
            return None
        try:
            day = parse_date(text)
            moment = None if day else parse_datetime(text.replace(" ", "+") if "T" in text else text)
        except ValueError:
            day = moment = None
        if day is not None:
            days = datetime.timedelta(days=1 if self.ends else 0)
            moment = datetime.datetime.combine(day, datetime.time()) + days
        if moment is None or moment.year not in YEARS:
            raise forms.ValidationError(_("Write a date and a time, for instance 2026-11-25T09:00."))
        return moment if moment.tzinfo else moment.replace(tzinfo=city_zone())

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Show what was read as the browser's field wants it: local date and time, to the minute."""
        try:
            moment = self.clean(data)
        except forms.ValidationError:
            return data
        return f"{moment.astimezone(city_zone()):%Y-%m-%dT%H:%M}" if moment else data


class OriginField(forms.CharField):
    """A point as latitude and longitude in degrees (WGS-84): 23.12,113.36."""

    def clean(self, value: Any) -> Origin | None:
        """Read the point."""
        text = super().clean(value)
        if not text:
            return None
        found = PLACE.match(text)
        lat, lon = (float(found[1]), float(found[2])) if found else (91.0, 181.0)
        if abs(lat) > 90 or abs(lon) > 180:
            raise forms.ValidationError(_("Write latitude and longitude in degrees: 23.12,113.36."))
        return Origin(lat, lon)


class AskedForm(forms.Form):
    """The whole query: what its parts mean together (`free`), and what they leave open."""

    def clean(self) -> dict[str, Any]:
        """Put the parts together; a part that is missing or contradicts another is named."""
        data = super().clean() or {}
        data["free"] = self.free(data)
        data["capability"] = self.capability(data)
        return data

    def capability(self, data: dict[str, Any]) -> capabilities.Wish | None:
        """Return what must be measured, and how well; None where no value is asked for, or it cannot be read."""
        asked = {name: data.get(name) or "" for name in ("quantity", "value", "value_to", "unit", "uncertainty")}
        if not (asked["value"] or asked["value_to"] or asked["uncertainty"]):
            return None
        if any(name in self.errors for name in asked):
            return None
        try:
            return capabilities.wish(**asked)
        except Refusal as refusal:
            said = forms.ValidationError("%(said)s", code=refusal.code, params={"said": str(refusal)})
            self.add_error(getattr(refusal, "field", None), said)  # a sentence may hold a per cent sign
            return None

    def free(self, data: dict[str, Any]) -> FreeWish | None:
        """Return what is to be free, or None where nothing is asked or not enough is said."""
        starts, ends, minutes = data.get("free_from"), data.get("free_to"), data.get("minutes")
        if starts is None and ends is None:
            return None
        if any(name in self.errors for name in ("free_from", "free_to", "minutes", "mode")):
            return None
        if starts is None:
            self.add_error("free_from", _("Say from when it should be free."))
        elif ends is None:
            self.add_error("free_to", _("Say until when it should be free."))
        elif minutes is None:
            self.add_error("minutes", _("Say for how many minutes it should be free."))
        elif ends - starts < datetime.timedelta(minutes=minutes):
            self.add_error("free_to", _("The end must leave room for the whole use after the start."))
        elif ends - starts > LONGEST_LOOK:
            self.add_error("free_to", _("The end must come within 31 days after the start."))
        else:
            return FreeWish(Period(starts, ends), minutes, data.get("mode") or None)
        return None
