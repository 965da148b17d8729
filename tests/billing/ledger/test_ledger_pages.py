"""The platform's finance opens every figure down to its entries; nobody else sees any of it."""

import json
from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from billing.ledger import operations, rules
from billing.models import Entry, Posting
from tests.factories.accounts import (
    LabMembershipFactory,
    MembershipFactory,
    OrganisationFactory,
    PlatformMembershipFactory,
)
from tests.factories.labs import LabFactory
from tests.factories.ledger import MONDAY_9, posted

pytestmark = pytest.mark.django_db


@pytest.fixture
def finance():
    return PlatformMembershipFactory(role="finance")


@pytest.fixture
def books():
    """One order from payment to settlement."""
    customer, lab = OrganisationFactory(name_zh="穗南轴承"), LabFactory(name_zh="天河力学")
    posted(
        "E1", rules.online_payment(69_300, customer.pk, "fake", "R1"), order_number="R1", organisation_id=customer.pk
    )
    posted("E3", rules.allocated(69_300, customer.pk, "R1"), order_number="R1", organisation_id=customer.pk)
    entry = posted(
        "E7", rules.settled(69_300, 500, lab.pk, "R1"), order_number="R1", organisation_id=customer.pk, lab_id=lab.pk
    )
    return customer, lab, entry


def pages(entry, posting):
    return [
        reverse("ledger:balance"),
        reverse("ledger:account", args=["2207"]),
        reverse("ledger:account", args=["1002"]),
        reverse("ledger:lines", args=["2207"]),
        reverse("ledger:entries"),
        reverse("ledger:entry", args=[entry.pk]),
        reverse("ledger:checks"),
        reverse("ledger:postings"),
        reverse("ledger:propose"),
        reverse("ledger:posting", args=[posting.pk]),
    ]


def test_the_ledger_is_the_platforms_finance_peoples_alone(client_as, books, finance):
    posting = operations.propose_posting(legs=rules.unmatched_transfer(1), reason="why", by=finance, now=MONDAY_9)
    kept_out = [
        MembershipFactory(role="owner"),
        MembershipFactory(role="finance"),
        LabMembershipFactory(role="lab_manager"),
        PlatformMembershipFactory(role="technician"),
    ]
    for page in pages(books[2], posting):
        assert client_as(None).get(page).status_code == 302
        assert [client_as(member).get(page).status_code for member in kept_out] == [403] * 4, page
        assert client_as(finance).get(page).status_code == 200, page
        assert client_as(PlatformMembershipFactory(role="owner")).get(page).status_code == 200, page


def test_a_figure_opens_down_to_the_order_behind_it(client_as, books, finance):
    _, lab, entry = books
    client = client_as(finance)

    balance = client.get(reverse("ledger:balance")).content.decode()
    assert 'href="/ops/ledger/accounts/2207/"' in balance
    assert "¥658.35" in balance
    account = client.get("/ops/ledger/accounts/2207/").content.decode()
    assert f'href="/ops/ledger/accounts/2207/lines/?party={lab.pk}"' in account
    assert "天河力学" in account
    lines = client.get(f"/ops/ledger/accounts/2207/lines/?party={lab.pk}").content.decode()
    assert f'href="/ops/ledger/entries/{entry.pk}/"' in lines
    assert 'href="/ops/ledger/entries/?order=R1"' in lines
    one = client.get(f"/ops/ledger/entries/{entry.pk}/").content.decode()
    assert all(amount in one for amount in ("¥693.00", "¥658.35", "¥32.69", "¥1.96"))
    journal = client.get("/ops/ledger/entries/?order=R1")
    assert [row["entry"].event for row in journal.context["rows"]] == ["E7", "E3", "E1"]
    assert [row["amount"].fen for row in journal.context["rows"]] == [69_300] * 3


def test_an_earlier_day_is_shown_as_it_was(client_as, books, finance):
    page = client_as(finance).get("/ops/ledger/?until=2026-11-22")

    assert {row["sum"].balance.fen for row in page.context["rows"]} == {0}
    assert client_as(finance).get("/ops/ledger/?until=2026-11-23").context["debit"].fen == 3 * 69_300
    assert client_as(finance).get("/ops/ledger/?until=neverday").status_code == 200


