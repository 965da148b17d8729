"""
Workbooks: written so that spreadsheets show what is meant, read so that no file can do harm.

Note [Foreign workbooks]
    A workbook is a ZIP of XML that somebody else made. Before it is parsed its parts are counted and weighed unpacked
    (a bomb is small and unpacks to gigabytes), and an XML that declares entities is refused. It is read row by row,
    with its formulas as formulas: none is worked out, and none is believed. What is written holds text as text, so that
    a name that begins with `=` is never run by whoever opens the file.
"""

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from kernel.refusals import Refusal
from labs.exchange import rules
from labs.exchange.rules import Column, Formula, Sheet

MOST_BYTES = 5 * 1024 * 1024
MOST_UNPACKED = 30 * 1024 * 1024
MOST_PARTS = 200
MOST_ROWS = 2_000
"""Rows of one sheet that are read; a row costs a few statements when it is brought in."""
MOST_LINES = 50_000
"""Lines of one sheet that are looked at for rows, empty ones too."""
MOST_COLUMNS = 80
FIRST_ROW = 3
"""Below the headings and the hints."""
HEAD = PatternFill("solid", fgColor="0F6E7C")
HINT = PatternFill("solid", fgColor="EEF2F4")


class WorkbookTooLarge(Refusal):
    code = "workbook_too_large"
    message = gettext_lazy(
        "The file is larger than {most} MB, or unpacks to more than it should. Split it, and try again."
    )
    status = 422


class WorkbookUnreadable(Refusal):
    code = "workbook_unreadable"
    message = gettext_lazy("The file is not an Excel workbook (.xlsx). Save it as one, and try again.")
    status = 422


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a sheet as it was found: its number in the spreadsheet, and its cells by heading."""

    number: int
    cells: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet as it was found: its title, its headings in order, its rows; `is_cut` says that there are more."""

    title: str
    headings: tuple[str, ...]
    lines: tuple[Line, ...]
    is_cut: bool = False


# --- Writing ---------------------------------------------------------------------------------------------------------


def written(sheets: Iterable[Sheet], rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> bytes:
    """Return the workbook of the rows, by sheet; hints and words are of the page's language."""
    english = (get_language() or "").startswith("en")
    book = Workbook(write_only=True)
    for sheet in sheets:
        page = book.create_sheet(sheet.title)
        page.freeze_panes = f"A{FIRST_ROW}"
        for number, column in enumerate(sheet.columns, 1):
            page.column_dimensions[get_column_letter(number)].width = max(12, min(36, 2 * len(column.zh) + 6))
        page.append(
            [_cell(page, column.heading, font=Font(bold=True, color="FFFFFF"), fill=HEAD) for column in sheet.columns]
        )
        page.append(
            [_cell(page, hint(column, english=english), font=Font(italic=True), fill=HINT) for column in sheet.columns]
        )
        for row in rows.get(sheet.key, ()):
            page.append([_value(page, column, row.get(column.key), english=english) for column in sheet.columns])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def hint(column: Column, *, english: bool) -> str:
    """Return what a column's cells hold, in words."""
    if column.kind == "shown":
        return _("Not read when the file comes back.")
    separator = " / " if english else "／"
    options = separator.join(words[1 if english else 0] for words in column.choices.values())
    said = {
        "text": _("Text, at most {most} characters").format(most=column.most),
        "int": _("Whole number from {least} to {most}").format(least=column.least, most=column.most),
        "decimal": _("A number"),
        "yuan": _("Yuan, two decimals"),
        "percent": _("Percent, two decimals"),
        "date": _("Date"),
        "moment": _("Date and time; empty: from now on"),
        "clock": _("Time as 08:30; 24:00 is the end of the day"),
        "yes": _("yes or no"),
        "choice": options,
        "list": _("Several, with a semicolon between") + (f": {options}" if options else ""),
        "pairs": _("For instance 10: 90 %; 50: 80 %"),
    }[column.kind]
    return _("Required. {what}").format(what=said) if column.is_required else said


def _value(page: Any, column: Column, value: Any, *, english: bool) -> Any:
    cell = _cell(page, rules.write(column, value, english=english))
    if column.kind in ("yuan", "percent"):
        cell.number_format = "#,##0.00"
    elif column.kind == "date":
        cell.number_format = "yyyy-mm-dd"
    elif column.kind == "moment":
        cell.number_format = "yyyy-mm-dd hh:mm"
    elif column.kind == "text":
        cell.number_format = "@"
    return cell


def _cell(page: Any, value: Any, *, font: Font | None = None, fill: PatternFill | None = None) -> Any:
    """Return a cell that holds text as text: see Note [Foreign workbooks]."""
    if isinstance(value, datetime):
        value = value.replace(tzinfo=None)
    is_text = value is not None and not isinstance(value, (int, float, Decimal, date))
    cell = WriteOnlyCell(page, value=str(value) if is_text else value)
    if isinstance(value, str):
        cell.data_type = "s"
    if font:
        cell.font = font
    if fill:
        cell.fill = fill
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell


# --- Reading ---------------------------------------------------------------------------------------------------------


def read(content: bytes) -> list[Table]:
    """
    Return the sheets of a workbook as they are found; see Note [Foreign workbooks].

    Raises:
        WorkbookTooLarge: it is too large, packed or unpacked.
        WorkbookUnreadable: it is no workbook, or one that no spreadsheet makes.
    """
    _check(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        tables = [_table(page) for page in book.worksheets]
    except Refusal:
        raise
    except Exception as error:  # the library raises whatever the damage causes: a KeyError, an expat error, a TypeError
        raise WorkbookUnreadable from error
    if not tables:
        raise WorkbookUnreadable
    return tables


def _check(content: bytes) -> None:
    too_large = WorkbookTooLarge(most=MOST_BYTES // 1024 // 1024)
    if len(content) > MOST_BYTES:
        raise too_large
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise too_large
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    text = packed.read(part)
                    if text[:2] in (b"\xff\xfe", b"\xfe\xff") or b"<!DOCTYPE" in text or b"<!ENTITY" in text:
                        raise WorkbookUnreadable
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        raise WorkbookUnreadable from error


def _table(page: Any) -> Table:
    headings: tuple[str, ...] = ()
    lines: list[Line] = []
    is_cut = False
    for number, row in enumerate(page.iter_rows(max_col=MOST_COLUMNS), 1):
        if number > MOST_LINES or len(lines) > MOST_ROWS:
            is_cut = True
            break
        if number == 1:
            headings = tuple(str(cell.value).strip() if cell.value is not None else "" for cell in row)
            continue
        if number < FIRST_ROW:
            continue
        cells = [_found(cell) for cell in row]
        if any(cell is not None and cell != "" for cell in cells):
            named = zip(headings, cells, strict=False)
            lines.append(Line(number, {heading: cell for heading, cell in named if heading}))
    return Table(page.title, headings, tuple(lines[:MOST_ROWS]), is_cut=is_cut or len(lines) > MOST_ROWS)


def _found(cell: Any) -> Any:
    if cell.data_type == "f" or cell.data_type == "e":
        return Formula(str(cell.value))
    return cell.value
