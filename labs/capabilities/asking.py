"""What is asked for: read from a form's fields or from a few words, in numbers that compare."""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from django.utils.translation import gettext_lazy as _

from kernel.refusals import Refusal
from labs.capabilities import uncertainty as uncertainties
from labs.capabilities.quantities import QUANTITIES, Quantity
from labs.capabilities.uncertainty import EXPANDED, Line
from labs.capabilities.units import Unit, is_of, plain, quantity_named, quantity_of, unit

# --- Refusals --------------------------------------------------------------------------------------------------------


class QuantityUnknown(Refusal):
    code = "quantity_unknown"
    message = _("There is no quantity “{quantity}” to compare. Please choose one of the list.")
    status = 422
    field = "quantity"


class UnitUnknown(Refusal):
    code = "unit_unknown"
    message = _("The unit “{unit}” is not known here. Usual ones are {usual}.")
    status = 422
    field = "unit"


class UnitOfAnotherQuantity(Refusal):
    code = "unit_of_another_quantity"
    message = _("“{unit}” is no unit of {quantity}. Usual ones are {usual}.")
    status = 422
    field = "unit"


class ValueUnreadable(Refusal):
    code = "value_unreadable"
    message = _("“{value}” is no number. Write it like 50, 0.05 or 5e-6.")
    status = 422
    field = "value"


class RangeUpsideDown(Refusal):
    code = "range_upside_down"
    message = _("The range ends below its beginning.")
    status = 422
    field = "value_to"


class UncertaintyUnreadable(Refusal):
    code = "uncertainty_unreadable"
    message = _("“{uncertainty}” cannot be compared. Write it like 0.5 %, 1 ℃, 5 ppm or (0.5+L/300) µm.")
    status = 422
    field = "uncertainty"


# --- What is asked ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wish:
    """
    A quantity to be measured from `low` to `high` (SI base units; equal for a single value), as surely as needed.

    `unit` is the unit it was asked in, in which it is told; `uncertainty` is the largest that will do, at k = 2, in SI.
    """

    quantity: str
    low: Decimal
    high: Decimal
    unit: str
    uncertainty: Line | None = None

    @property
    def its_unit(self) -> Unit:
        """The unit it was asked in."""
        return known_unit(self.unit)

    @property
    def near_and_far(self) -> tuple[Decimal, Decimal]:
        """The smallest and the largest magnitude that is asked for."""
        ends = sorted((abs(self.low), abs(self.high)))
        return (Decimal(0) if self.low < 0 < self.high else ends[0]), ends[1]


def known_unit(text: str) -> Unit:
    """Return a unit that is known to be one."""
    found = unit(text)
    if found is None:
        raise ValueError(f"{text} is no unit")
    return found


def wish(
    *,
    quantity: str = "",
    value: str | Decimal | None = None,
    value_to: str | Decimal | None = None,
    unit: str = "",
    uncertainty: str = "",
) -> Wish:
    """
    Return what is asked for, in numbers that compare. Without a quantity it is the one the unit makes one think of.

    A single value may be given as either end; a value may carry its unit itself (`50 kN`). The uncertainty is taken at
    k = 2 unless it says otherwise (`0.3 µm (k=3)`).

    Raises:
        QuantityUnknown, UnitUnknown, UnitOfAnotherQuantity, ValueUnreadable, RangeUpsideDown, UncertaintyUnreadable:
            each names its `field`.
    """
    low_text, high_text = (str(each).strip() if each is not None else "" for each in (value, value_to))
    whole = understood("~".join(each for each in (low_text, high_text) if each)) if not unit else None
    its_quantity, its_unit = measured(quantity or (whole.quantity if whole else ""), whole.unit if whole else unit)
    if whole:
        first, last = whole.low, whole.high
    else:
        numbers = [_value(each) for each in (low_text, high_text) if each]
        if not numbers:
            raise ValueUnreadable(value="")
        first, last = its_unit.si(numbers[0]), its_unit.si(numbers[-1])
    if first > last:
        raise RangeUpsideDown
    line = _asked(uncertainty, its_quantity, its_unit) if uncertainty.strip() else None
    return Wish(its_quantity.code, first, last, its_unit.symbol, line)


