"""What an offering said when it was published stays."""

import pytest
from django.db import IntegrityError, transaction

from audit.models import AuditEvent
from kernel.refusals import violated
from labs.catalogue import operations
from labs.models import Offering, OfferingVersion
from tests.conftest import MONDAY_9
from tests.factories.accounts import MembershipFactory
from tests.factories.labs import ServiceFactory, StandardFactory

pytestmark = pytest.mark.django_db


def told(offering):
    return [(row.version, row.state, row.snapshot["unit_price_fen"]) for row in offering.versions.order_by("version")]


def published(**changed):
    offering = ServiceFactory(state=Offering.State.DRAFT, **changed)
    operations.set_offering_state(offering=offering, state="published", by=None, now=MONDAY_9)
    return offering


def test_publishing_keeps_what_the_offering_says():
    member = MembershipFactory()
    offering = ServiceFactory(state=Offering.State.DRAFT, standards=[StandardFactory()])

    operations.set_offering_state(offering=offering, state="published", by=member, now=MONDAY_9)

    kept = offering.versions.get()
    assert (kept.version, kept.state, kept.published_at, kept.published_by) == (1, "published", MONDAY_9, member.user)
    assert kept.snapshot["standards"] == ["GB/T 228.1-2021"]
    assert kept.snapshot["name_zh"] == offering.name_zh
    assert kept.snapshot["lab"] == offering.lab.code


def test_a_changed_price_is_a_new_version_and_the_old_one_stays():
    offering = published()
    offering.unit_price_fen = 16_000
    offering.save()

    operations.republish(offering=offering, by=None, now=MONDAY_9)

    assert told(offering) == [(1, "published", 15_000), (2, "published", 16_000)]
    assert AuditEvent.objects.get(name="offering_republished").facts == {
        "offering_id": offering.pk,
        "version": 2,
        "changed": ["unit_price_fen"],
    }


def test_a_change_of_nothing_is_no_version():
    offering = published()

    assert operations.republish(offering=offering, by=None, now=MONDAY_9) is None
    operations.set_offering_state(offering=offering, state="published", by=None, now=MONDAY_9)

    assert told(offering) == [(1, "published", 15_000)]


def test_a_draft_has_no_versions():
    offering = ServiceFactory(state=Offering.State.DRAFT)

    assert operations.republish(offering=offering, by=None, now=MONDAY_9) is None
    operations.set_offering_state(offering=offering, state="draft", by=None, now=MONDAY_9)

    assert told(offering) == []


def test_what_was_published_is_kept_when_it_is_suspended():
    offering = published()

    operations.set_offering_state(offering=offering, state="suspended", by=None, now=MONDAY_9)

    assert told(offering) == [(1, "published", 15_000), (2, "suspended", 15_000)]


@pytest.mark.parametrize("act", [lambda row: row.update(state="draft"), lambda row: row.delete()])
def test_a_version_is_final(act):
    offering = published()

    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        act(OfferingVersion.objects.filter(offering=offering))

    assert violated(refused.value) == "offering_version_is_final"
