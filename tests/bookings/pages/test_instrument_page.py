"""The page of an instrument: what it says, its week as pieces, and the price of a time while choosing it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests.conftest import MONDAY_9
from tests.factories.bookings import buyer, confirmed, held, hours
from tests.factories.labs import (
    ALWAYS,
    InstrumentFactory,
    LabFactory,
    OutageFactory,
    ServiceFactory,
    UserQualificationFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

HTMX = {"HX-Request": "true"}
TUESDAY = {"date": "2026-11-24", "start": "10:00", "minutes": "120", "mode": "assisted"}
NIGHT = {
    "name": "night",
    "name_zh": "夜间优惠",
    "start": "22:00",
    "end": "08:00",
    "day_types": ["workday", "restday", "holiday"],
    "rate_bp": 5000,
}


def test_a_stranger_reads_what_an_instrument_is_and_costs(client: Client) -> None:
    instrument = InstrumentFactory(tariff__bands=[NIGHT], policy__lead_time_min=1440)
    ServiceFactory(lab=instrument.lab, instruments=[instrument])

    said = client.get(f"/instruments/{instrument.code}/").content.decode()

    assert "Calibrated, valid until 2028-12-31" in said
    assert "night hours: every day 22:00–08:00" in said
    assert "At least 24 hours ahead, at most 60 days ahead" in said
    assert "72 h or more before the start: free of charge" in said
    assert "Tensile test of metals" in said
    assert "Choose a start: the price appears here" in said


def test_an_instrument_outside_the_catalogue_is_not_there(client: Client) -> None:
    instrument = InstrumentFactory(published=False)

    assert client.get(f"/instruments/{instrument.code}/").status_code == 404
    assert client.get(f"/instruments/{instrument.code}/week/").status_code == 404
    assert client.get(f"/instruments/{instrument.code}/price/", headers=HTMX).status_code == 404


def test_an_instrument_without_a_price_list_says_whom_to_ask(client: Client) -> None:
    instrument = InstrumentFactory(tariff=False, lab__contact_phone="020-5555")

    said = client.get(f"/instruments/{instrument.code}/").content.decode()

    assert "This instrument cannot be booked online" in said
    assert "020-5555" in said
    assert client.get(f"/instruments/{instrument.code}/week/").json()["pieces"] == []


def test_choosing_a_time_shows_its_price_line_by_line(client: Client) -> None:
    instrument = InstrumentFactory(tariff__setup_fee_fen=15_000, tariff__operator_fee_fen_per_hour=12_000)

    answer = client.get(f"/instruments/{instrument.code}/price/", TUESDAY, headers=HTMX)

    said = answer.content.decode()
    assert said.lstrip().startswith('<div id="offer"')
    for words in ("2 hours × ¥300.00/h", "¥600.00", "Set-up", "¥150.00", "2 hours × ¥120.00/h", "¥240.00", "¥990.00"):
        assert words in said
    assert answer.headers["HX-Replace-Url"] == (
        f"/instruments/{instrument.code}/?date=2026-11-24&start=10%3A00&minutes=120&mode=assisted"
    )


def test_without_javascript_the_page_itself_shows_the_price(client: Client) -> None:
    instrument = InstrumentFactory()

    answer = client.get(f"/instruments/{instrument.code}/price/", TUESDAY)
    said = client.get(answer.headers["Location"]).content.decode()

    assert answer.headers["Location"].startswith(f"/instruments/{instrument.code}/?date=2026-11-24")
    assert "<!doctype html>" in said
    assert "¥600.00" in said


def test_a_small_enterprise_sees_its_own_price(client_as: Any) -> None:
    instrument = InstrumentFactory(tariff__sme_discount_bp=1_000)

    member = client_as(buyer()).get(f"/instruments/{instrument.code}/price/", TUESDAY, headers=HTMX)
    large = client_as(buyer(size="large")).get(f"/instruments/{instrument.code}/price/", TUESDAY, headers=HTMX)

    assert "¥540.00" in member.content.decode()
    assert "¥540.00" not in large.content.decode()


def test_a_taken_time_says_so_and_offers_what_else_is_free(client: Client) -> None:
    instrument = InstrumentFactory()
    other = InstrumentFactory(name_en="Another testing machine")
    held(instrument=instrument, period=hours(1, 3))

    said = client.get(f"/instruments/{instrument.code}/price/", TUESDAY, headers=HTMX).content.decode()

    assert "is taken for part of that time" in said
    assert said.count("data-date=") >= 3
    assert "2026-11-24 Tue 12:00–14:00 (UTC+8)" in said
    assert f"/instruments/{other.code}/?date=2026-11-24&amp;start=10%3A00" in said
    assert 'id="hold"' not in said


def test_every_reason_against_a_time_is_told_at_once(client: Client) -> None:
    instrument = InstrumentFactory(policy__min_minutes=60)
    saturday = {**TUESDAY, "date": "2026-11-28", "start": "10:10", "minutes": "30"}

    said = client.get(f"/instruments/{instrument.code}/price/", saturday, headers=HTMX).content.decode()

    assert "multiples of 30 minutes" in said
    assert "Book at least 60 minutes" in said
    assert "closed on 2026-11-28" in said


@pytest.mark.parametrize(
    "nonsense",
    [
        {"date": "yesterday", "start": "10:00", "minutes": "60", "mode": "assisted"},
        {"date": "2026-11-24", "start": "25:00", "minutes": "60", "mode": "assisted"},
        {"date": "2026-11-24", "start": "10:00", "minutes": "99999999999", "mode": "assisted"},
        {"date": "2026-11-24", "start": "10:00", "minutes": "60", "mode": "levitated"},
        {"date": "0001-01-01", "start": "00:00", "minutes": "1", "mode": "self"},
        {"date": "9999-12-31", "start": "10:00", "minutes": "60", "mode": "assisted"},
    ],
)
def test_nonsense_is_answered_kindly(client: Client, nonsense: dict[str, str]) -> None:
    instrument = InstrumentFactory()

    answer = client.get(f"/instruments/{instrument.code}/", nonsense)

    assert answer.status_code == 200
    assert 'id="hold"' not in answer.content.decode()


@pytest.mark.parametrize("night", ["2027-03-28", "2026-10-25"])
def test_a_clock_that_is_skipped_or_shown_twice_is_asked_again_never_guessed(client: Client, night: str) -> None:
    instrument = InstrumentFactory(lab__timezone="Europe/Berlin")
    said = client.get(
        f"/instruments/{instrument.code}/price/", {**TUESDAY, "date": night, "start": "02:30"}, headers=HTMX
    ).content.decode()

    assert "does not show this time exactly once" in said
    assert 'id="hold"' not in said


def test_a_stranger_is_led_to_the_log_in_and_back_to_the_time_they_chose(client: Client) -> None:
    instrument = InstrumentFactory()

    said = client.get(f"/instruments/{instrument.code}/", TUESDAY).content.decode()

    assert "Sign in to book" in said
    assert f"next=%2Finstruments%2F{instrument.code}%2F%3Fdate%3D2026-11-24%26start%3D10%253A00" in said


def test_a_member_without_the_role_looks_but_is_offered_no_button(client_as: Any) -> None:
    instrument = InstrumentFactory()
    viewer = buyer()
    viewer.role = "viewer"
    viewer.save()

    said = client_as(viewer).get(f"/instruments/{instrument.code}/", TUESDAY).content.decode()

    assert "you may look but not book" in said
    assert 'id="hold"' not in said


def test_who_lacks_the_qualification_is_told_so_instead_of_that_nothing_is_free(client_as: Any) -> None:
    instrument = InstrumentFactory(training_required=True)
    member = buyer()
    alone = {"date": "2026-11-24", "minutes": "60", "mode": "self"}

    before = client_as(member).get(f"/instruments/{instrument.code}/", alone).content.decode()
    UserQualificationFactory(user=member.user, instrument=instrument)
    after = client_as(member).get(f"/instruments/{instrument.code}/", alone).content.decode()

    assert "you need its qualification" in before
    assert "you need its qualification" not in after
    assert 'data-start="08:30"' in after


def test_free_starts_of_a_day_are_offered_as_links_that_work_by_themselves(client: Client) -> None:
    instrument = InstrumentFactory()
    confirmed(instrument=instrument, period=hours(0, 8))

    said = client.get(f"/instruments/{instrument.code}/", {"date": "2026-11-24", "minutes": "60"}).content.decode()

    assert [said.count(f'data-start="{clock}"') for clock in ("08:30", "09:00", "16:30", "17:00", "17:30")] == [
        0, 0, 0, 1, 0,
    ]  # fmt: skip


# --- The week ----------------------------------------------------------------------------------------------------


def week_of(client: Client, code: str, **query: Any) -> list[dict[str, str]]:
    answer = client.get(f"/instruments/{code}/week/", {"from": "2026-11-23", **query})
    pieces: list[dict[str, str]] = answer.json()["pieces"]
    return pieces


def on(pieces: list[dict[str, str]], day: str) -> list[tuple[str, str, str, str]]:
    return [
        (piece["start"][11:16], piece["end"][11:16], piece["kind"], piece["reason"])
        for piece in pieces
        if piece["start"].startswith(day)
    ]


def test_every_minute_of_the_week_is_free_taken_or_closed_for_a_reason(client: Client) -> None:
    instrument = InstrumentFactory(policy__lead_time_min=120)
    confirmed(instrument=instrument, period=hours(1, 3))
    OutageFactory(instrument=instrument, period=(hours(50, 51).start, hours(50, 51).end))

    pieces = week_of(client, instrument.code)

    assert on(pieces, "2026-11-23") == [
        ("00:00", "08:30", "closed", "Opens at 08:30"),
        ("08:30", "09:00", "past", "Past"),
        ("09:00", "11:00", "too_soon", "Needs 2 hours notice"),
        ("11:00", "18:00", "free", "Free"),
        ("18:00", "00:00", "closed", "Closed from 18:00"),
    ]
    assert on(pieces, "2026-11-24")[1:4] == [
        ("08:30", "10:00", "free", "Free"),
        ("10:00", "12:00", "busy", "Taken"),
        ("12:00", "18:00", "free", "Free"),
    ]
    assert ("11:00", "12:00", "maintenance", "Maintenance: New grips") in on(pieces, "2026-11-26")
    assert on(pieces, "2026-11-28") == [("00:00", "00:00", "closed", "Closed at weekends")]
    assert all(piece["reason"] for piece in pieces)
    assert [piece["end"] for piece in pieces[:-1]] == [piece["start"] for piece in pieces[1:]]


def test_buffers_of_a_booking_are_taken_too(client: Client) -> None:
    instrument = InstrumentFactory(policy__pre_buffer_min=30, policy__post_buffer_min=15)
    confirmed(instrument=instrument, period=hours(1, 3))

    assert ("09:30", "12:15", "busy", "Taken") in on(week_of(client, instrument.code), "2026-11-24")


def test_a_lapsed_hold_is_free_though_no_job_has_run(client: Client, clock: Any) -> None:
    instrument = InstrumentFactory()
    held(instrument=instrument, period=hours(1, 3))

    clock.shift(timedelta(minutes=31))

    assert "busy" not in {piece["kind"] for piece in week_of(client, instrument.code)}


def test_time_beyond_the_horizon_says_until_when_one_may_book(client: Client) -> None:
    instrument = InstrumentFactory(policy__advance_days=2)

    assert on(week_of(client, instrument.code), "2026-11-26")[1] == (
        "08:30", "18:00", "too_far", "Bookings are open until 2026-11-25",
    )  # fmt: skip


def test_an_uncalibrated_instrument_is_never_free(client: Client) -> None:
    instrument = InstrumentFactory(calibration__valid_to=MONDAY_9.date())

    pieces = week_of(client, instrument.code)

    assert ("00:00", "00:00", "uncalibrated", "Calibration ended on 2026-11-23") in [
        (piece["start"][11:16], piece["end"][11:16], piece["kind"], piece["reason"]) for piece in pieces
    ]
    assert not [piece for piece in pieces if piece["kind"] == "free" and piece["start"] >= "2026-11-24"]


def test_a_run_through_the_night_is_shown_over_the_closed_hours(client: Client) -> None:
    instrument = InstrumentFactory(span_closed=True, policy__max_minutes=2_880)
    confirmed(instrument=instrument, period=hours(0, 24))

    pieces = week_of(client, instrument.code)

    assert ("2026-11-24T09:00:00", "2026-11-25T09:00:00", "busy") in [
        (piece["start"], piece["end"], piece["kind"]) for piece in pieces
    ]


def test_a_lab_that_never_closes_is_free_around_the_clock(client: Client) -> None:
    instrument = InstrumentFactory(lab=LabFactory(weekly=ALWAYS))

    pieces = week_of(client, instrument.code, days="2")

    assert [(piece["start"], piece["end"], piece["kind"]) for piece in pieces] == [
        ("2026-11-23T00:00:00", "2026-11-23T09:00:00", "past"),
        ("2026-11-23T09:00:00", "2026-11-25T00:00:00", "free"),
    ]


@pytest.mark.parametrize("query", [{"from": "x", "days": "y"}, {"days": "-1"}, {"days": "999"}, {"from": ""}])
def test_a_week_of_nonsense_is_this_week_and_never_endless(client: Client, query: dict[str, str]) -> None:
    answer = client.get(f"/instruments/{InstrumentFactory().code}/week/", query).json()

    assert answer["from"] == "2026-11-23"
    assert 1 <= answer["days"] <= 31


def test_the_number_of_statements_of_the_page_does_not_grow(
    client: Client, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    instrument = InstrumentFactory()
    with django_assert_max_num_queries(17) as few:
        client.get(f"/instruments/{instrument.code}/", TUESDAY)
    for _ in range(3):
        other = InstrumentFactory()
        ServiceFactory(lab=instrument.lab, instruments=[instrument, other])
    held(instrument=instrument, period=hours(4, 5))

    with django_assert_num_queries(len(few.captured_queries)):
        client.get(f"/instruments/{instrument.code}/", TUESDAY)
