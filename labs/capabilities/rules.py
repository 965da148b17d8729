"""Quantities, units and uncertainties, and what fits what is asked."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quantity:
    """A kind of quantity that capabilities are compared in."""

    code: str
    name_zh: str
    name_en: str
    si: str
    units: tuple[str, ...]


QUANTITIES: dict[str, Quantity] = {}
