"""Freed time offered by several at once, taken while it lapses, and by one who is killed half-way."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.models import Membership
from bookings.models import Occupancy, Rental, WaitlistEntry, WaitlistOffer
from bookings.rentals import operations as rentals
from bookings.rentals.operations.steps import PriceChanged
from bookings.waitlist import operations as waitlist
from kernel.refusals import Refusal
from tests.factories.bookings import MONDAY_9, buyer, confirmed, held, hours
from tests.factories.labs import InstrumentFactory
from tests.factories.racing import at_once
from tests.factories.waitlist import TWO_HOURS, freed, offered, taken, waits
from tests.serving import CHECKOUT, database_url

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

RUNS = 6


def offering() -> list[Callable[[], Any]]:
    return [lambda: waitlist.offer_freed(now=MONDAY_9)] * RUNS


def offered_to() -> list[WaitlistEntry]:
    return [offer.entry for offer in WaitlistOffer.objects.order_by("entry_id")]


@pytest.mark.parametrize("capacity", [1, 2, 3])
def test_of_many_runs_at_once_each_unit_is_offered_once_to_the_first_in_line(capacity: int) -> None:
    instrument = InstrumentFactory(capacity=capacity)
    booked = [taken(instrument=instrument) for _ in range(capacity)]
    entries = [waits(booked[0]) for _ in range(capacity + 3)]
    for rental in booked:
        freed(rental)

    results = at_once(*offering())

    assert [one for one in results if not isinstance(one, list)] == []
    assert offered_to() == entries[:capacity]
    assert sum(len(one) for one in results) == Rental.objects.filter(status="held").count() == capacity
    assert Occupancy.objects.filter(resource__instrument=instrument).count() == capacity


def test_a_time_that_is_offered_and_booked_at_once_is_one_or_the_other() -> None:
    for _ in range(4):
        rental = taken()
        entry = waits(rental)
        rival = buyer()
        freed(rental)

        results = at_once(*offering(), lambda rental=rental, rival=rival: held(instrument=rental.instrument, by=rival))

        kept = Rental.objects.get(instrument=rental.instrument, status="held")
        assert (kept.organisation == rival.organisation) != WaitlistOffer.objects.filter(entry=entry).exists(), results
        assert Occupancy.objects.filter(resource__instrument=rental.instrument).count() == 1


def test_an_offer_taken_declined_withdrawn_and_run_out_at_one_instant_is_answered_once() -> None:
    for _ in range(4):
        member = buyer()
        offer = offered(by=member)
        just = offer.expires_at - timedelta(microseconds=1)

        results = at_once(
            lambda offer=offer, member=member, just=just: waitlist.take_offer(offer=offer, by=member, now=just),
            lambda offer=offer, member=member, just=just: waitlist.decline(offer=offer, by=member, now=just),
            lambda offer=offer, member=member, just=just: waitlist.withdraw(entry=offer.entry, by=member, now=just),
            lambda offer=offer: rentals.expire_lapsed(now=offer.expires_at),
            lambda offer=offer: waitlist.keep_right(now=offer.expires_at),
        )

        assert [one for one in results if isinstance(one, Exception) and not isinstance(one, Refusal)] == []
        again = WaitlistOffer.objects.select_related("rental", "entry").get(pk=offer.pk)
        state = (again.outcome, again.rental.status, again.entry.state)
        assert state in {
            ("taken", "held", "offered"),
            ("declined", "cancelled", "waiting"),
            ("declined", "cancelled", "withdrawn"),
            ("lapsed", "expired", "waiting"),
            ("lapsed", "expired", "withdrawn"),
        }, (state, results)
        assert Occupancy.objects.filter(holder_id=offer.rental_id).exists() is (again.rental.status == "held")


def test_two_of_one_organisation_do_not_pass_its_limit_together(settings: Any) -> None:
    settings.WAITLIST_MOST_ENTRIES = 2
    rental = taken()
    member = buyer()
    colleague = Membership.objects.create(
        user=buyer().user, organisation=member.organisation, role=Membership.Role.BUYER
    )

    results = at_once(
        *[
            lambda minutes=minutes, who=who: waits(rental, by=who, minutes=minutes)
            for minutes in (30, 60, 90)
            for who in (member, colleague)
        ]
    )

    assert WaitlistEntry.objects.count() == 2
    assert {one.code for one in results if isinstance(one, Refusal)} <= {"WAITLIST_FULL", "ALREADY_WAITING", "busy"}


def test_the_lost_time_called_off_while_another_is_confirmed_ends_without_a_circle() -> None:
    for _ in range(6):
        lost = confirmed()
        why = {"why": "outage", "outage": 1, "until": hours(0, 2).end.isoformat()}
        rentals.mark_needs_rebooking(rental_ids=[lost.pk], why=why, now=MONDAY_9)
        by = Membership.objects.get(organisation=lost.organisation)
        (offer,) = waitlist.offer_freed(now=MONDAY_9)
        other = waitlist.take_offer(offer=offer, by=by, now=MONDAY_9)

        results = at_once(
            lambda other=other, by=by: rentals.confirm_on_account(rental=other, by=by, now=MONDAY_9),
            lambda lost=lost, by=by: rentals.cancel(rental=lost, by=by, now=MONDAY_9),
        )

        assert [one for one in results if not isinstance(one, (Rental, Refusal))] == []
        lost.refresh_from_db()
        assert lost.status == "cancelled"


def test_a_lost_time_that_somebody_held_and_left_as_it_was_is_called_off_by_the_clock() -> None:
    lost = confirmed()
    why = {"why": "outage", "outage": 1, "until": hours(0, 2).end.isoformat()}
    rentals.mark_needs_rebooking(rental_ids=[lost.pk], why=why, now=MONDAY_9)
    by = Membership.objects.get(organisation=lost.organisation)
    (offer,) = waitlist.offer_freed(now=MONDAY_9)
    other = waitlist.take_offer(offer=offer, by=by, now=MONDAY_9)
    is_held, is_confirmed = Event(), Event()

    def hold_and_fail() -> None:
        with transaction.atomic():
            Rental.objects.select_for_update().get(pk=lost.pk)
            is_held.set()
            is_confirmed.wait(timeout=20)
            raise PriceChanged(expected="1", total="2")

    def confirm() -> Rental:
        is_held.wait(timeout=20)
        try:
            return rentals.confirm_on_account(rental=other, by=by, now=MONDAY_9)
        finally:
            is_confirmed.set()

    failed, kept = at_once(hold_and_fail, confirm)

    assert (type(failed), kept.status) == (PriceChanged, "confirmed")
    lost.refresh_from_db()
    assert lost.status == "confirmed"
    at_once(*[lambda: waitlist.keep_right(now=MONDAY_9)] * 3)
    lost.refresh_from_db()
    assert (lost.status, lost.fee_fen) == ("cancelled", 0)


def test_a_rental_restored_after_another_time_was_confirmed_is_left_to_its_customer() -> None:
    lost = confirmed()
    why = {"why": "outage", "outage": 1, "until": hours(0, 2).end.isoformat()}
    rentals.mark_needs_rebooking(rental_ids=[lost.pk], why=why, now=MONDAY_9)
    WaitlistEntry.objects.filter(displaced=lost).update(state="fulfilled", changed_at=MONDAY_9)
    rentals.restore_places(rental_ids=[lost.pk], now=MONDAY_9)
    rentals.mark_needs_rebooking(rental_ids=[lost.pk], why=why, now=MONDAY_9 + timedelta(minutes=5))

    waitlist.keep_right(now=MONDAY_9 + timedelta(minutes=6))

    lost.refresh_from_db()
    assert lost.status == "confirmed"


def test_one_who_is_killed_half_way_has_lost_nothing_and_offered_nothing_twice() -> None:
    rental = taken()
    entry = waits(rental)
    freed(rental)

    ended = subprocess.run(
        [sys.executable, "-m", "tests.bookings.waitlist.killed", MONDAY_9.isoformat()],
        cwd=CHECKOUT,
        env={
            **os.environ,
            "DATABASE_URL": database_url(connection.settings_dict),
            "GONGHENG_DEMO": "1",
            "PYTHONPATH": os.pathsep.join([str(CHECKOUT), str(CHECKOUT / "platform")]),
            "DJANGO_SETTINGS_MODULE": "config.settings",
        },
        check=False,
        timeout=120,
    )

    assert ended.returncode == -signal.SIGKILL
    assert (offered_to(), Rental.objects.filter(status="held").count()) == ([], 0)
    waitlist.keep_right(now=MONDAY_9)
    waitlist.keep_right(now=MONDAY_9)
    assert offered_to() == [entry]
    assert Rental.objects.get(status="held").time == TWO_HOURS
