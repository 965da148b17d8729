"""What a price list and a cancellation ladder must look like."""

import re
from typing import Any

CLOCK = re.compile(r"^(?:[01]\d|2[0-3]):[0-5]\d$")
DAY_TYPES = ("workday", "restday", "holiday")
MOST_BP = 100_000
"""A rate is at most ten times the base."""


def band_problem(bands: Any) -> str:
    """
    Return the path of the first thing wrong with hour bands (BL-3), such as `bands.0.start`, or an empty text.

    A band is {name, name_zh, start, end, day_types, rate_bp}; its hours may wrap midnight.
    """
    if not isinstance(bands, list):
        return "bands"
    for position, band in enumerate(bands):
        path = f"bands.{position}"
        if not isinstance(band, dict):
            return path
        if not isinstance(band.get("name"), str) or not band["name"]:
            return f"{path}.name"
        if not isinstance(band.get("name_zh", ""), str):
            return f"{path}.name_zh"
        for clock in ("start", "end"):
            if not isinstance(band.get(clock), str) or not CLOCK.match(band[clock]):
                return f"{path}.{clock}"
        days = band.get("day_types")
        if not isinstance(days, list) or not days or any(day not in DAY_TYPES for day in days):
            return f"{path}.day_types"
        if type(band.get("rate_bp")) is not int or not 0 <= band["rate_bp"] <= MOST_BP:
            return f"{path}.rate_bp"
    return ""


def ladder_problem(ladder: Any) -> str:
    """
    Return the path of the first thing wrong with a cancellation ladder (BL-20), or an empty text.

    Steps are {min_notice_hours, fee_bp}, from the longest notice to none, with a fee that never falls.
    """
    if not isinstance(ladder, list) or not ladder:
        return "cancellation"
    for position, step in enumerate(ladder):
        path = f"cancellation.{position}"
        if not isinstance(step, dict):
            return path
        hours, fee = step.get("min_notice_hours"), step.get("fee_bp")
        if type(hours) is not int or hours < 0 or (position and hours >= ladder[position - 1]["min_notice_hours"]):
            return f"{path}.min_notice_hours"
        if type(fee) is not int or not 0 <= fee <= 10_000 or (position and fee < ladder[position - 1]["fee_bp"]):
            return f"{path}.fee_bp"
    return "" if ladder[-1]["min_notice_hours"] == 0 else f"cancellation.{len(ladder) - 1}.min_notice_hours"
