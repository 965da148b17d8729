"""
What a workbook changes, brought about row by row through the operations that the desk uses.

Note [A trial is the act undone]
    A trial brings the whole workbook in and rolls everything back: what an operation refuses, what a constraint
    forbids and what one row needs of another come to light without being told twice. Each operation is a savepoint
    of its own, so that one refusal does not hide the next. The act itself does the same once more and keeps it, when it
    comes out as it was shown. Every operation is told what the row was found to say (`seen`, `after`), so that an edit
    at the same moment is refused rather than written over.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Membership
from kernel.refusals import Busy, Refusal
from labs.catalogue.models import Instrument, InstrumentCategory, Lab, Room
from labs.exchange import wording
from labs.exchange.reading import Given, Problem

TOLD_EVERY = 20
"""After so many rows it is told how far the work is."""
SCHEME = "national-large-instruments"


@dataclass(frozen=True, slots=True)
class Entry:
    """A thing that is new or changed: on which sheet, in which row, its name, what changes from what to what."""

    sheet: str
    row: int
    name: str
    is_new: bool
    changes: tuple[tuple[str, str, str], ...] = ()


@dataclass(slots=True)
class Report:
    """What a workbook says, row by row: what is in the way, what is new or changed, and how much stays as it is."""

    problems: list[Problem] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    unchanged: dict[str, int] = field(default_factory=dict)

    @property
    def new(self) -> int:
        """How many things are new."""
        return sum(entry.is_new for entry in self.entries)

    @property
    def changed(self) -> int:
        """How many things change."""
        return sum(not entry.is_new for entry in self.entries)


class Work:
    """One pass over a workbook: for which lab, by whom, when; what the rows look things up in."""

    def __init__(
        self,
        lab: Lab,
        given: dict[str, Given],
        *,
        by: Membership,
        now: datetime,
        reason: str,
        tell: Callable[[int], None] | None = None,
    ) -> None:
        self.tell, self.done, self.heard = tell, 0, 0
        self.lab, self.given, self.by, self.now, self.reason = lab, given, by, now, reason
        self.report = Report(unchanged=dict.fromkeys(given, 0))
        rows = lab.instruments.select_related("lab", "category", "room").order_by("pk")
        self.instruments: dict[str, Instrument] = {row.code: row for row in rows}
        self.categories = {row.code: row for row in InstrumentCategory.objects.filter(scheme=SCHEME)}
        self.rooms = {row.code: row for row in Room.objects.filter(lab=lab)}

    @contextmanager
    def row(self, sheet: str, number: int, *, fields: Mapping[str, str] | None = None) -> Iterator[None]:
        """
        Bring one row in; a refusal is a problem of the row, beside the column it speaks of.

        `fields` give the columns of facts that are called otherwise.

        Raises:
            Busy: others held what it changes for too long; the whole workbook is to be tried again.
        """
        self._one_more()
        try:
            yield
        except Busy:
            raise
        except Misfit as misfit:
            self.problem(sheet, number, misfit.column, misfit.text)
        except Refusal as refusal:
            said = str(refusal.facts.get("field") or getattr(refusal, "field", "") or refusal.code)
            text = str(refusal).removeprefix(said).lstrip(":： ")  # the column says it in words
            self.problem(sheet, number, (fields or {}).get(said, said.partition(".")[0]), text[:1].upper() + text[1:])

    def _one_more(self) -> None:
        self.done += 1
        if self.tell is not None and self.done - self.heard >= TOLD_EVERY:
            self.heard = self.done
            self.tell(self.done)

    def problem(self, sheet: str, number: int, key: str, text: str) -> None:
        """Say what is in the way of a row, under a column where there is one of that key."""
        given = self.given[sheet]
        place = list(self.given).index(sheet)
        heading = next((each.heading for each in given.sheet.columns if each.key == key), "")
        self.report.problems.append(Problem(place, number, given.sheet.title, heading, text))

    def instrument(self, code: str) -> Instrument:
        """
        Return an instrument of the lab by its code.

        Raises:
            Misfit: the lab has none of that code.
        """
        found = self.instruments.get(code)
        if found is None:
            raise Misfit("instrument", _("The lab has no instrument {number}.").format(number=code))
        return found

    def new(self, sheet: str, number: int, name: str) -> None:
        """Note a thing that is new."""
        self.report.entries.append(Entry(self.given[sheet].sheet.title, number, name, is_new=True))

    def changed(self, sheet: str, number: int, name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        """Note a thing that changes, with what."""
        given = self.given[sheet]
        told = tuple(
            (column.heading, wording.value(column, before.get(key)), wording.value(column, value))
            for key, value in after.items()
            for column in [given.column(key)]
        )
        self.report.entries.append(Entry(given.sheet.title, number, name, is_new=False, changes=told))

    def changed_text(self, sheet: str, number: int, name: str, before: str, after: str) -> None:
        """Note a thing that changes as a whole, in words."""
        told = ((name, before, after),)
        self.report.entries.append(Entry(self.given[sheet].sheet.title, number, name, is_new=False, changes=told))

    def same(self, sheet: str) -> None:
        """Note a thing that stays as it is."""
        self.report.unchanged[sheet] += 1


class Misfit(Exception):  # noqa: N818 -- a row says it to whoever wrote it
    """A cell that can be read, and does not fit what there is."""

    def __init__(self, column: str, text: str) -> None:
        super().__init__(text)
        self.column, self.text = column, text


def differing(before: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that differ from what was; a spreadsheet keeps neither outer spaces nor carriage returns."""
    return {key: value for key, value in values.items() if _plain(before.get(key)) != _plain(value)}


def _plain(value: Any) -> Any:
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else value


def by_instrument(work: Work, sheet: str) -> list[tuple[str, list[tuple[int, dict[str, Any]]]]]:
    """Return the rows of a sheet by the instrument they name, in the order of the file."""
    found: dict[str, list[tuple[int, dict[str, Any]]]] = {}
    for number, values in work.given[sheet].rows:
        found.setdefault(values["instrument"], []).append((number, values))
    return list(found.items())
