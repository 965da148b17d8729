"""
How long the price of a rental takes, without a database: the aim is 0.2 ms.

    .venv/bin/python bench/pricing.py
"""

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

HERE = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(HERE), str(HERE / "platform")]

from billing.pricing import replaying  # noqa: E402 -- after the path
from billing.pricing.rules import Band, DayType, Discount, Rates  # noqa: E402 -- after the path
from kernel.periods import Period  # noqa: E402 -- after the path

AIM_MS = 0.2
ROUNDS, A_ROUND = 15, 500
SHANGHAI = ZoneInfo("Asia/Shanghai")
EVERY: frozenset[str] = frozenset({"workday", "restday", "holiday"})
NIGHT = Band("night", "夜间优惠", 22 * 60, 8 * 60, EVERY, 6_000)
RATES = Rates(30_000, 30, setup_fee_fen=8_000, operator_fee_fen_per_hour=12_000, bands=(NIGHT,))
HOURLY = tuple(Band(f"band {hour}", "", 60 * hour, 60 * hour + 45, EVERY, 500 * hour) for hour in range(0, 24, 2))


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """An instant of November 2026, Shanghai time."""
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


def day_type(day: date) -> DayType:
    """A weekend is a rest day."""
    return "restday" if day.weekday() >= 5 else "workday"


def booked(period: Period, rates: Rates = RATES) -> replaying.Inputs:
    """What a use with an operator, for a small enterprise, is priced from."""
    return replaying.booked(
        tariff=1,
        rates=rates,
        period=period,
        zone=SHANGHAI,
        day_type=day_type,
        with_operator=True,
        discounts=[Discount("sme", 1_000), Discount("campaign", 800)],
    )


def milliseconds(act: Callable[[], Any]) -> float:
    """Processor time of one, the median of the rounds, after one that does not count."""
    took = []
    for _round in range(ROUNDS + 1):
        begun = time.process_time()
        for _ in range(A_ROUND):
            act()
        took.append((time.process_time() - begun) * 1_000 / A_ROUND)
    return median(took[1:])


def main() -> None:
    """Measure and say so."""
    evening = Period(at(3, 20, 45), at(3, 23, 20))
    week = Period(at(2, 9), at(9, 9))
    metered = replace(booked(evening), kind="metered", came=at(3, 20, 50), left=at(3, 23, 40))
    stored = booked(evening).as_json()
    acts: dict[str, Callable[[], Any]] = {
        "a use of an evening, as booked (BL-12 and an operator)": lambda: booked(evening).price(),
        "the same by the time used, with overtime": metered.price,
        "a week over twelve bands": lambda: booked(week, replace(RATES, bands=HOURLY)).price(),
        "read back from what is kept, and computed again": lambda: replaying.from_json(stored).price(),
    }
    print(f"the price of a rental, with what it was computed from; the aim is {AIM_MS} ms of the processor")
    for name, act in acts.items():
        print(f"  {name:<56}{milliseconds(act):8.3f} ms")


if __name__ == "__main__":
    main()
