"""Each constraint of vouchers keeps what it says, whoever writes."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from billing.models import (
    Affiliation,
    ClaimBatch,
    ClaimItem,
    Controller,
    Grant,
    Programme,
    Redemption,
    SpotCheck,
    VoucherApplication,
)
from kernel.refusals import violated
from tests.factories.accounts import OrganisationFactory, UserFactory
from tests.factories.vouchers import MONDAY_9, GrantFactory, ProgrammeFactory, consumed, reserved

pytestmark = pytest.mark.django_db


def broken(act: Callable[[], Any]) -> str:
    """Do what must not be, and return the name of the constraint that is in the way."""
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        act()
    return violated(refused.value)


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("voucher_budget_is_never_negative", {"committed_fen": -1}),
        ("voucher_budget_is_never_negative", {"committed_fen": 500_000_001}),
        ("voucher_cover_is_a_share", {"cover_bp": 0}),
        ("voucher_cover_is_a_share", {"cover_bp": 10_001}),
        ("voucher_caps_are_positive", {"per_order_cap_fen": 0}),
        ("voucher_programme_ends_after_it_begins", {"valid_to": date(2025, 12, 31)}),
        ("voucher_kinds_are_known", {"kinds": ["haircut"]}),
        ("voucher_kinds_are_known", {"kinds": []}),
        ("voucher_sizes_are_known", {"sizes": ["na"]}),
    ],
)
def test_a_programme_is_what_it_can_be(name: str, changed: dict[str, Any]) -> None:
    programme = ProgrammeFactory()

    assert broken(lambda: Programme.objects.filter(pk=programme.pk).update(**changed)) == name


def test_a_code_names_one_programme() -> None:
    code = ProgrammeFactory().code

    assert broken(lambda: ProgrammeFactory(code=code)) == "voucher_programme_code_is_unique"


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("voucher_grant_is_never_negative", {"left_fen": -1}),
        ("voucher_grant_is_never_negative", {"left_fen": 1_000_001}),
        ("voucher_face_is_positive", {"face_fen": 0, "left_fen": 0}),
    ],
)
def test_a_grant_is_never_below_nothing_nor_above_its_face(name: str, changed: dict[str, Any]) -> None:
    grant = GrantFactory()

    assert broken(lambda: Grant.objects.filter(pk=grant.pk).update(**changed)) == name


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("redemption_amounts_fit", {"amount_fen": 0}),
        ("redemption_amounts_fit", {"amount_fen": 40_001}),
        ("redemption_returned_only_after_use", {"returned_fen": 1}),
        ("redemption_used_says_when", {"state": "consumed"}),
        ("redemption_returned_is_whole", {"state": "returned", "consumed_at": MONDAY_9}),
    ],
)
def test_a_use_is_what_it_can_be(name: str, changed: dict[str, Any]) -> None:
    made = reserved(GrantFactory())

    assert broken(lambda: Redemption.objects.filter(pk=made.pk).update(**changed)) == name


def test_an_order_has_one_live_voucher() -> None:
    made = reserved(GrantFactory())
    made.pk = None

    assert broken(made.save) == "redemption_one_live_per_order"


def test_an_organisation_asks_once_at_a_time_and_what_is_granted_has_its_grant() -> None:
    asked = {
        "programme": ProgrammeFactory(),
        "organisation": OrganisationFactory(),
        "wanted_fen": 1,
        "purpose": "x",
        "applied_at": MONDAY_9,
        "applied_by": UserFactory(),
    }
    first = VoucherApplication.objects.create(**asked)
    mine = VoucherApplication.objects.filter(pk=first.pk)

    assert broken(lambda: VoucherApplication.objects.create(**asked)) == "voucher_application_one_waits"
    assert broken(lambda: mine.update(state="granted")) == "voucher_application_granted_has_its_grant"
    assert broken(lambda: mine.update(wanted_fen=0)) == "voucher_application_is_for_something"


def test_a_claim_is_what_it_can_be_and_claims_each_use_once() -> None:
    made = consumed(GrantFactory())
    told = {"programme": made.programme, "prepared_at": MONDAY_9, "prepared_by": UserFactory()}
    batch = ClaimBatch.objects.create(number="VC1", total_fen=40_000, **told)
    other = ClaimBatch.objects.create(number="VC2", **told)
    item = ClaimItem.objects.create(batch=batch, redemption=made, amount_fen=40_000)
    batches, items = ClaimBatch.objects.filter(pk=batch.pk), ClaimItem.objects.filter(pk=item.pk)

    assert broken(lambda: batches.update(paid_fen=40_001)) == "claim_paid_is_within_total"
    assert broken(lambda: batches.update(state="submitted")) == "claim_submitted_has_its_evidence"
    refused = {"state": "refused", "submitted_at": MONDAY_9, "evidence": "claims/x.zip"}
    assert broken(lambda: batches.update(**refused)) == "claim_refused_says_why"
    twice = {"redemption": made, "amount_fen": 1}
    assert broken(lambda: ClaimItem.objects.create(batch=other, **twice)) == "claim_item_claimed_once"
    again = {"batch": batch, "state": "dropped", **twice}
    assert broken(lambda: ClaimItem.objects.create(**again)) == "claim_item_once_in_its_batch"
    assert broken(lambda: items.update(amount_fen=0)) == "claim_item_amount_is_positive"
    assert broken(lambda: items.update(state="refused")) == "claim_item_refused_says_why"


def test_a_spot_check_that_fails_says_why() -> None:
    check = SpotCheck.objects.create(
        redemption=consumed(GrantFactory()), seed="x", drawn_at=MONDAY_9, drawn_by=UserFactory()
    )

    assert (
        broken(lambda: SpotCheck.objects.filter(pk=check.pk).update(outcome="failed")) == "spot_check_failed_says_why"
    )


def test_affiliates_are_two_and_stand_once_and_a_controller_has_a_number() -> None:
    one, other, user = OrganisationFactory(), OrganisationFactory(), UserFactory()
    told = {"source": "declared", "declared_at": MONDAY_9, "declared_by": user}
    Affiliation.objects.create(one=one, other=other, **told)

    assert broken(lambda: Affiliation.objects.create(one=one, other=other, **told)) == "affiliation_once"
    assert broken(lambda: Affiliation.objects.create(one=other, other=one, **told)) == "affiliation_is_of_two"
    assert broken(lambda: Affiliation.objects.create(one=one, other=one, **told)) == "affiliation_is_of_two"
    nobody = {"organisation": one, "declared_at": MONDAY_9 + timedelta(1), "declared_by": user}
    assert broken(lambda: Controller.objects.create(**nobody)) == "controller_has_a_number"
