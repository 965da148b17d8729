"""In the demo a few wait, and one freed time is held for its buyer; loaded twice it stays so."""

from datetime import UTC, datetime

import pytest

from bookings.models import WaitlistEntry, WaitlistOffer
from bookings.waitlist import operations as waitlist
from demo import loading
from demo.waiting import ON_SHOW

TEN, ELEVEN_AT_NIGHT, EIGHT = (datetime(2026, 11, 24, hour, tzinfo=UTC) for hour in (2, 15, 0))


def load(now: datetime) -> int:
    """Load all, and return how many are said to wait."""
    counts = dict(counted for _, part in loading.load(now) for counted in part.items())
    return counts["waitlist entries"]


def offered_to() -> list[str]:
    return [offer.rental.placed_by.email for offer in WaitlistOffer.objects.filter(outcome="open")]


@pytest.mark.django_db
def test_a_time_is_held_for_the_demos_buyer_and_others_wait() -> None:
    first, again = load(TEN), load(TEN)

    assert offered_to() == [ON_SHOW]
    assert WaitlistEntry.objects.filter(state="waiting").count() >= 3
    assert first == again == WaitlistEntry.objects.count()


@pytest.mark.django_db
def test_loaded_at_night_it_is_held_in_the_morning() -> None:
    load(ELEVEN_AT_NIGHT)
    assert offered_to() == []

    waitlist.keep_right(now=EIGHT.replace(day=25))

    assert offered_to() == [ON_SHOW]
