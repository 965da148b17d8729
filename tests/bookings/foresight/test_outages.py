"""BK-8: an outage marks the bookings it takes the place of, deletes none, and gives their place back when it goes."""

from typing import Any

import pytest

from accounts.models import Membership
from bookings.models import Rental, WaitlistEntry
from bookings.rentals import operations as rentals
from kernel.periods import Period
from kernel.refusals import Refusal
from labs.hours import operations as outages
from labs.models import Instrument, Outage
from tests.factories.accounts import LabMembershipFactory
from tests.factories.bookings import MONDAY_9, buyer, confirmed, held, hours
from tests.factories.labs import InstrumentFactory

pytestmark = pytest.mark.django_db


def out(of: Any, period: Period, *, units: int | None = None, by: Membership | None = None) -> Outage:
    return outages.announce_outage(
        of=of, kind="maintenance", start=period.start, end=period.end, units=units, by=by, now=MONDAY_9
    )


def marked() -> list[str]:
    rows = Rental.objects.filter(needs_rebooking_since__isnull=False)
    return sorted(rows.values_list("number", flat=True))


@pytest.fixture
def instrument() -> Instrument:
    return InstrumentFactory(policy__requires_approval=False, policy__pre_buffer_min=0, policy__post_buffer_min=0)


def test_whoever_is_booked_into_it_is_marked_with_the_reason_and_stays_booked(instrument: Instrument) -> None:
    hit, beside = (
        confirmed(instrument=instrument, period=hours(0, 2)),
        confirmed(instrument=instrument, period=hours(2, 3)),
    )
    elsewhere = confirmed(period=hours(0, 2))

    outage = out(instrument, hours(1, 2))

    hit.refresh_from_db()
    assert marked() == [hit.number]
    assert hit.status == "confirmed"
    assert hit.needs_rebooking == {"why": "outage", "outage": outage.pk, "until": hours(1, 2).end.isoformat()}
    assert {beside.number, elsewhere.number}.isdisjoint(marked())


def test_a_booking_whose_buffer_alone_it_touches_is_marked_too() -> None:
    instrument = InstrumentFactory(policy__requires_approval=False, policy__post_buffer_min=30)
    hit = confirmed(instrument=instrument, period=hours(0, 2))

    out(instrument, hours(2, 3))

    assert marked() == [hit.number]


def test_an_outage_of_the_lab_marks_the_bookings_of_all_its_instruments(instrument: Instrument) -> None:
    other = InstrumentFactory(lab=instrument.lab, policy__requires_approval=False)
    both = [confirmed(instrument=one, period=hours(0, 2)) for one in (instrument, other)]

    out(instrument.lab, hours(1, 2))

    assert marked() == sorted(one.number for one in both)


def test_lifting_it_gives_the_place_back(instrument: Instrument) -> None:
    confirmed(instrument=instrument, period=hours(0, 2))
    outage = out(instrument, hours(1, 2))

    outages.lift_outage(outage=outage, by=None, now=MONDAY_9)

    assert marked() == []
    assert Rental.objects.get().needs_rebooking is None


def test_changing_it_marks_and_gives_back_by_the_new_time(instrument: Instrument) -> None:
    early, late = (
        confirmed(instrument=instrument, period=hours(0, 2)),
        confirmed(instrument=instrument, period=hours(4, 6)),
    )
    outage = out(instrument, hours(0, 2))
    assert marked() == [early.number]

    outages.change_outage(outage=outage, start=hours(5, 7).start, end=hours(5, 7).end, by=None, now=MONDAY_9)

    assert marked() == [late.number]


def test_lifting_one_of_two_outages_leaves_the_mark_and_names_the_other(instrument: Instrument) -> None:
    hit = confirmed(instrument=instrument, period=hours(0, 2))
    first, second = out(instrument, hours(0, 1)), out(instrument, hours(1, 2))

    outages.lift_outage(outage=first, by=None, now=MONDAY_9)

    hit.refresh_from_db()
    assert hit.needs_rebooking is not None
    assert hit.needs_rebooking["outage"] == second.pk


def test_where_units_remain_the_last_to_confirm_is_marked() -> None:
    instrument = InstrumentFactory(capacity=2, policy__requires_approval=False)
    first, second = (confirmed(instrument=instrument, period=hours(0, 2)) for _ in range(2))

    outage = out(instrument, hours(0, 2), units=1)
    assert marked() == [second.number]

    outages.change_outage(outage=outage, start=hours(0, 2).start, end=hours(0, 2).end, by=None, now=MONDAY_9)
    assert marked() == sorted([first.number, second.number])


def test_a_hold_that_is_marked_is_not_confirmed_any_more(instrument: Instrument) -> None:
    member = buyer()
    rental = held(instrument=instrument, period=hours(0, 2), by=member)
    out(instrument, hours(1, 2))

    with pytest.raises(Refusal):
        rentals.confirm_on_account(rental=rental, by=member, now=MONDAY_9)

    assert Rental.objects.get().status == "held"


def test_an_outage_of_the_past_marks_nobody(instrument: Instrument) -> None:
    confirmed(instrument=instrument, period=hours(0, 2))

    past = hours(1, 2)
    outages.announce_outage(of=instrument, kind="closure", start=past.start, end=past.end, by=None, now=hours(3, 4).end)

    assert marked() == []


def test_the_statements_of_an_outage_do_not_grow_with_the_bookings_it_misses(
    instrument: Instrument, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    confirmed(instrument=instrument, period=hours(0, 1))
    by = LabMembershipFactory(organisation=instrument.lab.organisation, role="lab_manager")
    with django_assert_max_num_queries(30) as few:
        out(instrument, hours(6, 7), by=by)
    for number in (1, 2, 3):
        confirmed(instrument=instrument, period=hours(number, number + 1))

    with django_assert_num_queries(len(few.captured_queries)):
        out(instrument, hours(7, 8), by=by)


def test_whoever_is_displaced_waits_first_in_line(instrument: Instrument) -> None:
    hit = confirmed(instrument=instrument, period=hours(0, 2))

    out(instrument, hours(0, 2))

    assert list(WaitlistEntry.objects.values_list("displaced_id", "state")) == [(hit.pk, "waiting")]
