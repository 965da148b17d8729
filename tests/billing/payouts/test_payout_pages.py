"""Payouts as pages and endpoints: a lab opens every figure down to its bills, the platform pays by two people."""

import csv
import io
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from billing.ledger import operations as ledger
from billing.ledger import rules as books
from billing.models import Difference, FeeWithdrawal, Payout
from billing.payouts import api
from billing.payouts import operations as payouts
from notices import letters
from notices.models import Notice
from tests.factories.accounts import LabMembershipFactory, MembershipFactory, OrganisationFactory
from tests.factories.accounts import PlatformMembershipFactory as Platform
from tests.factories.payouts import ACCEPTED, TUESDAY_9, confirmed, earned, given_back, paid_lab, prepared, sent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

DESK, OPS, RECONCILIATION = "/desk/money/", "/ops/payouts/", "/ops/reconciliation/"


@pytest.fixture
def now() -> datetime:
    """A day of payment."""
    return TUESDAY_9


@pytest.fixture
def finance(client_as: Any) -> Any:
    return client_as(Platform(role="finance"))


def body(answer: Any) -> str:
    return answer.content.decode()


def count_of(client: Any, address: str) -> int:
    with CaptureQueriesContext(connection) as found:
        assert client.get(address).status_code == 200
    return len(found)


def of_lab(lab: Any, role: str = "finance") -> Any:
    return LabMembershipFactory(organisation=lab.organisation, role=role)


# --- The lab ----------------------------------------------------------------------------------------------------------


def test_a_labs_money_is_its_owners_managers_and_finance_peoples(client_as: Any) -> None:
    payout = confirmed()
    pages = [DESK, f"{DESK}lines/", f"{DESK}payouts/", f"{DESK}payouts/{payout.number}/"]
    for page in pages:
        assert client_as(None).get(page).status_code == 302
        assert [client_as(of_lab(payout.lab, role)).get(page).status_code for role in ("owner", "finance")] == [200] * 2
        assert client_as(of_lab(payout.lab, "lab_manager")).get(page).status_code == 200
        assert client_as(of_lab(payout.lab, "lab_operator")).get(page).status_code == 403
        assert client_as(MembershipFactory(role="owner")).get(page).status_code == 403
    another = client_as(LabMembershipFactory(role="owner"))
    assert another.get(pages[-1]).status_code == 404
    assert payout.number not in body(another.get(pages[2]))


def test_every_figure_of_a_lab_opens_to_its_lines(client_as: Any) -> None:
    lab = paid_lab()
    confirmed(lab)
    earned(lab, 30_000, order="R-DUE")
    earned(lab, 80_000, at=TUESDAY_9 - timedelta(days=2), order="R-FRESH")
    client = client_as(of_lab(lab))

    page = client.get(DESK)
    figures = page.context["figures"]
    assert (figures.waiting.fen, figures.due.fen, figures.paid.fen) == (76_000, 28_500, 95_000)
    assert figures.earned.fen - figures.fee.fen == 76_000 + 28_500 + 95_000
    assert 'href="/desk/money/lines/?state=waiting&amp;lab="' in body(page)
    for state, orders in (("waiting", ["R-FRESH"]), ("due", ["R-DUE"])):
        rows = client.get(f"{DESK}lines/?state={state}").context["rows"]
        assert [row["line"].order_number for row in rows] == orders
    taken = client.get(f"{DESK}lines/?format=csv")
    rows = list(csv.reader(io.StringIO(taken.content.decode("utf-8-sig"))))
    assert [row[2] for row in rows[1:3]] == ["R-FRESH", "R-DUE"]
    assert [row[6] for row in rows[1:]] == ["760.0", "285.0", "950.0"]
    sheet = client.get(f"{DESK}payouts/{Payout.objects.get().number}/?format=xlsx")
    cells = list(load_workbook(BytesIO(sheet.content)).active.values)
    assert cells[1][-3:] == (1_000, 50, 950)


def _lose() -> None:
    """Put money into the escrow of an order that has no bill."""
    customer = OrganisationFactory()
    legs = books.on_credit(1, customer.pk, f"R-LOST{customer.pk}")
    ledger.post(event_id=f"lost:{customer.pk}", event="E3b", legs=legs, at=ACCEPTED)


