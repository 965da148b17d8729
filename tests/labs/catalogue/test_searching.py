"""What the catalogue finds, and in which order."""

import pytest

from labs.catalogue.queries import search_instruments, search_offerings
from labs.models import Instrument, Offering
from tests.factories.labs import InstrumentFactory, LabFactory, ServiceFactory, StandardFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def lab():
    return LabFactory()


@pytest.fixture
def tensile(lab):
    return InstrumentFactory(
        lab=lab,
        code="TH-006",
        name_zh="电子万能试验机 100 kN",
        name_en="Universal testing machine 100 kN",
        model="示例型号 UTM-100",
        keywords="拉力机、拉伸机",
    )


@pytest.fixture
def microscope(lab):
    return InstrumentFactory(
        lab=lab, code="TH-001", name_zh="场发射扫描电子显微镜", name_en="FE-SEM with EDS", model="示例型号 SEM-5"
    )


@pytest.fixture
def caliper(lab):
    return InstrumentFactory(lab=lab, code="HP-009", name_zh="数显卡尺", name_en="Digital caliper", model="DC-150")


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("卡尺", ["HP-009"]),
        ("显微", ["TH-001"]),
        ("拉力", ["TH-006"]),
        ("试验机 100kN", ["TH-006"]),
        ("１００ ＫＮ", ["TH-006"]),
        ("kachi", ["HP-009"]),
        ("wnsyj", ["TH-006"]),
        ("sxkc", ["HP-009"]),
        ("th-006", ["TH-006"]),
        ("utm-100", ["TH-006"]),
        ("SEM", ["TH-001"]),
        ("尺", ["HP-009"]),
        ("universal machine", ["TH-006"]),
        ("卡尺 显微", []),
        ("质谱", []),
        ("%", []),
        ("_", []),
    ],
)
def test_instruments_are_found_by_all_their_words(text, codes, tensile, microscope, caliper):
    assert [found.code for found in search_instruments(Instrument.objects.all(), text)] == codes


def test_no_words_find_everything_by_the_reading_of_its_name(tensile, microscope, caliper):
    found = search_instruments(Instrument.objects.all(), "  ")

    assert list(found) == [microscope, tensile, caliper]  # chang..., dian..., shu...


@pytest.mark.parametrize("text", ["GB/T 228.1-2021", "gb/t228.1—2021", "GBT228.1", "228.1-2021"])
def test_a_standard_finds_its_services_and_the_instruments_they_use(text, tensile, microscope):
    service = ServiceFactory(lab=tensile.lab, instruments=[tensile], standards=[StandardFactory()])

    assert list(search_instruments(Instrument.objects.all(), text)) == [tensile]
    assert list(search_offerings(Offering.objects.all(), text)) == [tensile.rental_offering, service]


def test_an_instrument_is_found_by_the_name_of_a_service_that_uses_it(tensile, microscope):
    ServiceFactory(lab=tensile.lab, name_zh="织物断裂强力", instruments=[tensile])
    ServiceFactory(lab=tensile.lab, name_zh="织物断裂伸长", instruments=[microscope], state=Offering.State.DRAFT)

    assert list(search_instruments(Instrument.objects.all(), "断裂")) == [tensile]


def test_what_is_meant_exactly_comes_first_then_beginnings_then_the_rest(lab):
    longer = InstrumentFactory(lab=lab, code="T-1", name_zh="大型质谱仪", name_en="Large MS", model="A")
    begins = InstrumentFactory(lab=lab, code="T-2", name_zh="质谱仪联用装置", name_en="MS coupling", model="B")
    service = InstrumentFactory(lab=lab, code="T-3", name_zh="离子源", name_en="Ion source", model="C")
    exact = InstrumentFactory(lab=lab, code="T-4", name_zh="色谱柱", name_en="Column", model="质谱仪")
    ServiceFactory(lab=lab, name_zh="质谱仪检定", instruments=[service])

    assert list(search_instruments(Instrument.objects.all(), "质谱仪")) == [exact, begins, longer, service]


def test_a_standard_meant_exactly_comes_before_those_that_hold_its_number(lab):
    one = ServiceFactory(lab=lab, code="SV-1", name_zh="乙", standards=[StandardFactory(number="GB/T 228.1-2021")])
    two = ServiceFactory(lab=lab, code="SV-2", name_zh="甲", standards=[StandardFactory(number="GB/T 228.1-20211")])

    assert list(search_offerings(Offering.objects.all(), "GB/T 228.1-2021")) == [one, two]


def test_a_slip_of_the_keys_still_finds_what_is_written_alike(tensile, microscope):
    assert list(search_instruments(Instrument.objects.all(), "univresal testing machine")) == [tensile]
    assert list(search_instruments(Instrument.objects.all(), "qwertyuiop")) == []


def test_rentals_are_found_as_their_instruments_are(tensile, caliper):
    verification = ServiceFactory(lab=caliper.lab, kind=Offering.Kind.VERIFICATION, name_zh="卡尺检定(0–300 mm)")

    found = search_offerings(Offering.objects.all(), "卡尺")

    assert list(found) == [verification, caliper.rental_offering]
    assert [each.rank for each in found] == [2, 3]
    assert list(search_offerings(Offering.objects.all(), "拉力机")) == [tensile.rental_offering]


def test_a_renamed_instrument_is_found_by_its_new_name_only(caliper):
    caliper.name_zh = "游标卡规"
    caliper.save(update_fields=["name_zh"])

    assert list(search_instruments(Instrument.objects.all(), "卡规")) == [caliper]
    assert not search_instruments(Instrument.objects.all(), "数显").exists()
