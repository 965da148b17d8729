"""A lab says what an instrument can, all at once."""

from decimal import Decimal

import pytest

from audit.models import AuditEvent
from labs.capabilities import operations, rules
from labs.capabilities.operations import Stated
from labs.models import Capability
from tests.conftest import MONDAY_9
from tests.factories.accounts import MembershipFactory
from tests.factories.labs import InstrumentFactory

pytestmark = pytest.mark.django_db
FORCE = Stated(quantity="force", low=Decimal("0.2"), high=Decimal(100), unit="kN", uncertainty="±0.5 %")
HEAT = Stated(quantity="temperature", low=Decimal(-70), high=Decimal(150), unit="℃", uncertainty="±2 ℃")


@pytest.fixture
def instrument():
    return InstrumentFactory(tariff=False, policy=False, calibration=False, open_time=False)


def state(instrument, *stated, by=None):
    return operations.state_capabilities(instrument=instrument, stated=stated, by=by, now=MONDAY_9)


def test_what_is_stated_is_kept_as_written_and_in_numbers_that_compare(instrument):
    row = state(instrument, FORCE)[0]

    row.refresh_from_db()
    assert (row.stated_low, row.stated_high, row.unit) == (Decimal("0.2"), Decimal(100), "kN")
    assert (row.si_range.lower, row.si_range.upper, row.si_range.bounds) == (200, 100_000, "[]")
    assert (row.uncertainty_kind, row.uncertainty_fixed_si, row.uncertainty_share) == ("MPE", 0, Decimal("0.005"))
    assert row.best_uncertainty_si == 1


def test_what_stays_keeps_its_row_and_the_history_says_what_changed(instrument):
    member = MembershipFactory()
    force, _ = state(instrument, FORCE, HEAT)

    state(instrument, FORCE, by=member)

    assert [row.pk for row in instrument.capabilities.all()] == [force.pk]
    event = AuditEvent.objects.filter(name="capabilities_stated").latest("pk")
    assert event.actor_id == member.user_id
    assert event.facts == {
        "instrument_id": instrument.pk,
        "before": ["力 0.2–100 kN, ±0.5 %", "温度 −70–150 ℃, ±2 ℃"],
        "after": ["力 0.2–100 kN, ±0.5 %"],
    }


def test_saying_the_same_again_is_no_news(instrument):
    state(instrument, FORCE)

    state(instrument, FORCE)

    assert AuditEvent.objects.filter(name="capabilities_stated").count() == 1


def test_one_that_cannot_be_compared_changes_nothing(instrument):
    state(instrument, FORCE)
    wrong = Stated(quantity="force", low=Decimal(1), high=Decimal(2), unit="mm")

    with pytest.raises(rules.UnitOfAnotherQuantity) as refused:
        state(instrument, HEAT, wrong)

    assert (refused.value.facts["position"], refused.value.field) == (1, "unit")
    assert [row.quantity for row in Capability.objects.all()] == ["force"]
