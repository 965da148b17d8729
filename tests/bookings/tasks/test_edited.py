"""What an edit of an instrument, an outage, or a use does to what is booked, and what the desk has to see to."""

from datetime import timedelta

import pytest

from bookings.models import Rental, Task
from bookings.rentals import operations as rentals
from bookings.rentals import rules
from bookings.schedule.invariants import SCHEDULE
from kernel.invariants import verified
from labs.catalogue.editing import instruments as editing
from labs.hours import operations as hours_
from labs.models import Outage
from notices.models import Notice
from tests.factories.accounts import LabMembershipFactory
from tests.factories.bookings import (
    MONDAY_9,
    TUESDAY_9,
    buyer,
    certified_until,
    checked_in,
    confirmed,
    held,
    hours,
    lab_of,
    places,
)
from tests.factories.labs import InstrumentFactory

HOUR = timedelta(hours=1)


def claim(key, start, end, units=1, *, is_in_use=False):
    return rules.Claim(key, hours(start, end), units, is_in_use=is_in_use)


@pytest.mark.parametrize(
    ("claims", "capacity", "lost"),
    [
        ([claim(1, 0, 2), claim(2, 1, 3)], 2, []),
        ([claim(1, 0, 2), claim(2, 1, 3)], 1, [2]),
        ([claim(2, 1, 3), claim(1, 0, 2)], 1, [1]),
        ([claim(1, 0, 2), claim(2, 2, 3)], 1, []),
        ([claim(1, 0, 2), claim(2, 1, 3, is_in_use=True)], 1, [1]),
        ([claim(1, 0, 2, units=2), claim(2, 0, 1)], 2, [2]),
        ([claim(1, 0, 2, units=3), claim(2, 0, 1)], 2, [1]),
    ],
)
def test_bk_6_with_fewer_units_those_agreed_last_have_to_go_and_who_sits_there_stays(claims, capacity, lost):
    assert rules.without_place(claims, capacity=capacity) == lost


pytestmark = pytest.mark.django_db


def edit(instrument, **changed):
    return editing.edit_instrument(instrument=instrument, by=None, now=MONDAY_9, **changed)


def test_whoever_must_be_calibrated_from_now_on_puts_uncovered_bookings_at_risk():
    instrument = InstrumentFactory(requires_calibration=False, calibration=False)
    rental = confirmed(instrument=instrument, agreed=("not_traceable",))

    edit(instrument, requires_calibration=True)
    rental.refresh_from_db()
    assert (rental.at_risk["why"], Task.objects.open().get().kind) == ("calibration", "calibration")

    edit(instrument, requires_calibration=False)
    rental.refresh_from_db()
    assert (rental.at_risk, Task.objects.open().count()) == (None, 0)


def test_fewer_units_leave_the_booking_agreed_last_without_a_place_until_there_are_more():
    instrument = InstrumentFactory(capacity=2)
    first = confirmed(instrument=instrument, period=hours(0, 2))
    second = confirmed(instrument=instrument, period=hours(1, 3), now=MONDAY_9 + HOUR)

    edit(instrument, capacity=1)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.needs_rebooking, second.needs_rebooking) == (None, {"why": "capacity", "capacity": 1})
    assert [(task.kind, task.rental) for task in Task.objects.open()] == [("capacity", second)]

    edit(instrument, capacity=2)
    second.refresh_from_db()
    assert (second.needs_rebooking, Task.objects.open().count()) == (None, 0)


def test_with_fewer_units_who_keeps_their_place_moves_to_a_unit_that_there_is():
    instrument, member = InstrumentFactory(capacity=2), buyer()
    called_off = held(instrument=instrument, by=member)
    stays = confirmed(instrument=instrument)
    rentals.cancel(rental=called_off, by=member, now=MONDAY_9)
    goes = confirmed(instrument=instrument, now=MONDAY_9 + timedelta(minutes=1))
    assert (places(stays).get().unit, places(goes).get().unit) == (2, 1)

    edit(instrument, capacity=1)

    assert Rental.objects.get(needs_rebooking_since__isnull=False) == goes
    assert places(stays).get().unit == 1
    assert {verdict.invariant.name for verdict in verified(SCHEDULE, now=MONDAY_9) if verdict.count} == set()
    edit(instrument, capacity=2)
    assert (places(stays).get().unit, places(goes).get().unit) == (1, 2)


