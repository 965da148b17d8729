"""What is said of a standard that was asked for: whether it is still the one in force."""

from dataclasses import dataclass

from labs.catalogue import rules, searching
from labs.models import Standard


@dataclass(frozen=True, slots=True)
class Superseded:
    """An edition that is no longer in force, and the one that replaced it, where known (STD-1)."""

    standard: Standard
    by: Standard | None


def superseded(number: str) -> list[Superseded]:
    """Return the editions with that number that are not in force, those written so first; one statement, or none."""
    found = searching.standards_like(number) if number else None
    if found is None:
        return []
    old = found.exclude(status=Standard.Status.CURRENT).select_related("superseded_by")
    key = rules.standard_key(number)
    ordered = sorted(old[:20], key=lambda one: (not one.number_key.startswith(key), one.number))
    return [Superseded(one, one.superseded_by) for one in ordered if one.number_key.startswith(key)][:3]
