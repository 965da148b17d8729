"""Vouchers for programs: the documented examples work as they are written, and every refusal has its name."""

from datetime import date
from typing import Any

import pytest

from billing.models import ClaimBatch, VoucherApplication
from billing.vouchers import api
from tests.factories.accounts import MembershipFactory, PlatformMembershipFactory
from tests.factories.vouchers import GrantFactory, ProgrammeFactory, consumed, reserved

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

VOUCHERS = "/api/v1/vouchers/"


@pytest.fixture(autouse=True)
def _files_of_this_test(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def post(client: Any, address: str, body: Any = None, key: str = "a-key") -> Any:
    return client.post(f"{VOUCHERS}{address}", body or {}, format="json", HTTP_IDEMPOTENCY_KEY=key)


def test_an_organisation_reads_its_vouchers_and_where_they_were_used(api_as: Any) -> None:
    member = MembershipFactory(role="viewer")
    grant = GrantFactory(organisation=member.organisation, programme__code="VP-CX-2026")
    used = reserved(grant, order="R20261123000001")
    reserved(GrantFactory(), order="R20261123000002")
    client = api_as(member)

    grants, uses = client.get(VOUCHERS).json(), client.get(f"{VOUCHERS}redemptions/").json()

    assert grants["results"] == [
        {
            "id": grant.pk,
            "programme": "VP-CX-2026",
            "organisation": member.organisation.code,
            "face_fen": 1_000_000,
            "left_fen": 960_000,
            "expires_on": "2026-12-31",
            "issued_at": "2026-11-01T09:00:00+08:00",
        }
    ]
    assert uses["results"] == [
        {
            "id": used.pk,
            "order_number": "R20261123000001",
            "kind": "rental",
            "programme": "VP-CX-2026",
            "grant": grant.pk,
            "organisation": member.organisation.code,
            "lab": used.lab.code,
            "state": "reserved",
            "eligible_fen": 100_000,
            "reserved_fen": 40_000,
            "held_fen": 40_000,
            "returned_fen": 0,
            "bound": "cover",
            "service_on": "2026-11-27",
            "reserved_at": "2026-11-23T09:00:00+08:00",
            "consumed_at": None,
        }
    ]


def test_programmes_say_what_keeps_the_caller_from_a_voucher(api_as: Any) -> None:
    ProgrammeFactory(code="VP-1", valid_to=date(2026, 12, 31))
    ProgrammeFactory(code="VP-2", sizes=["micro"])
    ProgrammeFactory(code="VP-3", state="draft")

    found = api_as(MembershipFactory()).get(f"{VOUCHERS}programmes/").json()["results"]

    assert [(each["code"], each["obstacles"]) for each in found] == [
        ("VP-1", []),
        ("VP-2", ["voucher_size_not_eligible"]),
    ]
    assert (found[0]["cover_bp"], found[0]["districts"], found[0]["kinds"]) == (4_000, [], ["rental"])


def test_the_documented_example_of_applying_waits_for_a_decision_and_can_be_withdrawn(api_as: Any) -> None:
    ProgrammeFactory(code="VP-CX-2026")
    client = api_as(MembershipFactory())

    made = post(client, "applications/", api.APPLYING)
    again = post(client, "applications/", api.APPLYING)
    twice = post(client, "applications/", api.APPLYING, key="another")

    application = VoucherApplication.objects.get()
    assert (made.status_code, made.json()["state"], made.json()["wanted_fen"]) == (201, "submitted", 5_000_000)
    assert (again.status_code, again.json()) == (201, made.json())
    assert (twice.status_code, twice.json()["code"]) == (409, "voucher_application_waits")
    withdrawn = post(client, f"applications/{application.pk}/withdraw/", key="third")
    assert (withdrawn.status_code, withdrawn.json()["state"]) == (200, "withdrawn")
    assert client.get(f"{VOUCHERS}applications/?state=all").json()["count"] == 1


def test_whoever_may_not_have_a_voucher_reads_every_reason(api_as: Any) -> None:
    ProgrammeFactory(code="VP-CX-2026")
    member = MembershipFactory(organisation__size="large", organisation__verification="unverified")

    answer = post(api_as(member), "applications/", api.APPLYING)

    codes = [each["code"] for each in answer.json()["refusals"]]
    assert (answer.status_code, codes) == (409, ["voucher_needs_verification", "voucher_size_not_eligible"])


def test_the_documented_examples_of_a_claim_lead_from_preparing_to_being_paid(api_as: Any) -> None:
    grant = GrantFactory(programme__code="VP-CX-2026")
    for order in ("R20261123000001", "R20261123000002"):
        consumed(grant, order=order)
    client = api_as(PlatformMembershipFactory())

    made = post(client, "claims/", api.PREPARING, key="1")
    number = made.json()["number"]
    assert (made.status_code, made["Location"]) == (201, f"{VOUCHERS}claims/{number}/")
    assert made.json()["total_fen"] == 80_000
    post(client, f"claims/{number}/submit/", key="2")
    paid = post(client, f"claims/{number}/reimburse/", api.REIMBURSING, key="3")

    assert (paid.status_code, paid.json()["state"], paid.json()["paid_fen"]) == (200, "reimbursed", 40_000)
    told = client.get(f"{VOUCHERS}claims/{number}/").json()
    assert [(each["order_number"], each["state"], each["reason"]) for each in told["items"]] == [
        ("R20261123000001", "refused", "缺少上机记录"),
        ("R20261123000002", "reimbursed", ""),
    ]
    assert len(told["evidence_sha256"]) == 64
    assert client.get(f"{VOUCHERS}claims/").json()["count"] == 1


def test_the_documented_example_of_a_refusal_lets_everything_be_claimed_again(api_as: Any) -> None:
    consumed(GrantFactory(programme__code="VP-CX-2026"))
    client = api_as(PlatformMembershipFactory())
    number = post(client, "claims/", api.PREPARING, key="1").json()["number"]
    early = post(client, f"claims/{number}/refuse/", api.REFUSING, key="2")
    post(client, f"claims/{number}/submit/", key="3")
    unknown = post(client, f"claims/{number}/reimburse/", {"refused": {"R9": "x"}}, key="4")

    refused = post(client, f"claims/{number}/refuse/", api.REFUSING, key="5")

    assert (early.status_code, early.json()["code"]) == (409, "voucher_claim_in_other_state")
    assert (unknown.status_code, unknown.json()["errors"][0]["field"]) == (400, "refused")
    assert (refused.json()["state"], refused.json()["reason"]) == ("refused", "超出年度预算")
    assert post(client, "claims/", api.PREPARING, key="6").status_code == 201
    assert ClaimBatch.objects.count() == 2


def test_a_token_without_the_scope_reads_nothing(api_as: Any) -> None:
    answer = api_as(MembershipFactory(), scopes=("rentals:read",)).get(VOUCHERS)

    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")


def test_claims_are_for_the_platforms_operator_only(api_as: Any) -> None:
    assert api_as(MembershipFactory(role="owner")).get(f"{VOUCHERS}claims/").status_code == 403
