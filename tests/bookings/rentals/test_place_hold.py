"""A hold keeps an instrument for a quarter of an hour or two, and nobody else gets the time (BK-6, BK-17, BK-18)."""

import re
from datetime import timedelta

import pytest

from audit.models import AuditEvent
from bookings.availability.queries.quotas import Recounted
from bookings.availability.rules import CapacityExceeded, RoomBusy
from bookings.models import Occupancy, Rental
from bookings.rentals import operations as rentals
from bookings.rentals.operations import holding
from kernel.money import Money
from kernel.periods import Period
from kernel.refusals import Refusal, Refusals
from tests.factories.bookings import MONDAY_9, TUESDAY_9, buyer, held, hours
from tests.factories.labs import InstrumentFactory, OutageFactory, RoomFactory, UserQualificationFactory

pytestmark = pytest.mark.django_db


def refused(**how) -> list[str]:
    with pytest.raises(Refusal) as caught:
        held(**how)
    refusal = caught.value
    return [one.code for one in refusal.refusals] if isinstance(refusal, Refusals) else [refusal.code]


def test_a_hold_keeps_the_price_the_number_and_the_time_with_its_buffers():
    instrument = InstrumentFactory(policy__pre_buffer_min=30, policy__post_buffer_min=15)
    member = buyer()

    rental = held(instrument=instrument, period=hours(0, 2), by=member)

    rental.refresh_from_db()
    assert (rental.status, rental.total_fen) == ("held", 60_000)
    assert re.fullmatch(r"R20261123\d{6}", rental.number)
    assert rental.held_until == MONDAY_9 + timedelta(minutes=30)
    (occupancy,) = Occupancy.objects.filter(resource__instrument=instrument)
    assert Period.from_range(occupancy.period) == hours(-0.5, 2.25)
    assert Period.from_range(occupancy.usage) == hours(0, 2)
    assert (occupancy.holder_id, occupancy.lapses_at) == (rental.pk, rental.held_until)


def test_a_hold_is_audited_with_who_placed_it():
    member = buyer()

    rental = held(by=member)

    event = AuditEvent.objects.get(name="rental_held")
    assert (event.actor_id, event.organisation_id) == (member.user_id, member.organisation_id)
    assert event.facts == {"rental_id": rental.pk, "number": rental.number}


def test_a_hold_may_start_when_the_rental_before_it_ends():
    booked = held(period=hours(0, 2))

    hold = held(instrument=booked.instrument, period=hours(2, 3))

    assert hold.status == Rental.Status.HELD


def test_two_holds_that_overlap_by_one_slot_are_refused():
    booked = held(period=hours(0, 2))

    assert refused(instrument=booked.instrument, period=hours(1.5, 3)) == ["CAPACITY_EXCEEDED"]
    assert Rental.objects.count() == 1


def test_bk_6_two_buffers_between_neighbours_add_up():
    instrument = InstrumentFactory(policy__pre_buffer_min=30, policy__post_buffer_min=30)
    held(instrument=instrument, period=hours(0, 1))

    assert refused(instrument=instrument, period=hours(1.5, 2.5)) == ["CAPACITY_EXCEEDED"]
    assert held(instrument=instrument, period=hours(2, 3)).status == "held"


def test_as_many_holds_as_there_are_units_share_a_time():
    instrument = InstrumentFactory(capacity=2)
    held(instrument=instrument, period=hours(0, 2))
    held(instrument=instrument, period=hours(1, 3))

    assert refused(instrument=instrument, period=hours(1, 2)) == ["CAPACITY_EXCEEDED"]
    assert set(Occupancy.objects.filter(resource__instrument=instrument).values_list("unit", flat=True)) == {1, 2}


def test_bk_10_a_room_is_not_given_twice_though_two_instruments_stand_in_it():
    room = RoomFactory()
    first, second = InstrumentFactory.create_batch(2, room=room, lab=room.lab)
    held(instrument=first, period=hours(0, 2))

    assert refused(instrument=second, period=hours(1, 3)) == ["ROOM_BUSY"]
    assert RoomBusy.status == 409


def test_bk_18_a_lapsed_hold_blocks_nobody_though_no_job_has_run():
    lapsed = held(period=hours(0, 2))
    later = MONDAY_9 + timedelta(minutes=30)

    hold = held(instrument=lapsed.instrument, period=hours(0, 2), now=later)

    lapsed.refresh_from_db()
    assert (lapsed.status, hold.status) == ("expired", "held")
    assert set(Occupancy.objects.values_list("holder_id", flat=True)) == {hold.pk}
    assert AuditEvent.objects.filter(name="rental_expired").count() == 1


