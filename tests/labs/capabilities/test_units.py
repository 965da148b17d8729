"""Units are known by many names, and numbers are carried between them without a float."""

from decimal import Decimal

import pytest

from labs.capabilities import units
from labs.capabilities.quantities import QUANTITIES
from labs.capabilities.units import is_of, quantity_named, quantity_of, unit


@pytest.mark.parametrize("quantity", QUANTITIES.values(), ids=QUANTITIES)
def test_every_usual_unit_is_one_of_its_quantity(quantity):
    assert all(is_of(unit(symbol), quantity) for symbol in (*quantity.units, quantity.si))
    assert unit(quantity.si).factor in {1, Decimal("0.01")}  # percentages are kept as shares of one


@pytest.mark.parametrize(
    ("written", "symbol"),
    [
        ("kN", "kN"),
        ("KN", "kN"),
        ("kn", "kN"),
        ("千牛", "kN"),
        ("um", "µm"),
        ("μm", "µm"),
        ("ｍｍ", "mm"),
        ("°C", "℃"),
        ("degC", "℃"),
        ("C", "℃"),
        ("摄氏度", "℃"),
        ("N.m", "N·m"),
        ("N*m", "N·m"),
        ("Nm", "N·m"),
        ("rpm", "r/min"),
        ("mpa", "MPa"),
        ("MV", "MV"),
        ("mV", "mV"),
        ("Ω", "Ω"),
        ("ohm", "Ω"),
        ("m/s2", "m/s²"),
        ("cm-1", "cm⁻¹"),
        ("1/cm", "cm⁻¹"),
        ("%rh", "%RH"),
    ],
)
def test_a_unit_is_known_by_its_other_names(written, symbol):
    assert unit(written).symbol == symbol


@pytest.mark.parametrize("written", ["", "级", "N.N", "m**9", "m^99", "exit()", "m" * 30, "1", "kN;", "λx"])
def test_what_is_no_unit_is_none(written):
    assert unit(written) is None


@pytest.mark.parametrize(
    ("value", "symbol", "si"),
    [
        ("20", "℃", "293.15"),
        ("-40", "℉", "233.15"),
        ("50", "kN", "50000"),
        ("0.05", "mm", "0.00005"),
        ("3000", "r/min", "50"),
        ("1", "kgf", "9.80665"),
        ("50", "%RH", "0.5"),
        ("1", "mg/L", "0.001"),
        ("0.1", "fA", "1e-16"),
    ],
)
def test_a_value_is_carried_to_si_exactly(value, symbol, si):
    assert unit(symbol).si(Decimal(value)) == Decimal(si)
    assert unit(symbol).of(Decimal(si)) == Decimal(value)


@pytest.mark.parametrize(
    ("difference", "symbol", "si"), [("1", "℃", "1"), ("1.8", "℉", "1"), ("2", "K", "2"), ("5", "µm", "5e-6")]
)
def test_a_difference_is_carried_without_the_offset(difference, symbol, si):
    """One degree Celsius more is one kelvin more, not 274.15."""
    assert unit(symbol).si_difference(Decimal(difference)) == Decimal(si)


@pytest.mark.parametrize(
    ("symbol", "code"),
    [
        ("kN", "force"),
        ("℃", "temperature"),
        ("nm", "length"),
        ("N·m", "torque"),
        ("J", "energy"),
        ("kg*m/s^2", "force"),
    ],
)
def test_a_unit_makes_one_think_of_a_quantity(symbol, code):
    assert quantity_of(unit(symbol)).code == code


def test_units_of_different_things_do_not_compare_though_both_are_numbers():
    assert not is_of(unit("%"), QUANTITIES["humidity"])
    assert not is_of(unit("r/min"), QUANTITIES["frequency"])
    assert not is_of(unit("rad"), QUANTITIES["mass_fraction"])


@pytest.mark.parametrize(("word", "code"), [("力值", "force"), ("force", "force"), ("温度", "temperature"), ("", None)])
def test_a_word_names_a_quantity(word, code):
    found = quantity_named(word)

    assert (found.code if found else None) == code


def test_the_registry_reckons_in_decimals():
    assert units.registry().Quantity(1, "inch").to("m").magnitude == Decimal("0.0254")
