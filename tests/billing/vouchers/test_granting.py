"""Programmes, grants, applications, warnings: who gets what, and what is refused."""

from datetime import date, timedelta
from typing import Any

import pytest

from billing.models import Programme, VoucherApplication
from billing.vouchers import operations as vouchers
from billing.vouchers.operations.granting import EDITABLE
from billing.vouchers.operations.refusals import (
    ApplicationDecided,
    ApplicationWaits,
    BudgetCommitted,
    GrantEndsWrong,
    GrantTooLarge,
    NotVerified,
    ProgrammeClosed,
    ProgrammeCodeTaken,
    ProgrammeWrong,
    ReasonMissing,
    SizeNotEligible,
)
from kernel.money import Money
from kernel.refusals import Refusal
from tests.factories.accounts import MembershipFactory, OrganisationFactory, PlatformMembershipFactory
from tests.factories.vouchers import MONDAY_9, GrantFactory, IssuerFactory, ProgrammeFactory, reserved

pytestmark = pytest.mark.django_db
YEAR_END = date(2026, 12, 31)


def issued(programme: Programme, organisation: Any = None, *, fen: int = 500_000, until: date = YEAR_END) -> Any:
    return vouchers.issue_grant(
        programme=programme,
        organisation=organisation or OrganisationFactory(),
        face=Money(fen),
        expires_on=until,
        by=PlatformMembershipFactory(),
        now=MONDAY_9,
    )


def asks(programme: Programme, by: Any, fen: int = 500_000) -> VoucherApplication:
    return vouchers.apply(programme=programme, wanted=Money(fen), purpose="整车线束来料检验", by=by, now=MONDAY_9)


def fields(**changed: Any) -> dict[str, Any]:
    made = ProgrammeFactory.build()
    return {name: getattr(made, name) for name in EDITABLE} | changed


def test_a_grant_does_not_touch_the_budget_before_it_is_used() -> None:
    programme = ProgrammeFactory()

    grant = issued(programme)

    programme.refresh_from_db()
    assert (grant.face_fen, grant.left_fen, programme.committed_fen) == (500_000, 500_000, 0)


@pytest.mark.parametrize(
    ("programme", "organisation", "fen", "until", "refusal"),
    [
        ({"state": "draft"}, {}, 1, YEAR_END, ProgrammeClosed),
        ({}, {"size": "large"}, 1, YEAR_END, SizeNotEligible),
        ({}, {"verification": "unverified"}, 1, YEAR_END, NotVerified),
        ({}, {}, 0, YEAR_END, GrantTooLarge),
        ({}, {}, 10_000_001, YEAR_END, GrantTooLarge),
        ({}, {}, 1, date(2027, 1, 1), GrantEndsWrong),
        ({}, {}, 1, date(2026, 11, 22), GrantEndsWrong),
    ],
)
def test_whoever_may_not_have_a_grant_is_told_why(
    programme: dict[str, Any], organisation: dict[str, Any], fen: int, until: date, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        issued(ProgrammeFactory(**programme), OrganisationFactory(**organisation), fen=fen, until=until)


def test_what_is_granted_in_a_year_stays_within_the_yearly_cap() -> None:
    programme, organisation = ProgrammeFactory(), OrganisationFactory()
    issued(programme, organisation, fen=9_000_000)

    with pytest.raises(GrantTooLarge) as refused:
        issued(programme, organisation, fen=1_000_001)

    assert refused.value.facts == {"left": "¥10,000.00"}


def test_an_application_waits_is_granted_once_and_leads_to_its_grant() -> None:
    buyer, by = MembershipFactory(), PlatformMembershipFactory()
    application = asks(ProgrammeFactory(), buyer)
    with pytest.raises(ApplicationWaits):
        asks(application.programme, buyer)

    grant = vouchers.grant_application(
        application=application, face=Money(300_000), expires_on=YEAR_END, by=by, now=MONDAY_9
    )

    application.refresh_from_db()
    assert (application.state, application.grant, grant.organisation) == ("granted", grant, buyer.organisation)
    with pytest.raises(ApplicationDecided):
        vouchers.decline(application=application, reason="x", by=by, now=MONDAY_9)
    assert asks(application.programme, buyer).state == "submitted"  # another one may be asked for


def test_an_application_is_declined_with_a_reason_or_withdrawn() -> None:
    buyer, by = MembershipFactory(), PlatformMembershipFactory()
    application = asks(ProgrammeFactory(), buyer)

    with pytest.raises(ReasonMissing):
        vouchers.decline(application=application, reason="  ", by=by, now=MONDAY_9)
    declined = vouchers.decline(application=application, reason="材料不全", by=by, now=MONDAY_9)
    withdrawn = vouchers.withdraw(application=asks(application.programme, buyer), by=buyer, now=MONDAY_9)

    assert (declined.state, declined.reason, withdrawn.state) == ("declined", "材料不全", "withdrawn")


def test_who_may_not_have_a_voucher_cannot_ask_for_one() -> None:
    with pytest.raises(SizeNotEligible):
        asks(ProgrammeFactory(), MembershipFactory(organisation__size="large"))
    with pytest.raises(GrantTooLarge):
        asks(ProgrammeFactory(), MembershipFactory(), fen=10_000_001)


def test_a_programme_is_drafted_opened_edited_and_closed() -> None:
    by = PlatformMembershipFactory()
    kept = {"code": "VP-1", "issuer": IssuerFactory(), "districts": [], "labs": [], "by": by, "now": MONDAY_9}
    made = vouchers.add_programme(fields=fields(), **kept)
    with pytest.raises(ProgrammeCodeTaken):
        vouchers.add_programme(fields=fields(), **kept)
    with pytest.raises(ProgrammeWrong):
        vouchers.add_programme(fields=fields(valid_to=date(2025, 1, 1)), **(kept | {"code": "VP-2"}))

    assert made.state == "draft"
    assert vouchers.set_state(programme=made, state="open", by=by, now=MONDAY_9).state == "open"
    with pytest.raises(ProgrammeWrong):
        vouchers.set_state(programme=made, state="open", by=by, now=MONDAY_9)
    edited = vouchers.edit_programme(
        programme=made, fields=fields(cover_bp=5_000), districts=[], labs=[], by=by, now=MONDAY_9
    )
    assert edited.cover_bp == 5_000
    assert vouchers.set_state(programme=made, state="closed", by=by, now=MONDAY_9).state == "closed"


def test_a_budget_cannot_fall_below_what_is_reserved() -> None:
    grant, by = GrantFactory(), PlatformMembershipFactory()
    reserved(grant, fen=100_000)
    change = {"programme": grant.programme, "districts": [], "labs": [], "by": by, "now": MONDAY_9}

    with pytest.raises(BudgetCommitted):
        vouchers.edit_programme(fields=fields(budget_fen=39_999), **change)

    assert vouchers.edit_programme(fields=fields(budget_fen=40_000), **change).left == Money(0)


def test_whoever_has_some_left_is_warned_once_thirty_and_once_seven_days_before_the_end() -> None:
    soon = GrantFactory(expires_on=date(2026, 12, 20))
    GrantFactory(expires_on=date(2026, 12, 31))  # later
    GrantFactory(expires_on=date(2026, 12, 20), left_fen=0)  # used up, so there is nothing to lose

    assert [vouchers.warn(now=MONDAY_9), vouchers.warn(now=MONDAY_9)] == [1, 0]
    soon.refresh_from_db()
    assert soon.warned_days == 30
    assert vouchers.warn(now=MONDAY_9 + timedelta(days=20)) == 2
    soon.refresh_from_db()
    assert soon.warned_days == 7