def test_bk_18_a_hold_is_valid_up_to_its_last_microsecond():
    hold = held(period=hours(0, 2))
    just_before = MONDAY_9 + timedelta(minutes=30) - timedelta(microseconds=1)

    assert refused(instrument=hold.instrument, period=hours(0, 2), now=just_before) == ["CAPACITY_EXCEEDED"]


@pytest.mark.parametrize(
    ("period", "codes"),
    [
        (hours(0.25, 1.25), ["NOT_ON_SLOT_GRID"]),
        (hours(0, 8.5), ["DURATION_TOO_LONG"]),
        (hours(-1, 1), ["OUTSIDE_OPENING_HOURS"]),
        (hours(8.5, 10), ["OUTSIDE_OPENING_HOURS"]),
        (hours(24 * 4, 24 * 4 + 1), ["CLOSED_DAY"]),
        (hours(-25, -24), ["OUTSIDE_OPENING_HOURS", "LEAD_TIME_TOO_SHORT"]),
        (hours(24 * 81, 24 * 81 + 1), ["CLOSED_DAY", "TOO_FAR_AHEAD"]),
        (hours(24 * 63, 24 * 63 + 1), ["TOO_FAR_AHEAD"]),
    ],
)
def test_each_rule_refuses_with_its_code_all_at_once_and_in_order(period, codes):
    assert refused(period=period, instrument=InstrumentFactory(policy__lead_time_min=60)) == codes


def test_a_length_below_the_minimum_is_refused_with_the_minimum():
    assert refused(period=hours(0, 0.5), instrument=InstrumentFactory(policy__min_minutes=60)) == ["DURATION_TOO_SHORT"]


def test_bk_1_a_suspended_instrument_and_a_suspended_organisation_are_refused_together():
    instrument = InstrumentFactory(status="suspended")
    member = buyer(suspended_until=TUESDAY_9)

    assert refused(instrument=instrument, by=member) == ["INSTRUMENT_UNAVAILABLE", "ORG_SUSPENDED"]


def test_bk_8_maintenance_blocks_the_buffers_too():
    instrument = InstrumentFactory(policy__post_buffer_min=30)
    OutageFactory(instrument=instrument, period=hours(2, 4).as_range())

    assert refused(instrument=instrument, period=hours(1, 2)) == ["MAINTENANCE"]
    assert held(instrument=instrument, period=hours(0.5, 1.5)).status == "held"


def test_bk_9_the_calibration_must_cover_the_use_but_not_the_buffers():
    last_day = TUESDAY_9.date()
    instrument = InstrumentFactory(calibration__valid_to=last_day)

    assert held(instrument=instrument, period=hours(0, 2)).status == "held"
    assert refused(instrument=instrument, period=hours(24, 26)) == ["CALIBRATION_EXPIRED"]


def test_bk_11_operating_it_oneself_needs_the_qualification_through_the_end_date():
    instrument = InstrumentFactory(training_required=True)
    member = buyer()

    assert refused(instrument=instrument, by=member, mode="self") == ["NOT_QUALIFIED"]
    UserQualificationFactory(user=member.user, instrument=instrument, valid_to=TUESDAY_9.date())
    assert held(instrument=instrument, by=member, mode="self").status == "held"
    assert refused(instrument=instrument, by=member, mode="self", period=hours(24, 25)) == ["NOT_QUALIFIED"]


def test_a_price_the_person_did_not_see_is_refused_and_nothing_is_kept():
    assert refused(expected=Money(59_999)) == ["PRICE_CHANGED"]
    assert (Rental.objects.count(), Occupancy.objects.count()) == (0, 0)


def test_the_constraint_has_the_last_word_when_the_facts_were_older(monkeypatch):
    booked = held(period=hours(0, 2))
    monkeypatch.setattr(holding, "refusals", lambda *_: [])
    monkeypatch.setattr(holding.availability, "recounted", lambda facts, *_, **__: Recounted(facts, frozenset()))

    with pytest.raises(rentals.PeriodTaken) as caught:
        held(instrument=booked.instrument, period=hours(1, 3))

    assert caught.value.code == CapacityExceeded.code
    assert Rental.objects.count() == 1


def test_a_hold_asks_at_most_eight_statements(django_assert_max_num_queries):
    member, instrument = buyer(), InstrumentFactory()
    held(instrument=instrument, by=member, period=hours(0, 1))

    with django_assert_max_num_queries(8):  # facts, savepoint, lock, taken?, rental, occupancy, audit, release
        held(instrument=instrument, by=member, period=hours(2, 3))
