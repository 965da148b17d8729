"""Instruments side by side: what they measure, how surely, when they are free, at what price, on what terms."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accounts.models import Membership
from billing.pricing.wording import discount_told
from bookings.availability import queries as availability
from bookings.discovery import wording
from bookings.discovery.queries.cards import calibrated_until, next_free
from kernel.money import Money
from kernel.periods import Period
from labs.capabilities import wording as capable
from labs.catalogue import searching
from labs.models import Accreditation, Capability, Instrument, Parameter
from labs.tariffs import wording as price_lists

MOST_FOUND = 8


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the comparison: its heading, and a cell of lines for each instrument."""

    name: str
    cells: tuple[tuple[str, ...], ...]

    @property
    def differs(self) -> bool:
        """Whether the instruments do not all say the same."""
        return len(set(self.cells)) > 1


@dataclass(frozen=True, slots=True)
class Section:
    """Lines of the comparison under one heading."""

    name: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Beside:
    """One instrument of the comparison: the address without it, and its next free time."""

    instrument: Instrument
    without: str
    next_free: datetime | None


@dataclass(frozen=True, slots=True)
class SideBySide:
    """The instruments compared, and what is said of them, section by section."""

    instruments: tuple[Beside, ...]
    sections: tuple[Section, ...]


def _published(codes: Sequence[str]) -> list[Instrument]:
    found = Instrument.objects.published().filter(code__in=codes).select_related("lab__district", "category")
    by_code = {one.code: one for one in found}
    return [by_code[code] for code in codes if code in by_code]


def tray(codes: Sequence[str]) -> list[dict[str, Any]]:
    """Return the instruments put aside to be compared, in order; one statement, none where there are none."""
    return [{"code": one.code, "name": one.name} for one in _published(codes)] if codes else []


def to_add(typed: str, *, leave_out: Sequence[str]) -> list[Instrument]:
    """Return instruments that words find, to be added to a comparison; two statements at most."""
    found = searching.instruments(Instrument.objects.published().exclude(code__in=leave_out), typed)
    return list(found.select_related("lab__district")[:MOST_FOUND])


def side_by_side(codes: Sequence[str], *, member: Membership | None, now: datetime) -> SideBySide:
    """Return a comparison of published instruments in the order of the codes; a constant number of statements."""
    instruments = _published(codes)
    ids = [one.pk for one in instruments]
    if not ids:
        return SideBySide((), ())
    within = Period(now, now + availability.LOOK_AHEAD)
    terms = availability.terms(ids, within=within, member=member, now=now)
    kept = [one.code for one in instruments]
    beside = tuple(
        Beside(one, _address([code for code in kept if code != one.code]), next_free(terms.get(one.pk), within, now))
        for one in instruments
    )
    sections = (
        _measures(instruments),
        _prices(instruments, terms),
        _trust(instruments, now),
        _rules(instruments, terms),
    )
    return SideBySide(beside, tuple(section for section in sections if section.rows))


def _address(codes: Sequence[str]) -> str:
    """Return the address of the comparison of these instruments."""
    return f"{reverse('discovery:compare')}?{urlencode([('i', code) for code in codes])}"


def _measures(instruments: Sequence[Instrument]) -> Section:
    """Line up capabilities by quantity, then what only the data sheets say by its name."""
    ids = [one.pk for one in instruments]
    lines: dict[str, dict[int, list[str]]] = {}
    parameters_told = set()
    capabilities = Capability.objects.filter(instrument__in=ids).select_related("parameter")
    for capability in capabilities.order_by("quantity", "pk"):
        name = capable.quantity_name(capability.quantity)
        told = capable.stated(capability.capable).removeprefix(f"{name} ")
        lines.setdefault(name, {}).setdefault(capability.instrument_id, []).append(told)
        parameters_told.add(capability.parameter_id)
    for parameter in Parameter.objects.filter(instrument__in=ids).order_by("position"):
        if parameter.pk not in parameters_told:
            told = " ".join(each for each in (parameter.range, parameter.unit, parameter.accuracy) if each)
            lines.setdefault(parameter.name, {}).setdefault(parameter.instrument_id, []).append(told)
    rows = (Row(name, _cells(instruments, found)) for name, found in lines.items())
    shared_first = sorted(rows, key=lambda row: -sum(bool(cell) for cell in row.cells))
    return Section(_("What they measure"), tuple(shared_first))


def _prices(instruments: Sequence[Instrument], terms: dict[int, availability.Terms]) -> Section:
    """Line up the standard rate, the hour bands by their names, and the fees."""
    lines: dict[str, dict[int, list[str]]] = {}

    def tell(name: str, pk: int, told: str) -> None:
        lines.setdefault(name, {}).setdefault(pk, []).append(told)

    for pk, found in terms.items():
        tell(_("An hour in standard hours"), pk, str(Money(found.rates.base_rate_fen_per_hour)))
        for band in wording.bands_told(found.rates):
            tell(band.name, pk, f"{band.rate} · {band.days} {band.clock}")
        for fee in wording.fees_told(found.rates):
            tell(fee.name, pk, f"{fee.amount} {fee.unit}".strip())
        for discount in found.discounts:
            tell(_("Your discount"), pk, f"{discount_told(discount.name)}: {price_lists.percent(discount.bp)}")
    return Section(_("Price"), tuple(Row(name, _cells(instruments, found)) for name, found in lines.items()))


def _trust(instruments: Sequence[Instrument], now: datetime) -> Section:
    """Line up calibration and accreditation."""
    until = calibrated_until([one.pk for one in instruments], now)
    today = now.date()
    accreditations: dict[int, list[Accreditation]] = {}
    for one in Accreditation.objects.filter(
        lab__in={one.lab_id for one in instruments}, valid_from__lte=today, valid_to__gte=today
    ).order_by("kind", "number"):
        accreditations.setdefault(one.lab_id, []).append(one)
    return Section(
        _("Calibration and accreditation"),
        (
            Row(
                _("Calibration"),
                tuple((_calibration(one, until.get(one.pk)),) for one in instruments),
            ),
            Row(
                _("Accreditation of the lab"),
                tuple(tuple(map(_accreditation, accreditations.get(one.lab_id, ()))) for one in instruments),
            ),
        ),
    )


def _accreditation(one: Accreditation) -> str:
    return _("{kind}, valid until {day}").format(kind=one.get_kind_display(), day=one.valid_to.isoformat())


def _calibration(instrument: Instrument, until: date | None) -> str:
    if until is not None:
        return _("Calibrated until {day}").format(day=until.isoformat())
    if instrument.requires_calibration:
        return _("Not calibrated at present")
    return _("No calibration needed: results are not traceable")


def _rules(instruments: Sequence[Instrument], terms: dict[int, availability.Terms]) -> Section:
    """Line up the terms of booking."""
    lines: dict[str, dict[int, list[str]]] = {}
    for pk, found in terms.items():
        facts = found.facts
        told = wording.terms_told(
            facts.policy,
            span_closed=facts.span_closed,
            needs_qualification=facts.needs_qualification,
            modes=facts.modes,
            bill_mode="",
        )
        for term in told:
            lines.setdefault(term.name, {}).setdefault(pk, []).append(term.text)
    return Section(_("Terms of booking"), tuple(Row(name, _cells(instruments, found)) for name, found in lines.items()))


def _cells(instruments: Iterable[Instrument], found: dict[int, list[str]]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(found.get(one.pk, ())) for one in instruments)
