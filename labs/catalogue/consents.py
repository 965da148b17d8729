"""What a customer agrees to, by an explicit tick, before something weaker than usual (LAB-2, STD-1, CAL-2)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from labs.catalogue.rules import InScope

NOT_TRACEABLE = "not_traceable"
OUTSIDE_SCOPE = "outside_scope"
NOT_CURRENT = "standard_not_current"
CODES = (NOT_TRACEABLE, OUTSIDE_SCOPE, NOT_CURRENT)

CURRENT = "current"


@dataclass(frozen=True, slots=True)
class Edition:
    """A standard as it may be ordered against: its number, its status, and what replaces it where something does."""

    number: str
    status: str = CURRENT
    replaced_by: str = ""


@dataclass(frozen=True, slots=True)
class Consent:
    """
    One thing to agree to: its code, and what it is about.

    `about` is the number of the standard; `instead` is the standard that replaces it; `mark` is the accreditation.
    """

    code: str
    about: str = ""
    instead: str = ""
    mark: str = ""

    @property
    def sentence(self) -> str:
        """What is agreed to, in the language of the page; it is kept word for word with the order."""
        if self.code == NOT_TRACEABLE:
            return _("I know that the instrument is not calibrated at that time: the results are not traceable.")
        if self.code == OUTSIDE_SCOPE:
            return _(
                "I know that no valid {mark} accreditation covers {standard}: the report carries no {mark} mark."
            ).format(mark=self.mark, standard=self.about or _("this service"))
        if self.instead:
            return _("I ask for {standard} although {instead} has replaced it; the report says so.").format(
                standard=self.about, instead=self.instead
            )
        return _("I ask for {standard} although it is not in force; the report says so.").format(standard=self.about)


def consents_needed(
    *,
    standards: Iterable[Edition] = (),
    parameter: str = "",
    scope: Mapping[str, Iterable[InScope]] | None = None,
    on: date,
    is_traceable: bool = True,
) -> list[Consent]:
    """
    Return what must be agreed to before an order, in order: nothing where all is as it should be.

    `scope` are the lines of accreditations by mark (CMA, CNAS), for each mark the service claims. A standard is in
    scope when one of the lines covers it with the parameter on the day (LAB-1). A service that claims a mark and
    names no standard is outside its scope (LAB-2). A standard that is not in force is ordered by the customer's own
    wish (STD-1).
    """
    editions = list(standards)
    needed = [] if is_traceable else [Consent(NOT_TRACEABLE)]
    for mark, lines in (scope or {}).items():
        known = list(lines)
        outside = [
            edition.number
            for edition in editions
            if not any(line.covers(standard=edition.number, parameter=parameter, on=on) for line in known)
        ]
        needed += [Consent(OUTSIDE_SCOPE, about=number, mark=mark) for number in outside]
        if not editions:
            needed.append(Consent(OUTSIDE_SCOPE, mark=mark))
    needed += [
        Consent(NOT_CURRENT, about=edition.number, instead=edition.replaced_by)
        for edition in editions
        if edition.status != CURRENT
    ]
    return needed
