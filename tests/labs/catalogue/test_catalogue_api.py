"""The catalogue for programs: who sees what, filtered, in pages, in a constant number of statements."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from labs.models import Accreditation, Instrument, Offering, Parameter
from tests.factories.accounts import LabMembershipFactory
from tests.factories.labs import InstrumentFactory, LabFactory, ServiceFactory, StandardFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def codes(answer):
    assert answer.status_code == 200, answer.content
    return [row["code"] for row in answer.json()["results"]]


def test_anyone_finds_published_instruments(api_as):
    lab = LabFactory(code="LAB-A", name_zh="示例实验室", name_en="Example Lab")
    InstrumentFactory(code="A-1", lab=lab, model="UTM-1")
    InstrumentFactory(code="A-2", lab=lab, published=False)
    InstrumentFactory(code="A-3", lab=lab, status=Instrument.Status.RETIRED)
    InstrumentFactory(code="B-1", lab=LabFactory(is_active=False))

    answer = api_as().get("/api/v1/instruments/")

    assert answer.json() == {
        "count": 1,
        "next": None,
        "previous": None,
        "count_is_at_most": False,
        "order_is_partial": False,
        "results": [
            {
                "code": "A-1",
                "name_zh": "电子万能试验机",
                "name_en": "Universal testing machine",
                "model": "UTM-1",
                "category": {"code": "0201", "name_zh": "力学性能测试仪器", "name_en": "Mechanical testing"},
                "lab": {
                    "code": "LAB-A",
                    "name_zh": "示例实验室",
                    "name_en": "Example Lab",
                    "lab_type": "testing_lab",
                    "district": {"adcode": "440106", "name_zh": "天河区", "name_en": "Tianhe"},
                },
                "status": "available",
                "is_bookable": True,
                "expected_back_at": None,
                "rental_mode": "both",
                "training_required": False,
                "capacity": 1,
                "capacity_unit_zh": "台",
                "fits": None,
                "offered": None,
            }
        ],
    }


def test_the_labs_own_people_see_their_drafts(api_as):
    member = LabMembershipFactory()
    InstrumentFactory(code="A-1", lab=LabFactory(organisation=member.organisation), published=False)

    assert codes(api_as(member).get("/api/v1/instruments/")) == ["A-1"]
    assert codes(api_as(LabMembershipFactory()).get("/api/v1/instruments/")) == []
    assert api_as().get("/api/v1/instruments/A-1/").status_code == 404


def test_one_instrument_tells_what_it_measures_and_is_used_for(api_as):
    instrument = InstrumentFactory(code="A-1")
    Parameter.objects.create(instrument=instrument, position=0, name_zh="力值", range="0.2–100", unit="kN")
    ServiceFactory(lab=instrument.lab, code="SV-1", instruments=[instrument])
    ServiceFactory(lab=instrument.lab, code="SV-2", instruments=[instrument], state=Offering.State.DRAFT)

    answer = api_as().get("/api/v1/instruments/A-1/").json()

    assert answer["parameters"] == [{"name_zh": "力值", "range": "0.2–100", "unit": "kN", "accuracy": ""}]
    assert [service["code"] for service in answer["services"]] == ["SV-1"]


def test_programs_search_and_filter_as_pages_do(api_as):
    tensile = InstrumentFactory(code="A-1", keywords="拉力机")
    InstrumentFactory(code="B-1", name_zh="扫描电子显微镜", name_en="SEM")
    Accreditation.objects.create(
        lab=tensile.lab, kind="CMA", number="1", valid_from=date(2024, 1, 1), valid_to=date(2026, 11, 23)
    )
    ServiceFactory(lab=tensile.lab, code="SV-1", instruments=[tensile], standards=[StandardFactory()])

    for query in ("q=拉力", "q=gb/t228.1—2021", "accreditation=CMA", f"lab={tensile.lab.code}", "standard=228.1"):
        assert codes(api_as().get(f"/api/v1/instruments/?{query}")) == ["A-1"], query
    assert codes(api_as().get("/api/v1/services/?q=228.1&kind=testing")) == ["SV-1"]
    assert codes(api_as().get("/api/v1/services/?kind=calibration")) == []
    assert codes(api_as().get("/api/v1/labs/?accreditation=CMA")) == [tensile.lab.code]
    assert codes(api_as().get("/api/v1/labs/?district=440113")) == []


def test_a_filter_that_is_none_is_a_problem_that_names_it(api_as):
    answer = api_as().get("/api/v1/services/?kind=nonsense")

    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert [error["field"] for error in answer.json()["errors"]] == ["kind"]


def test_one_service_tells_its_terms(api_as):
    instrument = InstrumentFactory(code="A-1")
    ServiceFactory(lab=instrument.lab, code="SV-1", instruments=[instrument], standards=[StandardFactory()])

    answer = api_as().get("/api/v1/services/SV-1/").json()

    assert (answer["unit_price_fen"], answer["instruments"]) == (15_000, ["A-1"])
    assert [standard["number"] for standard in answer["standards"]] == ["GB/T 228.1-2021"]
    assert api_as().get(f"/api/v1/services/{instrument.rental_offering.code}/").status_code == 404


def test_pages_stay_put(api_as):
    made = [InstrumentFactory(code=f"A-{number}").code for number in range(5)]

    pages = [codes(api_as().get(f"/api/v1/instruments/?page={page}&page_size=2")) for page in (1, 2, 3)]

    assert pages == [made[:2], made[2:4], made[4:]]


@pytest.mark.parametrize("path", ["instruments/", "services/", "labs/", "instruments/?q=试验", "services/?q=拉伸"])
def test_lists_take_as_many_statements_for_three_rows_as_for_one(api_as, path):
    def row():
        instrument = InstrumentFactory()
        ServiceFactory(lab=instrument.lab, instruments=[instrument], standards=[StandardFactory()])
        Accreditation.objects.create(
            lab=instrument.lab, kind="CMA", number="1", valid_from=date(2024, 1, 1), valid_to=date(2030, 1, 1)
        )

    counts = []
    for more in (1, 2):
        for _ in range(more):
            row()
        with CaptureQueriesContext(connection) as captured:
            answer = api_as().get(f"/api/v1/{path}")
        counts.append((len(captured), answer.json()["count"]))

    assert counts == [(counts[0][0], 1), (counts[0][0], 3)]
    assert counts[0][0] <= 4
