"""A cell is what its column holds, or is named as unreadable: a table of cases for each kind."""

from contextlib import suppress
from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labs.exchange.rules import MISSING, Column, Formula, Unreadable, read, write

WORDS = {"pass": ("合格", "passed"), "fail": ("不合格", "failed")}


def at(*clock: int) -> datetime:
    """A moment of 31 January as a spreadsheet keeps it: without a zone."""
    return datetime(2026, 1, 31, *clock)  # noqa: DTZ001 -- a cell has no zone


def column(kind: str, **how: object) -> Column:
    return Column("x", "某", "X", kind, **{"most": 1000, **how})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "cell", "value"),
    [
        ("text", "  a ", "a"), ("text", 201, "201"), ("text", 201.0, "201"),
        ("text", 1.5, "1.5"), ("text", "=1+1", "=1+1"),
        ("text", "a\x00b", "ab"), ("text", "", MISSING), ("text", None, MISSING),
        ("int", 5, 5), ("int", 5.0, 5), ("int", "1,000", 1000), ("int", "５", 5),
        ("yuan", 320.5, 32050), ("yuan", "¥320.50", 32050), ("yuan", 0.1 + 0.2, 30),
        ("yuan", "1.10 元", 110), ("yuan", 0, 0),
        ("percent", "12.5 %", 1250), ("percent", 60, 6000),
        ("date", date(2026, 1, 31), date(2026, 1, 31)), ("date", at(5), date(2026, 1, 31)),
        ("date", "2026-01-31", date(2026, 1, 31)), ("date", "2026/1/31", date(2026, 1, 31)),
        ("date", "2026年1月31日", date(2026, 1, 31)),
        ("moment", at(8, 30, 5), at(8, 30)),
        ("moment", "2026-01-31 08:30", at(8, 30)), ("moment", date(2026, 1, 31), at(0)),
        ("clock", "08:30", 510), ("clock", time(8, 30), 510), ("clock", "24:00", 1440), ("clock", "8：30", 510),
        ("yes", "是", True), ("yes", "No", False), ("yes", True, True), ("yes", 0, False), ("yes", 1.0, True),
        ("choice", "合格", "pass"), ("choice", "FAILED", "fail"), ("choice", "pass", "pass"),
        ("list", "合格; failed", ["pass", "fail"]), ("pairs", "10: 90 %；50：80.5", [(10, 9000), (50, 8050)]),
        ("shown", "whatever", MISSING), ("int", "", MISSING),
    ],
)  # fmt: skip
def test_what_a_cell_says(kind, cell, value):
    assert read(column(kind, choices=WORDS if kind in ("choice", "list") else {}), cell) == value


@pytest.mark.parametrize(
    ("kind", "cell", "code"),
    [
        ("text", "a" * 1001, "too_long"), ("text", True, "not_text"), ("text", date(2026, 1, 1), "date_for_text"),
        ("int", 1.5, "not_whole"), ("int", "many", "not_number"),
        ("int", -1, "out_of_range"), ("int", 1001, "out_of_range"),
        ("int", True, "not_number"), ("int", "1e999", "not_number"), ("int", "NaN", "not_number"),
        ("int", "Infinity", "not_number"), ("int", date(2026, 1, 1), "not_number"), ("int", "9" * 30, "not_number"),
        ("yuan", 1.005, "too_exact"), ("yuan", "-1", "out_of_range"),
        ("date", 5, "not_date"), ("date", "2026-02-30", "not_date"), ("date", "31.1.26", "not_date"),
        ("date", "0001-01-01", "not_date"), ("date", time(8), "not_date"),
        ("moment", "soon", "not_date"), ("moment", "2026-01-01 24:00", "not_moment"),
        ("moment", "2026-01-01 9", "not_clock"),
        ("clock", "25:00", "not_clock"), ("clock", "08:60", "not_clock"),
        ("clock", 8, "not_clock"), ("clock", "24:01", "not_clock"),
        ("yes", "maybe", "not_yes"), ("yes", 2, "not_yes"),
        ("choice", "great", "not_choice"), ("list", "合格; ?", "not_choice"),
        ("pairs", "10 = 5", "not_pairs"), ("text", Formula("=A1"), "formula"), ("shown", Formula("=A1"), "formula"),
    ],
)  # fmt: skip
def test_what_a_cell_cannot_say(kind, cell, code):
    with pytest.raises(Unreadable) as found:
        read(column(kind, choices=WORDS if kind in ("choice", "list") else {}), cell)
    assert found.value.code == code


def test_an_empty_cell_is_refused_where_something_is_needed():
    with pytest.raises(Unreadable) as found:
        read(column("text", is_required=True), "  ")
    assert found.value.code == "required"


ANYTHING = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=30), st.datetimes(), st.dates(), st.times()
)


@given(
    kind=st.sampled_from(["text", "int", "yuan", "date", "moment", "clock", "yes", "choice", "list", "pairs"]),
    cell=ANYTHING,
)
def test_no_cell_is_a_fault(kind, cell):
    with suppress(Unreadable):
        read(column(kind, choices=WORDS if kind == "choice" else {}), cell)


@given(fen=st.integers(0, 10**11), english=st.booleans())
def test_amounts_come_back_as_they_went(fen, english):
    yuan = column("yuan", most=10**9)
    assert read(yuan, write(yuan, fen, english=english)) in (fen, MISSING if fen == 0 else fen)
