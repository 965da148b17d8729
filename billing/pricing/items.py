"""
What things cost beside time: tests, samples, consumables, travel, by quantity, tiers and urgency (BL-7 to BL-9).

Pure: fen with tax included, basis points, quantities as exact decimals. Each line is rounded half up once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Literal

from billing.pricing.rules import Discount, Line, LineKind, Price, best_discount, discounted, plain
from kernel.money import BASIS_POINTS, half_up

type ItemKind = Literal["consumable", "sample", "test", "travel"]
type Tiering = Literal["all_units", "graduated"]


@dataclass(frozen=True, slots=True)
class Tier:
    """From the so-manieth on (`min_qty`, as a service keeps it), the share of the list price that one costs (BL-8)."""

    min_qty: int
    rate_bp: int


@dataclass(frozen=True, slots=True)
class Item:
    """
    So much of one thing at a list price; `tiers` make it cheaper by quantity, `urgent_bp` is the surcharge for haste.

    Raises:
        ValueError: a quantity or a price below zero, or tiers out of order.
    """

    kind: ItemKind
    name: str
    quantity: Decimal
    unit_price_fen: int
    tiers: tuple[Tier, ...] = ()
    tiering: Tiering = "all_units"
    urgent_bp: int = 0

    def __post_init__(self) -> None:
        if not self.quantity.is_finite() or self.quantity < 0 or self.unit_price_fen < 0 or self.urgent_bp < 0:
            raise ValueError("quantity, price and surcharge are not below zero")
        starts = [tier.min_qty for tier in self.tiers]
        if starts != sorted(set(starts)) or any(tier.min_qty < 1 or tier.rate_bp < 0 for tier in self.tiers):
            raise ValueError("tiers rise from quantity to quantity")


def price(items: Iterable[Item], *, discounts: Iterable[Discount] = ()) -> Price:
    """Return what items cost, each followed by its surcharge; the best single discount is taken off (BL-7 to BL-11)."""
    lines = [line for item in items for line in item_lines(item)]
    best, bp = best_discount(lines, discounts)
    return Price(lines=tuple(discounted(line, bp) for line in lines), billed=None, discount=best)


def item_lines(item: Item) -> list[Line]:
    """
    Return the lines of one item: a line for each tier it is priced by, and one for urgency (BL-7 to BL-9).

    The price of one in a tier is rounded half up to a fen before it is multiplied (BL-8).
    """
    lines = [_line(item, quantity, rate_bp) for quantity, rate_bp in portions(item) if quantity]
    if item.urgent_bp:
        amount = sum(line.list_fen for line in lines)
        surcharge = half_up(Fraction(amount * item.urgent_bp, BASIS_POINTS))
        lines.append(plain("urgent", surcharge, item=item.name, unit_price_fen=amount, rate_bp=item.urgent_bp))
    return lines


def portions(item: Item) -> list[tuple[Decimal, int]]:
    """
    Return how much of an item is priced at which share of its list price, in basis points (BL-8).

    `all_units`: the tier reached prices the whole quantity. `graduated`: each tier prices what lies within it; a tier
    from 10 on prices the tenth.
    """
    reached = [tier for tier in item.tiers if tier.min_qty <= item.quantity]
    if item.tiering == "all_units" or not reached:
        return [(item.quantity, reached[-1].rate_bp if reached else BASIS_POINTS)]
    edges = [Decimal(0), *(Decimal(tier.min_qty - 1) for tier in reached), item.quantity]
    shares = [BASIS_POINTS, *(tier.rate_bp for tier in reached)]
    return [(end - start, bp) for (start, end), bp in zip(pairwise(edges), shares, strict=True)]


def _line(item: Item, quantity: Decimal, rate_bp: int) -> Line:
    kind: LineKind = item.kind
    one = half_up(Fraction(item.unit_price_fen * rate_bp, BASIS_POINTS))
    return plain(
        kind,
        half_up(Fraction(quantity) * one),
        item=item.name,
        quantity=f"{quantity.normalize():f}",
        unit_price_fen=item.unit_price_fen,
        rate_bp=rate_bp,
    )
