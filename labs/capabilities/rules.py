"""What is asked for, and whether a capability fits it, by what margin; see Note [Comparable numbers]."""

from dataclasses import dataclass
from decimal import Decimal

from labs.capabilities import uncertainty as uncertainties
from labs.capabilities.asking import (
    QuantityUnknown,
    RangeUpsideDown,
    UncertaintyUnreadable,
    UnitOfAnotherQuantity,
    UnitUnknown,
    ValueUnreadable,
    Wish,
    known_unit,
    measured,
    understood,
    wish,
)
from labs.capabilities.quantities import QUANTITIES, Quantity
from labs.capabilities.uncertainty import EXPANDED, PERMISSIBLE, RESOLUTION, USUAL_FACTOR, Line, Uncertainty
from labs.capabilities.units import SI, Unit, quantity_named, unit

__all__ = [
    "EXPANDED",
    "PERMISSIBLE",
    "QUANTITIES",
    "RESOLUTION",
    "USUAL_FACTOR",
    "Capable",
    "Fit",
    "Line",
    "NoFit",
    "Quantity",
    "QuantityUnknown",
    "RangeUpsideDown",
    "Uncertainty",
    "UncertaintyUnreadable",
    "Unit",
    "UnitOfAnotherQuantity",
    "UnitUnknown",
    "ValueUnreadable",
    "Wish",
    "allowed",
    "better",
    "capable",
    "fit",
    "known_unit",
    "quantity_named",
    "understood",
    "unit",
    "wish",
]

TOLERANCE = Decimal("1e-12")
"""How far, as a share, what is offered may lie above what is asked: the rest of a division, and no real difference."""


# --- What is offered -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Capable:
    """
    What an instrument can: a quantity from `low` to `high` (SI; None is open), told as it was stated.

    `uncertainty` is None where nothing that compares is stated.
    """

    quantity: str
    low: Decimal | None
    high: Decimal | None
    stated_low: Decimal | None
    stated_high: Decimal | None
    unit: str
    stated_uncertainty: str = ""
    uncertainty: Line | None = None
    kind: str = ""
    coverage_factor: Decimal | None = None
    parameter_zh: str = ""
    parameter_en: str = ""

    @property
    def best(self) -> Decimal | None:
        """The smallest uncertainty within its range, in SI; of a root a hair less."""
        if self.uncertainty is None:
            return None
        across_zero = (self.low is None or self.low <= 0) and (self.high is None or self.high >= 0)
        ends = [abs(each) for each in (self.low, self.high) if each is not None]
        best = self.uncertainty.at(Decimal(0) if across_zero else min(ends))
        return best * (1 - TOLERANCE) if self.uncertainty.is_root else best  # a root is rounded: never above itself


def capable(
    *,
    quantity: str,
    low: Decimal | None,
    high: Decimal | None,
    unit: str,
    uncertainty: str = "",
    kind: str = "",
    coverage_factor: Decimal | None = None,
    parameter_zh: str = "",
    parameter_en: str = "",
) -> Capable:
    """
    Return what is stated in numbers that compare. An uncertainty that compares with nothing stays text.

    Raises:
        QuantityUnknown, UnitUnknown, UnitOfAnotherQuantity, ValueUnreadable, RangeUpsideDown: each names its `field`.
    """
    its_quantity, its_unit = measured(quantity, unit)
    if low is None and high is None:
        raise ValueUnreadable(value="")
    first, last = (its_unit.si(each) if each is not None else None for each in (low, high))
    if first is not None and last is not None and first > last:
        raise RangeUpsideDown
    scale = max(abs(each) for each in (first, last) if each is not None) if last is not None else None
    found = uncertainties.read(
        uncertainty,
        quantity=its_quantity,
        unit=its_unit,
        full_scale=scale,
        kind=kind,
        coverage_factor=coverage_factor,
    )
    return Capable(
        quantity=its_quantity.code,
        low=first,
        high=last,
        stated_low=low,
        stated_high=high,
        unit=its_unit.symbol,
        stated_uncertainty=uncertainty,
        uncertainty=_kept(found),
        kind=found.kind if found else kind,
        coverage_factor=found.coverage_factor if found else coverage_factor,
        parameter_zh=parameter_zh,
        parameter_en=parameter_en,
    )


