"""What PostgreSQL keeps true of feeds, and what is written down of them."""

from datetime import datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from audit.models import AuditEvent
from bookings.calendars import operations as calendars
from bookings.models import FeedToken
from kernel.refusals import violated
from tests.factories.bookings import buyer
from tests.factories.labs import InstrumentFactory

pytestmark = pytest.mark.django_db


def refused(**values: Any) -> str:
    """Return the name of the constraint that such a row violates."""
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        FeedToken.objects.create(**{"kind": "user", "detail": "full", "token_hash": "b", **values})
    return violated(error.value)


def test_one_link_of_a_kind_is_alive_for_a_member(now: datetime):
    by = buyer()
    calendars.issue_feed(by=by, now=now)

    assert refused(membership=by, created_at=now) == "feed_one_of_a_kind_is_alive"
    FeedToken.objects.create(kind="user", detail="full", membership=by, token_hash="c", created_at=now, revoked_at=now)


def test_two_feeds_never_share_a_token(now: datetime):
    FeedToken.objects.create(kind="user", detail="full", membership=buyer(), token_hash="b", created_at=now)

    assert refused(membership=buyer(), created_at=now) == "feed_token_is_unique"


def test_a_feed_belongs_to_whom_its_kind_says(now: datetime):
    instrument, by = InstrumentFactory(), buyer()
    name = "feed_belongs_to_whom_its_kind_says"

    assert refused(created_at=now) == name
    assert refused(instrument=instrument, created_at=now) == name
    assert refused(instrument=instrument, membership=by, created_at=now) == name
    assert refused(kind="instrument_busy", detail="busy", membership=by, created_at=now) == name


def test_a_feed_for_anyone_shows_busy_times_only(now: datetime):
    instrument = InstrumentFactory()

    assert refused(kind="instrument_busy", instrument=instrument, created_at=now) == "feed_for_anyone_is_busy_only"


def test_making_replacing_and_revoking_are_written_down_without_the_token(now: datetime):
    by = buyer()
    first, _ = calendars.issue_feed(by=by, now=now)
    second, token = calendars.issue_feed(by=by, now=now)
    calendars.revoke_feed(by=by, now=now)

    written = AuditEvent.objects.filter(name__startswith="feed_").order_by("pk")
    assert [(event.name, event.facts) for event in written] == [
        ("feed_issued", {"feed_id": first.pk, "kind": "user", "replaced_id": None}),
        ("feed_issued", {"feed_id": second.pk, "kind": "user", "replaced_id": first.pk}),
        ("feed_revoked", {"feed_id": second.pk, "kind": "user"}),
    ]
    assert token not in str(written.values())


def test_revoking_twice_is_refused(now: datetime):
    by = buyer()
    calendars.issue_feed(by=by, now=now)
    calendars.revoke_feed(by=by, now=now)

    with pytest.raises(calendars.NoFeed):
        calendars.revoke_feed(by=by, now=now)
