"""A workbook's sheets, read row by row into values; whatever cannot be read is a problem with its place."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from labs.exchange import rules, wording
from labs.exchange.book import MOST_ROWS, Table
from labs.exchange.rules import Column, Sheet, Unreadable

MOST_PROBLEMS = 500
"""Problems that are told; whoever has more has mistaken the file."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something that stands in the way: on which sheet, in which row, under which heading, and why."""

    place: int
    row: int
    sheet: str
    column: str
    text: str


@dataclass(slots=True)
class Given:
    """A sheet as it was read: its right rows by number, and whether it was there at all."""

    sheet: Sheet
    is_there: bool = False
    rows: list[tuple[int, dict[str, Any]]] = field(default_factory=list)

    def column(self, key: str) -> Column:
        """Return a column by its key."""
        return next(each for each in self.sheet.columns if each.key == key)


def read(tables: Iterable[Table], sheets: Sequence[Sheet]) -> tuple[dict[str, Given], list[Problem]]:
    """Return what the tables say by sheet, and all that cannot be read, in the order of the file."""
    found = {_plain(table.title): table for table in tables}
    given: dict[str, Given] = {}
    problems: list[Problem] = []
    for place, sheet in enumerate(sheets):
        names = (sheet.title, sheet.zh, sheet.en)
        table = next((found.pop(_plain(name)) for name in names if _plain(name) in found), None)
        given[sheet.key] = Given(sheet, is_there=table is not None)
        if table is not None:
            _read_table(table, given[sheet.key], place, problems)
    for table in found.values():
        if table.lines:
            text = _("This sheet is not known. Its name must be one of those in the file that is taken away.")
            problems.append(Problem(len(sheets), 1, table.title, "", text))
    return given, problems


def _read_table(table: Table, given: Given, place: int, problems: list[Problem]) -> None:
    sheet = given.sheet
    columns: dict[str, Column] = {}
    for heading in table.headings:
        column = _column(sheet, heading)
        if heading and column is None:
            problems.append(Problem(place, 1, sheet.title, heading, _("This column is not known.")))
        elif column is not None and column.key in {each.key for each in columns.values()}:
            problems.append(Problem(place, 1, sheet.title, heading, _("This column stands here twice.")))
        elif column is not None:
            columns[heading] = column
    missing = [each for each in sheet.columns if each.is_required and each not in columns.values()]
    if table.lines:
        problems += [Problem(place, 1, sheet.title, each.heading, _("This column is missing.")) for each in missing]
    if table.is_cut:
        text = _("More than {most} rows. Split the file.").format(most=MOST_ROWS)
        problems.append(Problem(place, MOST_ROWS, sheet.title, "", text))
    if missing:
        return
    seen: dict[tuple[Any, ...], int] = {}
    for line in table.lines:
        values: dict[str, Any] = {}
        is_right = True
        for heading, column in columns.items():
            try:
                values[column.key] = rules.read(column, line.cells.get(heading))
            except Unreadable as found:
                is_right = False
                text = wording.problem(found, column)
                problems.append(Problem(place, line.number, sheet.title, column.heading, text))
        if not is_right:
            continue
        name = tuple(values.get(key) for key in sheet.named_by)
        if name in seen:
            text = _("The same as row {row}.").format(row=seen[name])
            column = given.column(sheet.named_by[-1])
            problems.append(Problem(place, line.number, sheet.title, column.heading, text))
            continue
        seen[name] = line.number
        kept = {key: list(value) if isinstance(value, tuple) else value for key, value in values.items()}
        given.rows.append((line.number, {key: value for key, value in kept.items() if value is not rules.MISSING}))


def _column(sheet: Sheet, heading: str) -> Column | None:
    said = _plain(heading)
    return next(
        (each for each in sheet.columns if said in (_plain(each.heading), _plain(each.zh), _plain(each.en))), None
    )


def _plain(text: str) -> str:
    return "".join(text.split()).lower()
