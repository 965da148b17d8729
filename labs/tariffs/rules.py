"""What a price list and a cancellation ladder must look like, and which version of them holds when."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, Literal

CLOCK = re.compile(r"^(?:[01]\d|2[0-3]):[0-5]\d$")
DAY_TYPES = ("workday", "restday", "holiday")
MINUTES_A_DAY = 24 * 60
STANDARD_BP = 10_000
"""The rate outside all bands: the base itself."""
MOST_BP = 100_000
"""A rate is at most ten times the base."""

type Standing = Literal["scheduled", "in_force", "past", "skipped"]


def band_problem(bands: Any) -> str:
    """
    Return the path of the first thing wrong with hour bands (BL-3), such as `bands.0.start`, or an empty text.

    A band is {name, name_zh, start, end, day_types, rate_bp}; its hours may wrap midnight.
    """
    if not isinstance(bands, list):
        return "bands"
    for position, band in enumerate(bands):
        path = f"bands.{position}"
        if not isinstance(band, dict):
            return path
        if not isinstance(band.get("name"), str) or not band["name"]:
            return f"{path}.name"
        if not isinstance(band.get("name_zh", ""), str):
            return f"{path}.name_zh"
        for clock in ("start", "end"):
            if not isinstance(band.get(clock), str) or not CLOCK.match(band[clock]):
                return f"{path}.{clock}"
        days = band.get("day_types")
        if not isinstance(days, list) or not days or any(day not in DAY_TYPES for day in days):
            return f"{path}.day_types"
        if type(band.get("rate_bp")) is not int or not 0 <= band["rate_bp"] <= MOST_BP:
            return f"{path}.rate_bp"
    return ""


def ladder_problem(ladder: Any) -> str:
    """
    Return the path of the first thing wrong with a cancellation ladder (BL-20), or an empty text.

    Steps are {min_notice_hours, fee_bp}, from the longest notice to none, with a fee that never falls.
    """
    if not isinstance(ladder, list) or not ladder:
        return "cancellation"
    for position, step in enumerate(ladder):
        path = f"cancellation.{position}"
        if not isinstance(step, dict):
            return path
        hours, fee = step.get("min_notice_hours"), step.get("fee_bp")
        if type(hours) is not int or hours < 0 or (position and hours >= ladder[position - 1]["min_notice_hours"]):
            return f"{path}.min_notice_hours"
        if type(fee) is not int or not 0 <= fee <= 10_000 or (position and fee < ladder[position - 1]["fee_bp"]):
            return f"{path}.fee_bp"
    return "" if ladder[-1]["min_notice_hours"] == 0 else f"cancellation.{len(ladder) - 1}.min_notice_hours"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch [starts, ends) of a day in minutes, and the position of the band that holds there; None: none does."""

    starts: int
    ends: int
    band: int | None


def stretches(bands: Sequence[dict[str, Any]], day_type: str) -> tuple[Stretch, ...]:
    """Return a day of that type as stretches in which one band holds, first match wins (BL-3); the bands are right."""
    spans = [(_minute(band["start"]), _minute(band["end"]), day_type in band["day_types"]) for band in bands]
    edges = sorted({0, MINUTES_A_DAY, *(edge for starts, ends, _ in spans for edge in (starts, ends))})
    found: list[Stretch] = []
    for begins, ends in pairwise(edges):
        band = next((place for place, span in enumerate(spans) if _covers(span, begins)), None)
        if found and found[-1].band == band:
            found[-1] = Stretch(found[-1].starts, ends, band)
        else:
            found.append(Stretch(begins, ends, band))
    return tuple(found)


def never_holding(bands: Sequence[dict[str, Any]]) -> tuple[int, ...]:
    """Return the positions of bands that hold at no minute of any day: earlier ones take all of their time."""
    holding = {stretch.band for day_type in DAY_TYPES for stretch in stretches(bands, day_type)}
    return tuple(place for place in range(len(bands)) if place not in holding)


