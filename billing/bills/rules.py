"""How an order's money is divided: what the customer pays, what goes back and to which payment, whose is the fee."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from billing.ledger.rules import PLATFORM_FEE_BP
from kernel.money import Money, half_up


@dataclass(frozen=True, slots=True)
class Order:
    """What a bill is for: a rental now; test orders and inspections come through the same door."""

    kind: str
    number: str
    organisation_id: int
    lab_id: int
    served_on: date
    tax_category: str


@dataclass(frozen=True, slots=True)
class Paid:
    """What one payment still has in an order, fen; `key` tells it, later ones have greater keys."""

    key: int
    left_fen: int


def fee_of_cancelling(*, by_ladder: Money, own: Money) -> Money:
    """Return what is kept of a cancelled order: by the ladder, never more than the customer's own money (BL-20)."""
    return min(by_ladder, own)


def refund_parts(*, refund: Money, total_left: Money, voucher_left: Money) -> tuple[Money, Money]:
    """
    Divide a refund into (own money, voucher), in the proportion of what is left of the order (BL-22).

    The last refund takes exactly what is left of both.

    Raises:
        ValueError: more than is left, or nothing, is to go back.
    """
    if not Money(0) < refund <= total_left:
        raise ValueError(f"{refund} of {total_left} cannot go back")
    voucher = Money(half_up(Fraction(refund.fen * voucher_left.fen, total_left.fen)))
    return refund - voucher, voucher


def newest_first(paid: Iterable[Paid], fen: int) -> list[tuple[int, int]]:
    """
    Return (key, fen) of the payments that money goes back to: the newest first, none above what it has left (BL-22).

    Raises:
        ValueError: the payments have less than that.
    """
    parts = []
    for one in sorted(paid, key=lambda one: one.key, reverse=True):
        part = min(one.left_fen, fen)
        if part > 0:
            parts.append((one.key, part))
            fen -= part
    if fen > 0:
        raise ValueError(f"{fen} fen more than was paid")
    return parts


def fee_back(*, refund: Money, charged: Money, returned: Money) -> Money:
    """Return what of its fee the platform gives back with a refund after settlement: in proportion, capped (BL-23)."""
    return min(refund.basis_points(PLATFORM_FEE_BP), charged - returned)
