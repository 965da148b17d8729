"""Vouchers as pages: who sees what, what can be done, and what is said when it cannot."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.models import Affiliation, ClaimBatch, Controller, Grant, Programme, Redemption, SpotCheck
from billing.models import VoucherApplication as Application
from billing.vouchers import operations as vouchers
from kernel.money import Money
from tests.factories.accounts import DistrictFactory, MembershipFactory, OrganisationFactory, PlatformMembershipFactory
from tests.factories.labs import LabFactory
from tests.factories.vouchers import MONDAY_9, GrantFactory, IssuerFactory, ProgrammeFactory, consumed, reserved

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

MINE, OPS = "/my/vouchers/", "/ops/vouchers/"


@pytest.fixture(autouse=True)
def _files_of_this_test(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def operator() -> Any:
    return PlatformMembershipFactory()


@pytest.fixture
def ops(client_as: Any, operator: Any) -> Any:
    return client_as(operator)


def asked(buyer: Any) -> Application:
    return vouchers.apply(
        programme=ProgrammeFactory(), wanted=Money(500_000), purpose="线束来料检验", by=buyer, now=MONDAY_9
    )


def body(answer: Any) -> str:
    return answer.content.decode()


# --- An organisation's own --------------------------------------------------------------------------------------------


def test_an_organisation_sees_what_is_left_until_when_and_where_it_was_used(client_as: Any) -> None:
    viewer = MembershipFactory(role="viewer")
    grant = GrantFactory(organisation=viewer.organisation)
    reserved(grant, order="R20261123000007")
    reserved(GrantFactory(), order="R20261123000008")

    page = body(client_as(viewer).get(MINE))

    assert "¥9,600.00" in page
    assert "2026-12-31" in page
    assert "R20261123000007" in page
    assert "R20261123000008" not in page


def test_uses_are_taken_away_as_a_file(client_as: Any) -> None:
    buyer = MembershipFactory()
    reserved(GrantFactory(organisation=buyer.organisation), order="R20261123000007")

    answer = client_as(buyer).get(f"{MINE}?format=csv")

    lines = answer.content.decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert "R20261123000007" in lines[1]
    assert "400.0" in lines[1]


def count_of(client: Any, address: str) -> int:
    """How many statements a page costs."""
    with CaptureQueriesContext(connection) as found:
        assert client.get(address).status_code == 200
    return len(found)


def test_three_vouchers_and_uses_are_shown_in_as_many_statements_as_one(client_as: Any) -> None:
    buyer = MembershipFactory()
    client = client_as(buyer)

    def one_more(number: int) -> None:
        reserved(GrantFactory(organisation=buyer.organisation), order=f"R{number}")

    one_more(1)
    client.get(MINE)
    one = count_of(client, MINE)
    one_more(2)
    one_more(3)

    assert count_of(client, MINE) == one


def test_a_programme_that_is_not_for_us_says_why(client_as: Any) -> None:
    ProgrammeFactory(sizes=["micro"])

    page = body(client_as(MembershipFactory()).get(MINE))

    assert "该项目不面向此规模的单位。" in page
    assert "申领券" not in page.split("我的申请")[0].split("可申领的项目")[1]


def test_a_buyer_applies_and_withdraws(client_as: Any) -> None:
    programme, buyer = ProgrammeFactory(code="VP-CX-2026"), MembershipFactory()
    client = client_as(buyer)
    address = f"{MINE}apply/VP-CX-2026/"
    assert client.get(address).status_code == 200

    answer = client.post(address, {"face": "5000", "purpose": "线束来料检验"})

    assert answer.status_code == 302
    application = Application.objects.get()
    assert (application.programme, application.wanted_fen, application.state) == (programme, 500_000, "submitted")
    again = client.post(address, {"face": "5000", "purpose": "x"})
    assert (again.status_code, "该项目已有一份申请正在审核。" in body(again)) == (422, True)
    client.post(f"{MINE}applications/{application.pk}/withdraw/")
    application.refresh_from_db()
    assert application.state == "withdrawn"


def test_more_than_the_cap_is_refused_beside_the_amount(client_as: Any) -> None:
    ProgrammeFactory(code="VP-1")

    answer = client_as(MembershipFactory()).post(f"{MINE}apply/VP-1/", {"face": "100000.01", "purpose": "x"})

    assert answer.status_code == 422
    assert answer.context["form"].errors["face"] == ["本年度最多还可向该单位发放 ¥100,000.00。"]


def test_a_draft_is_unknown_to_those_it_would_be_for(client_as: Any) -> None:
    ProgrammeFactory(code="VP-1", state="draft")

    assert client_as(MembershipFactory()).get(f"{MINE}apply/VP-1/").status_code == 404


def test_an_owner_declares_affiliates_and_who_controls_the_organisation(client_as: Any) -> None:
    owner, other = MembershipFactory(role="owner"), OrganisationFactory()
    client = client_as(owner)
    address = f"{MINE}affiliates/"

    client.post(address, {"says": "affiliate", "number": f" {other.uscc.lower()}", "note": "母公司"})
    client.post(address, {"says": "controller", "name": other.name_zh, "number": other.uscc})
    unknown = client.post(address, {"says": "affiliate", "number": "91440101MA00000000"})
    myself = client.post(address, {"says": "affiliate", "number": owner.organisation.uscc})

    affiliation = Affiliation.objects.get()
    assert affiliation.counterpart_of(owner.organisation_id) == other
    assert affiliation.source == "declared"
    assert Controller.objects.get().number == other.uscc
    assert (unknown.status_code, myself.status_code) == (422, 422)
    page = body(client.get(address))
    assert other.name_zh in page
    client.post(f"{address}{affiliation.pk}/end/")
    assert not Affiliation.objects.exists()


def test_what_the_platform_found_is_not_taken_away_by_the_organisation(client_as: Any, operator: Any) -> None:
    owner = MembershipFactory(role="owner")
    found = vouchers.declare_affiliate(
        organisation=owner.organisation, number=OrganisationFactory().uscc, note="", by=operator, now=MONDAY_9
    )

    answer = client_as(owner).post(f"{MINE}affiliates/{found.pk}/end/", follow=True)

    assert "由平台认定" in body(answer)
    assert Affiliation.objects.exists()


# --- The platform's operator ------------------------------------------------------------------------------------------


def written(**changed: Any) -> dict[str, Any]:
    """A programme as it is written into the form."""
    return {
        "code": "VP-CX-2027",
        "name_zh": "示例科技创新券",
        "kinds": ["rental"],
        "sizes": ["micro", "small"],
        "valid_from": "2027-01-01",
        "valid_to": "2027-12-31",
        "cover_bp": "37.5",
        "per_order_cap_fen": "30000",
        "yearly_cap_fen": "100000",
        "budget_fen": "5000000",
        "is_stackable": "on",
        "invoice_content": "full",
        **changed,
    }


def test_a_programme_is_drafted_opened_and_edited(ops: Any) -> None:
    issuer, district, lab = IssuerFactory(), DistrictFactory(), LabFactory()

    made = ops.post(f"{OPS}new/", written(issuer=issuer.pk, districts=[district.pk], labs=[lab.pk]))

    programme = Programme.objects.get()
    address = f"{OPS}programmes/VP-CX-2027/"
    assert (made.status_code, made["Location"]) == (302, address)
    assert (programme.cover_bp, programme.per_order_cap_fen, programme.state) == (3_750, 3_000_000, "draft")
    assert (list(programme.districts.all()), list(programme.labs.all())) == ([district], [lab])
    ops.post(f"{address}state/", {"state": "open"})
    ops.post(f"{address}edit/", written(cover_bp="50"))
    programme.refresh_from_db()
    assert (programme.state, programme.cover_bp, programme.districts.count()) == ("open", 5_000, 0)
    assert "示例科技创新券" in body(ops.get(address))
    again = ops.post(f"{address}state/", {"state": "open"})
    assert (again.status_code, "内容不一致" in body(again)) == (409, True)


def test_a_programme_that_contradicts_itself_is_refused_beside_its_field(ops: Any) -> None:
    grant = GrantFactory(programme__code="VP-1")
    reserved(grant, fen=100_000)

    less = ops.post(f"{OPS}programmes/VP-1/edit/", written(budget_fen="399.99"))
    taken = ops.post(f"{OPS}new/", written(code="VP-1", issuer=grant.programme.issuer_id))

    assert less.context["form"].errors["budget_fen"] == ["预算中已有 ¥400.00 被预留或支付，不能低于此数。"]
    assert taken.context["form"].errors["code"] == ["该编码已被其他项目使用。"]
    assert (less.status_code, taken.status_code) == (422, 422)


def test_the_list_tells_what_is_left_and_who_asks_as_a_page_and_as_a_file(ops: Any) -> None:
    grant = GrantFactory(programme__code="VP-1")
    reserved(grant, fen=100_000)

    page, file = ops.get(OPS), ops.get(f"{OPS}?format=csv")

    assert "¥4,999,600.00" in body(page)
    assert "4999600.0" in file.content.decode("utf-8-sig").splitlines()[1]


@pytest.mark.parametrize("address", [OPS, f"{OPS}applications/", f"{OPS}claims/", f"{OPS}checks/"])
def test_three_of_a_list_cost_as_many_statements_as_one(ops: Any, operator: Any, address: str) -> None:
    def one_more(number: int) -> None:
        asked(MembershipFactory())
        used = consumed(GrantFactory(), order=f"A{number}")
        vouchers.claim_batch(programme=used.programme, by=operator, now=MONDAY_9)
        used = consumed(GrantFactory(), order=f"B{number}")
        vouchers.draw_checks(programme=used.programme, share_bp=10_000, by=operator, now=MONDAY_9)

    one_more(1)
    ops.get(address)
    one = count_of(ops, address)
    one_more(2)
    one_more(3)

    assert count_of(ops, address) == one


def test_a_voucher_is_issued_without_an_application(ops: Any) -> None:
    ProgrammeFactory(code="VP-1")
    customer, large = OrganisationFactory(), OrganisationFactory(size="large")
    address = f"{OPS}programmes/VP-1/grants/new/"
    told = {"face": "3000", "expires_on": "2026-12-31"}

    refused = ops.post(address, {**told, "organisation": large.code})
    made = ops.post(address, {**told, "organisation": customer.uscc})

    assert (refused.status_code, "该项目不面向此规模的单位。" in body(refused)) == (422, True)
    assert made.status_code == 302
    grant = Grant.objects.get()
    assert (grant.organisation, grant.face_fen, grant.expires_on) == (customer, 300_000, date(2026, 12, 31))


def test_an_application_is_granted_for_less_or_declined_with_a_reason(ops: Any) -> None:
    first, second = asked(MembershipFactory()), asked(MembershipFactory())
    listed = body(ops.get(f"{OPS}applications/"))
    assert first.organisation.name_zh in listed

    silent = ops.post(f"{OPS}applications/{second.pk}/", {"decision": "decline"})
    declined = ops.post(f"{OPS}applications/{second.pk}/", {"decision": "decline", "reason": "材料不全"})
    told = {"decision": "grant", "face": "3000", "expires_on": "2026-12-31"}
    granted = ops.post(f"{OPS}applications/{first.pk}/", told)

    assert (silent.status_code, declined.status_code, granted.status_code) == (422, 302, 302)
    assert silent.context["form"].errors == {"reason": ["请写明原因，对方会看到。"]}
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.grant.face_fen, second.state, second.reason) == (300_000, "declined", "材料不全")
    assert "¥3,000.00" in body(ops.get(f"{OPS}applications/{first.pk}/"))


def test_a_claim_is_prepared_looked_through_submitted_and_answered(ops: Any) -> None:
    grant = GrantFactory(programme__code="VP-1")
    for number in range(2):
        consumed(grant, order=f"R{number}")
    prepared = ops.post(f"{OPS}programmes/VP-1/claim/")
    address = prepared["Location"]
    page = body(ops.get(address))
    assert "以下材料尚不齐全" in page
    assert grant.organisation.uscc in page

    listed = ops.get(f"{address}?format=csv").content.decode("utf-8-sig").splitlines()
    as_it_would_be = ops.get(f"{address}evidence/")
    ops.post(f"{address}submit/")
    kept = ops.get(f"{address}evidence/")

    assert len(listed) == 3
    assert (as_it_would_be["Content-Type"], kept["Content-Type"]) == ("application/zip", "application/zip")
    batch = ClaimBatch.objects.get()
    first, _second = batch.items.order_by("pk")
    silent = ops.post(f"{address}reimburse/", {f"refused_{first.pk}": "on"})
    assert (silent.status_code, batch.items.filter(state="pending").count()) == (409, 2)
    ops.post(f"{address}reimburse/", {f"refused_{first.pk}": "on", f"reason_{first.pk}": "缺合同", "reference": "B-1"})
    batch.refresh_from_db()
    assert (batch.state, batch.paid_fen, batch.reference) == ("reimbursed", 40_000, "B-1")
    assert "缺合同" in body(ops.get(address))
    assert "¥400.00" in body(ops.get(f"{OPS}claims/"))
    assert ops.post(f"{address}submit/").status_code == 409


def test_a_claim_is_refused_with_a_reason_or_dropped_and_nothing_is_claimed_twice(ops: Any) -> None:
    consumed(GrantFactory(programme__code="VP-1"), order="R1")
    address = ops.post(f"{OPS}programmes/VP-1/claim/")["Location"]
    nothing = ops.post(f"{OPS}programmes/VP-1/claim/")
    ops.post(f"{address}submit/")

    silent = ops.post(f"{address}refuse/", {"reason": ""})
    ops.post(f"{address}refuse/", {"reason": "超出年度预算"})

    assert (nothing.status_code, silent.status_code) == (409, 422)
    assert Redemption.objects.get().state == "consumed"
    again = ops.post(f"{OPS}programmes/VP-1/claim/")["Location"]
    assert ops.post(f"{again}drop/").status_code == 302
    assert list(ClaimBatch.objects.order_by("pk").values_list("state", flat=True)) == ["refused", "dropped"]


def test_spot_checks_are_drawn_and_decided(ops: Any) -> None:
    consumed(GrantFactory(programme__code="VP-1"), order="R1")
    address = f"{OPS}checks/"

    nothing = ops.post(address, {"programme": ProgrammeFactory().code, "share": "5"})
    drawn = ops.post(address, {"programme": "VP-1", "share": "5"})
    check = SpotCheck.objects.get()
    silent = ops.post(f"{address}{check.pk}/", {"decision": "fail", "reason": ""})
    ops.post(f"{address}{check.pk}/", {"decision": "fail", "reason": "无上机记录"})

    assert (nothing.status_code, drawn.status_code, silent.status_code) == (422, 302, 422)
    check.refresh_from_db()
    assert (check.outcome, check.note) == ("failed", "无上机记录")
    assert "无上机记录" in body(ops.get(address))


def test_the_platform_notes_affiliates_that_it_has_found(ops: Any) -> None:
    one, other = OrganisationFactory(), OrganisationFactory()
    address = f"{OPS}affiliations/"

    ops.post(address, {"organisation": one.code.lower(), "number": other.uscc, "note": "同一法定代表人"})

    affiliation = Affiliation.objects.get()
    assert (affiliation.source, affiliation.note) == ("found", "同一法定代表人")
    assert other.name_zh in body(ops.get(address))
    ops.post(f"{address}{affiliation.pk}/end/")
    assert not Affiliation.objects.exists()