def test_an_edit_of_other_words_touches_no_booking():
    instrument = InstrumentFactory()
    rental = confirmed(instrument=instrument)

    edit(instrument, name_en="Another name")

    changed_at = rental.changed_at
    rental.refresh_from_db()
    assert rental.changed_at == changed_at


def out(instrument, start, end, **how):
    return hours_.announce_outage(
        of=instrument, kind=Outage.Kind.MAINTENANCE, start=start, end=end, by=None, now=MONDAY_9, **how
    )


def test_bk_8_an_outage_marks_tells_and_opens_a_task_and_moving_away_ends_all_three():
    member = buyer()
    rental = confirmed(by=member, period=hours(0, 2))
    out(rental.instrument, TUESDAY_9, TUESDAY_9 + HOUR)

    rental.refresh_from_db()
    assert (rental.status, rental.needs_rebooking["why"]) == ("confirmed", "outage")
    assert Task.objects.open().get().kind == "outage"
    assert Notice.objects.filter(kind="rental_needs_rebooking", user=member.user).count() == 1
    rentals.reschedule(rental=rental, period=hours(24, 26), by=member, now=MONDAY_9)
    assert not Task.objects.open().exists()


def test_a_longer_outage_is_no_news_and_a_lifted_one_is():
    rental = confirmed(period=hours(0, 2))
    outage = out(rental.instrument, TUESDAY_9, TUESDAY_9 + HOUR)
    hours_.change_outage(outage=outage, start=TUESDAY_9, end=TUESDAY_9 + 2 * HOUR, by=None, now=MONDAY_9)
    hours_.lift_outage(outage=outage, by=None, now=MONDAY_9)

    rental.refresh_from_db()
    kinds = list(Notice.objects.filter(about=f"rental:{rental.pk}").order_by("pk").values_list("kind", flat=True))
    assert (rental.needs_rebooking, Task.objects.open().count()) == (None, 0)
    assert kinds[-2:] == ["rental_needs_rebooking", "rental_place_restored"]


def test_marks_are_for_what_stands_and_are_taken_once():
    over = rentals.cancel(rental=(rental := held()), by=buyer(), now=MONDAY_9)
    in_use = checked_in()
    why = {"why": "outage", "outage": 1}

    assert rentals.mark_needs_rebooking(rental_ids=[over.pk, in_use.pk], why=why, now=MONDAY_9) == []
    standing = confirmed(instrument=rental.instrument)
    marked = [rentals.mark_needs_rebooking(rental_ids=[standing.pk], why=why, now=MONDAY_9) for _ in range(2)]
    restored = [rentals.restore_places(rental_ids=[standing.pk], now=MONDAY_9) for _ in range(2)]
    assert [len(each) for each in (*marked, *restored)] == [1, 0, 1, 0]


def test_each_kind_of_task_says_what_is_the_matter_in_the_labs_time(client_as, clock):
    instrument = InstrumentFactory()
    running = checked_in(instrument=instrument, period=hours(0, 1))
    waiting = confirmed(instrument=instrument, period=hours(1, 2))
    staff = LabMembershipFactory(organisation=instrument.lab.organisation, role="lab_operator")
    rentals.flag_overruns(now=TUESDAY_9 + HOUR + timedelta(minutes=1))
    damaged = rentals.UsageGiven(condition="damaged", damage="夹具断裂")
    rentals.check_out(rental=running, usage=damaged, by=lab_of(running), now=TUESDAY_9 + HOUR + timedelta(minutes=2))
    out(instrument, TUESDAY_9 + HOUR, TUESDAY_9 + 2 * HOUR)
    certified_until(instrument, MONDAY_9.date())

    page = client_as(staff).get("/desk/tasks/").content.decode()
    file = client_as(staff).get("/desk/tasks/", {"format": "csv"}).content.decode("utf-8-sig")

    for said in (
        f"{running.number} 仍在使用",
        "夹具断裂",
        "设备停用至 2026-11-24 周二 11:00",
        "2026-11-24 周二 10:00–11:00",
    ):
        assert said in page
        assert said in file
    assert waiting.number in page
