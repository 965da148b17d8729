"""What data sheets say becomes numbers where it honestly can, and stays text where it cannot."""

from decimal import Decimal

import pytest

from demo import labs, loading, people
from demo.capabilities import read_parameter
from demo.people import RecordWrongError
from demo.records import Record
from labs.capabilities import queries, rules
from labs.catalogue import scope
from labs.models import (
    Capability,
    Honour,
    Instrument,
    Lab,
    MeasurementStandard,
    Offering,
    Parameter,
    ScopeEntry,
    Standard,
    Zone,
)
from tests.conftest import MONDAY_9


def told(name, range_, unit="", accuracy=""):
    fields = {"name_zh": name, "range": range_, "unit": unit, "accuracy": accuracy}
    record = Record("instruments.json", "XX-001", fields, "parameters.0.")
    return read_parameter(record, Instrument(code="XX-001"), Parameter(name_zh=name))


@pytest.mark.parametrize(
    ("parameter", "quantity", "low", "high", "unit"),
    [
        (("力值", "0.2–100", "kN", "±0.5 %"), "force", "0.2", "100", "kN"),
        (("温度", "-80–300", "℃", "U=0.02 ℃ (k=2)"), "temperature", "-80", "300", "℃"),
        (("温度", "RT–1600", "℃", "±1 ℃"), "temperature", "25", "1600", "℃"),
        (("2θ", "-3–160", "°", "±0.01°"), "angle", "-3", "160", "°"),
        (("电位", "±2000", "mV", "±0.2 mV"), "voltage", "-2000", "2000", "mV"),
        (("温变速率", "≤15", "℃/min"), "temperature_rate", None, "15", "℃/min"),
        (("波数", "7800–350", "cm⁻¹"), "wavenumber", "350", "7800", "cm⁻¹"),
        (("频率", "30 MHz–18 GHz"), "frequency", "0.03", "18", "GHz"),
        (("称量", "1 mg–20 kg", "", "E2级"), "mass", "0.000001", "20", "kg"),
        (("磁场", "9.4", "T"), "magnetic_flux_density", "9.4", "9.4", "T"),
        (("波长范围", "190–950", "nm", "±1 nm"), "wavelength", "190", "950", "nm"),
        (("量程", "0.5–100", "mm"), "length", "0.5", "100", "mm"),
    ],
)
def test_a_range_of_a_known_quantity_becomes_a_capability(parameter, quantity, low, high, unit):
    row = told(*parameter)

    ends = tuple(Decimal(each) if each else None for each in (low, high))
    assert (row.quantity, row.stated_low, row.stated_high, row.unit) == (quantity, *ends, unit)


@pytest.mark.parametrize(
    "parameter",
    [
        ("分辨率", "0.8 (15 kV)", "nm"),
        ("检出限 Pb", "≤1", "ng/L"),
        ("行程", "700×1000×600", "mm"),
        ("压力", "9/12", "kPa"),
        ("元素", "O–U"),
        ("脉冲", "ISO 7637-2 1/2a/2b/3a/3b"),
        ("电源", "0–50 V/20 A"),
        ("沉降量", "1–2", "mL/(80 cm²·h)"),
        ("归一化场地衰减", "±4", "dB"),
        ("加速电压", "0.02–30", "kV"),
    ],
)
def test_what_compares_with_nothing_stays_text(parameter):
    assert told(*parameter) is None


def test_a_remark_is_kept_beside_the_numbers():
    row = told("粒径", "0.01–3500", "µm", "±1 % (D50)")

    assert (row.uncertainty, row.note, row.uncertainty_share) == ("±1 %", "D50", Decimal("0.01"))


@pytest.mark.parametrize("accuracy", ["E2级", "RSD ≤2 %", "ΔE*ab ≤0.2"])
def test_an_accuracy_that_compares_with_nothing_is_kept_as_it_is(accuracy):
    row = told("力值", "0–5", "kN", accuracy)

    assert (row.uncertainty, row.best_uncertainty_si) == (accuracy, None)


def test_an_end_that_is_no_number_is_named():
    with pytest.raises(RecordWrongError) as wrong:
        told("力值", "0.2.5–100", "kN")

    assert str(wrong.value).startswith("instruments.json, XX-001, parameters.0.range: '0.2.5' is no number")


@pytest.mark.django_db
@pytest.mark.usefixtures("clock")
def test_the_demo_is_found_by_what_it_can(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    people.load(loading.DATA)
    labs.load(loading.DATA, MONDAY_9)

    def found(**asked):
        keys = queries.instruments_for(rules.wish(**asked))
        return sorted(Instrument.objects.filter(pk__in=keys).values_list("code", flat=True))

    assert found(value="50kN") == ["HP1-007", "TH-006", "ZC-001"]
    assert found(value="50kN", uncertainty="0.5 %") == ["HP1-007", "TH-006"]
    assert found(value="0.05 mm", uncertainty="0.1 µm") == ["HP1-002"]
    assert found(value="50 mm", uncertainty="0.1 µm") == ["HP1-002", "HP1-003"]
    assert found(value="-60", value_to="140", unit="℃") == ["HP1-004", "HP2-004", "HP2-005"]
    assert found(quantity="length", value="600", unit="mm", uncertainty="4 µm") == ["HP1-001", "HP1-002"]
    assert Capability.objects.count() > 60

    service = Offering.objects.get(code="SV-TH-01")
    lab, standard = service.lab, service.standards.get()
    covering = scope.in_scope(lab=lab, standard=standard, parameter=service.parameter_zh, on=MONDAY_9.date())
    assert sorted(entry.accreditation.kind for entry in covering) == ["CMA", "CNAS"]
    replaced = Standard.objects.get(number="GB/T 228.1-2010")
    assert replaced.superseded_by == standard
    assert not scope.in_scope(lab=lab, standard=replaced, parameter=service.parameter_zh, on=MONDAY_9.date())
    assert Lab.objects.get(code="LAB-HP-01").zones.filter(code="science-city").exists()
    assert (Zone.objects.count(), Honour.objects.count(), MeasurementStandard.objects.count()) == (9, 8, 7)
    assert ScopeEntry.objects.count() > 80
    agent = Offering.objects.get(code="AG-01")
    assert (agent.form, agent.provider.code, agent.versions.count()) == ("psi", "ORG-A01", 1)
