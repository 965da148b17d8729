"""Workbooks for tests: taken away as the desk writes them, and changed as people do."""

import io
from collections.abc import Callable
from typing import Any

from openpyxl import Workbook, load_workbook

from accounts.models import Membership
from labs.exchange import book, operations, queries
from labs.exchange.changing import Report
from labs.exchange.sheets import sheets
from labs.models import Lab
from tests.conftest import MONDAY_9

(
    INSTRUMENTS, PARAMETERS, CAPABILITIES, CERTIFICATES, OFFERINGS, TARIFFS, BANDS, POLICIES, HOURS,
) = (sheet.title for sheet in sheets())  # fmt: skip
HEADINGS = {sheet.title: {column.key: column.heading for column in sheet.columns} for sheet in sheets()}


def taken_away(lab: Lab) -> Workbook:
    """Return the lab's workbook as a spreadsheet opens it."""
    return load_workbook(io.BytesIO(book.written(sheets(), queries.rows(lab))))


def saved(found: Workbook) -> bytes:
    """Return a workbook as a file."""
    content = io.BytesIO()
    found.save(content)
    return content.getvalue()


def cell(found: Workbook, sheet: str, row: int, key: str) -> Any:
    """Return a cell by its column's key."""
    page = found[sheet]
    headings = [each.value for each in page[1]]
    return page.cell(row, headings.index(HEADINGS[sheet][key]) + 1)


def put(found: Workbook, sheet: str, row: int, **values: Any) -> None:
    """Write values into cells by their columns' keys."""
    for key, value in values.items():
        cell(found, sheet, row, key).value = value


def changed(lab: Lab, change: Callable[[Workbook], None]) -> bytes:
    """Return the lab's workbook with a change."""
    found = taken_away(lab)
    change(found)
    return saved(found)


def tried(lab: Lab, content: bytes, by: Membership) -> Report:
    """Send a workbook and look at it."""
    kept = operations.keep_workbook(lab=lab, content=content, file_name="lab.xlsx", by=by, now=MONDAY_9)
    return operations.try_out(workbook=kept, by=by, now=MONDAY_9)[0]


def brought(lab: Lab, content: bytes, by: Membership) -> Report:
    """Send a workbook, look at it and confirm it."""
    kept = operations.keep_workbook(lab=lab, content=content, file_name="lab.xlsx", by=by, now=MONDAY_9)
    report, mark = operations.try_out(workbook=kept, by=by, now=MONDAY_9)
    assert not report.problems, [(each.sheet, each.row, each.column, each.text) for each in report.problems]
    return operations.bring_in(workbook=kept, mark=mark, by=by, now=MONDAY_9)
