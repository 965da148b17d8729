"""Files that are no workbooks, or do harm, are refused before they are read. See Note [Foreign workbooks]."""

import io
import zipfile

import pytest
from openpyxl import Workbook

from labs.exchange import book
from tests.labs.exchange.workbooks import INSTRUMENTS, saved


def zipped(**parts: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, part in parts.items():
            packed.writestr(name.replace("__", "/").replace("_xml", ".xml"), part)
    return content.getvalue()


def with_part(name: str, change: bytes) -> bytes:
    """A right workbook, one part of which begins otherwise."""
    content = io.BytesIO()
    right = saved(Workbook())
    with zipfile.ZipFile(io.BytesIO(right)) as old, zipfile.ZipFile(content, "w") as new:
        for part in old.infolist():
            new.writestr(part.filename, change if part.filename == name else old.read(part))
    return content.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"", b"code,name\n1,2\n", b"PK\x03\x04 broken", zipped(a_xml=b"<a/>"), b"\xd0\xcf\x11\xe0" + b"\x00" * 600,
        with_part("xl/workbook.xml", b"<a/>"), with_part("xl/workbook.xml", b"not xml"),
        with_part("xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row r='x'><c r='??'><v>1</v></c></row>"),
        with_part("xl/workbook.xml", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"),
        with_part("xl/workbook.xml", "<a/>".encode("utf-16")),
    ],
)  # fmt: skip
def test_what_is_no_workbook_is_refused(content):
    with pytest.raises(book.WorkbookUnreadable):
        book.read(content)


def test_a_bomb_is_refused_by_its_weight_unpacked():
    bomb = zipped(xl__workbook_xml=b"0" * (book.MOST_UNPACKED + 1))
    assert len(bomb) < 100_000

    with pytest.raises(book.WorkbookTooLarge):
        book.read(bomb)
    with pytest.raises(book.WorkbookTooLarge):
        book.read(b"0" * (book.MOST_BYTES + 1))
    with pytest.raises(book.WorkbookTooLarge):
        book.read(zipped(**{f"p{number}": b"" for number in range(book.MOST_PARTS + 1)}))


def test_a_sheet_of_a_million_empty_rows_is_cut_short():
    found = Workbook()
    page = found.active
    page.title = INSTRUMENTS
    page["A1"] = "编号"
    page["A3"] = "T-1"
    page["A1048576"] = "far below"

    [table] = book.read(saved(found))

    assert (table.is_cut, [line.number for line in table.lines]) == (True, [3])


def test_more_rows_than_may_be_are_noticed(monkeypatch):
    monkeypatch.setattr(book, "MOST_ROWS", 3)
    found = Workbook()
    for row in range(10):
        found.active.append([f"row {row}"])

    [table] = book.read(saved(found))

    assert (table.is_cut, len(table.lines)) == (True, 3)


def test_formulas_and_errors_are_kept_apart_from_what_they_come_to():
    found = Workbook()
    found.active.append(["a", "b", "c"])
    found.active.append([])
    found.active.append(["=1+1", "#N/A", "text"])

    [table] = book.read(saved(found))

    assert [type(cell).__name__ for cell in table.lines[0].cells.values()] == ["Formula", "Formula", "str"]
