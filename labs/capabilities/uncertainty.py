"""
How sure a measurement is, read from what a data sheet or a certificate says; nothing is ever evaluated as code.

Note [Expressions of uncertainty]
    All that is understood is a part that stays and a part that grows with the value, added as they are (a straight
    line) or by their squares (a root): `sqrt(0.5^2+(L/300)^2) µm`, `√((0.5 µm)²+(5×10⁻⁶L)²)`, `Q[0.5, L/300] µm`.
    `±1 °C`, `0.5 %`, `8 ppm`, `±0.05 % FS`, `0.05 % rdg + 0.02 % FS`, `(0.5+L/300) µm`, `0.03 µm + 0.5×10⁻⁶L`,
    `15 µm + 6 µm/m`, `(0.2+1.5L) µm (L in m)`. Where a line of ISO 10360 divides the length by a number (`L/300`), the
    length is in mm; a factor before L inside the brackets means nothing unless L's unit is said. A share of a
    temperature in °C, a share of a share (`±3 %` of a humidity), classes (`0.1级`), RSD and other words compare with
    nothing and stay text.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from labs.capabilities.quantities import Quantity
from labs.capabilities.units import Unit, is_of, plain, unit

USUAL_FACTOR = Decimal(2)
EXPANDED, PERMISSIBLE, RESOLUTION = "U", "MPE", "resolution"
LONGEST = 100
LONGEST_NUMBER = 40
LARGEST_SHARE_OF_LENGTH = Decimal("0.001")
"""A bare factor of L is a share of the length: 0.5×10⁻⁶ L. Beyond this it is a factor whose unit was forgotten."""

NUMBER = r"[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]{1,2})?"
POWER_OF_TEN = re.compile(r"\s*[×x*·]\s*10\s*(?:\^\s*(?=[+-]?[0-9])|(?=[+-][0-9]))([+-]?[0-9]{1,2})")
FACTOR = re.compile(r"[(,;]?\s*\bk\s*(?:p|95)?\s*=\s*([0-9]+(?:\.[0-9]+)?)\s*\)?", re.IGNORECASE)
LENGTH_UNIT = re.compile(r"[(,;]?\s*\bL\s*(?:in|为|以|:|单位)\s*:?\s*(nm|µm|mm|cm|m)\s*计?\s*\)?")
BEFORE = re.compile(r"^(?:E0,?\s*)?(?P<what>U\s*(?:95|rel)?|MPE[A-Z]?)?\s*[:=]?\s*[±≤<]?\s*", re.IGNORECASE)
ROOT = re.compile(r"^(?:sqrt|√)\s*(?P<opens>[(\[{])(?P<sum>.*)[)\]}]\s*(?P<within>[^()\[\]{}\s]*)$", re.IGNORECASE)
SQUARE = re.compile(r"^(?:\((?P<bracketed>[^()]*)\)|(?P<bare>[^()^]+))\s*\^\s*2$")
QUADRATURE = re.compile(r"^Q\s*\[(?P<sum>[^\[\]]*)\]\s*(?P<within>[^()\[\]\s]*)$")
MOST_TERMS = 4
BRACKETED = re.compile(r"^\(([^()]*)\)\s*([^()\s][^()]*)$")
SHARES = {"%": Decimal("0.01"), "‰": Decimal("0.001"), "ppm": Decimal("1e-6"), "ppb": Decimal("1e-9")}
OF_READING = {"", "rdg", "reading", "ofreading", "读数", "示值", "ofrdg", "ofvalue", "r.d.", "rd"}
OF_SCALE = {"fs", "f.s.", "f.s", "offs", "满量程", "量程", "fullscale", "offullscale"}


@dataclass(frozen=True, slots=True)
class Line:
    """
    An expanded uncertainty (k = 2) in SI base units, or a permissible error: `fixed + share * |value|`.

    `is_root` adds the squares instead: the root of `fixed² + (share * value)²`.
    """

    fixed: Decimal
    share: Decimal
    is_root: bool = False

    def at(self, value: Decimal) -> Decimal:
        """Return it at a value in SI base units."""
        return self._squared(value).sqrt() if self.is_root else self.fixed + self.share * abs(value)

    def is_within(self, limit: Decimal, value: Decimal) -> bool:
        """Whether it is at most so much at a value; a root is compared by its square, as the database does."""
        return self._squared(value) <= limit * limit if self.is_root else self.at(value) <= limit

    def _squared(self, value: Decimal) -> Decimal:
        return self.fixed * self.fixed + (self.share * value) * (self.share * value)

    def times(self, factor: Decimal) -> "Line":
        return Line(self.fixed * factor, self.share * factor, self.is_root)

    def plus(self, other: "Line") -> "Line":
        """Return the sum with another straight line."""
        return Line(self.fixed + other.fixed, self.share + other.share)


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """What was said of an uncertainty: its kind, its coverage factor (None: not said), and its line as said."""

    kind: str
    coverage_factor: Decimal | None
    line: Line

    @property
    def normalised(self) -> Line:
        """The line at k = 2; a permissible error, and an uncertainty whose factor is not said, stay as they are."""
        if self.kind != EXPANDED or self.coverage_factor is None:
            return self.line
        return self.line.times(USUAL_FACTOR / self.coverage_factor)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What a term is read beside: the quantity, the unit of its range, the end of the range, the unit of L."""

    quantity: Quantity
    unit: Unit
    full_scale: Decimal | None
    length: Unit | None

    @property
    def shares_mean_something(self) -> bool:
        """Whether `5 %` of a value is a clear thing: not of °C, nor of what is a percentage itself."""
        return self.unit.offset == 0 and self.unit.dimension not in {"share", "humidity"}


