"""Whom the demo's bookings concern reads so in the platform, and nobody is mailed."""

from datetime import UTC, datetime, timedelta

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from demo import loading
from demo.rentals import ON_SHOW, READ_AFTER
from notices.models import Notice

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


@pytest.mark.django_db
def test_the_demos_people_find_what_happened_in_the_platform_and_no_mail_is_sent():
    for _ in loading.load(NOW):
        pass

    assert Notice.objects.filter(user__email=ON_SHOW, kind="rental_confirmed").exists()
    assert Notice.objects.filter(user__email="manager@lab.example", organisation__code="ORG-L04").exists()
    assert not Notice.objects.to_be_mailed().exists()
    assert not ProcrastinateJob.objects.filter(queue_name="mail").exists()
    old = Notice.objects.filter(occurred_at__lt=NOW - READ_AFTER)
    assert old.exists()
    assert not old.unread().exists()
    assert 0 < Notice.objects.filter(occurred_at__gt=NOW - timedelta(days=1)).unread().count() < 100