def test_what_is_at_nothing_is_shown_when_asked_for(client_as, books, finance):
    client = client_as(finance)

    assert client.get("/ops/ledger/accounts/2205/").context["rows"] == []
    assert [row["sum"].party for row in client.get("/ops/ledger/accounts/2205/?all=on").context["rows"]] == ["R1"]
    assert client.get("/ops/ledger/accounts/2205/?all=on&search=R2").context["rows"] == []
    found = client.get("/ops/ledger/accounts/2203/?all=on&search=穗南").context["rows"]
    assert [row["party"].name for row in found] == [books[0].name]


@pytest.mark.parametrize(
    "path", ["accounts/9999/", "accounts/9999/lines/", "entries/999999999/", "postings/999999999/"]
)
def test_what_is_not_there_is_not_found(client_as, finance, path):
    assert client_as(finance).get(f"/ops/ledger/{path}").status_code == 404


FILES = ["", "accounts/2207/", "accounts/2207/lines/", "entries/"]


@pytest.mark.parametrize("path", FILES)
def test_every_list_is_taken_away_as_a_file(client_as, books, finance, path):
    client = client_as(finance)

    told = json.loads(client.get(f"/ops/ledger/{path}?format=json").content)
    text = client.get(f"/ops/ledger/{path}?format=csv").content.decode("utf-8-sig").splitlines()
    sheet = load_workbook(BytesIO(client.get(f"/ops/ledger/{path}?format=xlsx").content)).active
    assert len(told) == len(text) - 1 == sheet.max_row - 1 > 0
    assert len(told[0]) == sheet.max_column
    if "2207" in path:
        assert told[0]["party_name"] == books[1].name
        assert told[0]["credit"] == 658.35


@pytest.mark.parametrize("path", ["accounts/2203/?all=on", "accounts/2203/lines/", "entries/", "postings/"])
def test_a_list_asks_as_much_for_three_rows_as_for_one(
    client_as, finance, django_assert_num_queries, django_assert_max_num_queries, path
):
    client = client_as(finance)

    def another():
        customer = OrganisationFactory()
        posted("E2", rules.bank_transfer(100, customer.pk), organisation_id=customer.pk)
        legs = rules.suspense_resolved(100, customer.pk)
        operations.propose_posting(legs=legs, reason="why", by=finance, now=MONDAY_9)

    another()
    with django_assert_max_num_queries(30) as first:
        client.get(f"/ops/ledger/{path}")
    another()
    another()
    with django_assert_num_queries(len(first)):
        client.get(f"/ops/ledger/{path}")


def test_one_entry_asks_as_much_for_five_lines_as_for_two(client_as, finance, django_assert_max_num_queries):
    customer, lab = OrganisationFactory(), LabFactory()
    two = posted("E2", rules.bank_transfer(100, customer.pk))
    five = posted("E10", rules.refunded_after_settlement(700, 300, 50, lab.pk, customer.pk, 5))
    client = client_as(finance)
    with django_assert_max_num_queries(30) as first:
        client.get(f"/ops/ledger/entries/{two.pk}/")
    with django_assert_max_num_queries(len(first) + 1):  # labs are named too
        client.get(f"/ops/ledger/entries/{five.pk}/")


def posting_form(*lines, reason="the payer called", order=""):
    data = {"reason": reason, "order_number": order, "legs-TOTAL_FORMS": "6", "legs-INITIAL_FORMS": "0"}
    for number, (account, whose, debit, credit) in enumerate(lines):
        data |= {
            f"legs-{number}-account": account,
            f"legs-{number}-whose": whose,
            f"legs-{number}-debit": debit,
            f"legs-{number}-credit": credit,
        }
    return data


def test_a_posting_is_proposed_by_one_and_approved_by_another(client_as, finance):
    customer = OrganisationFactory()
    second = PlatformMembershipFactory(organisation=finance.organisation)
    form = posting_form(("2299", "", "12.34", ""), ("2203", customer.code, "", "12.34"), order="R9")

    answer = client_as(finance).post("/ops/ledger/postings/new/", form)

    posting = Posting.objects.get()
    page = f"/ops/ledger/postings/{posting.pk}/"
    assert (answer.status_code, answer["Location"]) == (302, page)
    own = client_as(finance).post(f"{page}decide/", {"decision": "approve"})
    assert (own.status_code, Entry.objects.count()) == (422, 0)
    assert "由另一人复核" in own.content.decode()
    assert client_as(second).post(f"{page}decide/", {"decision": "approve"}).status_code == 302
    entry = Entry.objects.get()
    assert [(line.account, line.party, line.fen) for line in entry.lines.order_by("pk")] == [
        ("2299", "", 1_234),
        ("2203", str(customer.pk), -1_234),
    ]
    assert (entry.reason, entry.order_number, entry.by) == ("the payer called", "R9", second.user)
    assert client_as(second).get(page).status_code == 200
    assert client_as(second).post(f"{page}decide/", {"decision": "approve"}).status_code == 422


