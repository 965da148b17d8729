"""A freed time is held for whoever comes first in line, and for nobody else (BK-19)."""

from datetime import timedelta

import pytest

from accounts.models import Membership
from bookings.models import WaitlistEntry
from bookings.rentals import operations as rentals
from bookings.waitlist import operations as waitlist
from kernel.money import Money
from kernel.refusals import Refusal
from labs.models import InstrumentGroup
from tests.factories.bookings import MONDAY_9, buyer, held, hours
from tests.factories.labs import CategoryFactory, InstrumentFactory, LabFactory, UserQualificationFactory
from tests.factories.waitlist import LATER, TWO_HOURS, freed, taken, waits

pytestmark = pytest.mark.django_db


def large() -> Membership:
    return buyer(size="large")


# --- Held for the first ------------------------------------------------------------------------------------------


def test_a_freed_time_is_held_for_the_entry_until_it_is_answered() -> None:
    rental = taken()
    member = buyer()
    entry = waits(rental, by=member, purpose="来料检验")
    assert waitlist.offer_freed(now=MONDAY_9) == []

    freed(rental)
    (offer,) = waitlist.offer_freed(now=MONDAY_9)

    kept = offer.rental
    assert (kept.status, kept.time, kept.mode, kept.purpose) == ("held", TWO_HOURS, "assisted", "来料检验")
    assert (kept.organisation, kept.placed_by) == (member.organisation, member.user)
    assert kept.held_until == offer.expires_at == MONDAY_9 + timedelta(hours=2)
    entry.refresh_from_db()
    assert entry.state == "offered"
    with pytest.raises(Refusal) as refused:
        held(instrument=rental.instrument)
    assert refused.value.code == "CAPACITY_EXCEEDED"


def test_the_displaced_come_first_then_smes_then_others_and_within_a_rank_the_oldest() -> None:
    rental = taken()
    lost = taken(instrument=InstrumentFactory(lab=rental.instrument.lab), period=hours(24, 26))
    first_of_others = waits(rental, by=large())
    second_of_others = waits(rental, by=large(), now=MONDAY_9 + timedelta(seconds=1))
    later_sme = waits(rental, now=MONDAY_9 + timedelta(seconds=3))
    sme = waits(rental, now=MONDAY_9 + timedelta(seconds=2))
    displaced = waitlist.join_displaced(lost, MONDAY_9 + timedelta(seconds=4))
    WaitlistEntry.objects.filter(pk=displaced.pk).update(window=TWO_HOURS.as_range())
    freed(rental)
    now = MONDAY_9 + timedelta(seconds=5)

    order = []
    while made := waitlist.offer_freed(now=now, instrument_ids=[rental.instrument_id]):
        order += [offer.entry for offer in made]
        now = made[0].expires_at
        rentals.expire_lapsed(now=now)

    assert order == [displaced, sme, later_sme, first_of_others, second_of_others]


def test_an_sme_that_is_not_verified_waits_among_the_others() -> None:
    rental = taken()
    unverified = waits(rental, by=buyer(verification="submitted"))
    sme = waits(rental, now=MONDAY_9 + timedelta(hours=1))
    freed(rental)

    (offer,) = waitlist.offer_freed(now=MONDAY_9 + timedelta(hours=1))

    assert (offer.entry, unverified.state) == (sme, "waiting")


def test_two_that_joined_at_the_same_instant_are_served_in_the_order_of_their_keys() -> None:
    rental = taken()
    first, _second = waits(rental), waits(rental)
    freed(rental)

    assert [offer.entry for offer in waitlist.offer_freed(now=MONDAY_9)] == [first]


def test_of_two_units_two_entries_are_offered_one_each() -> None:
    instrument = InstrumentFactory(capacity=2)
    both = [taken(instrument=instrument), taken(instrument=instrument)]
    waiting = [waits(both[0]) for _ in range(3)]
    for rental in both:
        freed(rental)

    made = waitlist.offer_freed(now=MONDAY_9)

    assert [offer.entry for offer in made] == waiting[:2]


def test_who_is_offered_a_time_is_offered_no_second_one() -> None:
    first = taken()
    second = taken(instrument=first.instrument, period=hours(2, 4))
    entry = waits(first, window=hours(0, 4))
    freed(first)
    freed(second)

    assert [offer.entry for offer in waitlist.offer_freed(now=MONDAY_9)] == [entry]
    assert waitlist.offer_freed(now=MONDAY_9) == []


# --- What fits -----------------------------------------------------------------------------------------------------


def test_the_time_just_freed_is_offered_before_an_earlier_one() -> None:
    early = taken()
    taken(instrument=early.instrument, period=hours(2, 4))
    late = taken(instrument=early.instrument, period=hours(4, 6))
    waits(early, window=hours(0, 6))
    freed(early)
    freed(late)

    (offer,) = waitlist.offer_freed(
        now=MONDAY_9, instrument_ids=[early.instrument_id], freed={early.instrument_id: late.time}
    )

    assert offer.rental.time == late.time


