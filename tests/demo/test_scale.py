"""The enlarged city is like the small one, and the same for the same seed."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from demo import labs, loading, people, scale
from labs.catalogue.queries import search_instruments
from labs.models import Instrument, OpenTime
from tests.conftest import MONDAY_9

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
    assert told.getvalue().startswith("60 instruments in ")


def test_the_same_seed_gives_the_same_city():
    def city(seed):
        scale.grow(instruments=30, seed=seed, now=MONDAY_9)
        made = Instrument.objects.filter(code__startswith=scale.PREFIX).order_by("code")
        found = list(made.values_list("code", "name_zh", "model", "lab__name_zh", "tariffs__base_rate_fen_per_hour"))
        Instrument.objects.filter(code__startswith=scale.PREFIX).delete()
        labs.Lab.objects.filter(code__startswith=scale.LAB_PREFIX).delete()
        return found

    assert city(1) == city(1) != city(2)


def test_a_city_is_enlarged_once():
    scale.grow(instruments=1, seed=1, now=MONDAY_9)

    with pytest.raises(CommandError, match="there are seeded instruments already"):
        call_command("seed_scale", instruments=1, seed=1, stdout=StringIO())
