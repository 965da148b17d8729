"""Transfers, balances and statements as pages and endpoints: who sees what, and what is said when it cannot be."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.bills import operations as bills
from billing.models import AdvanceRefund, BankLine, BankStatement, MonthlyStatement, Refund, Resolution
from billing.payments import operations as payments
from bookings.rentals import operations as rentals
from tests.factories.accounts import MembershipFactory, PlatformMembershipFactory
from tests.factories.bookings import MONDAY_9, buyer, confirmed, held, hours, lab_of
from tests.factories.payments import awaiting_transfer, bank_file, matched, unknown

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

OPS = "/ops/transfers/"


@pytest.fixture
def finance(client_as: Any) -> Any:
    return client_as(PlatformMembershipFactory(role="finance"))


def body(answer: Any) -> str:
    return answer.content.decode()


def upload(client: Any, content: bytes) -> Any:
    return client.post(f"{OPS}statements/", {"file": SimpleUploadedFile("20261123.csv", content)})


def topped_up(fen: int = 100_000, member: Any = None) -> Any:
    member = member or buyer()
    code = payments.top_up_code(organisation_id=member.organisation_id, now=MONDAY_9)
    matched(fen, payer=member.organisation.name_zh, remark=code.code)
    return member


def stated(member: Any) -> MonthlyStatement:
    confirmed(by=member)
    payments.make_statements(month=date(2026, 11, 1), now=MONDAY_9 + timedelta(days=8))
    return MonthlyStatement.objects.get(organisation=member.organisation)


def count_of(client: Any, address: str) -> int:
    with CaptureQueriesContext(connection) as found:
        assert client.get(address).status_code == 200
    return len(found)


# --- The platform's finance -------------------------------------------------------------------------------------------


def test_a_file_is_shown_first_and_then_imported_and_matched(finance: Any) -> None:
    member = buyer()
    rental, code = awaiting_transfer(member)
    content = bank_file(
        ("A1", 60_000, member.organisation.name_zh, code.code), ("A2", 500, "某公司", "货款"), ("A3", -9, "x", "")
    )

    preview = upload(finance, content)
    shown = body(finance.get(preview.url))
    nothing_yet = BankLine.objects.count()
    imported = body(finance.post(preview.url, follow=True))

    rental.refresh_from_db()
    assert (nothing_yet, rental.status) == (0, "confirmed")
    assert rental.number in shown
    assert "某公司" in imported
    assert sorted(BankLine.objects.values_list("serial", "state")) == [
        ("A1", "matched"),
        ("A2", "suspense"),
        ("A3", "outgoing"),
    ]
    assert finance.post(preview.url).status_code == 409
    assert upload(finance, content).status_code == 422


def test_a_file_with_faults_names_its_lines_and_offers_no_import(finance: Any) -> None:
    preview = upload(finance, "交易日期,流水号,收入\n2026-11-23,A1,一百\n".encode("gbk"))
    shown = body(finance.get(preview.url))
    refused = finance.post(preview.url)

    assert "一百" in shown
    assert 'action="' + preview.url not in shown
    assert (refused.status_code, BankStatement.objects.get().state) == (409, "previewed")


def test_suspense_is_resolved_by_two_people(client_as: Any) -> None:
    one, two = PlatformMembershipFactory(), PlatformMembershipFactory(role="finance")
    member, line = buyer(), unknown(50_000)
    page = f"{OPS}lines/{line.pk}/"

    missing = client_as(one).post(f"{page}propose/", {"kind": "order", "number": "ABC", "reason": "x"})
    proposed = client_as(one).post(
        f"{page}propose/", {"kind": "top_up", "organisation": member.organisation.code, "reason": "客户来电确认"}
    )
    made = Resolution.objects.get()
    own = client_as(one).post(f"{OPS}proposals/{made.pk}/decide/", {"decision": "approve"})
    bare = client_as(two).post(f"{OPS}proposals/{made.pk}/decide/", {"decision": "decline"})
    done = client_as(two).post(f"{OPS}proposals/{made.pk}/decide/", {"decision": "approve"})

    line.refresh_from_db()
    assert (missing.status_code, proposed.status_code, own.status_code, bare.status_code) == (422, 302, 422, 422)
    assert (done.status_code, line.state) == (302, "resolved")
    assert "客户来电确认" in body(client_as(two).get(page))


def test_refunds_are_sent_by_the_banks_file_and_marked(finance: Any) -> None:
    member = buyer()
    rental, code = awaiting_transfer(member)
    matched(60_000, payer=member.organisation.name_zh, remark=code.code)
    rentals.cancel_by_lab(rental=rental, reason="停电", by=lab_of(rental), now=MONDAY_9)
    refund = Refund.objects.get()
    act = f"{OPS}refunds/bill/{refund.pk}/"

    file = finance.get(f"{OPS}refunds/?format=csv").content.decode("utf-8-sig").splitlines()
    bare = finance.post(act, {"act": "paid", "reference": ""})
    failed = finance.post(act, {"act": "failed", "because": "账号有误"})
    again = finance.post(act, {"act": "again"})
    paid = finance.post(act, {"act": "paid", "reference": "P-77"})

    refund.refresh_from_db()
    assert "6222000011112222" in file[1]
    assert "600.0" in file[1]
    assert [bare.status_code, failed.status_code, again.status_code, paid.status_code] == [422, 302, 302, 302]
    assert (refund.state, refund.reference) == ("succeeded", "P-77")
    assert finance.post(act, {"act": "paid", "reference": "P-78"}).status_code == 409
    assert finance.post(f"{OPS}refunds/other/{refund.pk}/", {"act": "paid"}).status_code == 404


@pytest.mark.parametrize("address", ["", "lines/", "statements/", "refunds/"])
def test_only_the_platforms_finance_sees_transfers(client_as: Any, finance: Any, address: str) -> None:
    strangers = [buyer(), PlatformMembershipFactory(role="viewer")]

    assert [client_as(one).get(OPS + address).status_code for one in strangers] == [403, 403]
    assert finance.get(OPS + address).status_code == 200


def test_three_transfers_are_shown_in_as_many_statements_as_one(finance: Any) -> None:
    addresses = (OPS, f"{OPS}lines/", f"{OPS}refunds/", f"{OPS}statements/")

    def one_more() -> None:
        member = buyer()
        _, code = awaiting_transfer(member)
        matched(50_000, payer=member.organisation.name_zh, remark=code.code)
        other, code = awaiting_transfer(member)
        matched(60_000, payer=member.organisation.name_zh, remark=code.code)
        rentals.cancel_by_lab(rental=other, reason="停电", by=lab_of(other), now=MONDAY_9)
        late = unknown()
        AdvanceRefund.objects.create(
            line=late, organisation=member.organisation, order_number="R1", fen=5, because="late", owed_at=MONDAY_9
        )

    one_more()
    [finance.get(address) for address in addresses]
    once = [count_of(finance, address) for address in addresses]
    one_more()
    one_more()

    assert [count_of(finance, address) for address in addresses] == once


# --- An organisation's own --------------------------------------------------------------------------------------------


def test_an_organisation_sees_its_balance_its_code_and_its_own_movements(client_as: Any) -> None:
    member, other = buyer(), topped_up(7_700)
    client = client_as(member)

    before = body(client.get("/my/balance/"))
    given = client.post("/my/balance/code/")
    topped_up(100_000, member)
    rentals.confirm_from_balance(rental=held(by=member), by=member, now=MONDAY_9)
    page = body(client.get("/my/balance/"))
    file = client.get("/my/balance/?format=csv").content.decode("utf-8-sig").splitlines()

    assert given.status_code == 302
    assert "<svg" not in before.split("top-up-title")[1].split("</section>")[0]
    assert "¥400.00" in page
    assert "¥1,000.00" in page
    assert "¥77.00" not in page
    assert len(file) == 3
    assert other.organisation_id != member.organisation_id


def test_an_organisation_sees_its_statement_and_others_do_not(client_as: Any) -> None:
    member = buyer()
    statement = stated(member)
    viewer = MembershipFactory(role="viewer", organisation=member.organisation)

    page = body(client_as(viewer).get(f"/my/statements/{statement.number}/"))
    listed = body(client_as(viewer).get("/my/statements/"))

    assert "¥600.00" in page
    assert "2026-12-20" in page
    assert statement.number in listed
    assert client_as(buyer()).get(f"/my/statements/{statement.number}/").status_code == 404


def test_three_movements_are_shown_in_as_many_statements_as_one(client_as: Any) -> None:
    member = topped_up()
    client = client_as(member)
    client.get("/my/balance/")
    once = count_of(client, "/my/balance/")
    for _ in range(2):
        topped_up(100, member)

    assert count_of(client, "/my/balance/") == once


# --- Programs ---------------------------------------------------------------------------------------------------------


def test_programs_read_balance_movements_codes_and_statements(api_as: Any) -> None:
    member = topped_up(100_000, buyer())
    statement = stated(member)
    client = api_as(member)

    assert client.get("/api/v1/balance/").json() == {
        "prepaid_fen": 100_000,
        "owed_fen": 60_000,
        "credit_left_fen": 99_940_000,
        "overdue_statement": None,
    }
    assert [one["fen"] for one in client.get("/api/v1/balance/movements/").json()["results"]] == [100_000]
    purposes = {one["purpose"] for one in client.get("/api/v1/references/").json()["results"]}
    assert purposes == {"top_up", "statement"}
    one = client.get(f"/api/v1/statements/{statement.number}/").json()
    assert (one["due_fen"], len(one["lines"]), len(one["reference"])) == (60_000, 1, 9)
    assert client.get("/api/v1/statements/").json()["results"][0]["number"] == statement.number
    made = client.post("/api/v1/references/", headers={"Idempotency-Key": "k1"})
    assert (made.status_code, made.json()["purpose"]) == (201, "top_up")
    assert client.get("/api/v1/bank-lines/").status_code == 403
    finance = api_as(PlatformMembershipFactory(role="finance"))
    assert finance.get("/api/v1/bank-lines/").json()["results"][0]["fen"] == 100_000


def test_a_token_without_the_scope_reads_no_money(api_as: Any) -> None:
    assert api_as(buyer(), scopes=("rentals:read",)).get("/api/v1/balance/").status_code == 403


def test_an_overdue_statement_is_told_when_a_rental_is_confirmed_on_account(client_as: Any, clock: Any) -> None:
    member = buyer()
    statement = stated(member)
    MonthlyStatement.objects.filter(pk=statement.pk).update(due_on=date(2026, 11, 20))

    with pytest.raises(bills.StatementOverdue) as refused:
        rentals.confirm_on_account(rental=held(by=member, period=hours(30, 32)), by=member, now=MONDAY_9)

    assert statement.number in str(refused.value)
