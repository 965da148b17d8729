"""When an instrument counts as calibrated (CAL-1)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from kernel.periods import Period, merged

COUNTING = frozenset({"pass", "limited"})
"""Results under which an instrument may be used; limited use is shown."""


@dataclass(frozen=True, slots=True)
class Validity:
    """What a certificate says: from the first to the last day, both included, with which result."""

    valid_from: date
    valid_to: date
    result: str = "pass"


def calibrated_periods(records: Iterable[Validity], tz: ZoneInfo) -> list[Period]:
    """
    Return when the instrument is calibrated (CAL-1): from 00:00 of the first day to 24:00 of the last, local time.

    Records that touch or overlap are joined; between others there are gaps, and gaps are not calibrated.
    """
    return merged(
        Period(
            datetime.combine(record.valid_from, time.min, tz),
            datetime.combine(record.valid_to + timedelta(days=1), time.min, tz),
        )
        for record in records
        if record.result in COUNTING
    )


def certificate_problem(*, calibrated_on: date, valid_from: date, valid_to: date) -> str:
    """Return the name of the field that makes a certificate's dates impossible, or an empty text."""
    if valid_from < calibrated_on:
        return "valid_from"
    if valid_to < valid_from:
        return "valid_to"
    return ""
