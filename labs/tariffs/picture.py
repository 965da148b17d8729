"""The picture of a price list: the hours of a workday, a rest day and a holiday, drawn as stretches of one rate."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from kernel.money import Money
from labs.tariffs import rules, wording


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch as it is drawn: where (percent of the width), in which colour, with which words."""

    x: str
    width: str
    look: str
    name: str
    percent: str
    title: str


@dataclass(frozen=True, slots=True)
class Strip:
    """One day type: its code, its name, and its stretches in order."""

    day_type: str
    name: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Key:
    """A line of the legend: a band, its hours and days, its rate."""

    look: str
    name: str
    when: str
    percent: str
    rate: Money
    never_holds: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """The whole picture; `hours` are the marks below it, in hours and percent of the width."""

    strips: tuple[Strip, ...]
    keys: tuple[Key, ...]
    hours: tuple[tuple[int, str], ...]


def drawn(bands: Sequence[dict[str, Any]], base_rate_fen_per_hour: int) -> Picture:
    """Return the picture of a price list whose bands are right (`rules.band_problem`)."""
    base = Money(base_rate_fen_per_hour)
    names = wording.day_type_names()
    never = rules.never_holding(bands)
    standard = Key(
        _look(rules.STANDARD_BP),
        wording.standard_name(),
        _("all other hours") if bands else _("at all hours"),
        wording.percent(rules.STANDARD_BP),
        base,
    )
    keys = [
        Key(
            _look(band["rate_bp"]),
            wording.band_name(band),
            f"{wording.days(band['day_types'])} {wording.hours(band)}",
            wording.percent(band["rate_bp"]),
            base.basis_points(band["rate_bp"]),
            never_holds=place in never,
        )
        for place, band in enumerate(bands)
    ]
    strips = [
        Strip(
            day_type,
            names[day_type],
            tuple(
                _piece(stretch, standard if stretch.band is None else keys[stretch.band])
                for stretch in rules.stretches(bands, day_type)
            ),
        )
        for day_type in rules.DAY_TYPES
    ]
    marks = tuple((hour, _share(hour * 60)) for hour in range(0, 25, 3))
    return Picture(tuple(strips), (*keys, standard), marks)


def _piece(stretch: rules.Stretch, key: Key) -> Piece:
    said = f"{key.name} {wording.clock(stretch.starts)}–{wording.clock(stretch.ends)}: {key.percent}, {key.rate}"
    width = stretch.ends - stretch.starts
    is_wide = width >= 3 * 60  # room for a few words
    return Piece(
        x=_share(stretch.starts),
        width=_share(width),
        look=key.look,
        name=key.name if is_wide else "",
        percent=key.percent if width >= 90 else "",
        title=said,
    )


def _share(minutes: int) -> str:
    return f"{100 * minutes / rules.MINUTES_A_DAY:.3f}%"


def _look(rate_bp: int) -> str:
    """Return the class of a rate: the colour says cheaper or dearer, and how much; the words say it too."""
    if rate_bp == rules.STANDARD_BP:
        return "rate-standard"
    if rate_bp < rules.STANDARD_BP:
        return "rate-cheap" if rate_bp <= 7_000 else "rate-cheaper"
    return "rate-dear" if rate_bp >= 13_000 else "rate-dearer"
