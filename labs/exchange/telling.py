"""What came of a workbook, kept as JSON between the job that found it and the page that shows it."""

from dataclasses import asdict, dataclass
from typing import Any

from labs.exchange.changing import Entry, Report
from labs.exchange.reading import MOST_PROBLEMS, Problem

MOST_ENTRIES = 500
"""Changes that are shown one by one; all are counted."""


@dataclass(frozen=True, slots=True)
class Told:
    """A report as a page shows it: the first of its problems and entries, and how many there are; the mark of it."""

    problems: tuple[Problem, ...]
    problem_count: int
    entries: tuple[Entry, ...]
    entry_count: int
    new: int
    changed: int
    unchanged: tuple[tuple[str, int], ...]
    mark: str = ""

    @property
    def more_problems(self) -> int:
        """Problems that are not shown."""
        return self.problem_count - len(self.problems)

    @property
    def more_entries(self) -> int:
        """Changes that are not shown."""
        return self.entry_count - len(self.entries)


def told(report: Report, mark: str) -> Told:
    """Return a report as a page shows it."""
    return Told(
        problems=tuple(report.problems[:MOST_PROBLEMS]),
        problem_count=len(report.problems),
        entries=tuple(report.entries[:MOST_ENTRIES]),
        entry_count=len(report.entries),
        new=report.new,
        changed=report.changed,
        unchanged=tuple((key, number) for key, number in report.unchanged.items() if number),
        mark=mark,
    )


def kept(found: Told, *, refused: str = "") -> dict[str, Any]:
    """Return it as JSON; `refused` is why it was not brought in."""
    return {**asdict(found), "refused": refused}


def read(stored: dict[str, Any]) -> tuple[Told, str]:
    """Return what was kept, and why it was not brought in."""
    values = {**stored}
    refused = values.pop("refused", "")
    problems = tuple(Problem(**each) for each in values.pop("problems"))
    entries = tuple(
        Entry(**{**each, "changes": tuple(tuple(change) for change in each["changes"])})
        for each in values.pop("entries")
    )
    unchanged = tuple((key, number) for key, number in values.pop("unchanged"))
    return Told(problems=problems, entries=entries, unchanged=unchanged, **values), refused
