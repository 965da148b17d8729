"""Rentals for tests: placed through the operation, so that the schedule holds what they hold."""

from datetime import date, datetime, timedelta
from typing import Any

from accounts.models import Membership
from billing.ledger import operations as ledger
from billing.ledger import rules as books
from billing.ledger.chart import Account
from bookings.models import Occupancy, Rental, Task
from bookings.rentals import operations as rentals
from kernel.periods import Period
from labs.calibration import operations as calibration
from labs.models import Instrument
from tests.factories.accounts import LabMembershipFactory, MembershipFactory, OrganisationFactory
from tests.factories.labs import MONDAY_9, InstrumentFactory

TUESDAY_9 = MONDAY_9 + timedelta(days=1)
"""Tuesday, 09:00 in Guangzhou: within opening hours, a day after `MONDAY_9`."""


def hours(start: float, end: float, *, of: datetime = TUESDAY_9) -> Period:
    """A period in hours after Tuesday 09:00 (Guangzhou)."""
    return Period(of + timedelta(hours=start), of + timedelta(hours=end))


def buyer(**organisation: Any) -> Membership:
    """A buyer of a verified organisation with an account of a million yuan, who may book as much as they like."""
    plenty = {"most_bookings_ahead": 10_000, "most_holds": 10_000}
    with_account = {"monthly_credit_fen": 100_000_000, **plenty, **organisation}
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


def lab_of(rental: Rental, role: str = "lab_manager") -> Membership:
    """Somebody of the lab whose instrument it is."""
    return LabMembershipFactory(organisation=rental.instrument.lab.organisation, role=role)


def places(rental: Rental) -> Any:
    """The time a rental takes on its instrument, a row a unit."""
    mine = Occupancy.objects.filter(holder_kind="rental", holder_id=rental.pk)
    return mine.filter(resource__instrument_id=rental.instrument_id).order_by("unit")


def checked_in(*, at: datetime | None = None, by_lab: Membership | None = None, **how: Any) -> Rental:
    """A rental in use since its start, or since another instant."""
    rental = confirmed(**how)
    return rentals.check_in(rental=rental, by=by_lab or lab_of(rental), now=at or rental.time.start)


def interrupted(*, after: timedelta = timedelta(minutes=45), back_at: datetime | None = None, **how: Any) -> Rental:
    """A rental whose instrument broke down so long after its start."""
    rental = checked_in(**how)
    return rentals.interrupt(
        rental=rental, fault="主轴异响", expected_back_at=back_at, by=lab_of(rental), now=rental.time.start + after
    )


def checked_out(*, at: datetime | None = None, usage: rentals.UsageGiven | None = None, **how: Any) -> Rental:
    """A rental that was used to its end, or to another instant."""
    rental = checked_in(**how)
    given = usage or rentals.UsageGiven(condition="good")
    return rentals.check_out(rental=rental, usage=given, by=lab_of(rental), now=at or rental.time.end)


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


def top_up(member: Membership, fen: int) -> None:
    """Put fen on the prepaid balance of a member's organisation (E4)."""
    legs = books.topped_up(fen, member.organisation_id, Account.CUSTODY_BANK)
    ledger.post(event_id=f"top-up:{member.pk}:{fen}", event="E4", legs=legs, at=MONDAY_9)
