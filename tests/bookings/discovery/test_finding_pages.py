"""One box, its chips and its help; list, map and instruments side by side."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client, override_settings

from bookings.discovery.maps import on_the_map
from labs.models import Standard
from tests.factories.accounts import DistrictFactory
from tests.factories.labs import (
    AccreditationFactory,
    CapabilityFactory,
    CategoryFactory,
    InstrumentFactory,
    LabFactory,
    ServiceFactory,
    StandardFactory,
)
from web.maps import map_origins

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def machine() -> Any:
    """A tensile machine of 100 kN in Huangpu, used for a test by GB/T 228.1-2021."""
    huangpu = DistrictFactory(adcode="440112", name_zh="黄埔区", name_en="Huangpu", lat=23.1811, lon=113.4803)
    made = InstrumentFactory(
        code="UTM", lab=LabFactory(district=huangpu, lat=23.18, lon=113.48, code="LAB-HP"), model="示例型号 UTM-100"
    )
    CapabilityFactory(instrument=made)
    ServiceFactory(
        lab=made.lab, instruments=[made], standards=[StandardFactory()], parameter_zh="室温拉伸性能", parameter_en="Rm"
    )
    return made


def labels(client: Client, path: str) -> list[str]:
    return [chip.label for chip in client.get(path, follow=True).context["chips"]]


def guessed(answer: Any) -> list[tuple[str, str]]:
    return [(guess.words, guess.meant) for guess in answer.context["guesses"]]


def test_a_mistyped_district_and_number_are_understood_said_and_may_be_taken_back(client: Client, machine: Any) -> None:
    answer = client.get("/catalogue/", {"q": "GB/T 2281 黄浦"}, follow=True)

    assert guessed(answer) == [("GB/T 2281", "GB/T 228.1"), ("黄浦", "Huangpu")]
    assert [chip.label for chip in answer.context["chips"]] == ["Standard: GB/T 228.1", "District: Huangpu"]
    assert answer.context["total"] == 2
    assert "“黄浦” understood as Huangpu" in answer.content.decode()

    just_so = client.get(f"/catalogue/{answer.context['guesses'][1].query}", follow=True)

    assert guessed(just_so) == [("GB/T 2281", "GB/T 228.1")]
    assert [chip.label for chip in just_so.context["chips"]] == ["“黄浦”", "Standard: GB/T 228.1"]
    assert just_so.context["total"] == 0


def test_a_word_that_the_catalogue_has_is_not_taken_for_a_district(client: Client, machine: Any) -> None:
    machine.name_zh = "黄浦牌拉力机"
    machine.save()

    answer = client.get("/catalogue/?q=黄浦", follow=True)

    assert guessed(answer) == []
    assert [chip.label for chip in answer.context["chips"]] == ["“黄浦”"]


def test_a_guess_is_no_longer_told_once_its_chip_is_taken_away(client: Client, machine: Any) -> None:
    answer = client.get("/catalogue/?q=黄浦 示例", follow=True)
    without = next(chip.query for chip in answer.context["chips"] if chip.condition == "district")

    assert guessed(client.get(f"/catalogue/{without}")) == []


def test_what_an_address_claims_to_have_been_typed_is_told_only_where_it_narrows(client: Client, machine: Any) -> None:
    assert guessed(client.get("/catalogue/?typed=district:440112:x&typed=:&typed=lab:1&typed=%00")) == []


# --- One box ---------------------------------------------------------------------------------------------------------


def test_a_query_becomes_parameters_of_the_address_and_chips(client: Client, machine: Any) -> None:
    answer = client.get("/catalogue/", {"q": "GB/T 228.1 拉伸 50kN 黄埔 示例"}, follow=True)

    assert answer.redirect_chain == [
        (
            "/catalogue/?q=%E7%A4%BA%E4%BE%8B&standard=GB%2FT+228.1&parameter=%E6%8B%89%E4%BC%B8"
            "&quantity=force&value=50&unit=kN&district=440112",
            302,
        )
    ]
    assert [chip.label for chip in answer.context["chips"]] == [
        "“示例”",
        "Standard: GB/T 228.1",
        "Parameter: 拉伸",
        "force 50 kN",
        "District: Huangpu",
    ]
    assert [card.offering.instrument for card in answer.context["cards"]] == [machine]
    assert "Covers 50 kN" in answer.content.decode()


def test_each_chip_takes_away_what_it_says(client: Client, machine: Any) -> None:
    answer = client.get(
        "/catalogue/?standard=GB/T 228.1&quantity=force&value=50&unit=kN&district=440112&i=UTM&sort=price"
    )

    found = {chip.condition: chip.query for chip in answer.context["chips"]}
    assert found == {
        "standard": "?quantity=force&value=50&unit=kN&district=440112&i=UTM&sort=price",
        "capability": "?standard=GB%2FT+228.1&district=440112&i=UTM&sort=price",
        "district": "?standard=GB%2FT+228.1&quantity=force&value=50&unit=kN&i=UTM&sort=price",
    }


def test_what_was_asked_in_numbers_is_told_in_words(client: Client, machine: Any) -> None:
    query = (
        "value=50 kN&uncertainty=0.5 %25&free_from=2026-11-25T09:00&free_to=2026-11-25T12:00&minutes=120&mode=assisted"
        "&turnaround=5&price_from=10&price_to=500&accredited_on=2026-12-01&near=23.1,113.3"
    )

    assert labels(client, f"/catalogue/?{query}") == [
        "force 50 kN, uncertainty at most 0.5 %",
        "Free 2026-11-25 Wed 09:00–12:00 (UTC+8) for 2 hours",
        "The lab's operator runs it for me",
        "Report within 5 workdays",
        "Price ¥10.00 to ¥500.00",
        "Accreditation valid on 2026-12-01",
        "Near 23.1, 113.3",
    ]


def test_nothing_found_says_what_to_loosen_and_what_that_leaves(client: Client, machine: Any) -> None:
    InstrumentFactory(code="ELSE")

    answer = client.get("/catalogue/?quantity=force&value=50&unit=kN&district=440106&kind=rental")

    assert answer.context["total"] == 0
    assert [(chip.condition, chip.count) for chip in answer.context["loosened"]] == [("capability", 1), ("district", 1)]
    assert "Without force 50 kN: 1 result" in answer.content.decode()


def test_a_superseded_standard_is_said_to_be_one(client: Client, machine: Any) -> None:
    new = Standard.objects.get(number="GB/T 228.1-2021")
    StandardFactory(number="GB/T 228.1-2010", status="superseded", superseded_by=new)

    found = client.get("/catalogue/", {"q": "gb/t228.1—2010"}, follow=True).content.decode()

    assert "GB/T 228.1-2010 is superseded: GB/T 228.1-2021 takes its place." in found
    assert "superseded" not in client.get("/catalogue/?standard=GB/T 228.1-2021").content.decode()


@pytest.mark.parametrize("text", ["%", "_ %", "'\"\\", "GB/T", "50", "-", "a" * 500, "50kN 60kN", "\x00"])
def test_odd_texts_find_something_or_nothing(text: str, client: Client, machine: Any) -> None:
    assert client.get("/catalogue/", {"q": text}, follow=True).status_code == 200
    assert client.get("/catalogue/suggest/", {"q": text}).status_code == 200
    assert client.get("/catalogue/compare/", {"q": text, "i": text}).status_code == 200
    assert client.get("/catalogue/", {"i": text, "lab": text, "zone": text, "view": text}).status_code == 200
    narrowed = {"standard": text, "parameter": text, "value": text, "unit": text, "sort": text, "near": text}
    assert client.get("/catalogue/", narrowed).status_code in (200, 422)


# --- Help while typing -----------------------------------------------------------------------------------------------


def suggested(client: Client, text: str) -> dict[str, list[tuple[str, str]]]:
    groups = client.get("/catalogue/suggest/", {"q": text}).json()["groups"]
    return {group["kind"]: [(item["text"], item["url"]) for item in group["items"]] for group in groups}


def test_what_is_typed_may_be_the_beginning_of_many_things(client: Client, machine: Any) -> None:
    CategoryFactory()

    assert suggested(client, "万能")["instrument"] == [("Universal testing machine", "/instruments/UTM/")]
    assert suggested(client, "wnsyj")["instrument"] == [("Universal testing machine", "/instruments/UTM/")]
    assert suggested(client, "gbt228")["standard"] == [("GB/T 228.1-2021", "/catalogue/?standard=GB%2FT+228.1-2021")]
    found = suggested(client, "拉伸")
    assert [(text, url.startswith("/services/")) for text, url in found["service"]] == [
        ("Tensile test of metals", True)
    ]
    assert found["standard"][0][0] == "GB/T 228.1-2021"
    assert found["parameter"] == [
        ("Rm", "/catalogue/?parameter=%E5%AE%A4%E6%B8%A9%E6%8B%89%E4%BC%B8%E6%80%A7%E8%83%BD")
    ]
    assert suggested(client, "huang")["district"] == [("Huangpu", "/catalogue/?district=440112")]
    assert suggested(client, "力学")["category"] == [("Mechanical testing", "/catalogue/?category=0201")]
    assert suggested(client, "50 kN") == {"quantity": [("force 50 kN", "/catalogue/?quantity=force&value=50&unit=kN")]}
    assert suggested(client, "示例实验室")["lab"][0][1].startswith("/catalogue/?lab=LAB-")


def test_the_last_word_is_completed_and_what_stands_before_it_stays(client: Client, machine: Any) -> None:
    assert suggested(client, "50kN 黄") == {
        "district": [("Huangpu", "/catalogue/?quantity=force&value=50&unit=kN&district=440112")]
    }


def test_drafts_and_closed_labs_are_not_suggested(client: Client) -> None:
    InstrumentFactory(published=False)
    InstrumentFactory(lab=LabFactory(is_active=False))
    ServiceFactory(state="draft")

    assert suggested(client, "万能") == {}
    assert suggested(client, "金属室温") == {}


def test_help_takes_at_most_two_statements(client: Client, machine: Any, django_assert_max_num_queries: Any) -> None:
    for text in ("", "拉伸", "50kN", "GB/T 228"):
        with django_assert_max_num_queries(1):
            client.get("/catalogue/suggest/", {"q": text})
    with django_assert_max_num_queries(3):
        client.get("/catalogue/suggest/", {"q": "50kN 黄"})


# --- Map -------------------------------------------------------------------------------------------------------------


def test_the_map_says_how_much_was_found_where(client: Client, machine: Any) -> None:
    elsewhere = LabFactory(code="LAB-X", lat=None, lon=None)
    InstrumentFactory(lab=elsewhere)

    answer = client.get("/catalogue/?view=map&q=万能")

    places = {place.lab.code: (place.count, place.is_placed, place.query) for place in answer.context["places"]}
    assert places == {
        "LAB-HP": (1, True, "?q=%E4%B8%87%E8%83%BD&lab=LAB-HP"),
        "LAB-X": (1, False, "?q=%E4%B8%87%E8%83%BD&lab=LAB-X"),
    }
    found = answer.content.decode()
    assert 'data-lat="23.18" data-lon="113.48"' in found
    assert "its place is not known" in found
    assert 'data-tiles=""' in found


def test_places_are_shown_in_the_datum_of_the_tiles() -> None:
    assert on_the_map(22.543847, 113.912316) == (22.543847, 113.912316)
    with override_settings(MAP_TILES="https://tiles.example/{z}/{x}/{y}.png", MAP_DATUM="gcj02"):
        assert on_the_map(22.543847, 113.912316) == pytest.approx((22.540796131694766, 113.9171764808363))
        assert on_the_map(None, None) == (None, None)


@pytest.mark.parametrize(
    ("address", "origins"),
    [
        ("", []),
        ("https://tiles.example/{z}/{x}/{y}.png", ["https://tiles.example"]),
        ("https://{s}.tiles.example:8443/{z}/{x}/{y}.png?key=1", ["https://*.tiles.example:8443"]),
        ("/tiles/{z}/{x}/{y}.png", []),
    ],
)
def test_pictures_may_come_from_the_tiles_alone(address: str, origins: list[str]) -> None:
    assert map_origins(address) == origins


# --- Side by side ----------------------------------------------------------------------------------------------------


def test_instruments_stand_side_by_side_lined_up_by_quantity(client: Client, machine: Any) -> None:
    night = {"name": "night", "start": "22:00", "end": "08:00", "day_types": ["workday"], "rate_bp": 5000}
    other = InstrumentFactory(code="OTHER", name_en="Another machine", tariff__bands=[night], calibration=False)
    CapabilityFactory(instrument=other, stated_low=Decimal(1), stated_high=Decimal(300), unit="N", uncertainty="±1 %")
    AccreditationFactory(lab=other.lab, kind="CNAS", valid_from=date(2020, 1, 1), valid_to=date(2030, 1, 1))

    answer = client.get("/catalogue/compare/?i=OTHER&i=UTM&i=NOBODY&i=OTHER")

    side = answer.context["side"]
    assert [one.instrument.code for one in side.instruments] == ["OTHER", "UTM"]
    assert [one.without for one in side.instruments] == ["/catalogue/compare/?i=UTM", "/catalogue/compare/?i=OTHER"]
    rows = {row.name: row.cells for section in side.sections for row in section.rows}
    assert rows["force"] == (("1–300 N, ±1 %",), ("0.2–100 kN, ±0.5 %",))
    assert rows["night hours"] == (("¥150.00 · workdays 22:00–08:00",), ())
    assert rows["Calibration"] == (("Not calibrated at present",), ("Calibrated until 2028-12-31",))
    assert rows["Accreditation of the lab"][0][0].startswith("CNAS, valid until 2030-01-01")
    assert rows["Length"] == (("30 minutes to 8 hours, in steps of 30 minutes",),) * 2
    assert "2026-11-23 Mon 09:00 (UTC+8)" in answer.content.decode()


def test_at_most_four_stand_side_by_side_and_one_may_be_added(client: Client) -> None:
    for number in range(5):
        InstrumentFactory(code=f"I{number}")

    full = client.get("/catalogue/compare/?i=I0&i=I1&i=I2&i=I3&i=I4")
    adding = client.get("/catalogue/compare/?i=I0&q=万能").content.decode()
    empty = client.get("/catalogue/compare/").content.decode()

    assert [one.instrument.code for one in full.context["side"].instruments] == ["I0", "I1", "I2", "I3"]
    assert "the rest was left out" in full.content.decode()
    assert 'href="/catalogue/compare/?i=I0&amp;i=I1"' in adding
    assert "Choose instruments to compare" in empty


def test_cards_put_aside_what_is_to_be_compared(client: Client, machine: Any) -> None:
    InstrumentFactory(code="OTHER")

    found = client.get("/catalogue/?kind=rental&i=UTM").content.decode()

    assert 'href="/catalogue/?kind=rental&i=UTM&i=OTHER"'.replace("&i", "&amp;i") in found
    assert 'href="/catalogue/?kind=rental"' in found  # takes it back
    assert 'href="/catalogue/compare/?i=UTM"' in found
    assert '<input type="hidden" name="i" value="UTM">' in found


def test_the_statements_of_a_comparison_do_not_grow(
    client: Client, machine: Any, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(8) as few:
        client.get("/catalogue/compare/?i=UTM")
    for code in ("B", "C"):
        CapabilityFactory(instrument=InstrumentFactory(code=code))

    with django_assert_num_queries(len(few.captured_queries)):
        client.get("/catalogue/compare/?i=UTM&i=B&i=C")
