"""Beginning to wait, for another time, and no longer; and what nobody may wait for."""

from datetime import timedelta

import pytest

from bookings.models import Rental, WaitlistEntry
from bookings.rentals import operations as rentals
from bookings.waitlist import operations as waitlist
from kernel.money import Money
from kernel.periods import Period
from kernel.refusals import Refusal, Refusals
from labs.models import InstrumentGroup
from tests.factories.bookings import MONDAY_9, buyer, hours
from tests.factories.labs import CategoryFactory, InstrumentFactory, LabFactory
from tests.factories.waitlist import TWO_HOURS, offered, taken, waits

pytestmark = pytest.mark.django_db


def refusal_of(act, **how) -> Refusal:
    """Return what an act is refused for."""
    with pytest.raises(Refusal) as refused:
        act(**how)
    return refused.value


def codes(refusal: Refusal) -> list[str]:
    return [one.code for one in refusal.refusals] if isinstance(refusal, Refusals) else [refusal.code]


# --- What nobody may wait for ----------------------------------------------------------------------------------------


def test_what_is_free_is_not_waited_for_but_told_with_when_and_at_what_price() -> None:
    instrument = InstrumentFactory()
    taken(instrument=instrument)

    refusal = refusal_of(
        waitlist.join, by=buyer(), now=MONDAY_9, instrument=instrument, window=hours(0, 5), minutes=120, mode="assisted"
    )

    assert refusal.code == "FREE_NOW"
    assert refusal.facts == {
        "instrument": instrument.name,
        "code": instrument.code,
        "start": "2026-11-24 11:00",
        "starts_at": "2026-11-24T11:00:00+08:00",
        "minutes": 120,
        "mode": "assisted",
        "total_fen": 60_000,
    }


def test_what_is_free_but_too_dear_may_be_waited_for() -> None:
    instrument = InstrumentFactory()

    entry = waitlist.join(
        by=buyer(),
        now=MONDAY_9,
        instrument=instrument,
        window=TWO_HOURS,
        minutes=120,
        max_price=Money(59_999),
    )

    assert entry.state == "waiting"


def test_what_is_free_only_within_the_hour_is_told_as_free_though_it_would_not_be_offered() -> None:
    instrument = InstrumentFactory()

    refusal = refusal_of(
        waitlist.join,
        by=buyer(),
        now=TWO_HOURS.start - timedelta(minutes=30),
        instrument=instrument,
        window=Period(TWO_HOURS.start, TWO_HOURS.end + timedelta(hours=5)),
        minutes=120,
    )

    assert (refusal.code, refusal.facts["start"]) == ("FREE_NOW", "2026-11-24 09:00")


@pytest.mark.parametrize(
    ("window", "minutes", "code"),
    [
        (hours(-48, -40), 120, "WINDOW_OVER"),
        (hours(-24, -21), 120, "WINDOW_OVER"),
        (hours(0, 31 * 24 + 0.25), 120, "WINDOW_TOO_LONG"),
        (hours(0, 1.5), 120, "WINDOW_TOO_SHORT"),
        (hours(0, 48), 45, "NOT_ON_SLOT_GRID"),
        (hours(0, 48), 60 * 24, "DURATION_TOO_LONG"),
    ],
)
def test_a_window_or_a_length_that_cannot_be_is_refused_by_its_name(window: Period, minutes: int, code: str) -> None:
    rental = taken()

    assert codes(refusal_of(waits, rental=rental, window=window, minutes=minutes)) == [code]


def test_a_mode_or_a_number_that_is_not_offered_is_refused_at_once() -> None:
    rental = taken(instrument=InstrumentFactory(rental_mode="assisted"))

    assert codes(refusal_of(waits, rental=rental, mode="self", units=2)) == ["MODE_NOT_OFFERED", "UNITS_OUT_OF_RANGE"]


def test_an_organisation_that_is_suspended_may_not_wait() -> None:
    rental = taken()
    member = buyer(suspended_until=MONDAY_9 + timedelta(days=1))

    refusal = refusal_of(waits, rental=rental, by=member)

    assert (refusal.code, refusal.status) == ("ORG_SUSPENDED", 403)


def test_an_instrument_that_cannot_be_booked_is_not_waited_for() -> None:
    rental = taken()
    rental.instrument.status = "suspended"
    rental.instrument.save()

    assert codes(refusal_of(waits, rental=rental)) == ["INSTRUMENT_UNAVAILABLE"]


def test_a_search_that_finds_nothing_at_any_time_is_refused() -> None:
    rental = taken()

    assert codes(refusal_of(waits, rental=rental, instrument=None, query={"lab": ["NO-SUCH"]})) == ["NOTHING_FITS"]


def test_the_very_same_is_not_waited_for_twice_and_a_colleague_may_wait_for_another_length() -> None:
    rental = taken()
    member = buyer()
    waits(rental, by=member)

    assert codes(refusal_of(waits, rental=rental, by=member)) == ["ALREADY_WAITING"]
    assert waits(rental, by=member, minutes=60)
    assert waits(rental)


