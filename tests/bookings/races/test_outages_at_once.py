"""BK-8 under competition: whoever confirmed before an outage is marked, whoever comes after is refused."""

from typing import Any

import pytest

from accounts.models import Membership
from bookings.models import Occupancy, Rental
from bookings.rentals import operations as rentals
from labs.hours import operations as outages
from labs.models import Instrument, Outage
from tests.factories.bookings import MONDAY_9, buyer, confirmed, held, hours
from tests.factories.labs import InstrumentFactory
from tests.factories.racing import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
MORNING = hours(0, 4)


def out(of: Any, *, units: int | None = None) -> Outage:
    return outages.announce_outage(
        of=of, kind="maintenance", start=MORNING.start, end=MORNING.end, units=units, by=None, now=MONDAY_9
    )


def confirm(rental: Rental, by: Membership) -> Rental:
    return rentals.confirm_on_account(rental=rental, by=by, now=MONDAY_9)


@pytest.fixture
def instrument() -> Instrument:
    return InstrumentFactory(policy__requires_approval=False)


@pytest.mark.parametrize("round_", range(4))
def test_confirmed_and_taken_out_at_once_is_marked_or_refused(instrument: Instrument, round_: int) -> None:
    members = [buyer() for _ in range(3)]
    holds = [held(instrument=instrument, period=hours(at, at + 1), by=member) for at, member in enumerate(members)]

    results = at_once(
        *[
            lambda rental=rental, member=member: confirm(rental, member)
            for rental, member in zip(holds, members, strict=True)
        ],
        lambda: out(instrument),
    )

    assert isinstance(results[-1], Outage), results
    assert all(isinstance(one, Rental) or one.code == "PLACE_LOST" for one in results[:-1]), results
    for rental, result in zip(holds, results, strict=False):
        rental.refresh_from_db()
        assert rental.needs_rebooking is not None, "neither confirmed before nor after, nobody keeps an unmarked place"
        assert rental.status == ("confirmed" if isinstance(result, Rental) else "held")


@pytest.mark.parametrize("round_", range(4))
def test_held_and_taken_out_at_once_leaves_no_unmarked_booking(instrument: Instrument, round_: int) -> None:
    members = [buyer() for _ in range(4)]

    results = at_once(
        *[
            lambda at=at, member=member: held(instrument=instrument, period=hours(at, at + 1), by=member)
            for at, member in enumerate(members)
        ],
        lambda: out(instrument),
    )

    assert isinstance(results[-1], Outage), results
    assert all(isinstance(one, Rental) or one.code == "MAINTENANCE" for one in results[:-1]), results
    assert not Rental.objects.filter(needs_rebooking_since__isnull=True).exists()


@pytest.mark.parametrize("round_", range(4))
def test_cancelled_confirmed_and_taken_out_at_once_nobody_waits_in_a_circle(
    instrument: Instrument, round_: int
) -> None:
    """A cancellation gives back weeks that the outage is about to close: see Note [Outages and bookings]."""
    members = [buyer() for _ in range(4)]
    booked = [
        confirmed(instrument=instrument, period=hours(at, at + 1), by=member) for at, member in enumerate(members)
    ]

    results = at_once(
        *[
            lambda rental=rental, member=member: rentals.cancel(rental=rental, by=member, now=MONDAY_9)
            for rental, member in zip(booked[:2], members[:2], strict=True)
        ],
        lambda: out(instrument),
        lambda: out(instrument),
    )

    assert not [one for one in results if not isinstance(one, (Rental, Outage))], results
    states = Rental.objects.order_by("pk").values_list("status", "needs_rebooking_since")
    assert [status for status, _ in states] == ["cancelled", "cancelled", "confirmed", "confirmed"]
    assert [since is not None for _, since in states][2:] == [True, True]


def test_of_several_units_one_taken_out_displaces_one_whoever_confirms_meanwhile() -> None:
    instrument = InstrumentFactory(capacity=3, policy__requires_approval=False)
    members = [buyer() for _ in range(3)]
    holds = [held(instrument=instrument, period=hours(0, 2), by=member) for member in members]

    at_once(
        *[
            lambda rental=rental, member=member: confirm(rental, member)
            for rental, member in zip(holds, members, strict=True)
        ],
        lambda: out(instrument, units=1),
    )

    assert Rental.objects.filter(needs_rebooking_since__isnull=False).count() == 1


def test_lifted_and_confirmed_at_once_is_confirmed_or_told_to_try_again(instrument: Instrument) -> None:
    member = buyer()
    rental = held(instrument=instrument, period=hours(0, 1), by=member)
    outage = out(instrument)

    result, _ = at_once(
        lambda: confirm(rental, member), lambda: outages.lift_outage(outage=outage, by=None, now=MONDAY_9)
    )

    rental.refresh_from_db()
    assert rental.needs_rebooking is None
    assert rental.status == ("confirmed" if isinstance(result, Rental) else "held")
    assert Occupancy.objects.filter(resource__instrument=instrument).count() == 1


def test_of_two_who_lift_the_same_outage_the_second_is_told(instrument: Instrument) -> None:
    outage = out(instrument)

    results = at_once(*[lambda: outages.lift_outage(outage=outage, by=None, now=MONDAY_9)] * 2)

    assert sorted(getattr(one, "code", "lifted") for one in results) == ["lifted", "outage_gone"]
