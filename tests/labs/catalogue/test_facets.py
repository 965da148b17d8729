"""The facets of the catalogue narrow and count, for pages and programs alike."""

from datetime import date

import pytest
from django.http import QueryDict
from django.utils import translation

from labs.catalogue.filters import CatalogueFilter, InstrumentFilter
from labs.catalogue.queries import counted as counting
from labs.catalogue.queries import facets, without_each
from labs.models import Accreditation, Cluster, Honour, Instrument, Lab, Offering, Parameter, Zone
from tests.factories.accounts import DistrictFactory
from tests.factories.labs import CategoryFactory, InstrumentFactory, LabFactory, ServiceFactory, StandardFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)


@pytest.fixture
def catalogue():
    """Two labs: A in Tianhe with CMA, a tensile machine and a test; B in Panyu with a lapsed CNAS and a microscope."""
    tianhe = DistrictFactory()
    panyu = DistrictFactory(adcode="440113", name_zh="番禺区", name_en="Panyu")
    a = LabFactory(code="A", district=tianhe, lab_type=Lab.Type.TESTING_LAB, name_en="Lab A")
    b = LabFactory(code="B", district=panyu, lab_type=Lab.Type.METROLOGY_CENTRE, name_en="Lab B")
    Accreditation.objects.create(lab=a, kind="CMA", number="1", valid_from=date(2024, 1, 1), valid_to=date(2030, 1, 1))
    Accreditation.objects.create(
        lab=b, kind="CNAS", number="2", valid_from=date(2020, 1, 1), valid_to=date(2026, 11, 22)
    )
    a.zones.add(Zone.objects.create(code="gz-kc", name_zh="科学城", name_en="Science City"))
    chips = Cluster.objects.create(code="chips", name_zh="集成电路", name_en="Integrated circuits")
    a.clusters.add(chips)
    b.clusters.add(chips, Cluster.objects.create(code="cosmetics", name_zh="化妆品", name_en="Cosmetics"))
    Honour.objects.create(lab=b, kind="other", name_zh="示例荣誉", granted_on=date(2024, 1, 1))
    Honour.objects.create(
        lab=a, kind="other", name_zh="示例荣誉", granted_on=date(2020, 1, 1), valid_to=date(2026, 11, 22)
    )
    tensile = InstrumentFactory(lab=a, code="A-1", category=CategoryFactory())
    microscope = InstrumentFactory(
        lab=b,
        code="B-1",
        name_zh="扫描电子显微镜",
        name_en="SEM",
        category=CategoryFactory(code="0101", name_zh="电子光学仪器", name_en="Electron optics"),
    )
    Parameter.objects.create(instrument=microscope, position=1, name_zh="分辨率", name_en="resolution")
    ServiceFactory(
        lab=a,
        code="A-2",
        instruments=[tensile],
        standards=[StandardFactory()],
        parameter_zh="抗拉强度",
        parameter_en="Rm",
    )
    return {"tensile": tensile, "microscope": microscope}


def filtered(query, kind=CatalogueFilter):
    model = Instrument if kind is InstrumentFilter else Offering
    return kind(QueryDict(query), queryset=model.objects.published(), on=TODAY)


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("", {"RENT-A-1", "RENT-B-1", "A-2"}),
        ("kind=rental", {"RENT-A-1", "RENT-B-1"}),
        ("kind=rental&kind=testing", {"RENT-A-1", "RENT-B-1", "A-2"}),
        ("category=01", {"RENT-B-1"}),
        ("category=0201&category=0101", {"RENT-A-1", "RENT-B-1"}),
        ("district=440113", {"RENT-B-1"}),
        ("lab=A&kind=testing", {"A-2"}),
        ("lab=nowhere", set()),
        ("lab_type=metrology_centre", {"RENT-B-1"}),
        ("accreditation=CMA", {"RENT-A-1", "A-2"}),
        ("accreditation=CNAS", set()),
        ("accreditation=CNAS&accreditation=CMA", {"RENT-A-1", "A-2"}),
        ("standard=gb/t228.1", {"RENT-A-1", "A-2"}),
        ("standard=ISO 1", set()),
        ("zone=gz-kc", {"RENT-A-1", "A-2"}),
        ("cluster=cosmetics", {"RENT-B-1"}),
        ("cluster=cosmetics&cluster=chips&kind=rental", {"RENT-A-1", "RENT-B-1"}),
        ("honour=other", {"RENT-B-1"}),
        ("accredited_on=2026-11-01", {"RENT-A-1", "A-2", "RENT-B-1"}),
        ("accredited_on=2023-11-01&accreditation=CMA", set()),
        ("accredited_on=2023-11-01&accreditation=CNAS", {"RENT-B-1"}),
        ("accredited_on=yesterday&lab=B", {"RENT-B-1"}),
        ("parameter=抗拉", {"RENT-A-1", "A-2"}),
        ("parameter=分辨", {"RENT-B-1"}),
        ("parameter=拉伸", {"RENT-A-1", "A-2"}),
        ("parameter=resolution", {"RENT-B-1"}),
        ("turnaround=5", {"A-2"}),
        ("turnaround=4", set()),
        ("q=显微", {"RENT-B-1"}),
        ("q=显微&district=440106", set()),
        ("kind=nonsense", {"RENT-A-1", "RENT-B-1", "A-2"}),
    ],
)
def test_facets_narrow_and_their_values_widen(query, codes, catalogue):
    assert {found.code for found in filtered(query).qs} == codes


