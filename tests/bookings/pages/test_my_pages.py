"""A customer's own pages: what needs them, the list, one rental with its story, and cancelling at a known fee."""

import io
from datetime import timedelta
from typing import Any

import openpyxl
import pytest

from accounts.models import Membership
from bookings.models import Rental
from bookings.rentals import operations as rentals
from tests.conftest import MONDAY_9
from tests.factories.accounts import LabMembershipFactory, MembershipFactory
from tests.factories.bookings import buyer, confirmed, held, hours
from tests.factories.labs import InstrumentFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def said(client: Any, path: str, **query: Any) -> str:
    answer = client.get(path, query)
    assert answer.status_code == 200
    text: str = answer.content.decode()
    return text


def viewer_of(member: Membership) -> Membership:
    return MembershipFactory(organisation=member.organisation, role="viewer")


# --- Home --------------------------------------------------------------------------------------------------------


def test_home_says_what_needs_the_organisation_now_and_what_is_next(client_as: Any) -> None:
    member = buyer()
    held(by=member, period=hours(0, 2))
    confirmed(by=member, period=hours(24, 26))

    home = said(client_as(member), "/my/")

    assert "2026-11-24 Tue 09:00–11:00 (UTC+8)" in home
    assert "Kept until" in home
    assert 'data-until="2026-11-23T09:30:00+08:00"' in home
    assert "2026-11-25 Wed 09:00–11:00 (UTC+8)" in home
    assert "¥999,400.00" in home
    assert "Subscribe to my calendar" in home


def test_a_hold_that_ran_out_needs_nobody(client_as: Any, clock: Any) -> None:
    member = buyer()
    held(by=member)
    clock.shift(timedelta(minutes=30))

    assert "no hold is running out" in said(client_as(member), "/my/")


def test_home_of_others_shows_nothing_of_ours(client_as: Any) -> None:
    rental = confirmed()

    home = said(client_as(buyer()), "/my/")

    assert rental.number not in home
    assert "Nothing is booked ahead" in home


def test_money_is_shown_to_those_who_spend_or_see_it(client_as: Any) -> None:
    member = buyer()

    assert "Monthly account" in said(client_as(member), "/my/")
    assert "Monthly account" not in said(client_as(viewer_of(member)), "/my/")


def test_an_organisation_that_is_not_verified_reads_what_is_missing(client_as: Any) -> None:
    home = said(client_as(buyer(verification="unverified")), "/my/")

    assert "not verified yet" in home
    assert "There is no monthly account" in home


# --- The list ----------------------------------------------------------------------------------------------------


def test_the_list_is_narrowed_by_state_and_by_days_of_the_lab(client_as: Any) -> None:
    member = buyer()
    tuesday = confirmed(by=member, period=hours(0, 2))
    wednesday = held(by=member, period=hours(24, 26))
    client = client_as(member)

    def found(**query: Any) -> list[str]:
        return [rental.number for rental in client.get("/my/rentals/", query).context["page"]]

    assert found() == [wednesday.number, tuesday.number]
    assert found(status=["confirmed"]) == [tuesday.number]
    assert found(status=["confirmed", "held"]) == [wednesday.number, tuesday.number]
    assert found(since="2026-11-25") == [wednesday.number]
    assert found(until="2026-11-24") == [tuesday.number]
    assert found(since="2026-11-26", until="2026-11-30") == []
    assert found(since="nonsense") == [wednesday.number, tuesday.number]


def test_a_lapsed_hold_is_listed_as_expired_though_no_job_has_run(client_as: Any, clock: Any) -> None:
    member = buyer()
    rental = held(by=member)
    clock.shift(timedelta(minutes=31))
    client = client_as(member)

    assert [each.number for each in client.get("/my/rentals/", {"status": "expired"}).context["page"]] == [
        rental.number
    ]
    assert list(client.get("/my/rentals/", {"status": "held"}).context["page"]) == []


def test_programs_filter_as_pages_do(api_as: Any, clock: Any) -> None:
    member = buyer()
    lapsed = held(by=member, period=hours(0, 2))
    later = confirmed(by=member, period=hours(24, 26))
    clock.shift(timedelta(minutes=31))
    api = api_as(member)

    def found(**query: Any) -> list[str]:
        return [each["number"] for each in api.get("/api/v1/rentals/", query).json()["results"]]

    assert found(status=["expired"]) == [lapsed.number]
    assert found(status=["held"]) == []
    assert found(since="2026-11-25") == [later.number]