def test_a_posting_is_declined_with_a_note(client_as, finance):
    posting = operations.propose_posting(legs=rules.unmatched_transfer(1), reason="why", by=finance, now=MONDAY_9)
    client, page = client_as(PlatformMembershipFactory()), f"/ops/ledger/postings/{posting.pk}/decide/"

    assert client.post(page, {"decision": "decline", "note": ""}).status_code == 422
    assert client.post(page, {"decision": "decline", "note": "twice"}).status_code == 302
    posting.refresh_from_db()
    assert (posting.state, posting.note) == ("declined", "twice")


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [("2299", "", "1", "")],
        [("2299", "", "1", ""), ("1001", "", "", "2")],
        [("2299", "", "1", "1"), ("1001", "", "", "1")],
        [("2299", "", "1", ""), ("1001", "", "", "")],
        [("2299", "", "1", ""), ("2203", "", "", "1")],
        [("2299", "", "1", ""), ("2203", "NOBODY", "", "1")],
        [("2299", "", "1", ""), ("2207", "NOBODY", "", "1")],
        [("2299", "", "1", ""), ("2209", "x", "", "1")],
        [("2299", "", "1", ""), ("2205", "", "", "1")],
        [("2299", "", "1", ""), ("1012", "", "", "1")],
        [("2299", "", "-1", ""), ("1001", "", "", "-1")],
        [("9999", "", "1", ""), ("1001", "", "", "1")],
    ],
)
def test_a_posting_that_is_no_entry_is_refused(client_as, finance, lines):
    answer = client_as(finance).post("/ops/ledger/postings/new/", posting_form(*lines))

    assert (answer.status_code, Posting.objects.count()) == (422, 0)


def test_each_kind_of_sub_ledger_is_named_as_people_know_it(client_as, finance):
    lab, customer = LabFactory(), OrganisationFactory()
    form = posting_form(
        ("2207", lab.code, "6", ""),
        ("2203", customer.code, "", "1"),
        ("2205", "R7", "", "2"),
        ("2209", "5", "", "1"),
        ("1012", "fake", "", "1"),
        ("1001", "", "", "1"),
        order="R8",
    )

    client_as(finance).post("/ops/ledger/postings/new/", form)

    legs = operations.legs_proposed(Posting.objects.get())
    assert [(leg.party, leg.order_number) for leg in legs] == [
        (str(lab.pk), "R8"),
        (str(customer.pk), "R8"),
        ("R7", "R7"),
        ("5", "R8"),
        ("fake", "R8"),
        ("", "R8"),
    ]


def test_an_entry_is_taken_back_from_its_page(client_as, books, finance):
    entry, client = books[2], client_as(finance)
    page = f"/ops/ledger/entries/{entry.pk}/"

    assert client.post(f"{page}reverse/", {"reason": ""}).status_code == 422
    assert client.post(f"{page}reverse/", {"reason": "wrong lab"}).status_code == 302
    assert "等待另一人复核" in client.get(page).content.decode()
    posting = Posting.objects.get()
    client_as(PlatformMembershipFactory()).post(f"/ops/ledger/postings/{posting.pk}/decide/", {"decision": "approve"})
    assert "本分录已被冲销" in client.get(page).content.decode()
    assert client.post(f"{page}reverse/", {"reason": "again"}).status_code == 422
    back = entry.reversals.get()
    assert client.get(f"/ops/ledger/entries/{back.pk}/").status_code == 200


def test_the_check_of_the_books_is_made_when_it_is_asked_for(client_as, books, finance):
    page = client_as(finance).get("/ops/ledger/checks/")

    assert page.context["is_sound"]
    assert "账务无误" in page.content.decode()


def test_the_pages_are_said_in_english_too(client_as, books, finance):
    client = client_as(finance)
    client.cookies["language"] = "en"

    assert "Lab payable" in client.get("/ops/ledger/").content.decode()
    assert "Settlement" in client.get(f"/ops/ledger/entries/{books[2].pk}/").content.decode()
