"""Home, catalogue and lab: what is found, what a card says, how it narrows, and the list as a file."""

import io
from typing import Any

import openpyxl
import pytest
from django.test import Client

from labs.models import Accreditation
from tests.factories.accounts import DistrictFactory
from tests.factories.bookings import confirmed, hours
from tests.factories.labs import CategoryFactory, InstrumentFactory, LabFactory, ServiceFactory, StandardFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def said(client: Client, path: str, **query: Any) -> str:
    answer = client.get(path, query, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_home_counts_what_there_is_and_draws_the_labs(client: Client) -> None:
    lab = LabFactory(lat=23.15, lon=113.35)
    InstrumentFactory(lab=lab)
    InstrumentFactory(lab=lab, published=False)
    ServiceFactory(lab=lab)
    LabFactory(is_active=False, lat=23.1, lon=113.2)

    answer = client.get("/")

    assert answer.context["figures"] == {"labs": 1, "instruments": 1, "services": 1, "inspections": 0, "districts": 1}
    assert [item["lab"] for item in answer.context["dots"]] == [lab]
    assert "There is nothing to book yet" in answer.content.decode()


def test_home_of_an_empty_platform_says_so(client: Client) -> None:
    assert "No laboratory shares its instruments yet." in said(client, "/")


def test_a_card_says_when_it_is_next_free_and_what_it_costs_from(client: Client) -> None:
    night = {"name": "night", "start": "22:00", "end": "08:00", "day_types": ["workday"], "rate_bp": 5000}
    instrument = InstrumentFactory(tariff__bands=[night], policy__lead_time_min=60)
    confirmed(instrument=instrument, period=hours(-23, -20))

    found = said(client, "/catalogue/")

    assert "Universal testing machine" in found
    assert "2026-11-23 Mon 13:00 (UTC+8)" in found
    assert "¥150.00" in found
    assert "calibrated until 2028-12-31" in found


def test_a_card_tells_the_instruments_time_whoever_may_operate_it(client: Client) -> None:
    InstrumentFactory(rental_mode="self", training_required=True)

    found = said(client, "/catalogue/")

    assert "2026-11-23 Mon 09:00 (UTC+8)" in found
    assert "by oneself only with its qualification" in found


@pytest.mark.parametrize(
    "words", ["万能", "wanneng", "wnsyj", "GB/T 228.1", "gbt228.1-2021", "示例型号 UTM-9", "utm-9"]
)
def test_an_instrument_is_found_by_words_pinyin_standard_and_model(client: Client, words: str) -> None:
    instrument = InstrumentFactory(model="示例型号 UTM-9")
    InstrumentFactory(name_zh="三重四极杆质谱仪", name_en="Mass spectrometer", model="示例型号 MS-1")
    ServiceFactory(lab=instrument.lab, instruments=[instrument], standards=[StandardFactory()])

    found = said(client, "/catalogue/", q=words, kind="rental")

    assert "Universal testing machine" in found
    assert "Mass spectrometer" not in found


def test_facets_narrow_the_list_and_say_how_many_they_leave(client: Client) -> None:
    haizhu = DistrictFactory(adcode="440105", name_zh="海珠区", name_en="Haizhu")
    InstrumentFactory(name_en="Here")
    InstrumentFactory(name_en="There", lab=LabFactory(district=haizhu), category=CategoryFactory(code="0102"))
    lab = InstrumentFactory(name_en="Accredited").lab
    Accreditation.objects.create(lab=lab, kind="CNAS", number="CNAS L1", valid_from="2020-01-01", valid_to="2030-01-01")

    by_district = said(client, "/catalogue/", district="440105")
    by_category = said(client, "/catalogue/", category="0102")
    by_accreditation = said(client, "/catalogue/", accreditation="CNAS")

    assert [("There" in found, "Here" in found) for found in (by_district, by_category)] == [(True, False)] * 2
    assert ("Accredited" in by_accreditation, "Here" in by_accreditation) == (True, False)
    assert "District: Haizhu" in by_district


def test_the_filters_stay_chosen_and_each_can_be_taken_away(client: Client) -> None:
    InstrumentFactory()

    found = said(client, "/catalogue/", q="testing", district=["440106"], kind=["rental"])

    assert 'value="440106" checked' in found
    assert 'href="/catalogue/?q=testing&amp;district=440106"' in found
    assert 'href="/catalogue/?district=440106&amp;kind=rental"' in found


def test_nothing_found_says_what_to_do(client: Client) -> None:
    InstrumentFactory()

    assert "Try a shorter word" in said(client, "/catalogue/", q="zzzzzz")


def test_htmx_gets_only_what_the_filters_change(client: Client) -> None:
    InstrumentFactory()

    answer = client.get("/catalogue/", {"kind": "rental"}, headers={"HX-Request": "true"})

    assert answer.content.decode().lstrip().startswith('<div class="row" id="found">')


def test_pages_are_turned_and_a_page_that_does_not_exist_is_the_last(client: Client) -> None:
    lab = LabFactory()
    for number in range(25):
        ServiceFactory(lab=lab, name_en=f"Service {number:02d}")

    assert "Page 1 of 2" in said(client, "/catalogue/")
    assert "Page 2 of 2" in said(client, "/catalogue/", page="99")


@pytest.mark.parametrize("query", [{"kind": "banana"}, {"page": "x"}, {"district": "x" * 500}, {"q": "%'\"\\"}])
def test_nonsense_in_the_address_is_answered_kindly(client: Client, query: dict[str, str]) -> None:
    InstrumentFactory()

    assert client.get("/catalogue/", query).status_code == 200


def test_the_filtered_list_is_taken_away_as_csv(client: Client) -> None:
    instrument = InstrumentFactory(name_en="=HYPERLINK(1)")
    ServiceFactory(lab=instrument.lab)

    answer = client.get("/catalogue/", {"kind": "rental", "format": "csv"})

    lines = answer.content.decode("utf-8-sig").splitlines()
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert len(lines) == 2
    assert lines[0].startswith("Kind,Name,Code,Model")
    assert "'=HYPERLINK(1)" in lines[1]
    assert "300.0" in lines[1]


def test_the_list_is_taken_away_as_a_workbook_without_formulas(client: Client) -> None:
    InstrumentFactory(name_en="=1+1")
    ServiceFactory()

    answer = client.get("/catalogue/", {"format": "xlsx"})

    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert sheet.max_row == 3
    assert "f" not in {cell.data_type for row in sheet.iter_rows() for cell in row}
    assert "=1+1" in {row[1].value for row in sheet.iter_rows()}


def test_the_number_of_statements_does_not_grow_with_the_list(
    client: Client, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    lab = LabFactory()
    InstrumentFactory(lab=lab)
    ServiceFactory(lab=lab, standards=[StandardFactory()])
    with django_assert_max_num_queries(12) as few:
        client.get("/catalogue/")
    for _ in range(2):
        InstrumentFactory(lab=LabFactory())
        ServiceFactory(lab=LabFactory(), standards=[StandardFactory()])

    with django_assert_num_queries(len(few.captured_queries)):
        client.get("/catalogue/")


# --- Labs --------------------------------------------------------------------------------------------------------


def test_a_lab_discloses_its_hours_accreditations_instruments_and_prices(client: Client) -> None:
    lab = LabFactory(address_zh="广州市天河区示例路1号", contact_phone="020-1")
    InstrumentFactory(lab=lab)
    ServiceFactory(lab=lab, unit_price_fen=15_000)
    Accreditation.objects.create(lab=lab, kind="CMA", number="2619", valid_from="2020-01-01", valid_to="2026-01-01")

    found = said(client, f"/labs/{lab.code}/")

    for words in ("广州市天河区示例路1号", "08:30–18:00", "2619", "expired", "Universal testing machine", "¥150.00"):
        assert words in found


def test_a_lab_that_left_is_not_there(client: Client) -> None:
    lab = LabFactory(is_active=False)

    assert client.get(f"/labs/{lab.code}/").status_code == 404


def test_the_statements_of_a_labs_page_do_not_grow_with_what_it_has(
    client: Client, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    lab = LabFactory()
    InstrumentFactory(lab=lab)
    with django_assert_max_num_queries(14) as few:
        client.get(f"/labs/{lab.code}/")
    InstrumentFactory(lab=lab)
    InstrumentFactory(lab=lab)

    with django_assert_num_queries(len(few.captured_queries)):
        client.get(f"/labs/{lab.code}/")
