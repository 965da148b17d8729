"""The platform's staff keep the reference tables of the catalogue, and read what offerings said when."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from labs.models import Capability, Offering, OfferingVersion, Zone
from tests.conftest import MONDAY_9
from tests.factories.accounts import PlatformMembershipFactory
from tests.factories.labs import (
    AccreditationFactory,
    CapabilityFactory,
    ClusterFactory,
    HonourFactory,
    InstrumentFactory,
    MeasurementStandardFactory,
    ScopeEntryFactory,
    ServiceFactory,
    ZoneFactory,
)
from tests.labs.test_admin import filled

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def staff(client_as):
    return client_as(PlatformMembershipFactory(user__is_staff=True, user__is_superuser=True))


def version(number):
    return OfferingVersion.objects.create(
        offering=ServiceFactory(), version=number, state="published", snapshot={}, published_at=MONDAY_9
    )


LISTS = {
    "zone": lambda n: ZoneFactory(code=f"zone-{n}"),
    "cluster": lambda n: ClusterFactory(code=f"cluster-{n}"),
    "accreditation": lambda n: AccreditationFactory(),
    "scopeentry": lambda n: ScopeEntryFactory(),
    "measurementstandard": lambda n: MeasurementStandardFactory(),
    "honour": lambda n: HonourFactory(),
    "offeringversion": version,
    "capability": lambda n: CapabilityFactory(),
}


@pytest.mark.parametrize("model", LISTS)
def test_lists_are_shown_in_a_constant_number_of_statements(staff, model):
    url = reverse(f"admin:labs_{model}_changelist")
    counts = []
    LISTS[model](1)
    staff.get(url)
    for more in (0, 2):
        for number in range(more):
            LISTS[model](number + 2)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert staff.get(url, {"q": "e"}).status_code == 200
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_a_zone_is_added(staff):
    url = reverse("admin:labs_zone_add")

    answer = staff.post(url, {"code": "bio-island", "name_zh": "国际生物岛", "name_en": "Bio Island"})

    assert answer.status_code == 302
    assert Zone.objects.get().name_zh == "国际生物岛"


def test_a_capability_is_stated_in_numbers_that_compare(staff):
    instrument = InstrumentFactory()
    url = reverse("admin:labs_capability_add")
    stated = {"quantity": "force", "stated_low": "0.2", "stated_high": "100", "unit": "kN", "uncertainty": "±0.5 %"}

    refused = staff.post(url, {**stated, "instrument": instrument.pk, "unit": "mm"})
    answer = staff.post(url, {**stated, "instrument": instrument.pk})

    assert refused.status_code == 200
    assert "mm" in refused.context["adminform"].form.non_field_errors()[0]
    assert answer.status_code == 302
    assert Capability.objects.get().si_range.upper == Decimal(100_000)


def test_a_service_changed_by_hand_keeps_what_it_said(staff):
    offering = ServiceFactory()
    url = reverse("admin:labs_offering_change", args=[offering.pk])

    for price in ("15000", "16000"):
        assert staff.post(url, filled(staff.get(url), unit_price_fen=price)).status_code == 302

    kept = Offering.objects.get(pk=offering.pk).versions.order_by("version")
    assert [(row.version, row.snapshot["unit_price_fen"]) for row in kept] == [(1, 15_000), (2, 16_000)]


def test_what_offerings_said_is_read_and_never_written(staff):
    row = version(1)

    assert staff.get(reverse("admin:labs_offeringversion_change", args=[row.pk])).status_code == 200
    assert staff.post(reverse("admin:labs_offeringversion_change", args=[row.pk]), {}).status_code == 403
    assert staff.get(reverse("admin:labs_offeringversion_add")).status_code == 403
    assert staff.post(reverse("admin:labs_offeringversion_delete", args=[row.pk])).status_code == 403
