"""An instrument that is away (2.3) marks what is booked until it is back, as an outage does (BK-8)."""

from typing import Any

import pytest

from bookings.availability.rules import UnderMaintenance
from bookings.models import Rental, Task
from labs.hours import operations as hours_of
from labs.models import Instrument
from notices.models import Notice
from tests.factories.accounts import LabMembershipFactory
from tests.factories.bookings import MONDAY_9, buyer, confirmed, held, hours
from tests.factories.labs import InstrumentFactory
from tests.factories.racing import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def instrument() -> Instrument:
    return InstrumentFactory(policy__requires_approval=False)


def says(instrument: Instrument, status: str, back: Any = None) -> None:
    hours_of.set_status(instrument=instrument, status=status, expected_back_at=back, by=None, now=MONDAY_9)


def why(rental: Rental) -> Any:
    return Rental.objects.get(pk=rental.pk).needs_rebooking


def test_what_is_booked_until_it_is_back_is_marked_and_its_customer_told(instrument: Instrument) -> None:
    hit, after = confirmed(instrument=instrument), confirmed(instrument=instrument, period=hours(24, 26))
    back = hours(5, 6).start

    says(instrument, "fault", back)

    assert (why(hit), why(after)) == ({"why": "outage", "until": back.isoformat()}, None)
    assert Task.objects.get().kind == "outage"
    assert Notice.objects.filter(user=hit.placed_by, kind="rental_needs_rebooking").exists()


@pytest.mark.parametrize("status", ["fault", "suspended", "retired"])
def test_where_nobody_knows_when_it_comes_back_all_of_it_is_marked(instrument: Instrument, status: str) -> None:
    soon, later = confirmed(instrument=instrument), confirmed(instrument=instrument, period=hours(24 * 7, 24 * 7 + 2))

    says(instrument, status)

    assert why(soon) == why(later) == {"why": "outage"}


def test_it_comes_back_and_the_bookings_have_their_place_again(instrument: Instrument) -> None:
    hit = confirmed(instrument=instrument)
    says(instrument, "maintenance")

    says(instrument, "available")

    assert why(hit) is None
    assert not Task.objects.open().exists()


def test_the_desk_sees_them_together(client_as: Any, instrument: Instrument) -> None:
    hit = confirmed(instrument=instrument)
    says(instrument, "fault")
    client = client_as(LabMembershipFactory(organisation=instrument.lab.organisation))

    answer = client.get("/desk/conflicts/")

    (group,) = answer.context["groups"]
    assert (group.outage, group.why, [one.rental.number for one in group.conflicts]) == (None, "outage", [hit.number])
    assert "Instruments that are away" in answer.text


@pytest.mark.django_db(transaction=True)
def test_a_hold_and_the_news_at_the_same_instant_leave_no_booking_unmarked(instrument: Instrument) -> None:
    member = buyer()

    def hold() -> None:
        held(instrument=instrument, by=member)

    answers = at_once(hold, lambda: says(Instrument.objects.get(pk=instrument.pk), "fault", hours(5, 6).start))

    booked = Rental.objects.first()
    assert booked is None or why(booked) is not None
    refused = [each for each in answers if isinstance(each, Exception)]
    assert all(isinstance(each, UnderMaintenance) for each in refused), refused
