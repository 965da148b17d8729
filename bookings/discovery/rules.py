"""How a week, a price list and a city are laid out for the eye: pure functions from values to what a page draws."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Literal

from billing.pricing.rules import MINUTES_A_DAY, Band, Rates
from kernel.money import BASIS_POINTS, Money
from kernel.periods import Period, without

type PieceKind = Literal[
    "free", "busy", "closed", "maintenance", "uncalibrated", "past", "too_soon", "too_far", "withheld", "off"
]

DAY_TYPES = ("workday", "restday", "holiday")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of an instrument's week and what it is; `reason` says why it cannot be booked."""

    period: Period
    kind: PieceKind
    reason: str = ""


def laid_out(layers: Iterable[Iterable[Piece]]) -> list[Piece]:
    """Return the pieces so that none covers another: what stands in an earlier layer wins; in order of time."""
    placed: list[Piece] = []
    for layer in layers:
        taken = [piece.period for piece in placed]
        for piece in layer:
            parts = without([piece.period], taken)
            placed += [Piece(part, piece.kind, piece.reason) for part in parts]
            taken += parts
    return sorted(placed, key=lambda piece: piece.period)


@dataclass(frozen=True, slots=True)
class Reasons:
    """What is said about time that is open and yet not offered."""

    past: str
    too_soon: str
    too_far: str
    off: str


def remainder(
    window: Period, known: Iterable[Piece], *, now: datetime, earliest: datetime, latest: datetime, reasons: Reasons
) -> list[Piece]:
    """Return what is left of a window beside the known pieces: past, too soon, too far ahead, or not offered."""
    rest: list[Piece] = []
    bounds: list[tuple[datetime, PieceKind, str]] = [
        (now, "past", reasons.past),
        (earliest, "too_soon", reasons.too_soon),
        (max(latest, earliest), "off", reasons.off),
        (window.end, "too_far", reasons.too_far),
    ]
    for part in without([window], [piece.period for piece in known]):
        start = part.start
        for until, kind, reason in bounds:
            end = min(until, part.end)
            if start < end:
                rest.append(Piece(Period(start, end), kind, reason))
                start = end
    return rest


# --- The price list as a picture ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the day at one rate: minutes of the day, the rate an hour, and the band it comes from."""

    starts: int
    ends: int
    rate: Money
    rate_bp: int
    band: Band | None

    @property
    def minutes(self) -> int:
        """Its length."""
        return self.ends - self.starts

    @property
    def clock(self) -> str:
        """Its times: 08:00–22:00."""
        return f"{clock(self.starts)}–{clock(self.ends)}"

    @property
    def short(self) -> str:
        """The rate as it fits into a narrow picture: whole yuan where it is whole."""
        return f"¥{self.rate.fen // 100:,}" if self.rate.fen % 100 == 0 else str(self.rate)

    @property
    def level(self) -> str:
        """How it compares with the standard rate: low, standard or high."""
        return "low" if self.rate_bp < BASIS_POINTS else "high" if self.rate_bp > BASIS_POINTS else "standard"


@dataclass(frozen=True, slots=True)
class DayPicture:
    """The rates of a day, for the day types that share them."""

    day_types: tuple[str, ...]
    segments: tuple[Segment, ...]


def picture(rates: Rates) -> list[DayPicture]:
    """Return the rate at every minute of a day, by day type; day types with the same rates share a row."""
    rows: dict[tuple[Segment, ...], list[str]] = {}
    for day_type in DAY_TYPES:
        rows.setdefault(_segments(rates, day_type), []).append(day_type)
    return [DayPicture(tuple(day_types), segments) for segments, day_types in rows.items()]


def _segments(rates: Rates, day_type: str) -> tuple[Segment, ...]:
    edges = sorted({0, MINUTES_A_DAY, *(b.starts for b in rates.bands), *(b.ends for b in rates.bands)})
    found: list[Segment] = []
    for edge, ends in pairwise(edges):
        band = next((band for band in rates.bands if band.covers(edge, day_type)), None)
        starts = found.pop().starts if found and found[-1].band == band else edge
        bp = BASIS_POINTS if band is None else band.rate_bp
        found.append(Segment(starts, ends, Money(rates.base_rate_fen_per_hour).basis_points(bp), bp, band))
    return tuple(found)


