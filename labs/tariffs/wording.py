"""How price lists are said to people."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from kernel.bilingual import chosen
from labs.tariffs.rules import DAY_TYPES, MINUTES_A_DAY


def percent(bp: int) -> str:
    """Return basis points in percent: 8000 is 80 %."""
    return f"{bp / 100:g} %"


def clock(minute: int) -> str:
    """Return a minute of the day as a clock shows it; the end of the day is 24:00."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def band_name(band: dict[str, Any]) -> str:
    """Return the name of an hour band in the language of the page."""
    name = band["name"]
    known = {"night": _("night hours"), "peak": _("peak hours"), "weekend": _("weekends")}
    return chosen(band.get("name_zh", ""), known.get(name, name.replace("_", " ")))


def standard_name() -> str:
    """Return what the hours outside all bands are called."""
    return _("standard hours")


def day_type_names() -> dict[str, str]:
    """Return the names of the day types (BK-3)."""
    return {"workday": _("workdays"), "restday": _("rest days"), "holiday": _("public holidays")}


def days(day_types: Iterable[str]) -> str:
    """Return the names of some day types: every day, where it is all of them."""
    given = set(day_types)
    if given >= set(DAY_TYPES):
        return _("every day")
    names = day_type_names()
    return _(", ").join(names[day] for day in DAY_TYPES if day in given)


def hours(band: dict[str, Any]) -> str:
    """Return the hours of a band: 22:00 to 08:00 of the next day is said so, midnight at the end is 24:00."""
    starts, ends = band["start"], band["end"]
    if ends == "00:00":
        return f"{starts}–{clock(MINUTES_A_DAY)}"
    return f"{starts}–{ends}"


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a cancellation ladder in words: the notice given, and the part of the price it costs."""

    notice: str
    fee: str


def ladder(steps: Iterable[Mapping[str, int]]) -> list[Step]:
    """Return a cancellation ladder as a policy keeps it (hours of notice, fee in bp), the longest notice first."""
    return [
        Step(
            notice=_("{hours} h or more before the start").format(hours=step["min_notice_hours"])
            if step["min_notice_hours"]
            else _("later"),
            fee=_("{percent} of the price").format(percent=percent(step["fee_bp"]))
            if step["fee_bp"]
            else _("free of charge"),
        )
        for step in sorted(steps, key=lambda step: -step["min_notice_hours"])
    ]
