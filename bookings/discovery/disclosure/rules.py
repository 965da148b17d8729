"""What a service costs at a quantity, and how far a lab's recognition covers it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from kernel.money import BASIS_POINTS, Money
from labs.catalogue.rules import InScope


@dataclass(frozen=True, slots=True)
class Step:
    """What each piece and all of them cost from a quantity on."""

    quantity: int
    price_bp: int
    each: Money
    total: Money


def worked(unit_price: Money, tiers: Iterable[Mapping[str, int]], *, min_qty: int) -> list[Step]:
    """
    Return the price at the least quantity and at the first quantity of each tier, worked out.

    A tier's price holds for the whole order from its quantity on; a tier below the least quantity holds from there.
    """
    rates: dict[int, int] = {min_qty: BASIS_POINTS}
    for tier in sorted(tiers, key=lambda tier: tier["min_qty"]):
        rates[max(tier["min_qty"], min_qty)] = tier["price_bp"]
    steps = []
    for quantity, bp in sorted(rates.items()):
        each = unit_price.basis_points(bp)
        steps.append(Step(quantity, bp, each, Money(each.fen * quantity)))
    return steps


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an accreditation's scope with the certificate it stands on."""

    kind: str
    number: str
    scope: InScope

    @property
    def name(self) -> str:
        """The certificate: its kind and number, the kind said once."""
        return self.number if self.number.startswith(self.kind) else f"{self.kind} {self.number}"

    @property
    def ends_on(self) -> date:
        """The last day on which it counts."""
        own = self.scope.valid_to
        return self.scope.accredited_to if own is None else min(own, self.scope.accredited_to)


@dataclass(frozen=True, slots=True)
class Coverage:
    """Whether one standard of a service is in scope on a day (LAB-1), and by which line; else by which it was."""

    standard: str
    line: Line | None
    was: Line | None = None

    @property
    def is_covered(self) -> bool:
        """Whether an accreditation covers it on the day."""
        return self.line is not None


def coverage(standard: str, parameters: Iterable[str], lines: Iterable[Line], *, on: date) -> list[Coverage]:
    """
    Return each certificate that covers a standard on a day, and of each kind that does not, the last that did.

    The parameter may be named in either language. A standard that nothing ever covered is told as such, once.
    """
    known = list(lines)
    names = [name for name in parameters if name]

    def covers(line: Line, day: date) -> bool:
        return any(line.scope.covers(standard=standard, parameter=name, on=day) for name in names)

    found = {line.number: Coverage(standard, line) for line in known if covers(line, on)}
    kinds = {each.line.kind for each in found.values() if each.line}
    over = [line for line in known if line.ends_on < on and line.kind not in kinds and covers(line, line.ends_on)]
    last = {line.kind: line for line in sorted(over, key=lambda line: line.ends_on)}
    told = [*found.values(), *(Coverage(standard, None, was) for was in last.values())]
    return told or [Coverage(standard, None)]