def test_an_organisation_waits_for_so_many_things_and_no_more(settings) -> None:
    settings.WAITLIST_MOST_ENTRIES = 2
    rental = taken()
    member = buyer()
    entry = waits(rental, by=member)
    waits(rental, by=member, minutes=60)
    refusal = refusal_of(waits, rental=rental, by=member, minutes=90)
    assert (refusal.code, refusal.facts) == ("WAITLIST_FULL", {"most": 2})

    waitlist.withdraw(entry=entry, by=member, now=MONDAY_9)

    assert waits(rental, by=member, minutes=90)


# --- What is waited for ----------------------------------------------------------------------------------------------


def test_words_that_mean_more_are_kept_as_what_they_mean_and_described_in_both_languages() -> None:
    lab = LabFactory()
    category = CategoryFactory(code="0101", name_zh="电子光学仪器", name_en="Electron optics")
    instrument = InstrumentFactory(lab=lab, category=category)
    rental = taken(instrument=instrument)

    entry = waits(
        rental,
        instrument=None,
        query={"q": "天河", "category": "0101", "free_from": "2026-11-24", "minutes": 60, "sort": "price", "page": 2},
    )

    assert entry.query == {"district": ["440106"], "category": ["0101"]}
    assert entry.described == {
        "zh": "分类：电子光学仪器 · 行政区：天河区",
        "en": "Category: Electron optics · District: Tianhe",
    }


def test_of_a_group_one_member_that_will_do_is_enough() -> None:
    lab = LabFactory()
    short, long = InstrumentFactory(lab=lab, policy__max_minutes=60), InstrumentFactory(lab=lab)
    group = InstrumentGroup.objects.create(code="G-1", lab=lab, name_zh="硬度计组")
    group.instruments.set([short, long])
    rental = taken(instrument=long)

    assert waits(rental, instrument=None, group=group).what == "硬度计组"
    assert codes(refusal_of(waits, rental=rental, instrument=None, group=group, units=2)) == ["UNITS_OUT_OF_RANGE"]


# --- Another time, and no longer -------------------------------------------------------------------------------------


def test_another_window_keeps_the_place_in_line() -> None:
    rental = taken()
    taken(instrument=rental.instrument, period=hours(24, 26))
    member = buyer()
    entry = waits(rental, by=member)

    changed = waitlist.change_window(entry=entry, window=hours(24, 26), by=member, now=MONDAY_9 + timedelta(minutes=5))

    assert (changed.time, changed.created_at) == (hours(24, 26), MONDAY_9)
    assert codes(refusal_of(waitlist.change_window, entry=entry, window=hours(30, 40), by=member, now=MONDAY_9)) == [
        "FREE_NOW"
    ]
    entry.refresh_from_db()
    assert entry.time == hours(24, 26)


def test_a_window_is_not_changed_while_a_time_is_offered() -> None:
    offer = offered()

    refusal = refusal_of(waitlist.change_window, entry=offer.entry, window=hours(24, 26), by=buyer(), now=MONDAY_9)

    assert refusal.code == "NOT_WAITING"


def test_who_withdraws_lets_go_what_is_offered_and_is_asked_no_more() -> None:
    member = buyer()
    offer = offered(by=member)

    waitlist.withdraw(entry=offer.entry, by=member, now=MONDAY_9)

    offer.refresh_from_db()
    assert (offer.outcome, offer.entry.state, offer.rental.status) == ("declined", "withdrawn", "cancelled")
    assert waitlist.offer_freed(now=MONDAY_9) == []
    assert refusal_of(waitlist.withdraw, entry=offer.entry, by=member, now=MONDAY_9).code == "NOT_WAITING"


def test_who_withdraws_when_the_offer_has_just_run_out_is_asked_no_more_either() -> None:
    member = buyer()
    offer = offered(by=member)

    waitlist.withdraw(entry=offer.entry, by=member, now=offer.expires_at)

    offer.refresh_from_db()
    assert (offer.outcome, offer.entry.state, offer.rental.status) == ("lapsed", "withdrawn", "expired")


def test_who_has_taken_a_time_cancels_that_and_not_the_entry() -> None:
    member = buyer()
    offer = offered(by=member)
    rental = waitlist.take_offer(offer=offer, by=member, now=MONDAY_9)

    assert refusal_of(waitlist.withdraw, entry=offer.entry, by=member, now=MONDAY_9).code == "NOT_WAITING"
    rentals.cancel(rental=rental, by=member, now=MONDAY_9)
    waitlist.withdraw(entry=offer.entry, by=member, now=MONDAY_9)

    assert WaitlistEntry.objects.get().state == "withdrawn"
    assert not Rental.objects.filter(status="held").exists()
