"""The map of what was found: where its labs are, as a drawing, and over the tiles of a map where one is configured."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from bookings.discovery import gcj02
from bookings.discovery.rules import CityMap, city_map
from bookings.discovery.rules import Place as Point
from labs.models import Lab

GCJ02 = "gcj02"


@dataclass(frozen=True, slots=True)
class Place:
    """A lab on the map: how much was found there, and the query that lists it; `lat`, `lon` in the map's datum."""

    lab: Lab
    count: int
    query: str
    lat: float | None
    lon: float | None

    @property
    def is_placed(self) -> bool:
        """Whether it is known where the lab is."""
        return self.lat is not None and self.lon is not None


@dataclass(frozen=True, slots=True)
class Tiles:
    """Where the pictures of a map come from; without an address there are none, and points stand on empty ground."""

    url: str
    attribution: str


def tiles() -> Tiles:
    """Return the configured source of tiles."""
    return Tiles(settings.MAP_TILES, settings.MAP_ATTRIBUTION)


def on_the_map(lat: float | None, lon: float | None) -> tuple[float | None, float | None]:
    """Return a point of WGS-84 in the datum of the configured tiles."""
    if lat is None or lon is None or not settings.MAP_TILES or settings.MAP_DATUM != GCJ02:
        return lat, lon
    return gcj02.from_wgs84(lat, lon)


def drawn(places: Sequence[Place]) -> CityMap:
    """Return the drawing of the places over the names of their districts: for those without JavaScript."""
    placed = [place for place in places if place.lat is not None and place.lon is not None]
    points = [Point(place.lab.name, place.lat or 0, place.lon or 0) for place in placed]
    return city_map(points, districts(placed))


def districts(places: Sequence[Place]) -> list[Point]:
    """Return the districts of the places, in the datum of the map: names on empty ground."""
    found = {place.lab.district for place in places if place.is_placed and place.lab.district is not None}
    return [
        Point(one.name, *(each or 0 for each in on_the_map(one.lat, one.lon)))
        for one in sorted(found, key=lambda district: district.adcode)
    ]
