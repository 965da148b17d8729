"""The demo's vouchers are there, once, and for those who may have them."""

from datetime import UTC, datetime

import pytest

from billing.models import Affiliation, Grant, Programme, VoucherApplication
from billing.vouchers.invariants import VOUCHERS
from demo import labs, people, vouchers
from demo.loading import DATA
from kernel.invariants import verified

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 1, tzinfo=UTC)


def test_the_demo_opens_three_programmes_and_gives_vouchers_once() -> None:
    people.load(DATA)
    labs.load(DATA, NOW)

    first = vouchers.load(DATA, NOW)

    assert first == {"programmes": 3, "vouchers": 7, "applications": 2}
    assert vouchers.load(DATA, NOW) == first
    assert set(Programme.objects.values_list("state", flat=True)) == {"open"}
    assert all(each.organisation.is_sme for each in Grant.objects.select_related("organisation"))
    assert set(VoucherApplication.objects.values_list("state", flat=True)) == {"submitted"}
    assert Affiliation.objects.count() == 1
    assert [verdict for verdict in verified(VOUCHERS, now=NOW) if verdict.count] == []


def test_programmes_that_are_over_give_nothing_any_more() -> None:
    people.load(DATA)
    labs.load(DATA, NOW)

    assert vouchers.load(DATA, datetime(2028, 1, 1, tzinfo=UTC)) == {"programmes": 3, "vouchers": 0, "applications": 0}
