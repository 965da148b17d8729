"""BK-11: whose qualification counts, and which."""

import pytest

from bookings.availability import queries as availability
from bookings.availability.rules import NotQualified
from tests.factories.bookings import MONDAY_9, buyer, held, hours
from tests.factories.labs import InstrumentFactory, UserQualificationFactory

pytestmark = pytest.mark.django_db


def test_whoever_is_qualified_only_under_supervision_does_not_run_it_alone():
    instrument, member = InstrumentFactory(training_required=True), buyer()
    UserQualificationFactory(user=member.user, instrument=instrument, level="supervised")

    with pytest.raises(NotQualified):
        held(instrument=instrument, by=member, mode="self")
    assert held(instrument=instrument, by=member, mode="assisted", period=hours(3, 4)).status == "held"


@pytest.mark.parametrize(("level", "offered"), [("supervised", False), ("independent", True)])
def test_who_loses_a_slot_is_offered_only_what_they_may_run(level, offered):
    instrument, member = InstrumentFactory(training_required=True), buyer()
    UserQualificationFactory(user=member.user, instrument=instrument, level=level)
    told = availability.terms([instrument.pk], within=hours(0, 2), member=member, now=MONDAY_9)
    facts = told[instrument.pk].facts

    (seen,) = availability.as_seen_by(member, [facts], within=hours(0, 2), now=MONDAY_9)

    assert (facts.qualified_until is not None, seen.qualified_until is not None) == (offered, offered)
