"""Each line of a price says in words and numbers how it came about, in both languages; and what was counted."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from billing.pricing import replaying, wording
from billing.pricing.items import Item, Tier, price
from billing.pricing.replaying import Added, Inputs
from billing.pricing.rules import LINE_KINDS, Band, Discount, Line, Rates
from kernel.money import Money
from kernel.periods import Period

SHANGHAI = ZoneInfo("Asia/Shanghai")
EVERY = frozenset({"workday", "restday", "holiday"})
NIGHT = Band("night", "夜间优惠", 22 * 60, 8 * 60, EVERY, 6_000)
WEEKEND = Band("weekend", "周末", 0, 24 * 60, frozenset({"restday"}), 12_000)
RATES = Rates(30_000, 30, setup_fee_fen=8_000, bands=(NIGHT,))


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """An instant in the week of Monday 2 November 2026, Shanghai time."""
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


def inputs(start: datetime, end: datetime, rates: Rates = RATES, **changed: Any) -> Inputs:
    made = replaying.booked(
        tariff=1,
        rates=rates,
        period=Period(start, end),
        zone=SHANGHAI,
        day_type=lambda day: "restday" if day.weekday() >= 5 else "workday",
        with_operator=False,
        discounts=[Discount("sme", 1_000)],
    )
    return replace(made, **changed)


def both(lines: Any) -> list[tuple[str, str]]:
    return [(one["told_zh"], one["told_en"]) for one in wording.lines_in_both(lines)]


def basis(made: Inputs) -> list[tuple[str, str]]:
    told = wording.basis_in_both(made.as_json())
    return list(zip(told["zh"], told["en"], strict=True))


def test_bl_12_the_worked_example_says_itself_in_both_languages():
    worked = inputs(at(3, 20, 45), at(3, 23, 20))

    assert both(worked.price().as_json()) == [
        (
            "机时费（标准时段）：1 小时 15 分钟 × ¥300.00/小时 = ¥375.00；优惠 10 %：−¥37.50 = ¥337.50",
            "Use, standard hours: 1 hour 15 minutes × ¥300.00/h = ¥375.00; less 10 %: −¥37.50 = ¥337.50",
        ),
        (
            "机时费（夜间优惠）：1 小时 45 分钟 × ¥300.00/小时 × 60 % = ¥315.00；优惠 10 %：−¥31.50 = ¥283.50",
            "Use, night hours: 1 hour 45 minutes × ¥300.00/h × 60 % = ¥315.00; less 10 %: −¥31.50 = ¥283.50",
        ),
        (
            "开机/调机费：每次 = ¥80.00；优惠 10 %：−¥8.00 = ¥72.00",
            "Set-up: once = ¥80.00; less 10 %: −¥8.00 = ¥72.00",
        ),
    ]
    assert basis(worked) == [
        (
            "预约 2 小时 35 分钟；按 30 分钟进位计时：3 小时。",
            "2 hours 35 minutes booked; counted in steps of 30 minutes: 3 hours.",
        )
    ]


@pytest.mark.parametrize(
    ("lines", "zh", "en"),
    [
        (
            [
                Line(kind="usage", list_fen=12_000, amount_fen=12_000, minutes=60, rate_fen_per_hour=6_000, units=2,
                     rate_bp=10_000, band="standard"),
                Line(kind="minimum", list_fen=8_000, amount_fen=8_000, units=2, unit_price_fen=10_000),
            ],
            "最低消费补足：最低消费 ¥100.00 × 2，减去机时费 ¥120.00 = ¥80.00",
            "Top-up to the minimum charge: at least ¥100.00 × 2, less ¥120.00 for use = ¥80.00",
        ),
        (
            [Line(kind="setup", list_fen=16_000, amount_fen=16_000, units=2, unit_price_fen=8_000)],
            "开机/调机费：¥80.00 × 2，每次预约收一次 = ¥160.00",
            "Set-up: ¥80.00 × 2, once a booking = ¥160.00",
        ),
        (
            [Line(kind="operator", list_fen=24_000, amount_fen=24_000, minutes=120, rate_fen_per_hour=12_000)],
            "操作费：2 小时 × ¥120.00/小时 = ¥240.00",
            "Operator: 2 hours × ¥120.00/h = ¥240.00",
        ),
        (
            [Line(kind="overtime", list_fen=13_500, amount_fen=13_500, minutes=30, rate_fen_per_hour=30_000,
                  rate_bp=9_000, band="night", band_zh="夜间优惠")],
            "超时，夜间优惠：30 分钟 × ¥300.00/小时 × 60 % × 150 % = ¥135.00",
            "Overtime, night hours: 30 minutes × ¥300.00/h × 60 % × 150 % = ¥135.00",
        ),
        (
            [Line(kind="overtime", list_fen=1, amount_fen=1, minutes=1, rate_fen_per_hour=60, rate_bp=10_001,
                  band="standard")],
            "超时，标准时段：1 分钟 × ¥0.60/小时 × 100.01 % = ¥0.01",
            "Overtime, standard hours: 1 minute × ¥0.60/h × 100.01 % = ¥0.01",
        ),
        (
            [Line(kind="consumable", list_fen=167, amount_fen=167, item="液氮", quantity="0.5", unit_price_fen=333)],
            "液氮：0.5 × ¥3.33 = ¥1.67",
            "液氮: 0.5 × ¥3.33 = ¥1.67",
        ),
        (
            price([Item("test", "铅", Decimal(10), 15_000, (Tier(10, 9_000),))]).lines,
            "铅：10 × ¥135.00（单价 ¥150.00 的 90 %） = ¥1,350.00",
            "铅: 10 × ¥135.00 (90 % of ¥150.00) = ¥1,350.00",
        ),
        (
            price([Item("test", "铅", Decimal(1), 15_000, urgent_bp=5_000)]).lines,
            "加急：铅：¥150.00 的 50 % = ¥75.00",
            "Urgent: 铅: 50 % of ¥150.00 = ¥75.00",
        ),
        ([Line(kind="minimum", list_fen=5, amount_fen=5)], "最低消费补足 ¥0.05", "Top-up to the minimum charge ¥0.05"),
        ([Line(kind="setup", list_fen=5, amount_fen=5)], "开机/调机费：每次 = ¥0.05", "Set-up: once = ¥0.05"),
    ],
)  # fmt: skip
def test_every_kind_of_line_says_how_it_came_about(lines, zh, en):
    assert both(lines)[-1] == (zh, en)


def test_price_lines_are_said_in_words_and_numbers() -> None:
    lines = [
        Line(
            "usage",
            64_000,
            57_600,
            6_400,
            1_000,
            minutes=120,
            rate_fen_per_hour=32_000,
            rate_bp=10_000,
            band="standard",
        ),
        Line(
            "usage",
            16_000,
            16_000,
            minutes=60,
            rate_fen_per_hour=32_000,
            rate_bp=5_000,
            band="night",
            band_zh="夜间优惠",
        ),
        Line("setup", 15_000, 15_000),
        Line("operator", 24_000, 24_000, minutes=120, rate_fen_per_hour=12_000),
    ]

    with translation.override("en"):
        told = wording.lines_told(lines)

    assert [(line.name, line.how, line.discount, line.amount) for line in told] == [
        ("Use, standard hours", "2 hours × ¥320.00/h", "¥640.00, less 10 %: −\N{WORD JOINER}¥64.00", Money(57_600)),
        ("Use, night hours", "1 hour × ¥320.00/h × 50 %", "", Money(16_000)),
        ("Set-up", "once", "", Money(15_000)),
        ("Operator", "2 hours × ¥120.00/h", "", Money(24_000)),
    ]


def test_a_use_by_the_clock_says_what_was_counted_and_what_was_beyond():
    booked = (at(3, 9), at(3, 12))
    by_the_clock = inputs(*booked, kind="metered", came=at(3, 9, 2), left=at(3, 9, 40))

    assert basis(by_the_clock) == [
        (
            "实际上机 09:02–09:40；按 30 分钟进位、不少于预约时长的 50 % 计时：2026-11-03 周二 09:02–10:32 (UTC+8)。",
            "Used 09:02–09:40; counted in steps of 30 minutes, at least 50 % of what was booked: "
            "2026-11-03 Tue 09:02–10:32 (UTC+8).",
        )
    ]
    assert basis(replace(by_the_clock, left=at(3, 12, 8)))[1:] == [
        ("超出预约结束时间 8 分钟：10 分钟以内免费。", "8 minutes beyond the booked end: up to 10 minutes is free.")
    ]
    assert basis(replace(by_the_clock, left=at(3, 12, 25)))[1:] == [
        (
            "超出预约结束时间 25 分钟，全部按 150 % 计费。",
            "25 minutes beyond the booked end, all of it charged at 150 %.",
        )
    ]


def test_the_least_time_the_prolonged_time_and_the_kinds_of_day_are_said():
    rates = replace(RATES, min_billable_minutes=120, bands=(WEEKEND, NIGHT))
    friday = inputs(at(6, 23), at(6, 23, 30), rates)
    longer = replace(friday, added=(Added(RATES, friday.period, at(7, 2)),))

    assert [en for _zh, en in basis(longer)] == [
        "30 minutes booked; counted in steps of 30 minutes, at least 2 hours: 2 hours.",
        "Prolonged, 2026-11-06 Fri 23:30 – 2026-11-07 Sat 02:00 (UTC+8): at the price list then in force.",
        "Kinds of day: 2026-11-06 workdays, 2026-11-07 rest days.",
    ]


def test_nothing_is_said_where_there_is_nothing_to_explain():
    assert basis(inputs(at(3, 9), at(3, 10))) == []
    assert basis(inputs(at(3, 22), at(4, 0))) == []
    assert wording.basis_told(None) == []
    assert wording.basis_told({"version": 99}) == []
    assert wording.basis_told(replaying.ItemInputs(items=()).as_json()) == []


def test_a_use_that_broke_off_and_one_of_no_use_say_so():
    assert [en for _zh, en in basis(inputs(at(3, 9), at(3, 10), kind="broken_off"))] == [
        "A fault ended the use: the minutes used are charged, without minimum, set-up or operator."
    ]
    assert [zh for zh, _en in basis(inputs(at(3, 9), at(3, 10), kind="of_no_use"))] == [
        "客户声明本次上机结果不可用，机构未提出异议：不收费。"
    ]


@pytest.mark.parametrize(
    ("name", "zh"), [("sme", "中小微企业优惠"), ("member", "会员优惠"), ("chain", "连锁协议优惠"), ("other", "other")]
)
def test_discounts_have_names(name, zh):
    with translation.override("zh-hans"):
        assert wording.discount_told(name) == zh


def test_every_kind_of_line_has_a_name():
    assert all(wording.kind_name(kind) for kind in (*LINE_KINDS, "discount"))
