"""Programs of the platform's finance take the whole ledger away."""

import pytest

from billing.ledger import rules
from tests.factories.accounts import MembershipFactory, OrganisationFactory, PlatformMembershipFactory
from tests.factories.labs import LabFactory
from tests.factories.ledger import posted

pytestmark = pytest.mark.django_db
PLACES = ["trial-balance/", "client-money/", "accounts/2207/", "entries/", "lines/"]


@pytest.fixture
def finance():
    return PlatformMembershipFactory(role="finance")


@pytest.fixture
def books():
    customer, lab = OrganisationFactory(), LabFactory()
    posted("E3b", rules.on_credit(10_000, customer.pk, "R1"), event_id="credit:R1", order_number="R1")
    posted("E7", rules.settled(10_000, 500, lab.pk, "R1"), event_id="settled:R1", order_number="R1", lab_id=lab.pk)
    return customer, lab


@pytest.mark.parametrize("place", PLACES)
def test_the_ledger_is_read_by_the_platforms_finance_with_the_scope(api_as, books, finance, place):
    path = f"/api/v1/ledger/{place}"

    assert api_as(None).get(path).status_code == 401
    assert api_as(MembershipFactory(role="owner")).get(path).status_code == 403
    assert api_as(PlatformMembershipFactory(role="viewer")).get(path).status_code == 403
    refused = api_as(finance, scopes=("organisation:read",)).get(path)
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
    assert api_as(finance, scopes=("ledger:read",)).get(path).status_code == 200
    assert api_as(finance).post(path, {}).status_code == 405


def test_the_trial_balance_tells_every_account(api_as, books, finance):
    rows = api_as(finance).get("/api/v1/ledger/trial-balance/").json()

    assert len(rows) == len(rules.CHART)
    assert sum(row["debit_fen"] for row in rows) == sum(row["credit_fen"] for row in rows) == 20_000
    payable = next(row for row in rows if row["account"] == "2207")
    assert payable == {
        "account": "2207",
        "name_zh": "应付机构",
        "name_en": "Lab payable",
        "type": "liability",
        "per": "lab",
        "party": "",
        "debit_fen": 0,
        "credit_fen": 9_500,
        "balance_fen": 9_500,
    }
    earlier = api_as(finance).get("/api/v1/ledger/trial-balance/?until=2026-11-22").json()
    assert {row["balance_fen"] for row in earlier} == {0}
    assert api_as(finance).get("/api/v1/ledger/trial-balance/?until=x").status_code == 400


def test_sub_ledgers_entries_and_lines_are_read_in_pages(api_as, books, finance):
    client, lab = api_as(finance), books[1]

    payable = client.get("/api/v1/ledger/accounts/2207/").json()
    assert [(row["party"], row["balance_fen"]) for row in payable["results"]] == [(str(lab.pk), 9_500)]
    assert client.get("/api/v1/ledger/accounts/2205/?open=true").json()["results"] == []
    assert client.get("/api/v1/ledger/accounts/9999/").status_code == 404
    entries = client.get("/api/v1/ledger/entries/?order=R1&page_size=1").json()
    assert (entries["count"], [row["event_id"] for row in entries["results"]]) == (2, ["settled:R1"])
    assert [(line["account"], line["fen"]) for line in entries["results"][0]["lines"]] == [
        ("2205", 10_000),
        ("2207", -9_500),
        ("6001", -472),
        ("2221", -28),
    ]
    one = client.get(f"/api/v1/ledger/entries/{entries['results'][0]['id']}/").json()
    assert one == entries["results"][0]
    lines = client.get("/api/v1/ledger/lines/?account=2207").json()["results"]
    assert [(line["event_id"], line["party"], line["fen"]) for line in lines] == [("settled:R1", str(lab.pk), -9_500)]
    money = client.get("/api/v1/ledger/client-money/").json()
    assert money == {"held_fen": 10_000, "owed_fen": 9_500, "owed_by_labs_fen": 0, "over_fen": 500, "is_whole": True}


@pytest.mark.parametrize("place", ["accounts/2203/", "entries/", "lines/"])
def test_a_list_asks_as_much_for_three_rows_as_for_one(api_as, finance, django_assert_max_num_queries, place):
    client = api_as(finance)
    posted("E2", rules.bank_transfer(100, OrganisationFactory().pk))
    with django_assert_max_num_queries(30) as first:
        client.get(f"/api/v1/ledger/{place}")
    for _ in range(2):
        posted("E2", rules.bank_transfer(100, OrganisationFactory().pk))
    with django_assert_max_num_queries(len(first)):
        client.get(f"/api/v1/ledger/{place}")