def test_lists_of_payouts_ask_the_same_number_of_questions_for_one_and_three(client_as: Any) -> None:
    lab = paid_lab()
    given_back(lab, 1_000, earned(lab))
    confirmed(lab)
    client, finance = client_as(of_lab(lab)), client_as(Platform())
    _lose()
    payouts.reconcile(by=None, now=TUESDAY_9)
    batch = Payout.objects.get().batch.number
    addresses = [DESK, f"{DESK}lines/", f"{DESK}payouts/", OPS, f"{OPS}all/", f"{OPS}batches/{batch}/", RECONCILIATION]
    asked = [finance if address.startswith("/ops") else client for address in addresses]
    once = [count_of(one, address) for one, address in zip(asked, addresses, strict=True)]
    for _ in range(2):
        earned(lab)
        confirmed(lab)
        sent()
        _lose()
    payouts.reconcile(by=None, now=TUESDAY_9)

    assert [count_of(one, address) for one, address in zip(asked, addresses, strict=True)] == once


# --- The platform -----------------------------------------------------------------------------------------------------


def test_the_platforms_pages_of_payouts_are_its_finance_peoples_alone(client_as: Any) -> None:
    payout = sent()
    for page in (OPS, f"{OPS}all/", f"{OPS}fees/", f"{OPS}{payout.number}/", RECONCILIATION):
        assert client_as(None).get(page).status_code == 302
        kept_out = (MembershipFactory(role="owner"), of_lab(payout.lab), Platform(role="technician"))
        assert [client_as(member).get(page).status_code for member in kept_out] == [403] * 3, page
        assert client_as(Platform(role="finance")).get(page).status_code == 200, page


def test_a_payout_is_prepared_approved_sent_and_confirmed_on_the_pages(client_as: Any, finance: Any) -> None:
    lab = paid_lab()
    earned(lab)
    owner = of_lab(lab, "owner")
    other = client_as(Platform())

    made = finance.post(f"{OPS}prepare/")
    payout = Payout.objects.get()
    page = made.headers["Location"]
    assert page == f"{OPS}batches/{payout.batch.number}/"
    again = finance.post(f"{OPS}prepare/")
    assert (again.status_code, "没有" in body(again)) == (409, True)
    chosen = {"payout": [payout.number]}
    own = finance.post(f"{page}approve/", chosen)
    assert (own.status_code, payout.number in body(own)) == (403, True)
    assert finance.get(f"{page}file/").status_code == 404
    assert other.post(f"{page}approve/").status_code == 422
    assert other.post(f"{page}approve/", chosen).status_code == 302
    file = finance.get(f"{page}file/").content.decode("utf-8-sig").splitlines()
    assert file[1].split(",")[1:5] == [payout.payee, "3602000000012345", payout.bank, "950.00"]
    assert payout.number in file[1]
    assert finance.post(f"{page}send/", chosen).status_code == 302
    assert finance.post(f"{OPS}{payout.number}/confirm/", {"reference": " "}).status_code == 422
    assert finance.post(f"{OPS}{payout.number}/confirm/", {"reference": "ICBC-1"}).status_code == 302
    late = finance.post(f"{OPS}{payout.number}/fail/", {"because": "too late"})
    payout.refresh_from_db()
    assert (late.status_code, payout.state, payout.reference) == (422, "confirmed", "ICBC-1")
    assert list(Notice.objects.filter(user=owner.user).values_list("kind", flat=True)) == ["payout_confirmed"]


def test_a_payout_that_the_bank_refused_is_told_to_the_lab_and_due_again(finance: Any) -> None:
    payout = sent()
    owner = of_lab(payout.lab, "owner")

    assert finance.post(f"{OPS}{payout.number}/fail/", {"because": ""}).status_code == 422
    assert finance.post(f"{OPS}{payout.number}/fail/", {"because": "户名不符"}).status_code == 302

    assert [one.lab for one in finance.get(OPS).context["due"]] == [payout.lab]
    assert list(Notice.objects.filter(user=owner.user).values_list("kind", flat=True)) == ["payout_not_paid"]


