"""How prices are said to people: every line in words and numbers, and what all of them were computed from."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import translation
from django.utils.translation import gettext as _

from billing.pricing import metering
from billing.pricing.replaying import Inputs, ReplayError, from_json
from billing.pricing.rules import STANDARD_BAND, Line, billed_period
from kernel.money import BASIS_POINTS, Money
from kernel.periods import Period
from labs.tariffs import wording as price_lists
from labs.tariffs.wording import percent
from web import moments

UNBROKEN = "\N{WORD JOINER}"
"""Keeps the minus sign on the line of its amount."""

LANGUAGES = {"zh": "zh-hans", "en": "en"}
"""The languages a line is said in wherever programs read it."""


@dataclass(frozen=True, slots=True)
class LineTold:
    """One line of a price in words: what for, how it is counted, what is taken off, what it comes to."""

    name: str
    how: str
    discount: str
    amount: Money


def lines_told(lines: Iterable[Line | dict[str, Any]]) -> list[LineTold]:
    """Return the lines of a price (or of a frozen one) in words, in the language of the page."""
    return [_told(line, used_fen) for line, used_fen in _with_use(lines)]


def lines_in_both(lines: Iterable[Line | dict[str, Any]]) -> list[dict[str, str]]:
    """Return for each line a sentence in Chinese (`told_zh`) and English (`told_en`): 1 hour × ¥300.00/h = ¥300.00."""
    return [{f"told_{key}": _sentence(line, used, key) for key in LANGUAGES} for line, used in _with_use(lines)]


def _with_use(lines: Iterable[Line | dict[str, Any]]) -> Iterator[tuple[Line, int]]:
    """Yield each line, and what the use before it comes to: a top-up says what it tops up."""
    used = 0
    for each in lines:
        line = each if isinstance(each, Line) else Line(**each)
        used += line.list_fen if line.kind == "usage" else 0
        yield line, used if line.kind == "minimum" else 0


@lru_cache(maxsize=4096)
def _sentence(line: Line, used_fen: int, language: str) -> str:
    with translation.override(LANGUAGES[language]):
        told = _told(line, used_fen)
        said = f"{told.name}{_(': ')}{told.how} = {Money(line.list_fen)}" if told.how else f"{told.name} {told.amount}"
        if not line.discount_fen:
            return said
        off = _("less {percent}: −{amount}").format(percent=percent(line.discount_bp), amount=Money(line.discount_fen))
        return f"{said}{_('; ')}{off} = {told.amount}"


def _told(line: Line, used_fen: int) -> LineTold:
    discount = ""
    if line.discount_fen:
        discount = _("{list}, less {percent}: −{amount}").format(
            list=Money(line.list_fen), percent=percent(line.discount_bp), amount=f"{UNBROKEN}{Money(line.discount_fen)}"
        )
    return LineTold(name=_name(line), how=_how(line, used_fen), discount=discount, amount=Money(line.amount_fen))


def _name(line: Line) -> str:
    if line.kind == "usage":
        return _("Use, {band}").format(band=band_name(line.band, line.band_zh))
    if line.kind == "overtime":
        return _("Overtime, {band}").format(band=band_name(line.band, line.band_zh))
    if line.kind == "urgent":
        return _("Urgent: {item}").format(item=line.item)
    if line.item:
        return line.item
    return kind_name(line.kind)


def kind_name(kind: str) -> str:
    """Return the name of a kind of line, whatever the band or the thing."""
    names = {
        "usage": _("Use"),
        "overtime": _("Overtime"),
        "minimum": _("Top-up to the minimum charge"),
        "setup": _("Set-up"),
        "operator": _("Operator"),
        "consumable": _("Consumables"),
        "sample": _("Samples"),
        "test": _("Tests"),
        "travel": _("Travel"),
        "urgent": _("Urgent surcharge"),
        "discount": _("Discounts"),
    }
    return names[kind]


def band_name(band: str, band_zh: str) -> str:
    """Return the name of an hour band in the language of the page; the rest of the day has one too."""
    if band == STANDARD_BAND:
        return price_lists.standard_name()
    return price_lists.band_name({"name": band, "name_zh": band_zh})


def _how(line: Line, used_fen: int) -> str:
    if line.kind == "minimum":
        return _minimum(line, used_fen)
    if line.kind == "setup":
        return _setup(line)
    if line.unit_price_fen is not None:
        return _thing(line, line.unit_price_fen)
    if line.minutes is None or line.rate_fen_per_hour is None:
        return ""
    said = _("{length} × {rate}/h").format(length=moments.length(line.minutes), rate=Money(line.rate_fen_per_hour))
    said += "".join(f" × {percent(bp)}" for bp in _shares(line))
    return said + _times(line)


def _shares(line: Line) -> list[int]:
    """Return what the hourly rate is multiplied with, in basis points: overtime by its own share, and the band's."""
    if line.rate_bp is None:
        return []
    of_band, rest = divmod(line.rate_bp * BASIS_POINTS, metering.OVERTIME_BP)
    shares = [of_band, metering.OVERTIME_BP] if line.kind == "overtime" and not rest else [line.rate_bp]
    return [bp for bp in shares if bp != BASIS_POINTS]


def _times(line: Line) -> str:
    return f" × {line.units}" if line.units > 1 else ""


