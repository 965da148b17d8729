"""Why something fits or not, in sentences of the reader's language."""

from decimal import Context, Decimal

from django.utils.translation import gettext as _
from django.utils.translation import override

from kernel.bilingual import chosen
from labs.capabilities import rules
from labs.capabilities.quantities import QUANTITIES
from labs.capabilities.units import Unit

FIGURES = 4
"""How many figures a margin is told with; what was stated keeps its own."""
STATED_FIGURES = 12


def number(value: Decimal, figures: int = FIGURES) -> str:
    """Return a number as people write it: 0.25, 12000, 1.5×10⁻⁶."""
    rounded = Context(prec=figures).plus(value).normalize()
    exponent = rounded.adjusted() if rounded else 0
    if -5 <= exponent <= 6:
        return f"{rounded:f}".replace("-", "−")
    mantissa = rounded.scaleb(-exponent)
    raised = str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{mantissa:f}×10{raised}".replace("-", "−")


def amount(si: Decimal, unit: Unit) -> str:
    """Return a value with its unit; a temperature as a point of the scale."""
    return f"{number(unit.of(si), 6)} {unit.symbol}"


def difference(si: Decimal, unit: Unit) -> str:
    """Return a margin or an uncertainty with its unit."""
    return f"{number(unit.of_difference(si))} {unit.symbol}"


def span(low: Decimal | None, high: Decimal | None, unit: str) -> str:
    """Return a range as stated: `0.2–100 kN`, `−40~150 ℃`, `≤ 125 MPa`, `≥ 5 g`."""
    ends = [number(each, STATED_FIGURES) for each in (low, high) if each is not None]
    if low is None or high is None:
        return f"{'≤' if low is None else '≥'} {''.join(ends)} {unit}"
    if low == high:
        return f"{ends[0]} {unit}"
    between = "–" if low >= 0 else chosen("~", " to ")
    return f"{ends[0]}{between}{ends[1]} {unit}"


def quantity_name(code: str) -> str:
    """Return the name of a quantity by its code."""
    return QUANTITIES[code].name if code in QUANTITIES else code


def stated(capable: rules.Capable) -> str:
    """Return a capability as one line: `力值 0.2–100 kN, ±0.5 %`."""
    name = chosen(capable.parameter_zh, capable.parameter_en) or quantity_name(capable.quantity)
    line = f"{name} {span(capable.stated_low, capable.stated_high, capable.unit)}"
    return f"{line}, {capable.stated_uncertainty}" if capable.stated_uncertainty else line


def asked(wish: rules.Wish) -> str:
    """Return what was asked as one line: `力 50 kN`, `温度 −40–150 ℃`."""
    unit = wish.its_unit
    return f"{quantity_name(wish.quantity)} {span(unit.of(wish.low), unit.of(wish.high), unit.symbol)}"


def why(fit: rules.Fit) -> list[str]:
    """Return the sentences that say why something fits, and by what margin."""
    told = [_range(fit)]
    if fit.offered is not None:
        told.append(_surely(fit, fit.offered))
    if fit.asked is not None:
        told.append(_how_well(fit, fit.asked))
    return told


def why_not(found: rules.NoFit) -> str:
    """Return the sentence that says why something does not fit."""
    unit = found.wish.its_unit
    facts = {
        "stated": stated(found.capable),
        "asked": span(unit.of(found.wish.low), unit.of(found.wish.high), unit.symbol),
    }
    if found.why == "quantity":
        return _("It measures another quantity: {stated}.").format(**facts)
    if found.why == "below":
        return _("It does not reach down to {asked}: {stated}.").format(**facts)
    if found.why == "above":
        return _("It does not reach up to {asked}: {stated}.").format(**facts)
    if found.why == "not_comparable" or found.at is None or found.offered is None or found.asked is None:
        return _("It covers {asked}, but states no uncertainty that can be compared: {stated}.").format(**facts)
    return _("At {at} it is sure to {offered}, and {needed} is asked.").format(
        at=amount(_signed(found.at, found.wish), unit),
        offered=difference(found.offered, unit),
        needed=difference(found.asked, unit),
    )


def in_both_languages(fit: rules.Fit) -> dict[str, list[str]]:
    """Return the sentences by language, for the API."""
    told = {}
    for language, code in (("zh", "zh-hans"), ("en", "en")):
        with override(code):
            told[language] = why(fit)
    return told


def _range(fit: rules.Fit) -> str:
    unit, capable = fit.wish.its_unit, fit.capable
    facts = {
        "asked": span(unit.of(fit.wish.low), unit.of(fit.wish.high), unit.symbol),
        "name": chosen(capable.parameter_zh, capable.parameter_en) or quantity_name(capable.quantity),
        "range": span(capable.stated_low, capable.stated_high, capable.unit),
        "below": difference(fit.room_below, unit) if fit.room_below is not None else "",
        "above": difference(fit.room_above, unit) if fit.room_above is not None else "",
    }
    if fit.room_below is None:
        return _("Covers {asked}: {name} is {range}, with {above} to spare above.").format(**facts)
    if fit.room_above is None:
        return _("Covers {asked}: {name} is {range}, with {below} to spare below.").format(**facts)
    return _("Covers {asked}: {name} is {range}, with {below} to spare below and {above} above.").format(**facts)


def _surely(fit: rules.Fit, offered: Decimal) -> str:
    unit, capable = fit.wish.its_unit, fit.capable
    facts = {"at": amount(_signed(fit.at, fit.wish), unit), "offered": difference(offered, unit)}
    if capable.kind != rules.EXPANDED:
        return _("At {at} its permissible error is ±{offered}, taken as it stands.").format(**facts)
    if capable.coverage_factor is None:
        said = _("At {at} its uncertainty is {offered}; it states no coverage factor, so k = 2 is taken.")
        return said.format(**facts)
    if capable.coverage_factor != rules.USUAL_FACTOR:
        k = number(capable.coverage_factor)
        return _("At {at} its uncertainty is {offered} (k = 2, worked out from k = {k}).").format(k=k, **facts)
    return _("At {at} its uncertainty is {offered} (k = 2).").format(**facts)


def _how_well(fit: rules.Fit, asked: Decimal) -> str:
    needed = difference(asked, fit.wish.its_unit)
    if fit.ratio is None:
        return _("{needed} is asked.").format(needed=needed)
    if _times(fit.ratio) == "1":
        return _("{needed} is asked, and that is just what it does.").format(needed=needed)
    return _("{needed} is asked, and met {times} times over.").format(needed=needed, times=_times(fit.ratio))


def _times(ratio: Decimal) -> str:
    return number(Context(prec=2 if ratio < 100 else 3).plus(ratio))


def _signed(at: Decimal, wish: rules.Wish) -> Decimal:
    """Return the value of a magnitude: the end of what is asked that has it."""
    return next((each for each in (wish.high, wish.low) if abs(each) == at), at)
