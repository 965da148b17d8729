"""What a lab is accredited for on a day (LAB-1)."""

from collections.abc import Collection, Iterable
from datetime import date

from django.db.models import Q

from labs.catalogue import rules
from labs.catalogue.models import Lab, Offering, ScopeEntry, Standard


def in_scope(*, lab: Lab, standard: Standard | str, parameter: str, on: date) -> list[ScopeEntry]:
    """Return the entries of a lab's accreditations that cover a method on a day (LAB-1), in one statement."""
    number = str(standard)
    return [
        entry for entry in _valid([lab.pk], on) if as_value(entry).covers(standard=number, parameter=parameter, on=on)
    ]


def accreditations_of(offerings: Collection[Offering], on: date) -> dict[int, set[str]]:
    """
    Return, by offering, the kinds of accreditation (CMA, CNAS, ...) whose scope covers all its standards on a day.

    One statement for any number of offerings; their standards are read as prefetched.
    """
    entries: dict[int, list[tuple[str, rules.InScope]]] = {}
    for entry in _valid({offering.lab_id for offering in offerings}, on):
        entries.setdefault(entry.accreditation.lab_id, []).append((entry.accreditation.kind, as_value(entry)))
    return {offering.pk: _kinds(offering, entries.get(offering.lab_id, []), on) for offering in offerings}


def as_value(entry: ScopeEntry) -> rules.InScope:
    """Return an entry, with its accreditation, as a value."""
    return rules.InScope(
        standards=(entry.standard.number if entry.standard else "", entry.method),
        parameters=(entry.parameter_zh, entry.parameter_en),
        valid_from=entry.valid_from,
        valid_to=entry.valid_to,
        accredited_from=entry.accreditation.valid_from,
        accredited_to=entry.accreditation.valid_to,
    )


def _kinds(offering: Offering, entries: Collection[tuple[str, rules.InScope]], on: date) -> set[str]:
    parameters = [each for each in (offering.parameter_zh, offering.parameter_en) if each]
    covered = [
        {
            kind
            for kind, entry in entries
            if any(entry.covers(standard=standard.number, parameter=each, on=on) for each in parameters)
        }
        for standard in offering.standards.all()
    ]
    return set.intersection(*covered) if covered else set()


def _valid(labs: Iterable[int], on: date) -> list[ScopeEntry]:
    lasting = Q(valid_to__isnull=True) | Q(valid_to__gte=on)
    return list(
        ScopeEntry.objects.filter(lasting, valid_from__lte=on, accreditation__lab__in=list(labs))
        .filter(accreditation__valid_from__lte=on, accreditation__valid_to__gte=on)
        .select_related("accreditation", "standard")
        .order_by("accreditation__kind", "pk")
    )
