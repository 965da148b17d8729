"""In the demo rentals stand in every state of life, made by the platform's own steps; loaded twice they stay so."""

from collections import Counter
from datetime import UTC, datetime
from time import monotonic

import pytest
from django.core.management import call_command

from billing.models import Bill
from bookings.models import Interruption, Rental, Task
from config.invariants import ALL
from demo import loading
from demo.lives import load
from kernel.invariants import verified

TUESDAY_10 = datetime(2026, 11, 24, 2, tzinfo=UTC)
SUNDAY_NIGHT = datetime(2026, 11, 29, 15, tzinfo=UTC)


def loaded(now: datetime) -> Counter[str]:
    list(loading.load(now))
    return Counter(Rental.objects.values_list("status", flat=True))


@pytest.mark.django_db
def test_there_is_a_rental_in_every_state_of_use_and_twice_changes_nothing() -> None:
    first = loaded(TUESDAY_10)
    again = loaded(TUESDAY_10)

    assert set(first) >= {"confirmed", "checked_in", "interrupted", "checked_out", "settled", "no_show"}
    assert Rental.objects.filter(rebooks__isnull=False, status="confirmed").exists()
    assert Interruption.objects.filter(choice="").count() == 1
    assert {"damage"} <= set(Task.objects.open().values_list("kind", flat=True))
    assert first == again
    assert [verdict.invariant.name for verdict in verified(ALL, now=TUESDAY_10) if verdict.count] == []
    call_command("replay_prices")  # every price of the demo, bills too, comes out again to the fen
    assert not Bill.objects.filter(priced_from__isnull=True).exists()


@pytest.mark.django_db
def test_on_a_sunday_night_nothing_is_in_use_but_the_past_is_there() -> None:
    states = loaded(SUNDAY_NIGHT)

    assert states["checked_in"] == 0
    assert states["settled"] >= 1


@pytest.mark.django_db
def test_the_last_days_are_quickly_told() -> None:
    for name, loader in loading.LOADERS:
        if name == "the last days":
            break
        loader(loading.DATA, TUESDAY_10)
    begun = monotonic()

    load(loading.DATA, TUESDAY_10)

    assert monotonic() - begun < 3  # a second on a machine of its own
