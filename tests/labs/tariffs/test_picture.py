"""The picture of a price list draws what a use is charged by; versions stand in order."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.pricing.rules import band_minutes, bands_of
from kernel.periods import Period
from labs.tariffs import picture, rules
from labs.tariffs.rules import DAY_TYPES, MINUTES_A_DAY, Stretch, never_holding, standings, stretches

NIGHT = {
    "name": "night",
    "name_zh": "夜间",
    "start": "22:00",
    "end": "08:00",
    "day_types": list(DAY_TYPES),
    "rate_bp": 6000,
}
PEAK = {"name": "peak", "name_zh": "高峰", "start": "09:00", "end": "12:00", "day_types": ["workday"], "rate_bp": 12000}
NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
CLOCKS = st.builds(lambda minute: f"{minute // 60:02d}:{minute % 60:02d}", st.integers(0, MINUTES_A_DAY - 1))


def a_band(start: str, end: str, days: set[str], rate_bp: int) -> dict[str, object]:
    return {"name": "x", "name_zh": "", "start": start, "end": end, "day_types": sorted(days), "rate_bp": rate_bp}


DAYS = st.sets(st.sampled_from(DAY_TYPES), min_size=1)
BANDS = st.lists(st.builds(a_band, CLOCKS, CLOCKS, DAYS, st.integers(0, 20_000)), max_size=5)


def test_a_band_that_wraps_midnight_covers_both_ends_of_each_of_its_days():
    assert stretches([NIGHT, PEAK], "workday") == (
        Stretch(0, 480, 0), Stretch(480, 540, None), Stretch(540, 720, 1), Stretch(720, 1320, None),
        Stretch(1320, 1440, 0),
    )  # fmt: skip
    assert stretches([NIGHT, PEAK], "holiday") == (Stretch(0, 480, 0), Stretch(480, 1320, None), Stretch(1320, 1440, 0))
    assert stretches([], "workday") == (Stretch(0, MINUTES_A_DAY, None),)


def test_a_band_from_a_minute_to_itself_is_the_whole_day():
    assert stretches([{**PEAK, "start": "09:00", "end": "09:00"}], "workday") == (Stretch(0, MINUTES_A_DAY, 0),)


def test_a_band_behind_others_is_said_to_hold_never():
    assert never_holding([NIGHT, {**PEAK, "start": "23:00", "end": "01:00"}, PEAK]) == (1,)


@given(bands=BANDS, day_type=st.sampled_from(DAY_TYPES))
def test_the_picture_agrees_with_the_price(bands, day_type):
    """BL-3: what is drawn is what is charged, minute for minute."""
    zone = ZoneInfo("Asia/Shanghai")
    midnight = datetime(2026, 11, 23, tzinfo=zone)
    priced = bands_of(bands)
    drawn: dict[object, int] = {}
    for stretch in stretches(bands, day_type):
        key = None if stretch.band is None else priced[stretch.band]
        drawn[key] = drawn.get(key, 0) + stretch.ends - stretch.starts

    charged = band_minutes(
        bands=priced, period=Period(midnight, midnight + timedelta(days=1)), zone=zone, day_type=lambda day: day_type
    )

    assert drawn == charged


def of_day(bands: list[dict[str, object]], day_type: str) -> list[object]:
    """What holds at each minute: a band's name and rate, or None."""
    told: list[object] = []
    for stretch in stretches(bands, day_type):
        band = None if stretch.band is None else bands[stretch.band]
        told += [band and (band["name"], band["name_zh"], band["rate_bp"])] * (stretch.ends - stretch.starts)
    return told


@given(
    bands=BANDS,
    brush=st.one_of(st.none(), st.tuples(st.just("new"), st.just("新"), st.integers(0, 20_000))),
    days=DAYS,
    starts=st.integers(0, MINUTES_A_DAY - 1),
    ends=st.integers(0, MINUTES_A_DAY - 1),
)
def test_painting_changes_the_hours_painted_and_no_others(bands, brush, days, starts, ends):
    painted = rules.painted(bands, brush=brush, day_types=days, starts=starts, ends=ends)

    assert rules.band_problem(painted) == ""
    assert never_holding(painted) == ()
    for day_type in DAY_TYPES:
        before, after = of_day(bands, day_type), of_day(painted, day_type)
        for minute in range(MINUTES_A_DAY):
            is_inside = starts <= minute < ends if starts < ends else minute >= starts or minute < ends
            assert after[minute] == (brush if day_type in days and is_inside else before[minute])


def test_what_is_painted_is_written_in_as_few_bands_as_it_takes():
    noon = rules.painted([NIGHT, PEAK], brush=("noon", "午间", 5_000), day_types=["workday"], starts=660, ends=780)

    assert [(band["name"], band["start"], band["end"], band["day_types"]) for band in noon] == [
        ("night", "22:00", "08:00", list(DAY_TYPES)),
        ("peak", "09:00", "11:00", ["workday"]),
        ("noon", "11:00", "13:00", ["workday"]),
    ]
    whole = rules.painted([NIGHT], brush=("night", "夜间", 6_000), day_types=["holiday"], starts=0, ends=0)
    assert [(band["start"], band["end"], band["day_types"]) for band in whole] == [
        ("22:00", "08:00", ["workday", "restday"]), ("00:00", "00:00", ["holiday"]),
    ]  # fmt: skip
    assert rules.painted(whole, brush=None, day_types=DAY_TYPES, starts=60, ends=60) == []


def test_a_piece_is_drawn_where_its_hours_are():
    drawn = picture.drawn([NIGHT, PEAK], 30_000)

    workday = drawn.strips[0].pieces
    assert [(piece.x, piece.width, piece.look) for piece in workday][:3] == [
        ("0.000%", "33.333%", "rate-cheap"), ("33.333%", "4.167%", "rate-standard"),
        ("37.500%", "12.500%", "rate-dearer"),
    ]  # fmt: skip
    assert [str(key.rate) for key in drawn.keys] == ["¥180.00", "¥360.00", "¥300.00"]


@pytest.mark.parametrize(
    ("versions", "told"),
    [
        ({}, {}),
        ({1: -1}, {1: "in_force"}),
        ({1: -2, 2: -1, 3: 1}, {1: "past", 2: "in_force", 3: "scheduled"}),
        ({1: -2, 2: 5, 3: 1}, {1: "in_force", 2: "scheduled", 3: "scheduled"}),
        ({1: -2, 2: 1, 3: 1}, {1: "in_force", 2: "skipped", 3: "scheduled"}),
        ({1: -1, 2: -1}, {1: "skipped", 2: "in_force"}),
        ({1: 0}, {1: "in_force"}),
    ],
)
def test_how_versions_stand(versions, told):
    assert standings([(number, NOON + timedelta(hours=at)) for number, at in versions.items()], NOON) == told
