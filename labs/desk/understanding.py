"""How a range and an uncertainty were understood, in sentences for whoever wrote them."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from labs.capabilities import rules, wording
from labs.capabilities.quantities import QUANTITIES


@dataclass(frozen=True, slots=True)
class Understood:
    """A capability as it was read: its range in SI, what its uncertainty comes to, or that it compares with nothing."""

    stated: str
    sentences: tuple[str, ...]
    compares: bool


def told(capable: rules.Capable) -> Understood:
    """Return how a capability was understood."""
    si = QUANTITIES[capable.quantity].si
    unit = rules.known_unit(capable.unit)
    stated = wording.span(capable.stated_low, capable.stated_high, capable.unit)
    in_si = wording.span(capable.low, capable.high, si)
    covers = stated if stated == in_si else _("{stated}, that is {si}").format(stated=stated, si=in_si)
    sentences = [_("Range: {range}.").format(range=covers)]
    if not capable.stated_uncertainty:
        sentences.append(_("No uncertainty: whoever asks for one will not find it."))
        return Understood(_name(capable), tuple(sentences), compares=False)
    if capable.uncertainty is None:
        sentences.append(
            _("“{text}” is shown as written, but cannot be compared: whoever asks for an uncertainty will not find it.")
            .format(text=capable.stated_uncertainty)
        )  # fmt: skip
        return Understood(_name(capable), tuple(sentences), compares=False)
    ends = {end for end in (capable.low, capable.high) if end is not None}
    comes_to = [
        _("at {value} it is {uncertainty}").format(
            value=wording.amount(end, unit), uncertainty=wording.difference(capable.uncertainty.at(abs(end)), unit)
        )
        for end in sorted(ends)
    ]
    how = (
        _("read as a permissible error, taken as it stands")
        if capable.kind != rules.EXPANDED
        else _("read as an expanded uncertainty, told at k = 2")
    )
    sentences.append(
        _("Uncertainty {text}: {how}; {ends}.").format(
            text=capable.stated_uncertainty, how=how, ends=_(", ").join(comes_to)
        )
    )
    return Understood(_name(capable), tuple(sentences), compares=True)


def _name(capable: rules.Capable) -> str:
    return wording.quantity_name(capable.quantity)
