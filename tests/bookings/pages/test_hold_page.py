"""Holding a time from the instrument's page: once, at the price that was seen, or told why not."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Membership
from bookings.models import Occupancy, Rental
from tests.conftest import MONDAY_9
from tests.factories.bookings import buyer, held, hours
from tests.factories.labs import InstrumentFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

HTMX = {"HX-Request": "true"}


def form(member: Membership, **changed: Any) -> dict[str, Any]:
    return {
        "acting": member.pk,
        "date": "2026-11-24",
        "start": "10:00",
        "minutes": "120",
        "mode": "assisted",
        "purpose": "拉伸试验",
        "expected": "60000",
        "key": "a-key",
        **changed,
    }


def test_a_buyer_holds_the_time_they_chose_at_the_price_they_saw(client_as: Any) -> None:
    instrument, member = InstrumentFactory(), buyer()

    answer = client_as(member).post(f"/instruments/{instrument.code}/hold/", form(member))

    rental = Rental.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/my/rentals/{rental.number}/")
    assert (rental.time, rental.status, rental.total_fen, rental.purpose, rental.organisation_id) == (
        hours(1, 3), "held", 60_000, "拉伸试验", member.organisation_id,
    )  # fmt: skip
    assert rental.held_until == MONDAY_9 + timedelta(minutes=30)


def test_htmx_is_led_to_the_rental_as_a_whole_page(client_as: Any) -> None:
    instrument, member = InstrumentFactory(), buyer()

    answer = client_as(member).post(f"/instruments/{instrument.code}/hold/", form(member), headers=HTMX)

    assert answer.headers["HX-Redirect"] == f"/my/rentals/{Rental.objects.get().number}/"


def test_a_double_click_holds_once_and_leads_to_the_same_rental(client_as: Any) -> None:
    instrument, member = InstrumentFactory(), buyer()
    client = client_as(member)

    first = client.post(f"/instruments/{instrument.code}/hold/", form(member))
    second = client.post(f"/instruments/{instrument.code}/hold/", form(member))

    assert Rental.objects.count() == 1
    assert second.headers["Location"] == first.headers["Location"]


def test_a_refused_attempt_may_be_sent_again_with_the_same_key(client_as: Any, clock: Any) -> None:
    instrument, member = InstrumentFactory(), buyer()
    held(instrument=instrument, period=hours(1, 3))
    client = client_as(member)

    refused = client.post(f"/instruments/{instrument.code}/hold/", form(member))
    clock.shift(timedelta(minutes=31))
    accepted = client.post(f"/instruments/{instrument.code}/hold/", form(member))

    assert (refused.status_code, accepted.status_code) == (409, 302)


def test_a_taken_time_answers_409_with_three_starts_and_two_comparable_instruments(client_as: Any) -> None:
    instrument, member = InstrumentFactory(), buyer()
    others = [InstrumentFactory(), InstrumentFactory(), InstrumentFactory()]
    held(instrument=instrument, period=hours(2, 4))

    answer = client_as(member).post(f"/instruments/{instrument.code}/hold/", form(member), headers=HTMX)

    said = answer.content.decode()
    assert answer.status_code == 409
    assert "is taken for part of that time" in said
    assert [said.count(f"2026-11-24 Tue {time} (UTC+8)") for time in ("13:00–15:00", "13:30–15:30", "14:00–16:00")] == [
        1, 1, 1,
    ]  # fmt: skip
    assert sum(f"/instruments/{other.code}/?" in said for other in others) == 2


def test_a_price_that_changed_meanwhile_is_shown_before_it_is_agreed_to(client_as: Any) -> None:
    instrument, member = InstrumentFactory(), buyer()

    answer = client_as(member).post(
        f"/instruments/{instrument.code}/hold/", form(member, expected="50000"), headers=HTMX
    )

    said = answer.content.decode()
    assert answer.status_code == 409
    assert "The price has changed from ¥500.00 to ¥600.00" in said
    assert 'name="expected" value="60000"' in said
    assert not Rental.objects.exists()


def test_the_reasons_of_a_refusal_come_with_the_page_without_javascript(client_as: Any) -> None:
    instrument, member = InstrumentFactory(policy__max_minutes=60), buyer()

    answer = client_as(member).post(f"/instruments/{instrument.code}/hold/", form(member))

    said = answer.content.decode()
    assert answer.status_code == 422
    assert "<!doctype html>" in said
    assert "Book at most 60 minutes." in said
    assert 'value="拉伸试验"' in said


@pytest.mark.parametrize(
    "changed", [{"date": ""}, {"start": "25:99"}, {"expected": "x"}, {"key": ""}, {"minutes": "-1"}]
)
def test_a_form_that_cannot_be_read_holds_nothing(client_as: Any, changed: dict[str, str]) -> None:
    instrument, member = InstrumentFactory(), buyer()

    answer = client_as(member).post(f"/instruments/{instrument.code}/hold/", form(member, **changed))

    assert answer.status_code == 422
    assert not Rental.objects.exists()
    assert not Occupancy.objects.exists()


def test_a_member_without_the_role_may_not_hold(client_as: Any) -> None:
    instrument, member = InstrumentFactory(), buyer()
    member.role = "viewer"
    member.save()

    assert client_as(member).post(f"/instruments/{instrument.code}/hold/", form(member)).status_code == 403
    assert not Rental.objects.exists()


def test_a_stranger_is_sent_to_the_log_in(client: Client) -> None:
    answer = client.post(f"/instruments/{InstrumentFactory().code}/hold/", {})

    assert answer.headers["Location"].startswith("/accounts/login/")


def test_an_instrument_outside_the_catalogue_cannot_be_held(client_as: Any) -> None:
    instrument, member = InstrumentFactory(published=False), buyer()

    assert client_as(member).post(f"/instruments/{instrument.code}/hold/", form(member)).status_code == 404