def lowest_rate(rates: Rates) -> Money:
    """Return the lowest rate an hour at any time: what 'from' on a card means."""
    if not rates.bands:
        return Money(rates.base_rate_fen_per_hour)
    return min(segment.rate for row in picture(rates) for segment in row.segments)


def clock(minute: int) -> str:
    """Return a minute of the day as a clock shows it."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


# --- The lengths one may choose ----------------------------------------------------------------------------------

STEPS = ((8 * 60, 1), (24 * 60, 60), (30 * 24 * 60, 24 * 60))
"""Up to so many minutes, lengths are offered in steps of at least so many; beyond, by the week."""

A_WEEK = 7 * 24 * 60


def lengths(*, grid: int, least: int, most: int) -> list[int]:
    """Return the lengths in minutes that are offered: multiples of the grid, ever coarser the longer they get."""
    offered: list[int] = []
    minutes = -(-least // grid) * grid
    while minutes <= most:
        offered.append(minutes)
        wanted = next((step for until, step in STEPS if minutes < until), A_WEEK)
        step = math.lcm(grid, wanted) if wanted > grid else grid
        minutes = (minutes // step + 1) * step
    if offered and offered[-1] != most and most % grid == 0:
        offered.append(most)
    return offered


# --- The city as dots --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Place:
    """Something at a point of the earth: WGS-84 degrees."""

    name: str
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Dot:
    """A place as it is drawn: pixels from the top left."""

    name: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class CityMap:
    """A drawing of a city: its size, the dots in the order of the places, its districts, and where names stand."""

    width: int
    height: int
    dots: tuple[Dot, ...]
    districts: tuple[Dot, ...]
    labels: tuple[Dot, ...]


MARGIN = 60
LABEL_HEIGHT = 26
LETTER = 20
"""How wide a Chinese letter of a label is; a Latin one takes half of it."""
DOT = 12


def city_map(places: Sequence[Place], districts: Sequence[Place], *, width: int = 560) -> CityMap:
    """
    Return a drawing of places over the names of districts, north up, to scale in both directions.

    A name stands at its district, or as near above or below as it covers neither a dot nor another name.
    """
    everything = [*places, *districts]
    if not everything:
        return CityMap(width, 2 * MARGIN, (), (), ())
    west, east = min(one.lon for one in everything), max(one.lon for one in everything)
    south, north = min(one.lat for one in everything), max(one.lat for one in everything)
    shrink = math.cos(math.radians((south + north) / 2))
    scale = (width - 2 * MARGIN) / max((east - west) * shrink, (north - south) * 0.7, 1e-6)

    def drawn(place: Place) -> Dot:
        x = MARGIN + (place.lon - west) * shrink * scale
        return Dot(place.name, round(x, 1), round(MARGIN + (north - place.lat) * scale, 1))

    dots = tuple(map(drawn, places))
    centres = tuple(map(drawn, districts))
    labels: list[Dot] = []
    for centre in sorted(centres, key=lambda dot: (dot.y, dot.x)):
        shifts = (sign * step for step in range(0, 160, 2) for sign in (1, -1))
        label = next((one for shift in shifts if not _covers(one := _moved(centre, shift), dots, labels)), centre)
        labels.append(label)
    return CityMap(width, round(2 * MARGIN + (north - south) * scale), dots, centres, tuple(labels))


def _moved(dot: Dot, down: float) -> Dot:
    return Dot(dot.name, dot.x, round(dot.y + down, 1))


def _covers(label: Dot, dots: Sequence[Dot], labels: Sequence[Dot]) -> bool:
    half = _wide(label.name) / 2
    if any(abs(label.x - dot.x) < half + DOT and abs(label.y - dot.y) < LABEL_HEIGHT / 2 + DOT for dot in dots):
        return True
    return any(
        abs(label.x - other.x) < half + _wide(other.name) / 2 + 4 and abs(label.y - other.y) < LABEL_HEIGHT
        for other in labels
    )


def _wide(text: str) -> float:
    return sum(LETTER if letter > "⺀" else LETTER * 0.55 for letter in text)
