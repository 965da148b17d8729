"""One service, one standard: what they are, who stands behind them, and what they cost."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q

from bookings.discovery.disclosure import rules
from bookings.discovery.disclosure.rules import Coverage, Line
from kernel.money import BASIS_POINTS, Money
from labs.catalogue import consents, scope
from labs.catalogue.consents import Edition
from labs.models import Instrument, Offering, ScopeEntry, Standard
from labs.tariffs.wording import percent

MARKS = {"CMA": "cma_in_scope", "CNAS": "cnas_in_scope"}
MOST = 100


@dataclass(frozen=True, slots=True)
class Urgent:
    """A faster turnaround: working days, what is added, and the price of one."""

    workdays: int
    surcharge: str
    price: Money


@dataclass(frozen=True, slots=True)
class Covered:
    """A standard of a service with the certificates that cover it."""

    standard: Standard
    coverage: list[Coverage]

    @property
    def is_covered(self) -> bool:
        """Whether any does today."""
        return any(each.is_covered for each in self.coverage)


def lines_of(lab_id: int, standards: Iterable[Standard]) -> list[Line]:
    """Return the lines of a lab's scope that may be about some standards, whenever they are or were valid."""
    numbers = [standard.number for standard in standards]
    entries = ScopeEntry.objects.filter(accreditation__lab_id=lab_id).filter(
        Q(standard__number__in=numbers) | ~Q(method="")
    )
    return [
        Line(entry.accreditation.kind, entry.accreditation.number, scope.as_value(entry))
        for entry in entries.select_related("accreditation", "standard").order_by("accreditation__kind", "pk")
    ]


def edition(standard: Standard) -> Edition:
    """Return a standard as a consent speaks of it."""
    return Edition(
        number=standard.number,
        status=standard.status,
        replaced_by=standard.superseded_by.number if standard.superseded_by else "",
    )


def service_page(offering: Offering, *, now: datetime) -> dict[str, Any]:
    """Return what a service's page shows; the number of statements is constant."""
    today = now.astimezone(offering.lab.tz).date()
    standards = list(offering.standards.select_related("superseded_by").order_by("number"))
    lines = lines_of(offering.lab_id, standards)
    parameters = (offering.parameter_zh, offering.parameter_en)
    claimed = [kind for kind, field in MARKS.items() if getattr(offering, field)]
    covered = [
        Covered(standard, rules.coverage(standard.number, parameters, lines, on=today)) for standard in standards
    ]
    price = Money(offering.unit_price_fen)
    return {
        "offering": offering,
        "lab": offering.lab,
        "today": today,
        "covered": covered,
        "claimed": claimed,
        "not_accredited": _not_accredited(claimed, covered),
        "warnings": warnings(offering, standards, lines, claimed, today),
        "price": price,
        "steps": rules.worked(price, offering.tiers, min_qty=offering.min_qty),
        "unit": offering.price_unit_zh.removeprefix("元/").removeprefix("元"),
        "urgent": [
            Urgent(
                option["workdays"],
                percent(option["surcharge_bp"]),
                price.basis_points(BASIS_POINTS + option["surcharge_bp"]),
            )
            for option in offering.urgent_options
        ],
        "instruments": list(
            Instrument.objects.published()
            .filter(services=offering)
            .select_related("category")
            .order_by("name_pinyin", "pk")[:MOST]
        ),
    }


def _not_accredited(claimed: list[str], covered: list[Covered]) -> list[str]:
    """Return the marks the service claims that no valid line of scope stands behind today (LAB-2)."""
    return [
        kind
        for kind in claimed
        if not covered or any(not any(each.line and each.line.kind == kind for each in one.coverage) for one in covered)
    ]


def warnings(
    offering: Offering, standards: list[Standard], lines: list[Line], claimed: list[str], on: date
) -> list[consents.Consent]:
    """Return what a customer will have to agree to when ordering (LAB-2, STD-1)."""
    return consents.consents_needed(
        standards=map(edition, standards),
        parameter=offering.parameter_zh or offering.parameter_en,
        scope={kind: [line.scope for line in lines if line.kind == kind] for kind in claimed},
        on=on,
    )


# --- One standard -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Provider:
    """A service by a standard: who does it, at what price, and which accreditations cover it today."""

    offering: Offering
    price: Money
    unit: str
    kinds: list[str]


def standard_page(standard: Standard, *, today: date) -> dict[str, Any]:
    """Return what a standard's page shows: who can do it; the number of statements is constant."""
    offerings = list(
        Offering.objects.published()
        .services()
        .filter(standards=standard)
        .select_related("lab__district")
        .prefetch_related("standards")
        .order_by("unit_price_fen", "name_pinyin", "pk")[:MOST]
    )
    kinds = scope.accreditations_of(offerings, today)
    instruments = Instrument.objects.published().filter(services__in=offerings)
    return {
        "standard": standard,
        "today": today,
        "replaces": list(standard.supersedes.order_by("number")),
        "editions": list(editions_of(standard)),
        "providers": [
            Provider(
                offering=offering,
                price=Money(offering.unit_price_fen),
                unit=offering.price_unit_zh.removeprefix("元"),
                kinds=sorted(kinds[offering.pk]),
            )
            for offering in offerings
        ],
        "instruments": list(
            instruments.select_related("lab", "category").distinct().order_by("name_pinyin", "pk")[:MOST]
        ),
    }


def editions_of(standard: Standard) -> Any:
    """Return the other editions of a standard: the same number, another year."""
    stem, dash, _year = standard.number.rpartition("-")
    if not dash:
        return Standard.objects.none()
    others = Standard.objects.filter(number__startswith=f"{stem}-").exclude(pk=standard.pk)
    known = Q(pk=standard.superseded_by_id) | Q(superseded_by=standard)  # said as what replaces it, or it replaces
    return others.exclude(known).order_by("-number")[:20]
