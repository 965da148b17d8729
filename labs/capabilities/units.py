"""
Quantities and units, and how numbers are carried from one unit to another.

Note [Comparable numbers]
    What is stated in any unit is compared in SI base units, as decimals, never as floats. A temperature is carried as
    a point of the scale (20 °C is 293.15 K), a difference of temperatures without the offset (±1 °C is ±1 K). Units
    that are no finite decimals of one another (r/min and r/s, °F and K) leave a rest in the last digits, so a number in
    SI is kept to DIGITS significant digits: the same quantity in another unit is then the same number.
    An uncertainty is the expanded one, U with k = 2, as a straight line over the value: `fixed + share * |value|`.
"""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Context, Decimal
from functools import lru_cache
from typing import Any

from labs.capabilities.quantities import ALIASES, OWN, QUANTITIES, Quantity

DIGITS = 18
SI = Context(prec=DIGITS)
SHOWN = Context(prec=DIGITS - 4)
"""Numbers that go back to people lose the last digits, where the rest of a division stands."""
LONGEST_UNIT = 24


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as it is shown, with what carries its numbers to SI base units: `value * factor + offset`."""

    symbol: str
    factor: Decimal
    offset: Decimal
    dimension: str

    def si(self, value: Decimal) -> Decimal:
        """Return a value of this unit in SI base units; a temperature as a point of the scale."""
        return SI.plus(value * self.factor + self.offset)

    def si_difference(self, difference: Decimal) -> Decimal:
        """Return a difference of values, such as an uncertainty, in SI base units."""
        return SI.plus(difference * self.factor)

    def of(self, si: Decimal) -> Decimal:
        """Return a value in SI base units in this unit, as people would write it."""
        return SHOWN.plus((si - self.offset) / self.factor)

    def of_difference(self, si: Decimal) -> Decimal:
        """Return a difference in SI base units in this unit, as people would write it."""
        return SHOWN.plus(si / self.factor)


PINT = {"℃": "degC", "℉": "degF", "°": "degree", "″": "arcsecond", "′": "arcminute", "Ω": "ohm"}
SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
POWER = re.compile(r"(?<=[A-Za-zµ])([23])(?![0-9])")
RAISED = re.compile(r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]+")
EXPRESSION = re.compile(r"[A-Za-zµΩ]+(?:\^-?[1-9])?(?:[/*][A-Za-zµΩ]+(?:\^-?[1-9])?){0,3}")


def plain(text: str) -> str:
    """Return numbers and units in one way of writing: powers as `^2`, no full width, one kind of each sign."""
    raised = RAISED.sub(lambda found: "^" + found[0].translate(SUPERSCRIPTS), text)
    folded = unicodedata.normalize("NFKC", raised)
    for signs, sign in (("‐‑‒–—―−－﹣", "-"), ("～〜∼", "~"), ("⋅∙•・", "·"), ("μ", "µ"), ("Ω", "Ω"), ("×✕", "×")):
        for each in signs:
            folded = folded.replace(each, sign)
    return folded.replace("℃", "°C").replace("℉", "°F").strip()


def _written(symbol: str) -> str:
    return POWER.sub(r"^\1", plain(symbol).replace(" ", "").replace("·", "*"))


@lru_cache(maxsize=1)
def registry() -> Any:
    """Return the units pint knows, in decimals; a second and a half the first time, so servers ask for it early."""
    from pint import UnitRegistry  # a second to import: only whoever compares units pays it

    return UnitRegistry(non_int_type=Decimal)


@lru_cache(maxsize=1)
def _known() -> dict[str, str]:
    """Usual units and their other names, by the way they are written."""
    found = {_written(alias): symbol for alias, symbol in ALIASES.items()}
    found |= {_written(symbol): symbol for quantity in QUANTITIES.values() for symbol in quantity.units}
    return found


@lru_cache(maxsize=1)
def _careless() -> dict[str, str]:
    """Usual units by lower-case letters, where no two differ in their case alone, the earlier quantity first."""
    found: dict[str, str] = {}
    for symbol in (each for quantity in QUANTITIES.values() for each in quantity.units):
        found.setdefault(_written(symbol).lower().replace("µ", "u"), symbol)
    return found


@lru_cache(maxsize=1024)
def unit(text: str) -> Unit | None:
    """
    Return a unit by its name, or None: `kN`, `µm`, `um`, `℃`, `r/min`, `毫米`, `N*m`.

    Wrong case is forgiven where no other unit of the same quantity is meant by it: `kn` and `mpa` are kN and MPa, while
    `MV` stays the megavolt.
    """
    written = _written(text)
    if not written or len(written) > LONGEST_UNIT:
        return None
    if known := _known().get(written) or _known().get(written.replace("u", "µ", 1)):
        return _made(known)
    exact = _made(written)
    careless = _careless().get(written.lower().replace("µ", "u")) if len(written) > 1 else None
    meant = _made(careless) if careless else None
    return meant if meant and (exact is None or exact.dimension != meant.dimension) else exact


def _made(symbol: str) -> Unit | None:
    if symbol in OWN:
        factor, dimension = OWN[symbol]
        return Unit(symbol, Decimal(factor), Decimal(0), dimension)
    expression = _written(symbol)
    for sign, name in PINT.items():
        expression = expression.replace(_written(sign), name)
    if not EXPRESSION.fullmatch(expression):
        return None
    from pint.errors import PintError

    known = registry()
    try:
        alone = known.Unit(expression.replace("^", "**"))
        one, zero = (known.Quantity(Decimal(value), alone).to_base_units() for value in (1, 0))
    except (PintError, AssertionError, ValueError, TypeError):
        return None
    dimension = "angle" if expression.endswith(("degree", "arcminute", "arcsecond", "rad")) else _dimension(one)
    return Unit(symbol, one.magnitude - zero.magnitude, zero.magnitude, dimension) if dimension else None


def _dimension(quantity: Any) -> str:
    return " ".join(f"{name}{int(power)}" for name, power in sorted(quantity.dimensionality.items()) if power)


def is_of(one: Unit, quantity: Quantity) -> bool:
    """Whether a unit is one of a quantity."""
    its = unit(quantity.si)
    return its is not None and its.dimension == one.dimension


def quantity_of(one: Unit) -> Quantity | None:
    """Return the quantity that a unit makes one think of: kN is force, ℃ temperature, nm length."""
    listed = [each for each in QUANTITIES.values() if one.symbol in each.units]
    return next(iter(listed or [each for each in QUANTITIES.values() if is_of(one, each)]), None)


@lru_cache(maxsize=512)
def quantity_named(word: str) -> Quantity | None:
    """Return the quantity that a word or a code names, or None: 力值, force, 温度."""
    wanted = word.strip().lower()
    for each in QUANTITIES.values():
        if wanted in {each.code, each.name_zh, each.name_en, *(other.lower() for other in each.words)}:
            return each
    return None