type Brush = tuple[str, str, int] | None
"""What hours are painted with: a band's name, its Chinese name, and its rate in basis points; None is the base rate."""


def brushes(bands: Sequence[dict[str, Any]]) -> list[tuple[str, str, int]]:
    """Return the bands by name and rate, each once, in their order."""
    return list(dict.fromkeys(_brush(band) for band in bands))


def painted(
    bands: Sequence[dict[str, Any]], *, brush: Brush, day_types: Iterable[str], starts: int, ends: int
) -> list[dict[str, Any]]:
    """
    Return bands under which some hours of some day types have another rate, and all other hours the one they had.

    Minutes [starts, ends) of the day, around midnight where `ends <= starts`; the bands are right. They are written
    anew, without overlaps: hours of one name and rate that are the same on several day types are one band.
    """
    over = set(day_types)
    spans = [(starts, ends)] if starts < ends else [(starts, MINUTES_A_DAY), (0, ends)]
    parts: dict[tuple[str, str, int], dict[tuple[int, int], list[str]]] = {key: {} for key in brushes(bands)}
    if brush is not None:
        parts.setdefault(brush, {})
    for day_type in DAY_TYPES:
        day: list[Brush] = []
        for stretch in stretches(bands, day_type):
            key = None if stretch.band is None else _brush(bands[stretch.band])
            day += [key] * (stretch.ends - stretch.starts)
        if day_type in over:
            for begins, until in spans:
                day[begins:until] = [brush] * (until - begins)
        for key, span in _runs(day):
            parts[key].setdefault(span, []).append(day_type)
    return [
        {
            "name": name,
            "name_zh": name_zh,
            "start": _clock(begins),
            "end": _clock(until % MINUTES_A_DAY),
            "day_types": held,
            "rate_bp": rate_bp,
        }
        for (name, name_zh, rate_bp), found in parts.items()
        for (begins, until), held in found.items()
    ]


def _brush(band: dict[str, Any]) -> tuple[str, str, int]:
    return band["name"], band.get("name_zh", ""), band["rate_bp"]


def _runs(day: Sequence[Brush]) -> list[tuple[tuple[str, str, int], tuple[int, int]]]:
    """Return the stretches of a day, minute by minute, that are painted; the evening and the morning of one are one."""
    edges = [0, *(minute for minute in range(1, MINUTES_A_DAY) if day[minute] != day[minute - 1]), MINUTES_A_DAY]
    runs = [(key, (begins, until)) for begins, until in pairwise(edges) if (key := day[begins]) is not None]
    if len(runs) > 1 and runs[0][1][0] == 0 and runs[-1][1][1] == MINUTES_A_DAY and runs[0][0] == runs[-1][0]:
        (key, (_zero, until)), (_key, (begins, _end)) = runs[0], runs[-1]
        return [(key, (begins, until)), *runs[1:-1]]
    return runs


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _covers(span: tuple[int, int, bool], minute: int) -> bool:
    starts, ends, is_meant = span
    if not is_meant:
        return False
    return starts <= minute < ends if starts < ends else minute >= starts or minute < ends


def _minute(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


def standings(versions: Iterable[tuple[int, datetime]], now: datetime) -> dict[int, Standing]:
    """
    Return how each version, given as its number and the instant it holds from, stands at an instant.

    The one in force is the last that has begun, by its beginning and then its number. A version whose time is taken by
    a later one before it begins was skipped.
    """
    rows = sorted(((begins, number) for number, begins in versions), reverse=True)
    told: dict[int, Standing] = {}
    following: datetime | None = None
    is_found = False
    for begins, number in rows:
        if following is not None and begins == following:
            told[number] = "skipped"
        elif begins > now:
            told[number] = "scheduled"
        else:
            told[number] = "past" if is_found else "in_force"
            is_found = True
        following = begins
    return told
