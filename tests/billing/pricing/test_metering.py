"""BL-2, BL-7, BL-24: what a use costs once it is over, to the fen."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.pricing import metering
from billing.pricing.rules import Band, Discount, Price, Rates, bands_of, price
from kernel.money import Money
from kernel.periods import Period

SHANGHAI = ZoneInfo("Asia/Shanghai")
NIGHT = Band("night", "夜间优惠", 22 * 60, 8 * 60, frozenset({"workday", "restday", "holiday"}), 6_000)
RATES = Rates(30_000, 30)


def at(hour: int, minute: int = 0, second: int = 0) -> datetime:
    """An instant of Tuesday 3 November 2026, Shanghai time."""
    return datetime(2026, 11, 3, hour, minute, second, tzinfo=SHANGHAI)


def week_day(day: date) -> str:
    return "restday" if day.weekday() >= 5 else "workday"


BOOKED = Period(at(9), at(12))


def metered(came: datetime, left: datetime, *, rates: Rates = RATES, booked: Period = BOOKED, **how) -> Price:
    how = {"tariffs": [(booked.start, rates)], "with_operator": False, **how}
    return metering.metered(booked=booked, came=came, left=left, zone=SHANGHAI, day_type=week_day, **how)


def told(result: Price) -> list[tuple]:
    return [(line.kind, line.band, line.minutes, line.amount_fen) for line in result.lines]


RUNS = [
    ("exactly as booked", at(9), at(12), at(9), 180),
    ("early arrival gives no charge", at(8, 45), at(12), at(9), 180),
    ("rounded up to the increment", at(9), at(11, 5), at(9), 150),
    ("a second more is a minute more", at(9), at(10, 30, 1), at(9), 120),
    ("early finish pays half of what was booked", at(9), at(9, 40), at(9), 90),
    ("gone before it began", at(8, 45), at(8, 55), at(9), 90),
    ("late, and rounding never reaches past the end", at(10, 10), at(11, 50), at(10, 10), 110),
    ("very late: the last half of the booked time", at(11), at(12), at(10, 30), 90),
    ("so late that only the end is left", at(11, 59), at(12), at(10, 30), 90),
    ("within a minute: billed from the whole minute", at(9, 10, 30), at(12), at(9, 10), 170),
]


@pytest.mark.parametrize(("case", "came", "left", "start", "minutes"), RUNS, ids=[case[0] for case in RUNS])
def test_bl_2_what_is_billed_of_a_metered_use(case, came, left, start, minutes):
    assert metering.billed_run(rates=RATES, booked=BOOKED, came=came, left=left) == Period.starting(start, minutes)


@pytest.mark.parametrize(
    ("left", "minutes"),
    [
        (at(12), None),
        (at(12, 10), None),
        (at(12, 10, 1), 30),
        (at(12, 30), 30),
        (at(12, 31), 60),
    ],
)
def test_bl_2_overtime_is_free_within_ten_minutes_and_counts_whole_beyond(left, minutes):
    over = metering.overtime_of(rates=RATES, booked=BOOKED, left=left)

    assert over == (None if minutes is None else Period.starting(at(12), minutes))


def test_bl_2_overtime_costs_half_as_much_again_one_line_a_band_and_is_not_discounted():
    rates = Rates(30_000, 30, bands=(NIGHT,))
    booked = Period(at(19), at(21, 30))

    result = metered(at(19), at(22, 20), rates=rates, booked=booked, discounts=[Discount("sme", 1_000)])

    assert told(result) == [
        ("usage", "standard", 150, 67_500),
        ("overtime", "standard", 30, 22_500),
        ("overtime", "night", 30, 13_500),
    ]
    assert [line.rate_bp for line in result.lines] == [10_000, 15_000, 9_000]
    assert result.total == Money(103_500)


def test_bl_6_the_operator_is_paid_for_the_minutes_billed_not_for_overtime():
    rates = Rates(30_000, 30, setup_fee_fen=8_000, operator_fee_fen_per_hour=12_000)

    result = metered(at(9), at(12, 40), rates=rates, with_operator=True)

    assert told(result) == [
        ("usage", "standard", 180, 90_000),
        ("setup", "", None, 8_000),
        ("operator", "", 180, 36_000),
        ("overtime", "standard", 60, 45_000),
    ]


def test_bl_4_the_minimum_charge_is_topped_up_and_units_multiply_before_rounding():
    rates = Rates(10_001, 1, min_charge_fen=30_000)

    result = metered(at(9), at(10, 31), rates=rates, units=3)

    assert told(result) == [("usage", "standard", 91, 45_505), ("minimum", "", None, 44_495)]


def test_what_was_prolonged_under_a_newer_price_list_is_priced_by_it():
    booked = Period(at(9), at(13))
    tariffs = [(at(9), RATES), (at(12), Rates(60_000, 30))]

    result = metered(at(9), at(13), booked=booked, tariffs=tariffs)

    assert told(result) == [("usage", "standard", 180, 90_000), ("usage", "standard", 60, 60_000)]


def broken(*runs: Period, rates: Rates = RATES, booked: Period = BOOKED, **how) -> Price:
    return metering.broken_off(rates=rates, runs=runs, booked=booked, zone=SHANGHAI, day_type=week_day, **how)


def test_bl_24_a_breakdown_is_charged_to_the_minute_without_minimum_set_up_or_operator():
    rates = Rates(30_000, 30, min_charge_fen=100_000, setup_fee_fen=8_000, operator_fee_fen_per_hour=12_000)

    result = broken(Period(at(9), at(10, 13, 20)), rates=rates, discounts=[Discount("sme", 1_000)])

    assert told(result) == [("usage", "standard", 74, 33_300)]  # 370.00 less 10 %


def test_bl_24_several_runs_are_one_line_a_band_and_only_the_booked_time_counts():
    rates = Rates(30_000, 30, bands=(NIGHT,))
    booked = Period(at(20), at(23))

    result = broken(Period(at(19, 50), at(20, 30)), Period(at(21, 50), at(23, 20)), rates=rates, booked=booked)

    assert told(result) == [("usage", "standard", 40, 20_000), ("usage", "night", 60, 18_000)]
    assert broken().total == Money(0)


def test_bl_7_consumables_are_quantity_times_unit_price_rounded_once_and_discounted_like_use():
    price_of_use = metered(at(9), at(12), discounts=[Discount("sme", 1_000)])
    used = [{"name": "样品盘", "quantity": "3", "unit_price_fen": 1_500}]
    used.append({"name": "液氮", "quantity": "0.5", "unit_price_fen": 333})

    whole = metering.with_more(price_of_use, metering.consumables(used), bp=1_000)

    assert [(line.item, line.list_fen, line.amount_fen) for line in whole.lines[1:]] == [
        ("样品盘", 4_500, 4_050),
        ("液氮", 167, 150),
    ]
    assert whole.total == Money(81_000 + 4_050 + 150)


@given(
    came=st.integers(-30, 200),
    stayed=st.integers(0, 400),
    booked=st.integers(30, 480),
    increment=st.sampled_from([1, 10, 15, 30, 60]),
)
def test_bl_2_never_more_than_booked_never_less_than_the_floor_and_inside_the_booked_time(
    came, stayed, booked, increment
):
    period = Period.starting(at(9), booked)
    arrival = min(at(9) + timedelta(minutes=came), period.end)

    billed = metering.billed_run(
        rates=Rates(30_000, increment), booked=period, came=arrival, left=arrival + timedelta(minutes=stayed)
    )

    assert period.contains(billed)
    assert billed.minutes >= min(-(-booked // 2), booked)


def test_a_use_exactly_as_booked_costs_what_was_quoted():
    rates = Rates(30_000, 30, min_charge_fen=10_000, setup_fee_fen=8_000, bands=bands_of([]))
    quoted = price(rates=rates, period=BOOKED, zone=SHANGHAI, day_type=week_day, with_operator=False)

    assert metered(at(9), at(12), rates=rates).lines == quoted.lines
