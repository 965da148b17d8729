"""The demo has a series: confirmed, with a week left out, made once."""

import pytest

from bookings.models import Series
from demo import loading
from tests.conftest import MONDAY_9

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_home(settings, tmp_path):
    """Files of this test's own, and a hasher that takes no time."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def test_the_demo_has_one_confirmed_weekly_series_that_leaves_out_a_week():
    for _ in range(2):
        counts = {
            what: number for _, loader in loading.LOADERS for what, number in loader(loading.DATA, MONDAY_9).items()
        }

    series = Series.objects.get()
    assert (counts["series"], series.rule) == (1, "FREQ=WEEKLY;COUNT=4")
    dates = list(series.dates.all())
    assert [each.rental.status for each in dates if each.rental] == ["confirmed"] * 3
    assert [set(each.skipped) for each in dates if each.skipped] == [{"code", "text_zh", "text_en"}]
