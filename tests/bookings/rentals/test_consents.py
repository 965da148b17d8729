"""CAL-2: results that are not traceable are agreed to by a tick, which is kept."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils import translation

from bookings.models import Rental
from bookings.rentals.consents import ConsentMissing
from labs.catalogue.consents import CODES, Consent, Edition, consents_needed
from labs.catalogue.rules import InScope
from tests.factories.bookings import MONDAY_9, TUESDAY_9, buyer, held, hours
from tests.factories.labs import CalibrationRecordFactory, InstrumentFactory

TUESDAY = TUESDAY_9.date()
TICK = ("not_traceable",)
LINE = InScope(
    standards=("GB/T 228.1-2014",),
    parameters=("抗拉强度",),
    valid_from=date(2025, 1, 1),
    valid_to=None,
    accredited_from=date(2025, 1, 1),
    accredited_to=date(2026, 12, 31),
)
OLD = Edition("GB/T 228.1-2014", "superseded", "GB/T 228.1-2021")
NEW = Edition("GB/T 228.1-2021")


@pytest.mark.parametrize(
    ("asked", "codes"),
    [
        ({}, []),
        ({"is_traceable": False}, ["not_traceable"]),
        ({"standards": [NEW]}, []),
        ({"standards": [NEW], "scope": {"CMA": [LINE]}}, ["outside_scope"]),
        ({"standards": [OLD]}, ["standard_not_current"]),
        ({"standards": [OLD], "scope": {"CMA": [LINE]}}, ["standard_not_current"]),
        (
            {"standards": [OLD], "scope": {"CMA": [LINE]}, "parameter": "硬度"},
            ["outside_scope", "standard_not_current"],
        ),
        (
            {"standards": [OLD], "scope": {"CMA": [LINE]}, "on": date(2027, 1, 1)},
            ["outside_scope", "standard_not_current"],
        ),
        ({"standards": [Edition("ISO 9283:1998", "withdrawn")]}, ["standard_not_current"]),
        ({"scope": {"CMA": []}}, ["outside_scope"]),
        ({"standards": [OLD], "scope": {"CMA": [], "CNAS": [LINE]}}, ["outside_scope", "standard_not_current"]),
        ({"scope": {}}, []),
    ],
)
def test_what_must_be_agreed_to_follows_from_scope_edition_and_calibration(asked, codes):
    needed = consents_needed(**{"on": date(2026, 11, 24), "parameter": "抗拉强度", **asked})

    assert [consent.code for consent in needed] == codes
    assert set(codes) <= set(CODES)


def test_a_consent_names_the_standard_and_what_replaces_it_in_both_languages():
    (consent,) = consents_needed(standards=[OLD], on=date(2026, 11, 24))

    with translation.override("en"):
        assert consent.sentence == (
            "I ask for GB/T 228.1-2014 although GB/T 228.1-2021 has replaced it; the report says so."
        )
    with translation.override("zh-hans"):
        assert consent.sentence.startswith("我要求按 GB/T 228.1-2014")
        assert "不可溯源" in Consent("not_traceable").sentence


def uncertified(**how):
    return InstrumentFactory(requires_calibration=False, calibration=False, **how)


@pytest.mark.django_db
def test_cal_2_an_uncertified_instrument_is_refused_without_the_tick_and_keeps_it_with_it():
    instrument, member = uncertified(), buyer()

    with pytest.raises(ConsentMissing) as caught:
        held(instrument=instrument, by=member)
    rental = held(instrument=instrument, by=member, agreed=TICK)

    assert (caught.value.status, caught.value.code) == (422, "CONSENT_REQUIRED")
    assert caught.value.facts["consents"] == ["not_traceable"]
    rental.refresh_from_db()
    (kept,) = rental.consents
    assert (kept["code"], kept["by"], kept["at"]) == ("not_traceable", member.user_id, MONDAY_9.isoformat())
    assert "不可溯源" in kept["text"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("period", "codes"), [(hours(0, 2), []), (hours(24, 25), ["not_traceable"]), (hours(-48, -47), None)]
)
def test_cal_2_the_tick_is_asked_for_only_where_no_certificate_covers_the_time(period, codes):
    instrument = uncertified()
    CalibrationRecordFactory(instrument=instrument, valid_to=TUESDAY)
    if codes is None:
        return

    rental = held(instrument=instrument, period=period, agreed=TICK)

    assert [consent["code"] for consent in rental.consents] == codes


@pytest.mark.django_db
def test_an_instrument_that_must_be_calibrated_never_asks_for_it():
    assert held(agreed=TICK).consents == []


@pytest.mark.django_db
def test_a_hold_with_a_tick_asks_as_many_statements_as_one_without(django_assert_max_num_queries):
    member, instrument = buyer(), uncertified()
    held(instrument=instrument, by=member, period=hours(0, 1), agreed=TICK)

    with django_assert_max_num_queries(8):
        held(instrument=instrument, by=member, period=hours(2, 3), agreed=TICK)


@pytest.mark.django_db
def test_the_booking_card_shows_the_tick_and_the_page_prints_it(client_as, clock):
    instrument, member = uncertified(), buyer()
    client = client_as(member)
    chosen = {"date": TUESDAY.isoformat(), "start": "10:00", "minutes": "60", "mode": "assisted"}
    page = client.get(reverse("discovery:instrument", args=[instrument.code]), chosen).content.decode()
    assert 'name="consents" value="not_traceable" required' in page

    form = {**chosen, "expected": "30000", "key": "k1"}
    hold = reverse("rentals:hold", args=[instrument.code])
    refused = client.post(hold, form)
    assert (refused.status_code, Rental.objects.count()) == (422, 0)
    assert "不可溯源" in refused.content.decode()
    assert client.post(hold, {**form, "key": "k2", "consents": "not_traceable"}).status_code == 302
    rental = Rental.objects.get()
    told = client.get(reverse("rentals:rental", args=[rental.number])).content.decode()
    assert rental.consents[0]["text"] in told


@pytest.mark.django_db
def test_the_api_takes_the_codes_and_answers_which_are_missing(api_as, clock):
    instrument, member = uncertified(), buyer()
    api = api_as(member, scopes=["rentals:read", "rentals:write"])
    wish = {
        "instrument": instrument.code,
        "start": hours(0, 1).start.isoformat(),
        "end": hours(0, 1).end.isoformat(),
        "mode": "assisted",
    }

    refused = api.post("/api/v1/rentals/", wish, format="json", headers={"Idempotency-Key": "a"})
    agreed = {**wish, "consents": ["not_traceable"]}
    made = api.post("/api/v1/rentals/", agreed, format="json", headers={"Idempotency-Key": "b"})

    assert (refused.status_code, refused.json()["code"]) == (422, "CONSENT_REQUIRED")
    assert refused.json()["facts"]["consents"] == ["not_traceable"]
    assert (made.status_code, made.json()["consents"], made.json()["at_risk_since"]) == (201, ["not_traceable"], None)