def test_instruments_are_filtered_by_the_same_parameters(catalogue):
    for query in ("category=02", "district=440106", "lab=A", "zone=gz-kc", "q=万能", "standard=228.1", "parameter=Rm"):
        assert list(filtered(query, InstrumentFilter).qs) == [catalogue["tensile"]], query


def counted(filterset):
    return {
        facet.name: {each.value: (each.count, each.is_chosen) for each in facet.values} for facet in facets(filterset)
    }


def test_counts_are_under_the_words_and_all_other_facets(catalogue):
    assert counted(filtered("")) == {
        "kind": {"rental": (2, False), "testing": (1, False)},
        "category": {"0101": (1, False), "0201": (1, False)},
        "district": {"440106": (2, False), "440113": (1, False)},
        "zone": {"gz-kc": (2, False)},
        "accreditation": {"CMA": (2, False)},
        "lab_type": {"testing_lab": (2, False), "metrology_centre": (1, False)},
        "lab": {"A": (2, False), "B": (1, False)},
        "cluster": {"chips": (3, False), "cosmetics": (1, False)},
        "honour": {"other": (1, False)},
    }
    assert counted(filtered("district=440106&kind=rental")) == {
        "kind": {"rental": (1, True), "testing": (1, False)},
        "category": {"0201": (1, False)},
        "district": {"440106": (1, True), "440113": (1, False)},
        "zone": {"gz-kc": (1, False)},
        "accreditation": {"CMA": (1, False)},
        "lab_type": {"testing_lab": (1, False)},
        "lab": {"A": (1, False)},
        "cluster": {"chips": (1, False)},
        "honour": {},
    }
    assert counted(filtered("q=显微&standard=228.1"))["kind"] == {}


def test_a_chosen_value_stays_in_sight_even_where_it_leaves_nothing(catalogue):
    assert counted(filtered("district=440113&accreditation=CMA"))["district"] == {
        "440106": (2, False),
        "440113": (0, True),
    }


def test_values_are_named_in_the_language_of_the_page(catalogue):
    with translation.override("en"):
        named = {facet.name: {each.value: each.label for each in facet.values} for facet in facets(filtered(""))}

    assert named["district"] == {"440106": "Tianhe", "440113": "Panyu"}
    assert named["category"]["0101"] == "Electron optics"
    assert named["lab"]["A"] == "Lab A"
    assert named["kind"]["rental"] == "rental by time"


def test_facets_take_three_statements_however_many_rows(catalogue, django_assert_num_queries):
    with django_assert_num_queries(3):
        facets(filtered("q=机&district=440106"))
    for _ in range(3):
        InstrumentFactory()
    with django_assert_num_queries(3):
        facets(filtered("q=机&district=440106"))


def test_facets_of_instruments_have_no_kinds(catalogue):
    assert list(counted(filtered("", InstrumentFilter))) == [
        "category",
        "district",
        "zone",
        "accreditation",
        "lab_type",
        "lab",
        "cluster",
        "honour",
    ]


def test_a_search_that_finds_nothing_says_what_to_loosen(catalogue, django_assert_num_queries):
    with django_assert_num_queries(4):
        left = without_each(filtered("q=显微&district=440106&kind=rental"))

    assert left == {"district": 1, "kind": 0, "q": 1}
    assert counting(filtered("district=440106")).total == 2