def test_an_empty_list_says_what_to_do_next(client_as: Any) -> None:
    client = client_as(buyer())

    assert "has booked nothing yet" in said(client, "/my/rentals/")
    assert "Take away a filter" in said(client, "/my/rentals/", status="confirmed")


def test_the_list_is_taken_away_in_the_labs_time_with_numbers_as_numbers(client_as: Any) -> None:
    member = buyer()
    rental = confirmed(by=member)
    confirmed()
    client = client_as(member)

    text = client.get("/my/rentals/", {"format": "csv"}).content.decode("utf-8-sig").splitlines()
    book = client.get("/my/rentals/", {"format": "xlsx"}).content
    sheet = openpyxl.load_workbook(io.BytesIO(book)).active

    assert len(text) == 2
    assert rental.number in text[1]
    assert "2026-11-24 09:00,2026-11-24 11:00,Asia/Shanghai" in text[1]
    assert sheet.max_row == 2
    assert sheet.cell(2, 6).value == (MONDAY_9 + timedelta(days=1, hours=8)).replace(tzinfo=None)
    assert sheet.cell(2, 11).value == 600


def test_the_statements_of_the_list_do_not_grow_with_it(client_as: Any, django_assert_num_queries: Any) -> None:
    member = buyer()
    confirmed(by=member)
    client = client_as(member)
    client.get("/my/rentals/")
    with django_assert_num_queries(6):
        client.get("/my/rentals/")
    confirmed(by=member)
    held(by=member)

    with django_assert_num_queries(6):
        client.get("/my/rentals/")


# --- One rental --------------------------------------------------------------------------------------------------


def test_a_held_rental_counts_down_and_offers_to_confirm_it(client_as: Any) -> None:
    member = buyer()
    rental = held(by=member, instrument=InstrumentFactory(lab__address_zh="天河区示例路1号"))

    page = said(client_as(member), f"/my/rentals/{rental.number}/")

    for words in ("2026-11-24 Tue 09:00–11:00 (UTC+8)", "data-countdown", "Confirm: put ¥600.00", "天河区示例路1号"):
        assert words in page
    assert "Let it go" in page


def test_a_rental_is_confirmed_on_the_monthly_account_and_tells_its_story(client_as: Any) -> None:
    member = buyer()
    rental = held(by=member)
    client = client_as(member)

    answer = client.post(f"/my/rentals/{rental.number}/confirm/", {"acting": member.pk}, follow=True)

    rental.refresh_from_db()
    page = answer.content.decode()
    assert rental.status == "confirmed"
    assert [moment.title for moment in answer.context["timeline"]] == ["Held", "Booking confirmed"]
    assert [moment.by for moment in answer.context["timeline"]] == [member.user.name] * 2
    assert "the lab expects you" in page
    assert f"/my/rentals/{rental.number}.ics" in page


def test_a_rental_that_needs_approval_is_sent_to_the_lab_first(client_as: Any) -> None:
    member = buyer()
    rental = held(by=member, instrument=InstrumentFactory(policy__requires_approval=True))
    client = client_as(member)

    before = said(client, f"/my/rentals/{rental.number}/")
    too_early = client.post(f"/my/rentals/{rental.number}/confirm/")
    client.post(f"/my/rentals/{rental.number}/submit/")

    rental.refresh_from_db()
    assert ("Send to the lab for approval" in before, "Confirm: put" in before) == (True, False)
    assert (too_early.status_code, "Send it for approval" in too_early.content.decode()) == (409, True)
    assert rental.status == "pending_approval"


def test_what_the_lab_did_is_told_as_the_labs(client_as: Any) -> None:
    instrument = InstrumentFactory(policy__requires_approval=True)
    manager = LabMembershipFactory(organisation=instrument.lab.organisation, role="lab_manager")
    member = buyer()
    rental = held(by=member, instrument=instrument)
    rentals.submit_for_approval(rental=rental, by=member, now=MONDAY_9)
    rentals.reject(rental=rental, reason="样品不符", by=manager, now=MONDAY_9)

    answer = client_as(member).get(f"/my/rentals/{rental.number}/")

    last = answer.context["timeline"][-1]
    assert (last.name, last.by, last.reason) == ("rental_rejected", instrument.lab.name_en, "样品不符")
    assert manager.user.name not in answer.content.decode()


