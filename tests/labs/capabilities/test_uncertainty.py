"""What data sheets say of uncertainty is read as a straight line over the value, or stays text."""

from decimal import Decimal

import pytest

from labs.capabilities import uncertainty
from labs.capabilities.quantities import QUANTITIES
from labs.capabilities.units import unit

LENGTH, HEAT, VOLT, FORCE = ("length", "mm"), ("temperature", "℃"), ("voltage", "V"), ("force", "kN")


def read(text, measured=FORCE, **given):
    quantity, symbol = measured
    return uncertainty.read(text, quantity=QUANTITIES[quantity], unit=unit(symbol), **given)


@pytest.mark.parametrize(
    ("text", "measured", "at", "expected"),
    [
        ("±0.5 %", FORCE, "50000", "250"),
        ("0.5%", FORCE, "-50000", "250"),
        ("±0.25 kN", FORCE, "50000", "250"),
        ("250 N", FORCE, "50000", "250"),
        ("±0.25", FORCE, "50000", "250"),
        ("±1 ℃", HEAT, "293.15", "1"),
        ("±1.8 ℉", HEAT, "293.15", "1"),
        ("0.02 K", HEAT, "293.15", "0.02"),
        ("8 ppm", VOLT, "1000", "0.008"),
        ("±(0.05 % rdg + 0.02 V)", VOLT, "1000", "0.52"),
        ("0.05 % 读数 + 20 mV", VOLT, "100", "0.07"),
        ("(0.05 rdg) %", VOLT, "100", "0.05"),
        ("(0.5+L/300) µm", LENGTH, "0.3", "1.5e-6"),
        ("±(1.9+L/300) µm", LENGTH, "0.6", "3.9e-6"),
        ("E0,MPE: (1.9+3L/1000) µm", LENGTH, "1", "4.9e-6"),
        ("0.03 µm + 0.5e-6 L", LENGTH, "0.1", "8e-8"),
        ("0.03 µm+0.5×10⁻⁶L", LENGTH, "0.1", "8e-8"),
        ("0.03 µm+0.5 ppm L", LENGTH, "0.1", "8e-8"),
        ("±(15 µm + 6 µm/m)", LENGTH, "10", "75e-6"),
        ("(0.2+1.5L) µm (L in m)", LENGTH, "0.1", "3.5e-7"),
        ("(0.2+1.5L) µm,L:m", LENGTH, "0.1", "3.5e-7"),
        ("sqrt(0.3^2+(L/300)^2) µm", LENGTH, "0.12", "5e-7"),
        ("U=√(0.3²+(L/300)²) µm (k=2)", LENGTH, "0.12", "5e-7"),
        ("√[(0.3 µm)²+(4×10⁻⁶L)²]", LENGTH, "0.1", "5e-7"),
        ("√(0.3²+(4L)²) µm, L:m", LENGTH, "-0.1", "5e-7"),
        ("Q[0.3, L/300] µm", LENGTH, "0.12", "5e-7"),
        ("sqrt(3^2+4^2) N", FORCE, "100", "5"),
        ("sqrt((0.05 % rdg)^2 + (0.12 V)^2)", VOLT, "100", "0.13"),
        ("±5", ("rate", "次/min"), "1", "0.0833333333333333333"),
        ("±3 %RH", ("humidity", "%RH"), "0.5", "0.03"),
    ],
)
def test_an_expression_is_evaluated_at_a_value(text, measured, at, expected):
    """See Note [Expressions of uncertainty]."""
    line = read(text, measured).normalised

    assert abs(line.at(Decimal(at)) - Decimal(expected)) < Decimal("1e-20")


@pytest.mark.parametrize(
    ("text", "measured"),
    [
        ("0.5 %", HEAT),
        ("±3 %", ("humidity", "%RH")),
        ("±0.1 %", ("mass_fraction", "%")),
        ("0.1级", FORCE),
        ("E2级", ("mass", "kg")),
        ("U=1/3 MPE (k=2)", ("mass", "kg")),
        ("RSD ≤2 %", FORCE),
        ("ΔE*ab ≤0.2", ("wavelength", "nm")),
        ("(0.2+1.5L) µm", LENGTH),
        ("sqrt(0.2^2+(1.5L)^2) µm", LENGTH),
        ("sqrt(0.5+(L/300)^2) µm", LENGTH),
        ("sqrt(0.5^2+(1+L/300)^2) µm", LENGTH),
        ("sqrt(0.5^2) µm", LENGTH),
        ("sqrt(0.5^2+(L/300)^2", LENGTH),
        ("sqrt(sqrt(0.5^2+0.1^2)^2+0.1^2) µm", LENGTH),
        ("Q[0.5] µm", LENGTH),
        ("√(0.5²+(L/300)²) N", LENGTH),
        ("0.2 µm + 1.5L", LENGTH),
        ("(0.5+L/0) µm", LENGTH),
        ("(0.5+L/300) µm", FORCE),
        ("±2 mm", FORCE),
        ("0.05 % FS", VOLT),
        ("U=0.3 % (k=0)", FORCE),
        ("±", FORCE),
        ("", FORCE),
        ("1+1+1+1+1 kN", FORCE),
        ("__import__('os').system('true')", FORCE),
        ("9**9**9", FORCE),
        ("0.5 % of something else", FORCE),
        ("0" * 200 + " %", FORCE),
    ],
)
def test_what_compares_with_nothing_stays_text(text, measured):
    assert read(text, measured) is None


def test_a_share_of_the_scale_needs_the_end_of_the_range():
    assert read("±0.05 % FS", VOLT, full_scale=Decimal(600)).line == uncertainty.Line(Decimal("0.3"), Decimal(0))
    assert read("±0.05 % FS", VOLT) is None


@pytest.mark.parametrize(
    ("text", "given", "kind", "factor", "at_k_2"),
    [
        ("U=0.3 % (k=3)", {}, "U", 3, "0.002"),
        ("U=0.3 %, k=3", {}, "U", 3, "0.002"),
        ("0.3 % (k = 2)", {}, "U", 2, "0.003"),
        ("U95=0.3 %", {}, "U", None, "0.003"),
        ("Urel=0.3 %", {"coverage_factor": Decimal(3)}, "U", 3, "0.002"),
        ("0.3 %", {"kind": "U", "coverage_factor": Decimal(1)}, "U", 1, "0.006"),
        ("±0.3 %", {"kind": "U", "coverage_factor": Decimal(3)}, "U", 3, "0.002"),
        ("±0.3 %", {}, "MPE", None, "0.003"),
        ("MPE: ±0.3 %", {"coverage_factor": Decimal(3)}, "MPE", None, "0.003"),
        ("0.3 %", {}, "MPE", None, "0.003"),
    ],
)
def test_an_uncertainty_is_normalised_to_k_2_and_a_permissible_error_stays(text, given, kind, factor, at_k_2):
    found = read(text, **given)

    assert (found.kind, found.coverage_factor, found.normalised.share) == (kind, factor, Decimal(at_k_2))


def test_a_resolution_is_no_uncertainty():
    assert read("0.01 kN", kind="resolution") is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("50", "50"),
        ("1e-6", "1e-6"),
        ("5×10⁻³", "0.005"),
        ("1,000.5", "1000.5"),
        ("−40", "-40"),
        ("０.5", "0.5"),
        ("1,00", None),
        ("5 0 kN", None),
        ("nan", None),
        ("1e999", None),
        ("--1", None),
    ],
)
def test_numbers_are_read_as_people_write_them(text, value):
    assert uncertainty.number(text) == (Decimal(value) if value else None)
