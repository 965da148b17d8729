"""The enlarged city is like the small one, and the same for the same seed."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from bookings.availability import operations as availability
from bookings.availability.rules.quarters import week_of
from bookings.models import InstrumentWeek, Occupancy, Rental
from demo import labs, loading, people, scale
from labs.catalogue.queries import search_instruments
from labs.models import Instrument, Lab, OpenTime
from tests.conftest import MONDAY_9
from tests.factories.bookings import held
from tests.factories.labs import InstrumentFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture(autouse=True)
def _loaded(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    people.load(loading.DATA)
    labs.load(loading.DATA, MONDAY_9)


def test_seeded_instruments_are_published_open_and_found():
    told = StringIO()

    call_command("seed_scale", instruments=60, seed=1, stdout=told)

    seeded = Instrument.objects.published().filter(code__startswith=scale.PREFIX)
    assert seeded.count() == 60
    assert (
        seeded.filter(tariffs__version=1, booking_policies__version=1, calibration_records__result="pass").count() == 60
    )
    assert OpenTime.objects.filter(instrument__in=seeded).count() == 60
    assert all(row.open and row.calibrated for row in OpenTime.objects.filter(instrument__in=seeded))
    one = seeded.order_by("code")[0]
    assert search_instruments(seeded, one.name_zh).filter(pk=one.pk).exists()
    assert "\n60 instruments in " in told.getvalue()
    assert Lab.objects.filter(code__startswith=scale.LAB_PREFIX).count() == 4
    assert not Rental.objects.exists()


def test_the_same_seed_gives_the_same_city():
    def city(seed):
        scale.grow(instruments=30, seed=seed, now=MONDAY_9)
        made = Instrument.objects.filter(code__startswith=scale.PREFIX).order_by("code")
        found = list(made.values_list("code", "name_zh", "model", "lab__name_zh", "tariffs__base_rate_fen_per_hour"))
        Instrument.objects.filter(code__startswith=scale.PREFIX).delete()
        labs.Lab.objects.filter(code__startswith=scale.LAB_PREFIX).delete()
        return found

    assert city(1) == city(1) != city(2)


def test_bookings_are_rentals_that_hold_their_time_inside_opening_hours():
    seeded = Instrument.objects.filter(code__startswith=scale.PREFIX)

    scale.grow(instruments=20, occupancies=1_000, seed=1, now=MONDAY_9)

    assert Occupancy.objects.count() == Rental.objects.count() == 1_000
    assert set(Occupancy.objects.values_list("holder_id", flat=True)) == set(
        Rental.objects.values_list("pk", flat=True)
    )
    counts = {one.rentals.count() for one in seeded}
    assert counts == {50}
    ahead = Rental.objects.filter(period__startswith__gt=MONDAY_9)
    assert set(ahead.values_list("status", flat=True)) == {"confirmed"}
    assert set(Rental.objects.exclude(pk__in=ahead).values_list("status", flat=True)) == {"settled"}
    for rental in ahead.select_related("instrument__open_time"):
        assert any(window.contains(rental.time) for window in rental.instrument.open_time.open)


def test_the_weeks_say_what_the_bookings_say_and_the_schedule_is_looked_after_again():
    scale.grow(instruments=20, occupancies=1_000, seed=1, now=MONDAY_9)

    assert availability.repair_weeks(now=MONDAY_9) == availability.Mended(hid=0, showed=0)
    one = Occupancy.objects.order_by("pk")[0]
    with pytest.raises(IntegrityError, match="occupancy_no_overlap"), transaction.atomic():
        Occupancy.objects.create(
            resource=one.resource, period=one.period, usage=one.usage, holder_kind="rental", holder_id=0
        )
    Occupancy.objects.filter(usage__startswith__gt=MONDAY_9).delete()
    assert not InstrumentWeek.objects.exclude(untaken="1" * 672).filter(week__gt=week_of(MONDAY_9)).exists()


def test_the_next_rental_is_numbered_after_the_seeded_ones():
    scale.grow(instruments=2, occupancies=40, seed=1, now=MONDAY_9)
    last = Rental.objects.order_by("-pk")[0]

    assert held(instrument=InstrumentFactory()).pk > last.pk


def test_a_city_is_enlarged_once():
    scale.grow(instruments=1, seed=1, now=MONDAY_9)

    with pytest.raises(CommandError, match="there are seeded instruments already"):
        call_command("seed_scale", instruments=1, seed=1, stdout=StringIO())