def measured(quantity: str, its_unit: str) -> tuple[Quantity, Unit]:
    found = QUANTITIES.get(quantity) or (quantity_named(quantity) if quantity else None)
    if quantity and found is None:
        raise QuantityUnknown(quantity=quantity)
    usual = ", ".join(found.units[:5]) if found else "mm, kN, ℃, V, Hz"
    found_unit = unit(its_unit) if its_unit else unit(found.usual) if found else None
    if found_unit is None:
        raise UnitUnknown(unit=its_unit, usual=usual)
    found = found or quantity_of(found_unit)
    if found is None:
        raise UnitUnknown(unit=its_unit, usual=usual)
    if not is_of(found_unit, found):
        raise UnitOfAnotherQuantity(unit=its_unit, quantity=found.name, usual=usual)
    return found, found_unit


def _value(text: str) -> Decimal:
    found = uncertainties.number(text)
    if found is None:
        raise ValueUnreadable(value=text)
    return found


def _asked(text: str, quantity: Quantity, its_unit: Unit) -> Line:
    found = uncertainties.read(text, quantity=quantity, unit=its_unit, kind=EXPANDED)
    if found is None or found.line.is_root:  # a line is enough to ask with, and has its tightest place at an end
        raise UncertaintyUnreadable(uncertainty=text)
    return found.normalised


VALUE = rf"[+-]?{uncertainties.NUMBER}"
UNIT = r"[^\s\d~.,+-][^~\s]*"
SINGLE = re.compile(rf"(?:≥|>=|>|达|到)?\s*(?P<low>{VALUE})(?P<gap>\s*)(?P<unit>{UNIT})", re.IGNORECASE)
FROM_TO = re.compile(
    rf"(?P<low>{VALUE})\s*(?P<low_unit>[^\s\d~.,+-][^~\s\d-]*?)?\s*(?:~|-|至|到|\.\.)\s*"
    rf"(?P<high>{VALUE})\s*(?P<unit>{UNIT})",
    re.IGNORECASE,
)
LONGEST_WISH = 60
NEEDS_A_GAP = {"L", "t", "T", "F", "s", "h", "u", "J", "S", "g", "min", "in", "Da"}
"""Units that also end names of steels, phones and sizes (316L, 5G): in free text they need a space before them."""


@lru_cache(maxsize=1024)
def understood(text: str) -> Wish | None:
    """
    Return what a few words ask for, or None: `50kN`, `0.05 mm`, `-40~150℃`, `0.5-100 mm`, `10 MHz–67 GHz`.

    Only usual units are understood, and no share, class or tolerance: `5 %`, `0.1级`, `±2 ℃` ask for nothing.
    """
    written = uncertainties.exponents(plain(text[:LONGEST_WISH]))
    readings = (_read(found.groupdict()) for pattern in (FROM_TO, SINGLE) if (found := pattern.fullmatch(written)))
    return next((each for each in readings if each), None)


def _read(parts: dict[str, str | None]) -> Wish | None:
    last = unit(parts["unit"] or "")
    quantity = quantity_of(last) if last else None
    if last is None or quantity is None or last.symbol not in quantity.units or last.dimension == "share":
        return None
    if parts.get("gap") == "" and last.symbol in NEEDS_A_GAP:
        return None
    first = unit(parts.get("low_unit") or last.symbol)
    if first is None or first.dimension != last.dimension:
        return None
    low = first.si(Decimal(parts["low"] or 0))
    high = last.si(Decimal(parts["high"] or 0)) if "high" in parts else low
    return Wish(quantity.code, low, high, last.symbol) if low <= high else None
