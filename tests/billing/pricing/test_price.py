"""BL-1, BL-3 to BL-7, BL-10 to BL-12: what a booked use costs, to the fen."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.pricing.rules import Band, Discount, Price, Rates, band_minutes, billed_period, price
from kernel.money import Money
from kernel.periods import Period

SHANGHAI = ZoneInfo("Asia/Shanghai")
NIGHT = Band("night", "夜间优惠", 22 * 60, 8 * 60, frozenset({"workday", "restday", "holiday"}), 6_000)
WEEKEND = Band("weekend", "周末", 0, 24 * 60, frozenset({"restday"}), 12_000)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """An instant in the week of Monday 2 November 2026, Shanghai time."""
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


def week_day(day: date) -> str:
    return "restday" if day.weekday() >= 5 else "workday"


def priced(rates: Rates, start: datetime, end: datetime, **how) -> Price:
    how = {"with_operator": False, **how}
    return price(rates=rates, period=Period(start, end), zone=SHANGHAI, day_type=week_day, **how)


def told(result: Price) -> list[tuple]:
    return [(line.kind, line.band, line.minutes, line.list_fen, line.discount_fen) for line in result.lines]


def test_bl_12_the_worked_example_comes_out_to_the_fen():
    rates = Rates(30_000, 30, setup_fee_fen=8_000, bands=(NIGHT,))

    result = priced(rates, at(3, 20, 45), at(3, 23, 20), discounts=[Discount("sme", 1_000)])

    assert told(result) == [
        ("usage", "standard", 75, 37_500, 3_750),
        ("usage", "night", 105, 31_500, 3_150),
        ("setup", "", None, 8_000, 800),
    ]
    assert result.total == Money(69_300)
    assert result.billed == Period(at(3, 20, 45), at(3, 23, 45))


@pytest.mark.parametrize(
    ("booked", "increment", "least", "billed"),
    [
        (155, 30, 0, 180),
        (180, 30, 0, 180),
        (1, 30, 0, 30),
        (20, 15, 60, 60),
        (20, 15, 50, 60),
        (90, 15, 60, 90),
        (60, 1, 0, 60),
    ],
)
def test_bl_1_the_length_is_rounded_up_to_the_increment_and_to_the_least(booked, increment, least, billed):
    rates = Rates(6_000, increment, min_billable_minutes=least)

    assert billed_period(rates=rates, period=Period.starting(at(2, 9), booked)).minutes == billed


def test_bl_3_a_band_that_wraps_midnight_covers_both_ends_of_every_date_it_applies_to():
    rates = Rates(6_000, 60, bands=(NIGHT,))

    result = priced(rates, at(3, 6), at(4, 9))

    assert told(result) == [
        ("usage", "standard", 15 * 60, 90_000, 0),
        ("usage", "night", 12 * 60, 43_200, 0),
    ]


def test_bl_3_a_friday_night_changes_to_the_rest_day_band_at_midnight():
    rates = Rates(6_000, 60, bands=(WEEKEND, NIGHT))

    result = priced(rates, at(6, 23), at(7, 2))

    assert told(result) == [
        ("usage", "weekend", 120, 14_400, 0),
        ("usage", "night", 60, 3_600, 0),
    ]


def test_bl_3_the_first_band_that_matches_wins():
    first = Band("first", "", 9 * 60, 12 * 60, frozenset({"workday"}), 5_000)
    second = Band("second", "", 9 * 60, 18 * 60, frozenset({"workday"}), 20_000)

    result = priced(Rates(6_000, 60, bands=(first, second)), at(2, 11), at(2, 13))

    assert told(result) == [("usage", "first", 60, 3_000, 0), ("usage", "second", 60, 12_000, 0)]


def test_bl_3_each_line_is_rounded_half_up_once():
    rates = Rates(100, 1, bands=(NIGHT,))

    result = priced(rates, at(2, 21, 57), at(2, 22, 1))

    # 100 fen x 3 min / 60 = 5.00; 100 x 1 min x 60 % / 60 = 1.00
    assert [line.amount_fen for line in result.lines] == [5, 1]
    assert priced(Rates(90, 1), at(2, 9), at(2, 9, 1)).total == Money(2)  # 1.5 goes up, not to the even 2 of 2.5
    assert priced(Rates(150, 1), at(2, 9), at(2, 9, 1)).total == Money(3)  # 2.5 goes up, where banks would say 2


def test_bl_4_what_is_missing_to_the_minimum_charge_is_a_line_of_its_own():
    result = priced(Rates(6_000, 30, min_charge_fen=10_000), at(2, 9), at(2, 10))

    assert told(result) == [("usage", "standard", 60, 6_000, 0), ("minimum", "", None, 4_000, 0)]


def test_bl_6_the_operator_is_neither_scaled_by_bands_nor_stretched_by_the_minimum_nor_discounted():
    rates = Rates(6_000, 30, min_billable_minutes=120, operator_fee_fen_per_hour=12_000, bands=(NIGHT,))

    result = priced(rates, at(2, 22), at(2, 22, 40), with_operator=True, discounts=[Discount("sme", 1_000)])

    assert told(result) == [("usage", "night", 120, 7_200, 720), ("operator", "", 60, 12_000, 0)]


def test_bl_7_units_multiply_usage_top_up_and_set_up_before_rounding():
    rates = Rates(90, 1, setup_fee_fen=7, min_charge_fen=5)

    result = priced(rates, at(2, 9), at(2, 9, 1), units=3)

    assert told(result) == [("usage", "standard", 1, 5, 0), ("minimum", "", None, 10, 0), ("setup", "", None, 21, 0)]


def test_bl_10_the_best_single_discount_wins_and_ties_go_to_the_first():
    rates = Rates(6_000, 30)

    best = priced(rates, at(2, 9), at(2, 10), discounts=[Discount("sme", 800), Discount("member", 1_000)])
    tied = priced(rates, at(2, 9), at(2, 10), discounts=[Discount("sme", 800), Discount("member", 800)])

    assert (best.discount, best.total) == ("member", Money(5_400))
    assert (tied.discount, tied.total) == ("sme", Money(5_520))


def test_bl_3_bands_of_one_name_and_rate_are_one_line_however_they_were_drawn():
    morning = Band("cheap", "", 6 * 60, 8 * 60, frozenset({"workday"}), 5_000)
    evening = Band("cheap", "", 20 * 60, 22 * 60, frozenset({"workday"}), 5_000)
    dearer = Band("cheap", "", 22 * 60, 23 * 60, frozenset({"workday"}), 6_000)

    result = priced(Rates(6_000, 60, bands=(morning, evening, dearer)), at(2, 6), at(2, 23))

    assert told(result) == [
        ("usage", "standard", 12 * 60, 72_000, 0),
        ("usage", "cheap", 4 * 60, 12_000, 0),
        ("usage", "cheap", 60, 3_600, 0),
    ]


@pytest.mark.parametrize(
    ("zone", "start", "hours", "counted"),
    [
        ("Europe/London", "2026-10-25T00:00+01:00", 4, {"early": 120, None: 120}),  # 01:00-02:00 comes twice
        ("Europe/London", "2026-10-25T01:15+00:00", 1, {"early": 15, None: 45}),  # within the second one
        ("America/New_York", "2026-11-01T00:00-04:00", 4, {"early": 120, None: 120}),
        ("Europe/London", "2026-03-29T00:00+00:00", 3, {"early": 60, None: 120}),  # 01:00-02:00 is left out
    ],
)
def test_bl_3_each_minute_is_that_of_the_labs_clock_where_it_is_put_forward_or_back(zone, start, hours, counted):
    early = Band("early", "", 0, 90, frozenset({"workday", "restday"}), 5_000)
    begins = datetime.fromisoformat(start)

    found = band_minutes(
        bands=[early], period=Period(begins, begins + timedelta(hours=hours)), zone=ZoneInfo(zone), day_type=week_day
    )

    assert {band and band.name: minutes for band, minutes in found.items()} == counted


def test_bl_4_and_bl_5_say_what_they_are_for_one_unit():
    result = priced(Rates(6_000, 30, setup_fee_fen=700, min_charge_fen=10_000), at(2, 9), at(2, 10), units=2)

    assert [(line.kind, line.unit_price_fen, line.units, line.list_fen) for line in result.lines[1:]] == [
        ("minimum", 10_000, 2, 8_000),
        ("setup", 700, 2, 1_400),
    ]


half_hours = st.integers(0, 14 * 48).map(lambda slots: at(2, 0) + timedelta(minutes=30 * slots))


@given(start=half_hours, slots=st.integers(1, 96), rate=st.integers(0, 500_000), bp=st.integers(0, 30_000))
def test_lines_count_every_billed_minute_once_and_sum_to_the_total(start, slots, rate, bp):
    bands = (WEEKEND, Band("night", "", 22 * 60, 8 * 60, frozenset({"workday"}), bp))
    rates = Rates(rate, 30, bands=bands)

    result = priced(rates, start, start + timedelta(minutes=30 * slots), discounts=[Discount("sme", 1_000)])

    assert sum(line.minutes for line in result.lines) == 30 * slots
    assert result.total == Money(sum(line.list_fen - line.discount_fen for line in result.lines))


@given(start=half_hours, slots=st.integers(2, 96), cut=st.integers(1, 95), rate=st.integers(0, 500_000))
def test_splitting_a_use_changes_nothing_but_the_rounding_of_a_fen_a_line(start, slots, cut, rate):
    middle = start + timedelta(minutes=30 * min(cut, slots - 1))
    end = start + timedelta(minutes=30 * slots)
    rates = Rates(rate, 30, bands=(WEEKEND, NIGHT))

    whole, first, second = (priced(rates, *ends) for ends in ((start, end), (start, middle), (middle, end)))

    lines = len(first.lines) + len(second.lines)
    assert abs(whole.total.fen - first.total.fen - second.total.fen) <= lines


@given(start=half_hours, slots=st.integers(1, 95), rate=st.integers(0, 500_000))
def test_more_time_never_costs_less(start, slots, rate):
    rates = Rates(rate, 30, min_charge_fen=5_000, setup_fee_fen=100, bands=(WEEKEND, NIGHT))

    shorter = priced(rates, start, start + timedelta(minutes=30 * slots))
    longer = priced(rates, start, start + timedelta(minutes=30 * (slots + 1)))

    assert longer.total >= shorter.total


instants = st.integers(0, 14 * 24 * 60).map(lambda minute: at(2, 0) + timedelta(minutes=minute))
clocks = st.integers(0, 24 * 60 - 1)
bands = st.lists(
    st.builds(
        Band,
        name=st.sampled_from(["a", "b", "c"]),
        name_zh=st.just(""),
        starts=clocks,
        ends=clocks,
        day_types=st.sets(st.sampled_from(["workday", "restday", "holiday"]), min_size=1).map(frozenset),
        rate_bp=st.integers(0, 30_000),
    ),
    max_size=5,
).map(tuple)


@given(
    start=instants, minutes=st.integers(2, 4_000), bands=bands, rate=st.integers(0, 500_000), units=st.integers(1, 5)
)
def test_splitting_at_any_edge_of_a_band_changes_nothing_but_rounding_within_a_fen_a_line(
    start, minutes, bands, rate, units
):
    """BL-3: at each edge that the period crosses, and at each midnight."""
    rates, end = Rates(rate, 1, bands=bands), start + timedelta(minutes=minutes)
    whole = priced(rates, start, end, units=units)
    marks = {0, *(band.starts for band in bands), *(band.ends for band in bands)}
    days = [at(2, 0) + timedelta(days=n) for n in range(18)]
    edges = sorted(cut for day in days for mark in marks if start < (cut := day + timedelta(minutes=mark)) < end)

    for edge in edges[:6]:
        first, second = priced(rates, start, edge, units=units), priced(rates, edge, end, units=units)
        assert abs(whole.total.fen - first.total.fen - second.total.fen) <= len(first.lines) + len(second.lines)
        for one in whole.lines:
            parts = [
                line for line in (*first.lines, *second.lines) if (line.band, line.rate_bp) == (one.band, one.rate_bp)
            ]
            assert sum(line.minutes for line in parts) == one.minutes
            assert abs(sum(line.list_fen for line in parts) - one.list_fen) <= 1


@given(
    start=instants,
    lengths=st.tuples(st.integers(1, 4_000), st.integers(1, 4_000)),
    bands=bands,
    rates=st.builds(
        Rates,
        base_rate_fen_per_hour=st.integers(0, 500_000),
        billing_increment_min=st.sampled_from([1, 7, 15, 30, 60]),
        min_billable_minutes=st.integers(0, 300),
        min_charge_fen=st.integers(0, 100_000),
        setup_fee_fen=st.integers(0, 10_000),
        operator_fee_fen_per_hour=st.integers(0, 50_000),
    ),
    cuts=st.lists(
        st.builds(Discount, name=st.sampled_from(["sme", "member", "chain"]), bp=st.integers(0, 10_000)), max_size=3
    ),
    units=st.integers(1, 4),
)
def test_more_time_never_costs_less_whatever_the_price_list_and_the_discounts(
    start, lengths, bands, rates, cuts, units
):
    rates = replace(rates, bands=bands)
    shorter, longer = (
        priced(rates, start, start + timedelta(minutes=each), units=units, discounts=cuts, with_operator=True)
        for each in sorted(lengths)
    )

    assert longer.total >= shorter.total


@given(
    start=instants,
    minutes=st.integers(1, 4_000),
    bands=bands,
    rate=st.integers(0, 500_000),
    units=st.integers(1, 5),
    bp=st.integers(0, 10_000),
)
def test_every_line_is_the_exact_rational_rounded_half_up_once(start, minutes, bands, rate, units, bp):
    result = priced(
        Rates(rate, 1, bands=bands),
        start,
        start + timedelta(minutes=minutes),
        units=units,
        discounts=[Discount("sme", bp)],
    )

    for line in result.lines:
        exact = Fraction(rate * line.minutes * line.rate_bp * units, 60 * 10_000)
        assert Fraction(-1, 2) < exact - line.list_fen < Fraction(1, 2) or exact - line.list_fen == Fraction(-1, 2)
        off = Fraction(line.list_fen * line.discount_bp, 10_000)
        assert Fraction(-1, 2) <= off - line.discount_fen < Fraction(1, 2)
    assert result.total == Money(sum(line.amount_fen for line in result.lines))


@given(start=instants, minutes=st.integers(1, 4_000), bands=bands)
def test_walking_from_edge_to_edge_counts_what_walking_minute_by_minute_counts(start, minutes, bands):
    counted: dict[Band | None, int] = {}
    for minute in range(minutes):
        local = start + timedelta(minutes=minute)
        of_day = local.hour * 60 + local.minute
        band = next((one for one in bands if one.covers(of_day, week_day(local.date()))), None)
        counted[band] = counted.get(band, 0) + 1

    period = Period(start, start + timedelta(minutes=minutes))
    assert band_minutes(bands=bands, period=period, zone=SHANGHAI, day_type=week_day) == counted