def exponents(text: str) -> str:
    """Return a text with its powers of ten as exponents: `0.5×10^-6` becomes `0.5e-6`."""
    return POWER_OF_TEN.sub(lambda found: f"e{found[1]}", text)


def number(text: str) -> Decimal | None:
    """Return a decimal number as people write it, or None: `1e-6`, `5×10⁻³`, `1,000`, `-40`."""
    written = exponents(plain(text)).replace(" ", "")
    if re.fullmatch(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?", written):
        written = written.replace(",", "")
    if not re.fullmatch(rf"[+-]?{NUMBER}", written, re.IGNORECASE) or len(written) > LONGEST_NUMBER:
        return None
    try:
        return Decimal(written)
    except InvalidOperation:
        return None


def read(
    text: str,
    *,
    quantity: Quantity,
    unit: Unit,
    full_scale: Decimal | None = None,
    kind: str = "",
    coverage_factor: Decimal | None = None,
) -> Uncertainty | None:
    """
    Return what an uncertainty says, or None where it compares with nothing; see Note [Expressions of uncertainty].

    `unit` is that of the range, in which a bare number is; `full_scale` is the larger end of the range in SI. What the
    text says of its kind and coverage factor comes before what is given beside it.
    """
    tidy = exponents(plain(text))
    if not tidy or len(tidy) > LONGEST:
        return None
    tidy, length_name = _taken(LENGTH_UNIT, tidy)
    tidy, factor = _taken(FACTOR, tidy)
    found = BEFORE.match(tidy)
    what = (found["what"] or "").upper() if found else ""
    body = tidy[found.end() :].strip() if found else tidy
    k = Decimal(factor) if factor else coverage_factor
    if (k is not None and k <= 0) or kind == RESOLUTION:
        return None
    line = _line(body, _Sheet(quantity, unit, full_scale, _named(length_name)))
    if line is None:
        return None
    meant = EXPANDED if what.startswith("U") or factor else kind or PERMISSIBLE
    if meant != EXPANDED:
        k = None
    return Uncertainty(meant, k, line)


def _taken(pattern: re.Pattern[str], text: str) -> tuple[str, str]:
    """Take what a pattern finds out of a text, and return the rest and what was found."""
    found = pattern.search(text)
    if not found:
        return text, ""
    return f"{text[: found.start()].rstrip()} {text[found.end() :].lstrip()}".strip(), found[1]


def _named(name: str) -> Unit | None:
    return unit(name) if name else None


def _line(body: str, sheet: _Sheet) -> Line | None:
    body = body.strip()
    if root := ROOT.match(body):
        squares = [SQUARE.match(term.strip()) for term in _terms(root["sum"])]
        terms = [found["bracketed"] or found["bare"] for found in squares if found]
        return _root(terms, root["within"], sheet) if len(terms) == len(squares) else None
    if quadrature := QUADRATURE.match(body):
        return _root(re.split("[,;]", quadrature["sum"]), quadrature["within"], sheet)
    if body.startswith("(") and body.endswith(")"):
        body = body[1:-1]
    if bracketed := BRACKETED.match(body):
        within = bracketed[2].strip()
        return _sum(bracketed[1], lambda term: _inside(term, within, sheet))
    return _sum(body, lambda term: _alone(term, sheet))


def _terms(text: str) -> list[str]:
    """Return the terms of a sum; a plus inside brackets, or of an exponent, parts nothing."""
    terms, depth = [""], 0
    for at, letter in enumerate(text):
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "+" and depth == 0 and text[at - 1 : at] not in ("e", "E"):
            terms.append("")
        else:
            terms[-1] += letter
    return terms


def _root(terms: list[str], within: str, sheet: _Sheet) -> Line | None:
    """Return the root of the sum of squares; each term is either a part that stays or one that grows."""
    if not 2 <= len(terms) <= MOST_TERMS:
        return None
    lines = [_inside(term.strip(), within, sheet) if within else _alone(term.strip(), sheet) for term in terms]
    known = [line for line in lines if line is not None and not (line.fixed and line.share)]
    if len(known) != len(terms):
        return None
    fixed = sum((line.fixed * line.fixed for line in known), Decimal(0)).sqrt()
    share = sum((line.share * line.share for line in known), Decimal(0)).sqrt()
    return Line(fixed, share, is_root=bool(fixed and share))


def _sum(body: str, read_term: Callable[[str], Line | None]) -> Line | None:
    terms = re.split(r"(?<![eE])\+", body)
    if len(terms) > MOST_TERMS:
        return None
    total = Line(Decimal(0), Decimal(0))
    for term in terms:
        line = read_term(term.strip().lstrip("±").strip())
        if line is None:
            return None
        total = total.plus(line)
    return total


def _alone(term: str, sheet: _Sheet) -> Line | None:
    """Read a term that carries its own unit: `15 µm`, `6 µm/m`, `0.5 %`, `0.02 % FS`, `0.5e-6 L`, or a bare number."""
    found = re.fullmatch(rf"({NUMBER})\s*(.*)", term, re.IGNORECASE)
    if not found:
        return None
    value, rest = Decimal(found[1]), found[2].strip()
    if not rest:
        return Line(sheet.unit.si_difference(value), Decimal(0))
    if rest.replace("*", "").strip() == "L":
        return _share_of_length(value, sheet)
    if rest not in SHARES and (own := unit(rest)) and is_of(own, sheet.quantity):
        return Line(own.si_difference(value), Decimal(0))
    if share := re.fullmatch(r"(%|‰|ppm|ppb)\s*(.*)", rest):
        part = value * SHARES[share[1]]
        return _share_of_length(part, sheet) if share[2] == "L" else _share(part, share[2], sheet)
    if "/" in rest:
        upper, lower = (unit(each) for each in rest.split("/", 1))
        if upper and lower and is_of(upper, sheet.quantity) and is_of(lower, sheet.quantity) and upper.offset == 0:
            return Line(Decimal(0), value * upper.factor / lower.factor)
    return None


def _share(share: Decimal, of: str, sheet: _Sheet) -> Line | None:
    whose = of.lower().replace(" ", "").strip("()")
    if not sheet.shares_mean_something:
        return None
    if whose in OF_SCALE:
        return Line(share * sheet.full_scale, Decimal(0)) if sheet.full_scale is not None else None
    return Line(Decimal(0), share) if whose in OF_READING else None


def _share_of_length(share: Decimal, sheet: _Sheet) -> Line | None:
    if sheet.quantity.si != "m" or share > LARGEST_SHARE_OF_LENGTH:
        return None
    return Line(Decimal(0), share)


def _inside(term: str, within: str, sheet: _Sheet) -> Line | None:
    """Read a term inside brackets that a unit follows: `0.5`, `L/300`, `1.5L` with L's unit said, `0.05 rdg` of %."""
    if within in SHARES:
        found = re.fullmatch(rf"({NUMBER})\s*(\D*)", term, re.IGNORECASE)
        return _share(Decimal(found[1]) * SHARES[within], found[2], sheet) if found else None
    its = unit(within)
    if its is None or not is_of(its, sheet.quantity):
        return None
    if re.fullmatch(NUMBER, term, re.IGNORECASE):
        return Line(its.si_difference(Decimal(term)), Decimal(0))
    found = re.fullmatch(rf"(?:({NUMBER})\s*\*?\s*)?L(?:\s*/\s*({NUMBER}))?", term, re.IGNORECASE)
    if not found or sheet.quantity.si != "m":
        return None
    length = sheet.length or (unit("mm") if found[2] else None)
    divisor = Decimal(found[2] or 1)
    if length is None or not divisor:
        return None
    return Line(Decimal(0), Decimal(found[1] or 1) * its.factor / (divisor * length.factor))
