"""How a week, a price list and a city are laid out."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from django.utils import translation

from billing.pricing.rules import Band, Rates
from bookings.discovery import rules
from bookings.discovery.rules import Piece, Place, Reasons
from kernel.money import Money
from kernel.periods import Period
from labs.tariffs import wording as price_lists

NINE = datetime(2026, 11, 23, 1, tzinfo=UTC)
REASONS = Reasons(past="past", too_soon="too soon", too_far="too far", off="off")
EVERY_DAY = frozenset({"workday", "restday", "holiday"})


def hours(start: float, end: float) -> Period:
    return Period(NINE + timedelta(hours=start), NINE + timedelta(hours=end))


def test_what_stands_in_an_earlier_layer_covers_what_stands_in_a_later_one() -> None:
    outage = Piece(hours(1, 2), "maintenance", "new grips")
    busy = Piece(hours(1.5, 3), "busy", "taken")
    free = Piece(hours(0, 4), "free")

    placed = rules.laid_out([[outage], [busy], [free]])

    assert placed == [
        Piece(hours(0, 1), "free"),
        Piece(hours(1, 2), "maintenance", "new grips"),
        Piece(hours(2, 3), "busy", "taken"),
        Piece(hours(3, 4), "free"),
    ]


def test_pieces_of_one_layer_that_overlap_are_not_drawn_twice() -> None:
    placed = rules.laid_out([[Piece(hours(0, 2), "closed", "a"), Piece(hours(1, 3), "closed", "b")]])

    assert placed == [Piece(hours(0, 2), "closed", "a"), Piece(hours(2, 3), "closed", "b")]


def test_what_is_left_of_a_week_is_past_too_soon_off_or_too_far() -> None:
    left = rules.remainder(
        hours(0, 10),
        [Piece(hours(4, 5), "free")],
        now=NINE + timedelta(hours=1),
        earliest=NINE + timedelta(hours=3),
        latest=NINE + timedelta(hours=8),
        reasons=REASONS,
    )

    assert [(piece.period, piece.kind) for piece in left] == [
        (hours(0, 1), "past"),
        (hours(1, 3), "too_soon"),
        (hours(3, 4), "off"),
        (hours(5, 8), "off"),
        (hours(8, 10), "too_far"),
    ]


def test_the_picture_of_a_price_list_covers_every_minute_of_the_day_once() -> None:
    night = Band("night", "夜间优惠", 22 * 60, 8 * 60, EVERY_DAY, 5_000)
    weekend = Band("weekend", "周末", 0, 24 * 60, frozenset({"restday", "holiday"}), 12_000)

    shown = rules.picture(Rates(30_000, 30, bands=(night, weekend)))

    assert [row.day_types for row in shown] == [("workday",), ("restday", "holiday")]
    assert [(part.clock, part.rate, part.level) for part in shown[0].segments] == [
        ("00:00–08:00", Money(15_000), "low"),
        ("08:00–22:00", Money(30_000), "standard"),
        ("22:00–24:00", Money(15_000), "low"),
    ]
    assert [(part.clock, part.rate, part.level) for part in shown[1].segments] == [
        ("00:00–08:00", Money(15_000), "low"),
        ("08:00–22:00", Money(36_000), "high"),
        ("22:00–24:00", Money(15_000), "low"),
    ]


def test_a_price_list_without_bands_is_one_row_and_one_rate() -> None:
    (row,) = rules.picture(Rates(30_000, 30))

    assert row.day_types == ("workday", "restday", "holiday")
    assert [(part.clock, part.rate) for part in row.segments] == [("00:00–24:00", Money(30_000))]
    assert rules.lowest_rate(Rates(30_000, 30)) == Money(30_000)


@pytest.mark.parametrize(
    ("grid", "least", "most", "expected"),
    [
        (30, 60, 180, [60, 90, 120, 150, 180]),
        (60, 50, 130, [60, 120]),
        (30, 30, 30, [30]),
        (60, 1200, 1440, [1200, 1260, 1320, 1380, 1440]),
    ],
)
def test_lengths_are_multiples_of_the_grid_within_the_bounds(
    grid: int, least: int, most: int, expected: list[int]
) -> None:
    assert rules.lengths(grid=grid, least=least, most=most) == expected


def test_long_bookings_are_offered_in_ever_coarser_steps_up_to_the_longest() -> None:
    offered = rules.lengths(grid=60, least=1440, most=259_200)

    assert len(offered) < 60
    assert (offered[0], offered[1], offered[-1]) == (1440, 2880, 259_200)
    assert all(minutes % 60 == 0 for minutes in offered)


def test_a_city_is_drawn_to_scale_north_up_and_no_name_covers_a_dot_or_a_name() -> None:
    districts = [Place("荔湾区", 23.1259, 113.2443), Place("越秀区", 23.1289, 113.2668), Place("从化区", 23.55, 113.58)]
    labs = [Place("lab", 23.1261, 113.2450)]

    drawn = rules.city_map(labs, districts)

    heights = {label.name: label.y for label in drawn.labels}
    assert heights["从化区"] < heights["越秀区"]
    assert not any(
        abs(one.x - other.x) < 60 and abs(one.y - other.y) < rules.LABEL_HEIGHT
        for one, other in pairwise(sorted(drawn.labels, key=lambda label: label.y))
    )
    assert all(abs(label.y - drawn.dots[0].y) > rules.DOT for label in drawn.labels if label.name != "从化区")
    assert rules.city_map([], []).dots == ()


def test_a_cancellation_ladder_is_told_from_the_longest_notice_on() -> None:
    with translation.override("en"):
        told = price_lists.ladder([{"min_notice_hours": 0, "fee_bp": 10_000}, {"min_notice_hours": 72, "fee_bp": 0}])

    assert [(step.notice, step.fee) for step in told] == [
        ("72 h or more before the start", "free of charge"),
        ("later", "100 % of the price"),
    ]
