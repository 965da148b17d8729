"""The calendar says why open time cannot be had: reserved, without an operator, suspended (BK-24)."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Membership
from labs.models import OperatorLeave
from tests.conftest import MONDAY_9
from tests.factories.accounts import MembershipFactory, OrganisationFactory
from tests.factories.bookings import buyer, confirmed, hours
from tests.factories.labs import InstrumentFactory, OperatorFactory, UserQualificationFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def pieces(client: Any, instrument: Any, day: str) -> list[tuple[str, str, str, str]]:
    """The pieces of a day in opening hours: start, end, kind, reason."""
    told = client.get(f"/instruments/{instrument.code}/week/", {"from": day, "days": 1}).json()["pieces"]
    return [
        (one["start"][11:16], one["end"][11:16], one["kind"], one["reason"]) for one in told if one["kind"] != "closed"
    ]


def large() -> Membership:
    return MembershipFactory(role="buyer", organisation=OrganisationFactory(size="large", monthly_credit_fen=10**9))


def test_time_reserved_for_smes_is_withheld_from_others_until_it_is_given_up(client_as: Any) -> None:
    instrument = InstrumentFactory(policy__sme_reserve_bp=10_000)

    friday = pieces(client_as(large()), instrument, "2026-11-27")
    wednesday = pieces(client_as(large()), instrument, "2026-11-25")

    assert [(start, end, kind) for start, end, kind, _ in friday] == [("08:30", "18:00", "withheld")]
    assert "reserved for small and medium enterprises until 2026-11-25 17:30" in friday[0][3]
    assert [(start, end, kind) for start, end, kind, _ in wednesday] == [
        ("08:30", "09:00", "free"),
        ("09:00", "18:00", "withheld"),
    ]


def test_smes_see_it_free(client_as: Any) -> None:
    instrument = InstrumentFactory(policy__sme_reserve_bp=10_000)

    assert [kind for _, _, kind, _ in pieces(client_as(buyer(size="small")), instrument, "2026-11-27")] == ["free"]


def test_an_operators_absence_is_told_where_nobody_may_be_alone(client_as: Any) -> None:
    operator = OperatorFactory()
    instrument = InstrumentFactory(lab=operator.lab, operator=operator, rental_mode="assisted")
    OperatorLeave.objects.create(operator=operator, period=hours(1, 3).as_range())

    found = pieces(client_as(buyer()), instrument, "2026-11-24")

    assert found == [
        ("08:30", "10:00", "free", "Free"),
        ("10:00", "12:00", "withheld", "No operator is free"),
        ("12:00", "18:00", "free", "Free"),
    ]


def test_who_is_not_qualified_reads_how_it_can_be_had(client_as: Any) -> None:
    instrument, member = InstrumentFactory(training_required=True), buyer()
    client = client_as(member)

    before = pieces(client, instrument, "2026-11-24")
    UserQualificationFactory(user=member.user, instrument=instrument)
    after = pieces(client, instrument, "2026-11-24")

    assert before == [("08:30", "18:00", "free", "Free with an operator; alone only when qualified")]
    assert after == [("08:30", "18:00", "free", "Free")]


def test_a_suspended_organisation_reads_until_when(client_as: Any) -> None:
    member = buyer(suspended_until=MONDAY_9 + timedelta(days=10))

    ((_, _, kind, reason),) = pieces(client_as(member), InstrumentFactory(), "2026-11-24")

    assert kind == "off"
    assert "may make no new bookings until 2026-12-03 09:00" in reason


def test_taken_time_stays_taken(client_as: Any) -> None:
    instrument = InstrumentFactory(policy__sme_reserve_bp=10_000)
    confirmed(instrument=instrument, by=buyer(size="small"), period=hours(72, 74))

    assert [kind for _, _, kind, _ in pieces(client_as(large()), instrument, "2026-11-27")] == [
        "withheld", "busy", "withheld",
    ]  # fmt: skip