def _kept(found: Uncertainty | None) -> Line | None:
    """Return the line as it is stored, so that the database and this module judge by the same digits."""
    if found is None:
        return None
    line = found.normalised
    return Line(SI.plus(line.fixed), SI.plus(line.share), line.is_root)


# --- Whether it fits -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fit:
    """
    Why a capability fits: the room left at both ends of its range, and the uncertainty where it is tightest.

    All in SI base units; None: an open end, or an uncertainty that nobody stated or asked for. `offered` is at k = 2,
    a permissible error as it stands; `ratio` is how many times over what is asked is met.
    """

    capable: Capable
    wish: Wish
    room_below: Decimal | None
    room_above: Decimal | None
    at: Decimal
    offered: Decimal | None
    asked: Decimal | None
    ratio: Decimal | None

    @property
    def used(self) -> Decimal | None:
        """The part of the upper end that is asked for: 0.5 for 50 kN of 100 kN; None where that says nothing."""
        high = self.capable.high
        if high is None or high <= 0 or self.wish.high < 0 or self.wish.its_unit.offset:
            return None
        return self.wish.high / high


@dataclass(frozen=True, slots=True)
class NoFit:
    """Why a capability does not fit: `quantity`, `below`, `above`, `not_comparable`, or `uncertainty`."""

    why: str
    capable: Capable
    wish: Wish
    at: Decimal | None = None
    offered: Decimal | None = None
    asked: Decimal | None = None


def fit(capable: Capable, wish: Wish) -> Fit | NoFit:
    """
    Return whether a capability covers all that is asked, surely enough at every value of it, and by what margin.

    What is asked is a straight line over the magnitude, what is stated one too, or a root, which bends upwards: so the
    tightest place is an end of what is asked.
    """
    if capable.quantity != wish.quantity:
        return NoFit("quantity", capable, wish)
    if capable.low is not None and wish.low < capable.low:
        return NoFit("below", capable, wish)
    if capable.high is not None and wish.high > capable.high:
        return NoFit("above", capable, wish)
    near, far = wish.near_and_far
    if capable.uncertainty is None and wish.uncertainty is not None:
        return NoFit("not_comparable", capable, wish)
    at, offered, asked, ratio = far, None, None, None
    if capable.uncertainty is not None:
        offered = capable.uncertainty.at(far)
        if wish.uncertainty is not None:
            ratio, at = min(
                (_ratio(wish.uncertainty.at(each), capable.uncertainty.at(each)), each) for each in (near, far)
            )
            offered, asked = capable.uncertainty.at(at), wish.uncertainty.at(at)
            if not all(capable.uncertainty.is_within(allowed(wish.uncertainty.at(each)), each) for each in (near, far)):
                return NoFit("uncertainty", capable, wish, at, offered, asked)
    return Fit(
        capable=capable,
        wish=wish,
        room_below=None if capable.low is None else wish.low - capable.low,
        room_above=None if capable.high is None else capable.high - wish.high,
        at=at,
        offered=offered,
        asked=asked,
        ratio=ratio if ratio is None or ratio.is_finite() else None,
    )


def allowed(asked: Decimal) -> Decimal:
    """Return how large an uncertainty may be where that much is asked: a hair more, for what division leaves over."""
    return asked * (1 + TOLERANCE)


def _ratio(asked: Decimal, offered: Decimal) -> Decimal:
    return asked / offered if offered else Decimal("Infinity")


def better(one: Fit, other: Fit) -> bool:
    """Whether a fit is the one to tell of first: met more times over, else surer, else stated at all."""
    return _rank(one) < _rank(other)


def _rank(found: Fit) -> tuple[Decimal, Decimal]:
    return (
        -found.ratio if found.ratio is not None else Decimal(0),
        found.offered if found.offered is not None else Decimal("Infinity"),
    )