def _minimum(line: Line, used_fen: int) -> str:
    if line.unit_price_fen is None:
        return ""
    least = f"{Money(line.unit_price_fen)}{_times(line)}"
    return _("at least {least}, less {used} for use").format(least=least, used=Money(used_fen))


def _setup(line: Line) -> str:
    if line.unit_price_fen is None or line.units == 1:
        return _("once")
    return _("{price}, once a booking").format(price=f"{Money(line.unit_price_fen)}{_times(line)}")


def _thing(line: Line, unit_price_fen: int) -> str:
    if line.kind == "urgent":
        return _("{percent} of {amount}").format(percent=percent(line.rate_bp or 0), amount=Money(unit_price_fen))
    if line.rate_bp in (None, BASIS_POINTS):
        return f"{line.quantity} × {Money(unit_price_fen)}"
    one = Money(unit_price_fen).basis_points(line.rate_bp or 0)
    return _("{quantity} × {price} ({percent} of {list})").format(
        quantity=line.quantity, price=one, percent=percent(line.rate_bp or 0), list=Money(unit_price_fen)
    )


def discount_told(discount: str) -> str:
    """Return the name of a discount."""
    names = {
        "sme": _("discount for small and medium enterprises"),
        "member": _("members' discount"),
        "chain": _("discount of the chain agreement"),
        "campaign": _("campaign discount"),
    }
    return names.get(discount, discount)


# --- What all lines were computed from ------------------------------------------------------------------------------


def basis_in_both(priced_from: Mapping[str, Any] | None) -> dict[str, list[str]]:
    """Return the sentences of `basis_told` by language, `zh` and `en`."""
    told = {}
    for key, language in LANGUAGES.items():
        with translation.override(language):
            told[key] = basis_told(priced_from)
    return told


def basis_told(priced_from: Mapping[str, Any] | None) -> list[str]:
    """
    Return in sentences which time was counted, and why so much of it: steps, least time, floor, kinds of day.

    Nothing is said where the time is counted as it was booked, nor of prices frozen before this was kept.
    """
    if priced_from is None:
        return []
    try:
        inputs = from_json(priced_from)
    except ReplayError:
        return []
    if not isinstance(inputs, Inputs):
        return []
    if inputs.kind == "of_no_use":
        return [_("The run was of no use, and the lab did not object: nothing is charged.")]
    if inputs.kind == "broken_off":
        return [_("A fault ended the use: the minutes used are charged, without minimum, set-up or operator.")]
    told = _run_told(inputs) if inputs.kind == "metered" else _booked_told(inputs)
    return [*told, *_added_told(inputs), *_days_told(inputs)]


def _booked_told(inputs: Inputs) -> list[str]:
    billed = billed_period(rates=inputs.rates, period=inputs.period)
    if billed == inputs.period:
        return []
    return [
        _("{booked} booked; counted {rule}: {counted}.").format(
            booked=moments.length(inputs.period.minutes), rule=_steps(inputs), counted=moments.length(billed.minutes)
        )
    ]


def _steps(inputs: Inputs) -> str:
    step = moments.length(inputs.rates.billing_increment_min)
    least = inputs.rates.min_billable_minutes
    if not least:
        return _("in steps of {step}").format(step=step)
    return _("in steps of {step}, at least {least}").format(step=step, least=moments.length(least))


def _run_told(inputs: Inputs) -> list[str]:
    assert inputs.came is not None and inputs.left is not None  # noqa: S101, PT018 -- of its kind
    zone, rates = ZoneInfo(inputs.zone), inputs.rates
    billed = metering.billed_run(rates=rates, booked=inputs.period, came=inputs.came, left=inputs.left)
    told = [
        _("Used {came}–{left}; counted in steps of {step}, at least {floor} of what was booked: {counted}.").format(
            came=f"{inputs.came.astimezone(zone):%H:%M}",
            left=f"{inputs.left.astimezone(zone):%H:%M}",
            step=moments.length(rates.billing_increment_min),
            floor=percent(metering.EARLY_FINISH_FLOOR_BP),
            counted=moments.period(billed, zone),
        )
    ]
    over = metering.minutes_up(inputs.left - inputs.period.end)
    if over > metering.OVERTIME_GRACE_MIN:
        told.append(
            _("{over} beyond the booked end, all of it charged at {share}.").format(
                over=moments.length(over), share=percent(metering.OVERTIME_BP)
            )
        )
    elif over:
        told.append(
            _("{over} beyond the booked end: up to {grace} is free.").format(
                over=moments.length(over), grace=moments.length(metering.OVERTIME_GRACE_MIN)
            )
        )
    return told


def _added_told(inputs: Inputs) -> list[str]:
    zone = ZoneInfo(inputs.zone)
    return [
        _("Prolonged, {period}: at the price list then in force.").format(
            period=moments.period(Period(one.booked.end, one.until), zone)
        )
        for one in inputs.added
    ]


def _days_told(inputs: Inputs) -> list[str]:
    """Say what kinds of day it touches, where the price list knows a difference between them."""
    bands = [band for _since, rates in inputs.tariffs for band in rates.bands]
    if len({band.day_types for band in bands}) < 2 and all(len(band.day_types) == 3 for band in bands):
        return []
    kinds = set(inputs.days.values())
    if kinds == {"workday"}:
        return []
    names = price_lists.day_type_names()
    days = (f"{day.isoformat()} {names[kind]}" for day, kind in sorted(inputs.days.items()))
    return [_("Kinds of day: {days}.").format(days=_(", ").join(days))]
