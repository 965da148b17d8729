"""Whatever is booked and cancelled: nothing is offered that could not be booked, and nobody is passed over (BK-19)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bookings.availability import queries as availability
from bookings.availability.rules import ASSISTED, Wish, refusals
from bookings.models import Occupancy, WaitlistEntry, WaitlistOffer
from bookings.rentals import operations as rentals
from bookings.waitlist import operations as waitlist
from bookings.waitlist.fitting import Customer
from kernel.periods import Period
from kernel.refusals import Refusal
from labs.models import Instrument
from tests.factories.bookings import MONDAY_9, TUESDAY_9, buyer
from tests.factories.labs import ALWAYS, InstrumentFactory, LabFactory

HALF_HOUR = timedelta(minutes=30)
SPAN = 96
"""Half hours from Tuesday 09:00 on in which everything happens: two days and two nights."""

stretches = st.tuples(st.integers(0, SPAN - 8), st.integers(1, 8))


@st.composite
def wishes(draw: st.DrawFn) -> dict[str, Any]:
    begins, more = draw(st.integers(0, SPAN - 12)), draw(st.integers(0, 24))
    minutes = 30 * draw(st.integers(1, 6))
    return {
        "begins": begins,
        "length": minutes // 30 + more,
        "minutes": minutes,
        "units": draw(st.sampled_from([1, 1, 2])),
        "max_price_fen": draw(st.sampled_from([None, None, 15_000, 45_000])),
        "size": draw(st.sampled_from(["small", "large"])),
        "joined": draw(st.integers(0, 3)),
    }


worlds = st.fixed_dictionaries(
    {
        "capacity": st.integers(1, 2),
        "buffer": st.sampled_from([0, 30]),
        "bookings": st.lists(stretches, min_size=3, max_size=10),
        "wishes": st.lists(wishes(), min_size=1, max_size=5),
        "cancelled": st.lists(st.integers(0, 9), max_size=6),
        "hours_later": st.lists(st.integers(0, 20), min_size=1, max_size=3),
    }
)


def period(begins: int, length: int) -> Period:
    return Period(TUESDAY_9 + begins * HALF_HOUR, TUESDAY_9 + (begins + length) * HALF_HOUR)


def entry_of(wish: dict[str, Any], instrument: Instrument) -> WaitlistEntry:
    """Put a wish in line as it is, whether it could be booked at once or not."""
    member = buyer(size=wish["size"])
    return WaitlistEntry.objects.create(
        organisation=member.organisation,
        placed_by=member.user,
        instrument=instrument,
        window=period(wish["begins"], wish["length"]).as_range(),
        minutes=wish["minutes"],
        mode=ASSISTED,
        units=wish["units"],
        max_price_fen=wish["max_price_fen"],
        created_at=MONDAY_9 - timedelta(hours=wish["joined"]),
        changed_at=MONDAY_9,
    )


def acceptable(entry: WaitlistEntry, instrument: Instrument, now: datetime) -> list[datetime]:
    """Every start that could be offered to an entry now, tried one by one: as BK-19 says it, in other words."""
    before = [offer.rental.time for offer in WaitlistOffer.objects.filter(entry=entry).select_related("rental")]
    customer = Customer(entry.organisation_id, entry.placed_by_id)
    told = availability.terms([instrument.pk], within=entry.time, member=customer, now=now)[instrument.pk]
    found = []
    start = entry.time.start
    while start + timedelta(minutes=entry.minutes) <= entry.time.end:
        use = Period.starting(start, entry.minutes)
        wish = Wish(use, ASSISTED, entry.units)
        local = now.astimezone(instrument.lab.tz)
        at_night = local.hour >= 20 or local.hour < 8
        if (
            start - now > timedelta(hours=1)
            and not (at_night and start - now > timedelta(hours=24))
            and not any(use.overlaps(other) for other in before)
            and not refusals(told.facts, wish, now)
            and (entry.max_price_fen is None or told.price(wish).total.fen <= entry.max_price_fen)
        ):
            found.append(start)
        start += HALF_HOUR
    return found


def place(entry: WaitlistEntry) -> tuple[int, datetime, int]:
    return (1 if entry.organisation.size == "small" else 2, entry.created_at, entry.pk)


def check_offer(offer: WaitlistOffer, now: datetime) -> None:
    entry, rental = offer.entry, offer.rental
    assert entry.time.contains(rental.time)
    assert rental.time.minutes == entry.minutes
    assert rental.units == entry.units
    assert entry.max_price_fen is None or rental.total_fen <= entry.max_price_fen
    assert offer.expires_at == min(now + timedelta(hours=2), rental.time.start - timedelta(hours=1))
    assert offer.expires_at > now
    earlier = WaitlistOffer.objects.filter(entry=entry, pk__lt=offer.pk).select_related("rental")
    assert not any(rental.time.overlaps(before.rental.time) for before in earlier)


def check_capacity(instrument: Instrument, now: datetime) -> None:
    """Count what is taken at every instant at which something begins."""
    rows = Occupancy.objects.blocking(now).filter(resource__instrument=instrument)
    taken = [Period.from_range(row.period) for row in rows]
    assert all(sum(other.holds(one.start) for other in taken) <= instrument.capacity for one in taken)


def check_nobody_was_passed_over(made: list[WaitlistOffer], instrument: Instrument, now: datetime) -> None:
    """Without what those behind were given, nobody who still waits could have had anything."""
    for entry in WaitlistEntry.objects.waiting(now).select_related("organisation"):
        behind = [offer.rental_id for offer in made if place(offer.entry) > place(entry)]
        with transaction.atomic():
            Occupancy.objects.filter(holder_id__in=behind).delete()
            assert acceptable(entry, instrument, now) == []
            transaction.set_rollback(True)


@pytest.mark.django_db
@settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None
)
@given(world=worlds)
def test_nothing_is_offered_that_could_not_be_booked_and_nobody_is_passed_over(world: dict[str, Any]) -> None:
    with transaction.atomic():
        instrument = InstrumentFactory(
            lab=LabFactory(weekly=ALWAYS),
            capacity=world["capacity"],
            policy__post_buffer_min=world["buffer"],
        )
        booked = []
        member = buyer()
        for begins, length in world["bookings"]:
            try:
                hold = rentals.place_hold(
                    instrument=instrument, period=period(begins, length), mode=ASSISTED, by=member, now=MONDAY_9
                )
            except Refusal:
                continue
            booked.append(rentals.confirm_on_account(rental=hold, by=member, now=MONDAY_9))
        for wish in world["wishes"]:
            entry_of(wish, instrument)
        now = MONDAY_9
        for later, number in zip(world["hours_later"], [*world["cancelled"], 0, 0, 0], strict=False):
            if number < len(booked):
                rentals.cancel(rental=booked.pop(number), by=member, now=now)
            now += timedelta(hours=later)
            rentals.expire_lapsed(now=now)
            made = waitlist.offer_freed(now=now)

            for offer in made:
                check_offer(offer, now)
            check_capacity(instrument, now)
            check_nobody_was_passed_over(made, instrument, now)
        transaction.set_rollback(True)