def test_the_platforms_fee_is_asked_for_and_decided_on_the_page(client_as: Any, finance: Any) -> None:
    earned(paid_lab())
    customer = OrganisationFactory()
    legs = books.topped_up(200_000, customer.pk, books.Account.CUSTODY_BANK)
    ledger.post(event_id="in", event="E4", legs=legs, at=ACCEPTED)

    assert finance.post(f"{OPS}fees/", {"amount": "50.01"}).status_code == 422
    assert finance.post(f"{OPS}fees/", {"amount": "50.00", "note": "十一月"}).status_code == 302
    asked = FeeWithdrawal.objects.get()
    assert finance.post(f"{OPS}fees/{asked.pk}/decide/", {"decision": "approve"}).status_code == 403
    assert client_as(Platform()).post(f"{OPS}fees/{asked.pk}/decide/", {"decision": "approve"}).status_code == 302
    asked.refresh_from_db()
    assert (asked.state, asked.entry.event) == ("approved", "E14")


def test_differences_are_compared_on_demand_and_taken_away(finance: Any) -> None:
    customer = OrganisationFactory()
    ledger.post(
        event_id="lost",
        event="E3b",
        legs=books.on_credit(7_000, customer.pk, "R-LOST"),
        at=ACCEPTED,
        order_number="R-LOST",
    )
    keeper = Platform(role="finance")

    assert finance.post(f"{RECONCILIATION}run/").status_code == 302
    page = finance.get(RECONCILIATION)
    file = finance.get(f"{RECONCILIATION}?format=csv").content.decode("utf-8-sig").splitlines()

    assert [(row["one"].key, row["days"] > 15) for row in page.context["rows"]] == [("R-LOST", True)]
    assert 'href="/ops/ledger/entries/?order=R-LOST"' in body(page)
    assert (len(file), "R-LOST" in file[1]) == (2, True)
    assert Notice.objects.filter(user=keeper.user, kind="differences_found").count() == 1
    Difference.objects.update(closed_at=TUESDAY_9)
    assert finance.get(RECONCILIATION).context["rows"] == []
    assert len(finance.get(f"{RECONCILIATION}?shown=closed").context["rows"]) == 1


def test_letters_say_in_both_languages_what_their_notices_say(finance: Any) -> None:
    payout = sent()
    of_lab(payout.lab, "owner")
    finance.post(f"{OPS}{payout.number}/fail/", {"because": "户名不符"})

    for kind, words in (
        ("payout_not_paid", ("结算款未付成", "could not be paid")),
        ("payouts_prepared", ("待第二人", "wait")),
    ):
        notice = Notice.objects.filter(kind=kind).latest("pk")
        for language, expected in zip(("zh-hans", "en"), words, strict=True):
            notice.user.language = language
            message = letters.of_notice(notice, TUESDAY_9)
            assert message is not None
            assert expected in message.subject
            assert "{" not in message.body


# --- Programs ---------------------------------------------------------------------------------------------------------


def test_programs_of_a_lab_read_its_settlements_and_payouts(api_as: Any) -> None:
    lab = paid_lab()
    prepared(lab)
    given_back(lab, 1_000, earned(lab, 44_000, order="R-DUE"))
    earned(lab, 50_000, at=TUESDAY_9 - timedelta(days=2), order="R-FRESH")
    client = api_as(of_lab(lab))

    summary = client.get("/api/v1/settlements/summary/").json()
    rows = client.get("/api/v1/settlements/?state=due").json()["results"]
    listed = client.get("/api/v1/payouts/").json()["results"]
    number = listed[0]["number"]
    one = client.get(f"/api/v1/payouts/{number}/").json()

    assert summary == api.SUMMARY | {"next_payout_on": summary["next_payout_on"]}
    assert [(row["order_number"], row["event"], row["gross_fen"], row["fee_fen"], row["fen"]) for row in rows] == [
        ("R-DUE", "E10", -1_000, -50, -950),
        ("R-DUE", "E7", 44_000, 2_200, 41_800),
    ]
    assert (one["fen"], one["state"], one["due_on"]) == (95_000, "prepared", "2026-11-24")
    assert [(item["gross_fen"], item["fee_fen"], item["fen"]) for item in one["items"]] == [(100_000, 5_000, 95_000)]
    assert api_as(None).get("/api/v1/payouts/").status_code == 401
    assert api_as(of_lab(lab, "lab_operator")).get("/api/v1/payouts/").status_code == 403
    assert api_as(LabMembershipFactory(role="owner")).get(f"/api/v1/payouts/{number}/").status_code == 404
    assert api_as(of_lab(lab), scopes=("rentals:read",)).get("/api/v1/settlements/").status_code == 403