def test_without_a_time_just_freed_the_earliest_start_is_offered() -> None:
    early = taken()
    late = taken(instrument=early.instrument, period=hours(2, 4))
    waits(early, window=hours(0, 4))
    freed(late)
    freed(early)

    (offer,) = waitlist.offer_freed(now=MONDAY_9)

    assert offer.rental.time == early.time


def test_what_costs_more_than_the_wish_allows_is_passed_over() -> None:
    rental = taken()
    too_little = waits(rental, max_price=Money(59_999), by=buyer())
    enough = waits(rental, max_price=Money(60_000), by=buyer(), now=MONDAY_9 + timedelta(minutes=1))
    freed(rental)

    (offer,) = waitlist.offer_freed(now=MONDAY_9 + timedelta(minutes=1))

    assert (offer.entry, offer.rental.total) == (enough, Money(60_000))
    too_little.refresh_from_db()
    assert too_little.state == "waiting"


def test_an_entry_whose_rules_fail_is_skipped_and_keeps_its_place() -> None:
    instrument = InstrumentFactory(training_required=True)
    rental = taken(instrument=instrument)
    member = buyer()
    unqualified = waits(rental, mode="self", by=member)
    other = waits(rental, now=MONDAY_9 + timedelta(minutes=1))
    freed(rental)

    (offer,) = waitlist.offer_freed(now=MONDAY_9 + timedelta(minutes=1))
    assert offer.entry == other
    waitlist.decline(offer=offer, by=Membership.objects.get(organisation=other.organisation), now=LATER)
    UserQualificationFactory(user=member.user, instrument=instrument)

    (offer,) = waitlist.offer_freed(now=LATER)
    assert offer.entry == unqualified


def test_an_organisation_that_is_suspended_meanwhile_is_skipped() -> None:
    rental = taken()
    member = buyer()
    waits(rental, by=member)
    other = waits(rental, by=large())
    member.organisation.suspended_until = MONDAY_9 + timedelta(days=30)
    member.organisation.save()
    freed(rental)

    assert [offer.entry for offer in waitlist.offer_freed(now=MONDAY_9)] == [other]


def test_a_person_who_has_left_is_spoken_for_by_a_colleague_and_nobody_by_nobody() -> None:
    rental = taken()
    gone, alone = buyer(), buyer()
    colleague = Membership.objects.create(user=buyer().user, organisation=gone.organisation, role=Membership.Role.OWNER)
    entry = waits(rental, by=gone, now=MONDAY_9 + timedelta(minutes=1))
    waits(rental, by=alone)
    for member in (gone, alone):
        member.is_active = False
        member.save()
    freed(rental)

    (offer,) = waitlist.offer_freed(now=MONDAY_9 + timedelta(minutes=1))

    assert (offer.entry, offer.rental.placed_by) == (entry, colleague.user)


def test_any_of_a_group_will_do() -> None:
    pair = InstrumentFactory.create_batch(2, lab=LabFactory())
    group = InstrumentGroup.objects.create(code="G-1", lab=pair[0].lab, name_zh="硬度计组")
    group.instruments.set(pair)
    both = [taken(instrument=each) for each in pair]
    entry = waits(both[0], instrument=None, group=group)
    freed(both[1])

    (offer,) = waitlist.offer_freed(now=MONDAY_9, instrument_ids=[pair[1].pk])

    assert (offer.entry, offer.rental.instrument) == (entry, pair[1])


def test_any_that_a_search_finds_will_do_and_no_other() -> None:
    lab = LabFactory()
    wanted = InstrumentFactory(lab=lab, category=CategoryFactory(code="0101"))
    other = InstrumentFactory(lab=lab)
    both = [taken(instrument=each) for each in (wanted, other)]
    entry = waits(both[0], instrument=None, query={"category": ["0101"], "lab": [lab.code]})
    freed(both[1])
    assert waitlist.offer_freed(now=MONDAY_9, instrument_ids=[other.pk]) == []

    freed(both[0])
    (offer,) = waitlist.offer_freed(now=MONDAY_9)

    assert (offer.entry, offer.rental.instrument) == (entry, wanted)


def test_units_are_wanted_together() -> None:
    instrument = InstrumentFactory(capacity=2)
    one, two = taken(instrument=instrument), taken(instrument=instrument)
    entry = waits(one, units=2)
    freed(one)
    assert waitlist.offer_freed(now=MONDAY_9) == []

    freed(two)
    assert [offer.entry for offer in waitlist.offer_freed(now=MONDAY_9)] == [entry]


def test_what_is_not_traceable_is_offered_only_to_those_who_agreed_beforehand() -> None:
    instrument = InstrumentFactory(requires_calibration=False, calibration=False)
    rental = taken(instrument=instrument, agreed=["not_traceable"])
    waits(rental)
    agreed = waits(rental, agreed=["not_traceable"], by=large())
    freed(rental)

    (offer,) = waitlist.offer_freed(now=MONDAY_9)

    assert (offer.entry, [each["code"] for each in offer.rental.consents]) == (agreed, ["not_traceable"])
