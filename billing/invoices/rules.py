"""
What an invoice of China's digital kind (数电票) must say, and what a credit note may take back (BL-26, BL-27).

Amounts are whole fen with tax included unless they are called net; rates are basis points.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any, Self

from accounts.organisations.rules import check_uscc, normalised
from billing.pricing.rules import Line
from billing.pricing.vat import split
from kernel.money import half_up

NUMBER_LENGTH = 20
"""Two digits of the year, two of the province, one of the channel, fifteen of the serial."""
CATEGORY_CODE_LENGTH = 19
DECIMALS = Decimal("0.00000001")
"""Quantities and unit prices are written with eight decimals at most."""


class Kind(StrEnum):
    """Which invoice: special ones (专票) let their buyer deduct the tax."""

    ORDINARY = "ordinary"
    SPECIAL = "special"


class Reason(StrEnum):
    """Why a credit note (红字) takes an invoice back (BL-27)."""

    WRONG = "wrong"
    RETURNED = "returned"
    ENDED = "ended"
    ALLOWANCE = "allowance"


IN_PARTS = frozenset({Reason.ENDED, Reason.ALLOWANCE})
"""Reasons for which a part of an invoice may be taken back; for others it is the whole."""


class Flaw(StrEnum):
    """What keeps a request for an invoice from being made; each belongs to a field."""

    TITLE_MISSING = "title_missing"
    TAX_ID_MISSING = "tax_id_missing"
    TAX_ID_WRONG = "tax_id_wrong"
    NOT_VERIFIED = "not_verified"
    NOT_GENERAL = "not_general"
    ADDRESS_MISSING = "address_missing"
    PHONE_MISSING = "phone_missing"
    BANK_MISSING = "bank_missing"
    ACCOUNT_MISSING = "account_missing"


FIELD = {
    Flaw.TITLE_MISSING: "name",
    Flaw.TAX_ID_MISSING: "tax_id",
    Flaw.TAX_ID_WRONG: "tax_id",
    Flaw.NOT_VERIFIED: "kind",
    Flaw.NOT_GENERAL: "kind",
    Flaw.ADDRESS_MISSING: "address",
    Flaw.PHONE_MISSING: "phone",
    Flaw.BANK_MISSING: "bank",
    Flaw.ACCOUNT_MISSING: "account",
}


@dataclass(frozen=True, slots=True)
class Party:
    """Who buys or sells, as an invoice names them."""

    name: str
    tax_id: str
    address: str = ""
    phone: str = ""
    bank: str = ""
    account: str = ""

    def as_json(self) -> dict[str, str]:
        """The block as it is frozen on an invoice."""
        return asdict(self)

    @property
    def tidied(self) -> Self:
        """The block without stray spaces, its tax id as ORG-3 reads it."""
        stripped = {name: value.strip() for name, value in asdict(self).items()}
        return replace(self, **{**stripped, "tax_id": normalised(self.tax_id)})


def buyer_flaws(
    buyer: Party, *, kind: str, is_verified: bool, taxpayer_type: str | None, needs_tax_id: bool = True
) -> list[Flaw]:
    """
    Return what is wrong with a request, in the order of its fields; nothing when it can be made (BL-26).

    The tax id passes ORG-1. A special invoice is only for verified general taxpayers, with the full block.
    """
    is_special = kind == Kind.SPECIAL
    flaws = []
    if is_special and not is_verified:
        flaws.append(Flaw.NOT_VERIFIED)
    if is_special and taxpayer_type != "general":
        flaws.append(Flaw.NOT_GENERAL)
    if not buyer.name:
        flaws.append(Flaw.TITLE_MISSING)
    if buyer.tax_id:
        flaws += [Flaw.TAX_ID_WRONG] if check_uscc(buyer.tax_id) else []
    elif needs_tax_id or is_special:
        flaws.append(Flaw.TAX_ID_MISSING)
    if is_special:
        block = {
            Flaw.ADDRESS_MISSING: buyer.address,
            Flaw.PHONE_MISSING: buyer.phone,
            Flaw.BANK_MISSING: buyer.bank,
            Flaw.ACCOUNT_MISSING: buyer.account,
        }
        flaws += [flaw for flaw, value in block.items() if not value]
    return flaws


def is_number(text: str, issued_on: date) -> bool:
    """Whether it can be the number of an invoice of that day: twenty digits that begin with its year."""
    return bool(re.fullmatch(rf"[0-9]{{{NUMBER_LENGTH}}}", text)) and int(text[:2]) == issued_on.year % 100


def is_category_code(text: str) -> bool:
    """Whether it can be a category code of goods and services: nineteen digits."""
    return bool(re.fullmatch(rf"[0-9]{{{CATEGORY_CODE_LENGTH}}}", text))


# --- Lines ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One line; `quantity` and `unit_price` (yuan, without tax) are decimal numbers as text."""

    name: str
    quantity: str
    unit: str
    unit_price: str
    net_fen: int
    tax_fen: int
    rate_bp: int
    spec: str = ""

    @property
    def amount_fen(self) -> int:
        """What the line comes to, tax included."""
        return self.net_fen + self.tax_fen

    def as_json(self) -> dict[str, Any]:
        """The line as it is frozen on an invoice."""
        return asdict(self)


