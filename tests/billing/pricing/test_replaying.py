"""A price is computed again from what is kept beside it, to the fen; what differs is said."""

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.pricing import replaying
from billing.pricing.items import Item, Tier
from billing.pricing.replaying import Added, Inputs, ItemInputs, ReplayError, difference, from_json
from billing.pricing.rules import Band, Discount, Rates, price
from kernel.money import Money
from kernel.periods import Period

SHANGHAI = ZoneInfo("Asia/Shanghai")
NIGHT = Band("night", "夜间优惠", 22 * 60, 8 * 60, frozenset({"workday", "restday", "holiday"}), 6_000)
RATES = Rates(30_000, 30, setup_fee_fen=8_000, operator_fee_fen_per_hour=12_000, bands=(NIGHT,))


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """An instant in the week of Monday 2 November 2026, Shanghai time."""
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


def week_day(day: date) -> str:
    return "restday" if day.weekday() >= 5 else "workday"


START, END = at(3, 20, 45), at(3, 23, 20)


def booked(start: datetime = START, end: datetime = END, rates: Rates = RATES, **how) -> Inputs:
    how = {"with_operator": False, "discounts": [Discount("sme", 1_000)], **how}
    return replaying.booked(tariff=7, rates=rates, period=Period(start, end), zone=SHANGHAI, day_type=week_day, **how)


CONSUMED = ({"name": "液氮", "quantity": "0.5", "unit_price_fen": 333},)
KINDS = {
    "booked": booked(),
    "with an operator": booked(with_operator=True, units=3, discounts=[]),
    "with consumables": replace(booked(), consumables=CONSUMED),
    "going on": replace(
        booked(at(3, 20), at(3, 21)),
        added=(Added(Rates(60_000, 30), Period(at(3, 20), at(3, 21)), at(3, 22, 15)),),
    ),
    "metered": replace(
        booked(),
        kind="metered",
        came=at(3, 20, 50),
        left=at(3, 23, 55),
        days={date(2026, 11, d): "workday" for d in (3, 4)},
    ),
    "broken off": replace(booked(), kind="broken_off", runs=(Period(at(3, 20, 45), at(3, 22, 13)),)),
    "of no use": replace(booked(), kind="of_no_use"),
    "things": ItemInputs(
        items=(Item("test", "铅", Decimal("12.50"), 15_000, (Tier(10, 9_000),), "graduated", 5_000),),
        discounts=(Discount("member", 500),),
    ),
}


@pytest.mark.parametrize("inputs", KINDS.values(), ids=KINDS)
def test_what_is_stored_gives_the_same_price_again(inputs):
    stored = json.loads(json.dumps(inputs.as_json()))
    first, again = inputs.price(), from_json(stored).price()

    assert from_json(stored) == inputs
    assert again == first
    assert first.priced_from == stored
    lines = json.loads(json.dumps(first.as_json()))
    assert difference(stored, lines=lines, total_fen=first.total.fen) == ""


def test_bl_12_the_worked_example_is_computed_again_to_the_fen():
    assert from_json(booked().as_json()).price().total == Money(69_300)


def test_inputs_are_priced_by_the_one_function_of_prices():
    plain = price(
        rates=RATES,
        period=Period(at(3, 20, 45), at(3, 23, 20)),
        zone=SHANGHAI,
        day_type=week_day,
        with_operator=False,
        discounts=[Discount("sme", 1_000)],
    )

    assert booked().price() == plain


def test_the_days_it_touches_are_kept_and_no_others():
    assert booked(at(6, 22), at(7, 1)).days == {date(2026, 11, 6): "workday", date(2026, 11, 7): "restday"}


def test_what_goes_on_has_the_discount_that_was_given_and_no_other():
    inputs = replace(
        booked(at(3, 9), at(3, 10), discounts=[Discount("sme", 1_000), Discount("member", 1_500)]),
        added=(Added(RATES, Period(at(3, 9), at(3, 10)), at(3, 11)),),
    )

    assert [(line.kind, line.discount_bp) for line in inputs.price().lines] == [
        ("usage", 1_500), ("setup", 1_500), ("usage", 1_500),
    ]  # fmt: skip


def test_a_use_too_short_for_its_discount_still_has_it_for_what_was_consumed():
    inputs = replace(
        booked(), kind="broken_off", runs=(), consumables=({"name": "x", "quantity": "1", "unit_price_fen": 100},)
    )

    assert [line.amount_fen for line in inputs.price().lines] == [90]


@pytest.mark.parametrize(
    "stored",
    [
        {},
        {"version": 2, "kind": "booked"},
        {"version": 1, "kind": "booked"},
        {**booked().as_json(), "period": ["2026-11-03T12:45:00+00:00"]},
        {**booked().as_json(), "tariffs": [["2026-11-03T12:45:00+00:00", {"price": 1}]]},
    ],
)
def test_what_this_code_does_not_know_is_said_not_guessed(stored):
    with pytest.raises(ReplayError):
        from_json(stored)
    assert "cannot be computed again" in difference(stored, lines=[], total_fen=0)


def test_a_day_that_is_missing_is_said():
    stored = {**booked().as_json(), "days": {}}

    with pytest.raises(ReplayError, match="2026, 11, 3"):
        from_json(stored).price()


def test_every_way_to_differ_is_named():
    stored, lines = booked().as_json(), booked().price().as_json()
    less = [{**lines[0], "amount_fen": lines[0]["amount_fen"] - 1}, *lines[1:]]
    swapped = [{**lines[0], "minutes": 74}, *lines[1:]]

    assert difference(stored, lines=lines, total_fen=69_299) == "the lines come to 69300 fen, and the total says 69299"
    assert difference(stored, lines=less, total_fen=69_299) == "comes to 69300 fen, and 69299 is stored"
    assert difference(stored, lines=swapped, total_fen=69_300).startswith("line 1 is usage 33750 fen, and ")
    free = {**lines[0], "list_fen": 0, "discount_fen": 0, "amount_fen": 0}
    assert difference(stored, lines=[*lines, free], total_fen=69_300) == "has 3 lines, and 4 are stored"
    assert difference(None, lines=lines, total_fen=69_300) == ""
    assert difference(None, lines=less, total_fen=69_300) != ""


@given(
    start=st.integers(0, 14 * 48),
    minutes=st.integers(1, 3_000),
    rate=st.integers(0, 500_000),
    units=st.integers(1, 4),
    bp=st.integers(0, 10_000),
    came=st.integers(-30, 3_000),
    stayed=st.integers(0, 4_000),
)
def test_any_use_is_computed_again_as_booked_and_by_the_clock(start, minutes, rate, units, bp, came, stayed):
    rates = Rates(rate, 30, 60, 5_000, 700, 1_200, bands=(NIGHT,))
    begins = at(2, 0) + timedelta(minutes=30 * start)
    inputs = booked(
        begins,
        begins + timedelta(minutes=minutes),
        rates,
        units=units,
        discounts=[Discount("sme", bp)],
        with_operator=True,
    )
    arrived = begins + timedelta(minutes=came)
    by_the_clock = replace(
        inputs,
        kind="metered",
        came=arrived,
        left=arrived + timedelta(minutes=stayed),
        days={begins.date() + timedelta(days=n): week_day(begins.date() + timedelta(days=n)) for n in range(8)},
    )

    for one in (inputs, by_the_clock):
        assert from_json(json.loads(json.dumps(one.as_json()))).price() == one.price()
