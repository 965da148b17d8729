"""When nothing is offered, how an offer goes on to the next, and what runs beside each other (BK-19)."""

from datetime import timedelta

import pytest

from bookings.models import Rental, WaitlistEntry, WaitlistOffer
from bookings.waitlist import operations as waitlist
from bookings.waitlist.fitting import Fit, Look, Waiting, best
from bookings.waitlist.operations import offering
from bookings.waitlist.operations.offering import make_offer
from bookings.waitlist.queries import line
from tests.factories.bookings import MONDAY_9, buyer, confirmed, held, hours
from tests.factories.labs import ALWAYS, InstrumentFactory, LabFactory
from tests.factories.waitlist import LATER, TWO_HOURS, freed, taken, waits

pytestmark = pytest.mark.django_db


def offers() -> list[tuple[WaitlistEntry, str]]:
    """All offers, as (entry, outcome), the oldest first."""
    return [(offer.entry, offer.outcome) for offer in WaitlistOffer.objects.order_by("pk")]


# --- When nothing is offered -----------------------------------------------------------------------------------------


def at_night() -> Rental:
    """A rental around the clock, on Friday from 09:00."""
    instrument = InstrumentFactory(lab=LabFactory(weekly=ALWAYS))
    return taken(instrument=instrument, period=hours(72, 74))


def test_at_night_nothing_is_offered_that_begins_later_than_in_a_day_and_in_the_morning_it_is() -> None:
    rental = at_night()
    entry = waits(rental, window=hours(72, 74))
    night = MONDAY_9 + timedelta(hours=11)
    freed(rental)

    assert waitlist.offer_freed(now=night) == []
    assert waitlist.offer_freed(now=night + timedelta(hours=12) - timedelta(seconds=1)) == []
    assert [offer.entry for offer in waitlist.offer_freed(now=night + timedelta(hours=12))] == [entry]


def test_at_night_what_begins_within_a_day_is_offered() -> None:
    rental = at_night()
    entry = waits(rental, window=hours(72, 74))
    freed(rental)

    (offer,) = waitlist.offer_freed(now=hours(72, 74).start - timedelta(hours=12))

    assert (offer.entry, offer.expires_at - offer.offered_at) == (entry, timedelta(hours=2))


def test_an_offer_ends_an_hour_before_the_use_and_none_is_made_later() -> None:
    rental = taken()
    waits(rental)
    freed(rental)

    assert waitlist.offer_freed(now=TWO_HOURS.start - timedelta(hours=1)) == []
    (offer,) = waitlist.offer_freed(now=TWO_HOURS.start - timedelta(minutes=90))
    assert offer.expires_at == TWO_HOURS.start - timedelta(hours=1)


# --- On to the next --------------------------------------------------------------------------------------------------


def test_an_unanswered_offer_goes_to_the_next_and_not_back_to_the_first() -> None:
    rental = taken()
    first, second = waits(rental), waits(rental)
    freed(rental)
    waitlist.offer_freed(now=MONDAY_9)

    waitlist.keep_right(now=LATER - timedelta(seconds=1))
    assert offers() == [(first, "open")]
    waitlist.keep_right(now=LATER)
    assert offers() == [(first, "lapsed"), (second, "open")]
    waitlist.keep_right(now=LATER + timedelta(hours=2))
    assert offers() == [(first, "lapsed"), (second, "lapsed")]
    assert set(WaitlistEntry.objects.values_list("state", flat=True)) == {"waiting"}


def test_a_declined_time_is_not_offered_to_the_same_again_though_another_is() -> None:
    early = taken()
    late = taken(instrument=early.instrument, period=hours(2, 4))
    member = buyer()
    entry = waits(early, by=member, window=hours(0, 4))
    freed(early)
    (offer,) = waitlist.offer_freed(now=MONDAY_9)

    waitlist.decline(offer=offer, by=member, now=MONDAY_9)
    assert waitlist.offer_freed(now=MONDAY_9) == []
    freed(late)
    (again,) = waitlist.offer_freed(now=MONDAY_9)

    assert (offer.rental.time, again.rental.time) == (hours(0, 2), hours(2, 4))
    assert offers() == [(entry, "declined"), (entry, "open")]


def test_the_sweep_makes_right_what_no_job_has_done() -> None:
    rental = taken()
    entry = waits(rental)
    freed(rental)  # its job is lost

    waitlist.keep_right(now=MONDAY_9)
    waitlist.keep_right(now=MONDAY_9)

    assert offers() == [(entry, "open")]


def test_a_window_that_has_passed_is_closed_once_and_no_earlier() -> None:
    rental = taken()
    entry = waits(rental)
    last = TWO_HOURS.start - timedelta(hours=1)

    assert waitlist.close_over(now=last - timedelta(seconds=1)) == 0
    assert (waitlist.close_over(now=last), waitlist.close_over(now=last)) == (1, 0)
    entry.refresh_from_db()
    assert entry.state == "over"


def test_an_entry_that_was_changed_meanwhile_is_left_to_the_next_run() -> None:
    rental = taken()
    entry = waits(rental)
    freed(rental)
    (waiting,) = line(now=MONDAY_9)
    fit = best(waiting, Look(MONDAY_9))
    assert fit is not None
    WaitlistEntry.objects.filter(pk=entry.pk).update(changed_at=MONDAY_9 + timedelta(seconds=1))

    assert make_offer(waiting=waiting, fit=fit, now=MONDAY_9) is None
    assert not Rental.objects.filter(status="held").exists()


def test_whoever_stands_ahead_is_asked_again_before_somebody_behind_is_served(monkeypatch: pytest.MonkeyPatch) -> None:
    """A time freed between looking at the first and at the second goes to the first: Note [Nobody is passed over]."""
    rental = taken()
    first, second = waits(rental), waits(rental)
    looked: list[WaitlistEntry] = []

    def looking(waiting: Waiting, look: Look) -> Fit | None:
        looked.append(waiting.entry)
        found = best(waiting, look)
        if looked == [first]:
            freed(rental)  # just now
        return found

    monkeypatch.setattr(offering, "best", looking)
    waitlist.offer_freed(now=MONDAY_9)

    assert offers() == [(first, "open")]
    assert looked[:2] == [first, second]


def test_a_hold_of_somebody_else_that_ran_out_is_time_to_offer() -> None:
    instrument = InstrumentFactory()
    lapsing = held(instrument=instrument, period=TWO_HOURS)
    entry = waits(lapsing)

    assert waitlist.offer_freed(now=MONDAY_9 + timedelta(minutes=29)) == []
    (offer,) = waitlist.offer_freed(now=MONDAY_9 + timedelta(minutes=30))

    lapsing.refresh_from_db()
    assert (offer.entry, lapsing.status) == (entry, "expired")


def test_a_confirmed_rental_is_never_touched() -> None:
    rental = confirmed()
    waits(rental)

    waitlist.keep_right(now=MONDAY_9)

    rental.refresh_from_db()
    assert (rental.status, WaitlistOffer.objects.count()) == ("confirmed", 0)