def spread(amounts: Sequence[int], total: int) -> list[int]:
    """
    Divide a total over amounts in their proportion: no part is above its amount, and they sum to the total exactly.

    Raises:
        ValueError: the total is more than the amounts together, or below nothing.
    """
    whole = sum(amounts)
    if not 0 <= total <= whole:
        raise ValueError(f"{total} cannot be divided over {whole}")
    parts, seen, given = [], 0, 0
    for amount in amounts:
        seen += amount
        until = half_up(Fraction(total * seen, whole)) if whole else 0
        parts.append(until - given)
        given = until
    return parts


def lines_of(lines: Iterable[Line], *, names: Sequence[str], total_fen: int, rate_bp: int) -> list[InvoiceLine]:
    """
    Return the lines of an invoice over so much of a price: net and tax by line (BL-17), lines of nothing left out.

    Where less is invoiced than the price (a voucher is left out, money went back), each line takes its share. `names`
    are what the lines are called, in their order.

    Raises:
        ValueError: the lines come to less than what is to be invoiced.
    """
    priced = list(lines)
    made = []
    parts = spread([line.amount_fen for line in priced], total_fen)
    for line, name, amount in zip(priced, names, parts, strict=True):
        if not amount:
            continue
        net, tax = split(amount, rate_bp)
        quantity, unit = _quantity(line)
        price = Decimal(net) / 100 / quantity
        made.append(InvoiceLine(name, _decimal(quantity), unit, _decimal(price), net, tax, rate_bp))
    return made


def _quantity(line: Line) -> tuple[Decimal, str]:
    """Return how much of it, and in what: time in hours, things by their number, all else once."""
    if line.minutes and line.rate_fen_per_hour is not None:
        return Decimal(line.minutes * line.units) / 60, "小时"
    if line.quantity and Decimal(line.quantity) > 0:
        return Decimal(line.quantity), "份"
    return Decimal(1), "项"


def _decimal(value: Decimal) -> str:
    """Write a number with eight decimals at most and no zeros at its end."""
    written = f"{value.quantize(DECIMALS):f}"
    return written.rstrip("0").rstrip(".") if "." in written else written


# --- Credit notes ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Credited:
    """What a credit note takes back of one line of its invoice, as amounts below nothing; `line` counts from 0."""

    line: int
    net_fen: int
    tax_fen: int

    @property
    def amount_fen(self) -> int:
        """What is taken back, tax included; below nothing."""
        return self.net_fen + self.tax_fen

    def as_json(self) -> dict[str, int]:
        """The line as it is frozen on a credit note."""
        return asdict(self)


def left_of(lines: Sequence[InvoiceLine], notes: Iterable[Sequence[Credited]]) -> list[int]:
    """Return what of each line no credit note has taken back yet."""
    left = [line.amount_fen for line in lines]
    for note in notes:
        for each in note:
            left[each.line] += each.amount_fen
    return left


def credit(lines: Sequence[InvoiceLine], *, left: Sequence[int], parts: Sequence[int]) -> list[Credited]:
    """
    Return the lines of a credit note that takes back so much of each line (BL-27).

    Net and tax are what the line had before less what it has after: taken back in any number of parts, they come to
    those of the invoice exactly.

    Raises:
        ValueError: a part is below nothing, or more than what is left of its line.
    """
    made = []
    for at, (line, before, part) in enumerate(zip(lines, left, parts, strict=True)):
        if not 0 <= part <= before:
            raise ValueError(f"line {at} has {before} left, not {part}")
        if part:
            net = split(before, line.rate_bp)[0] - split(before - part, line.rate_bp)[0]
            made.append(Credited(at, -net, -(part - net)))
    return made
