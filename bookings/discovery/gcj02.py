"""
WGS-84 to GCJ-02, the datum in which maps are published in China.

The shift has no official description; this is the commonly published approximation, with the constants and the test
vectors of the open-source project eviltransform (github.com/googollee/eviltransform, MIT), good to about a metre.
"""

import math

RADIUS = 6_378_245.0
FLATTENING = 0.00669342162296594323
"""Square of the first eccentricity of the ellipsoid (Krasovsky)."""


def is_shifted(lat: float, lon: float) -> bool:
    """Return whether maps of a point are shifted: roughly, whether it lies in China."""
    return 0.8293 <= lat <= 55.8271 and 72.004 <= lon <= 137.8347


def from_wgs84(lat: float, lon: float) -> tuple[float, float]:
    """Return where a point of WGS-84 lies on a map in GCJ-02, in degrees; abroad it stays where it is."""
    if not is_shifted(lat, lon):
        return lat, lon
    north, east = _metres(lon - 105.0, lat - 35.0)
    phi = math.radians(lat)
    bend = 1 - FLATTENING * math.sin(phi) ** 2
    meridian = RADIUS * (1 - FLATTENING) / (bend * math.sqrt(bend))
    parallel = RADIUS / math.sqrt(bend) * math.cos(phi)
    return lat + math.degrees(north / meridian), lon + math.degrees(east / parallel)


def _metres(x: float, y: float) -> tuple[float, float]:
    """Return the shift north and east in metres, at so many degrees from 105° E, 35° N."""
    root = math.sqrt(abs(x))
    common = 20 * _sine(6 * x) + 20 * _sine(2 * x)
    north = common + 20 * _sine(y) + 40 * _sine(y / 3) + 160 * _sine(y / 12) + 320 * _sine(y / 30)
    east = common + 20 * _sine(x) + 40 * _sine(x / 3) + 150 * _sine(x / 12) + 300 * _sine(x / 30)
    return (
        north * 2 / 3 - 100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root,
        east * 2 / 3 + 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root,
    )


def _sine(half_turns: float) -> float:
    return math.sin(half_turns * math.pi)
