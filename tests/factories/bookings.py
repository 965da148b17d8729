"""Rentals for tests: placed through the operation, so that the schedule holds what they hold."""

from datetime import date, datetime, timedelta
from typing import Any

from accounts.models import Membership
from bookings.models import Rental, Task
from bookings.rentals import operations as rentals
from kernel.periods import Period
from labs.calibration import operations as calibration
from labs.models import Instrument
from tests.factories.accounts import MembershipFactory, OrganisationFactory
from tests.factories.labs import MONDAY_9, InstrumentFactory

TUESDAY_9 = MONDAY_9 + timedelta(days=1)
"""Tuesday, 09:00 in Guangzhou: within opening hours, a day after `MONDAY_9`."""


def hours(start: float, end: float, *, of: datetime = TUESDAY_9) -> Period:
    """A period in hours after Tuesday 09:00 (Guangzhou)."""
    return Period(of + timedelta(hours=start), of + timedelta(hours=end))


def buyer(**organisation: Any) -> Membership:
    """A buyer of a verified organisation with a monthly account of a million yuan."""
    with_account = {"monthly_credit_fen": 100_000_000, **organisation}
    return MembershipFactory(role="buyer", organisation=OrganisationFactory(**with_account))


def held(
    *,
    instrument: Instrument | None = None,
    period: Period | None = None,
    by: Membership | None = None,
    now: datetime = MONDAY_9,
    **how: Any,
) -> Rental:
    """A rental that is held."""
    return rentals.place_hold(
        instrument=instrument or InstrumentFactory(),
        period=period or hours(0, 2),
        by=by or buyer(),
        now=now,
        **{"mode": "assisted", **how},
    )


def confirmed(*, by: Membership | None = None, now: datetime = MONDAY_9, **how: Any) -> Rental:
    """A rental confirmed on the monthly account."""
    by = by or buyer()
    return rentals.confirm_on_account(rental=held(by=by, now=now, **how), by=by, now=now)


def certified_until(instrument: Instrument, last: date, *, now: datetime = MONDAY_9, result: str = "pass") -> None:
    """Correct the instrument's only certificate: it ends on that day, or has another result."""
    record = instrument.calibration_records.get()
    calibration.amend_calibration(
        record=record, valid_from=record.valid_from, valid_to=last, result=result, by=None, now=now, reason="drift"
    )


def task(**how: Any) -> Task:
    """A task about a confirmed rental whose instrument's certificate was shortened."""
    rental = confirmed(**how)
    certified_until(rental.instrument, MONDAY_9.date())
    return Task.objects.get(rental=rental)