def test_a_hold_that_ran_out_cannot_be_confirmed_and_says_so(client_as: Any, clock: Any) -> None:
    member = buyer()
    rental = held(by=member)
    clock.shift(timedelta(minutes=30))
    client = client_as(member)

    page = said(client, f"/my/rentals/{rental.number}/")
    answer = client.post(f"/my/rentals/{rental.number}/confirm/")

    assert "The hold ran out before it was confirmed" in page
    assert (answer.status_code, "has run out" in answer.content.decode()) == (409, True)


def test_an_account_that_does_not_reach_refuses_and_keeps_the_hold(client_as: Any) -> None:
    member = buyer(monthly_credit_fen=10_000)
    rental = held(by=member)

    answer = client_as(member).post(f"/my/rentals/{rental.number}/confirm/")

    rental.refresh_from_db()
    assert (answer.status_code, rental.status) == (409, "held")
    assert "exceeds what is left on the monthly account (¥100.00)" in answer.content.decode()


# --- Cancelling --------------------------------------------------------------------------------------------------


def test_the_fee_is_shown_before_cancelling(client_as: Any) -> None:
    member = buyer()
    rental = confirmed(by=member, period=hours(1, 3))

    page = said(client_as(member), f"/my/rentals/{rental.number}/cancel/")

    assert "Cancelling now costs ¥180.00" in page
    assert "Cancel it and owe ¥180.00" in page
    assert "72 h or more before the start: free of charge" in page


def test_a_rental_is_cancelled_at_the_fee_that_was_shown(client_as: Any) -> None:
    member = buyer()
    rental = confirmed(by=member, period=hours(1, 3))

    answer = client_as(member).post(f"/my/rentals/{rental.number}/cancel/", {"expected": "18000"})

    rental.refresh_from_db()
    assert (answer.status_code, rental.status, rental.fee_fen) == (302, "cancelled", 18_000)


def test_a_fee_that_rose_meanwhile_is_shown_again_before_it_is_owed(client_as: Any, clock: Any) -> None:
    member = buyer()
    rental = confirmed(by=member, period=hours(1, 3))
    clock.shift(timedelta(hours=2))

    answer = client_as(member).post(f"/my/rentals/{rental.number}/cancel/", {"expected": "18000"})

    rental.refresh_from_db()
    assert (answer.status_code, rental.status) == (409, "confirmed")
    assert "Cancelling now costs ¥300.00" in answer.content.decode()


def test_letting_a_hold_go_costs_nothing(client_as: Any) -> None:
    member = buyer()
    rental = held(by=member)
    client = client_as(member)

    assert "Cancelling now costs nothing" in said(client, f"/my/rentals/{rental.number}/cancel/")
    client.post(f"/my/rentals/{rental.number}/cancel/", {"expected": "0"})

    rental.refresh_from_db()
    assert (rental.status, rental.fee_fen) == ("cancelled", 0)


def test_what_is_over_cannot_be_cancelled_again(client_as: Any) -> None:
    member = buyer()
    rental = held(by=member)
    client = client_as(member)
    client.post(f"/my/rentals/{rental.number}/cancel/", {"expected": "0"})

    assert "can no longer be cancelled" in said(client, f"/my/rentals/{rental.number}/cancel/")
    assert client.post(f"/my/rentals/{rental.number}/cancel/", {"expected": "0"}).status_code == 409


# --- Who may -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", ["confirm", "submit", "cancel"])
def test_a_viewer_sees_a_rental_but_neither_buttons_nor_acts(client_as: Any, act: str) -> None:
    member = buyer()
    rental = held(by=member)
    client = client_as(viewer_of(member))

    page = said(client, f"/my/rentals/{rental.number}/")

    assert f"/my/rentals/{rental.number}/{act}/" not in page
    assert client.post(f"/my/rentals/{rental.number}/{act}/", {"expected": "0"}).status_code == 403
    assert Rental.objects.get().status == "held"


@pytest.mark.parametrize("act", ["", "confirm/", "submit/", "cancel/"])
def test_a_rental_of_another_organisation_is_not_there(client_as: Any, act: str) -> None:
    rental = held()
    client = client_as(buyer())
    path = f"/my/rentals/{rental.number}/{act}"

    answer = client.post(path, {"expected": "0"}) if act else client.get(path)

    assert answer.status_code == 404
    assert Rental.objects.get().status == "held"


@pytest.mark.parametrize("path", ["/my/", "/my/rentals/", "/my/rentals/R1/", "/my/rentals/R1/cancel/"])
def test_a_stranger_is_sent_to_the_log_in_and_back(client: Any, path: str) -> None:
    assert client.get(path).headers["Location"] == f"/accounts/login/?next={path}"
