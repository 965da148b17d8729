"""The shift of maps in China, against the vectors that eviltransform publishes (its tests, MIT licence)."""

import pytest

from bookings.discovery.gcj02 import from_wgs84


@pytest.mark.parametrize(
    ("wgs84", "gcj02"),
    [
        ((31.1774276, 121.5272106), (31.17530398364597, 121.531541859215)),
        ((22.543847, 113.912316), (22.540796131694766, 113.9171764808363)),
        ((39.911954, 116.377817), (39.91334545536069, 116.38404722455657)),
    ],
)
def test_points_in_china_are_shifted_as_published(wgs84: tuple[float, float], gcj02: tuple[float, float]) -> None:
    assert from_wgs84(*wgs84) == pytest.approx(gcj02, abs=1e-9)


def test_points_abroad_stay_where_they_are() -> None:
    assert from_wgs84(48.8566, 2.3522) == (48.8566, 2.3522)
