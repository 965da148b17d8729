"""Series for tests: booked through the operation, on Tuesdays from 09:00 to 11:00 unless a test says otherwise."""

from datetime import date, datetime, time
from typing import Any

from accounts.models import Membership
from bookings.models import Series
from bookings.series import operations
from bookings.series.rules import SKIP_CONFLICTS, Plan, parse
from labs.models import Instrument
from tests.factories.bookings import MONDAY_9, buyer
from tests.factories.labs import InstrumentFactory

TUESDAY = date(2026, 11, 24)


def plan(
    rule: str = "FREQ=WEEKLY;COUNT=3",
    *,
    first: date = TUESDAY,
    at: time = time(9),
    minutes: int = 120,
    mode: str = "assisted",
    **how: Any,
) -> Plan:
    """What is wanted again and again."""
    return Plan(parse(rule), first, at, minutes, mode, **how)


def book_series(
    *,
    instrument: Instrument | None = None,
    by: Membership | None = None,
    rule: str = "FREQ=WEEKLY;COUNT=3",
    policy: str = SKIP_CONFLICTS,
    now: datetime = MONDAY_9,
    first: date = TUESDAY,
    at: time = time(9),
    minutes: int = 120,
    mode: str = "assisted",
    **how: Any,
) -> Series:
    """A series that is booked."""
    return operations.book(
        instrument=instrument or InstrumentFactory(),
        plan=plan(rule, first=first, at=at, minutes=minutes, mode=mode),
        policy=policy,
        by=by or buyer(),
        now=now,
        **how,
    )
