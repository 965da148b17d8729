"""
How a cell of a workbook is read, and how a value is written into one; pure functions on values.

Note [Cells]
    A spreadsheet turns what people type into numbers, dates and texts as it likes: `0201` becomes 201, a year a float,
    a date a number or stays a text. Each kind of column says what it takes for what; whatever else is named as
    unreadable, and nothing is guessed. An empty cell is an empty text or "not given"; a column that is not there leaves
    things as they are.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

type Kind = Literal[
    "text", "int", "decimal", "yuan", "percent", "date", "moment", "clock", "yes", "choice", "list", "pairs", "shown"
]

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
SEPARATORS = re.compile(r"[;；\n]+")
PAIR = re.compile(r"^(\d{1,6})\s*[:：]\s*(\d{1,4}(?:\.\d{1,2})?)\s*%?$")
CLOCK = re.compile(r"^(\d{1,2})[:：](\d{2})(?:[:：]00)?$")
DATE = re.compile(r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$")
YES = frozenset({"是", "yes", "true", "1", "y"})
NO = frozenset({"否", "no", "false", "0", "n"})
MINUTES_A_DAY = 24 * 60
YEARS = range(1900, 2200)
MOST_FEN = 10**14
MOST_DECIMALS = 12
MISSING = object()
"""What an empty cell says where a thing cannot be empty: it stays as it is, or is the usual for a new one."""


@dataclass(frozen=True, slots=True)
class Column:
    """
    A column: its key, its heading in both languages, what its cells hold.

    `blank` is what an empty cell means; `most` is the longest text, or the largest number.
    """

    key: str
    zh: str
    en: str
    kind: Kind = "text"
    is_required: bool = False
    blank: Any = MISSING
    least: int = 0
    most: int = 200
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By the value that is kept: the words it is known by, the first is written in Chinese, the second in English."""

    @property
    def heading(self) -> str:
        """Its heading in both languages."""
        return f"{self.zh} {self.en}"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: its key, its name in both languages, its columns, and those that name a row."""

    key: str
    zh: str
    en: str
    columns: tuple[Column, ...]
    named_by: tuple[str, ...]

    @property
    def title(self) -> str:
        """Its name in both languages."""
        return f"{self.zh} {self.en}"


class Unreadable(Exception):  # noqa: N818 -- what a cell says to those who filled it in
    """A cell that is not what its column holds: a code, and what it takes to say it."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code, self.facts = code, facts


@dataclass(frozen=True, slots=True)
class Formula:
    """A cell that is worked out by a formula: refused, whatever it comes to."""

    text: str = ""


def read(column: Column, cell: Any) -> Any:
    """
    Return what a cell says, `MISSING` where it is empty and that says nothing; see Note [Cells].

    Raises:
        Unreadable: it is not what the column holds.
    """
    if isinstance(cell, Formula):
        raise Unreadable("formula")
    if isinstance(cell, str):
        cell = CONTROL.sub("", cell).strip()
    if cell is None or cell == "":
        if column.is_required:
            raise Unreadable("required")
        return column.blank
    return READERS[column.kind](column, cell)


def _text(column: Column, cell: Any) -> str:
    if isinstance(cell, bool):
        raise Unreadable("not_text")
    if isinstance(cell, (datetime, date, time)):
        raise Unreadable("date_for_text")
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text = str(cell)
    if len(text) > column.most:
        raise Unreadable("too_long", most=column.most)
    return text


def _number(cell: Any, decimals: int) -> Decimal:
    if isinstance(cell, (bool, datetime, date, time)):
        raise Unreadable("not_number")
    try:
        number = Decimal(str(round(cell, max(6, decimals)))) if isinstance(cell, float) else Decimal(_digits(cell))
    except InvalidOperation:
        raise Unreadable("not_number") from None
    if not number.is_finite() or number.adjusted() > 20:
        raise Unreadable("not_number")
    exact = round(number, decimals)
    if exact != number:
        raise Unreadable("too_exact", decimals=decimals) if decimals else Unreadable("not_whole")
    return exact


def _digits(cell: Any) -> str:
    text = str(cell).replace(",", "").replace("，", "").removeprefix("¥").removesuffix("元").removesuffix("%").strip()
    return text if len(text) < 20 else "?"


def _int(column: Column, cell: Any) -> int:
    return _bounded(column, int(_number(cell, 0)), 1)


def _yuan(column: Column, cell: Any) -> int:
    return _bounded(column, int(_number(cell, 2) * 100), 100)


def _decimal(column: Column, cell: Any) -> Decimal:
    del column
    return _number(cell, MOST_DECIMALS).normalize()


def _bounded(column: Column, number: int, unit: int) -> int:
    least, most = column.least * unit, column.most * unit
    if not least <= number <= most:
        raise Unreadable("out_of_range", least=column.least, most=column.most)
    return number


def _date(column: Column, cell: Any) -> date:
    del column
    if isinstance(cell, datetime):
        cell = cell.date()
    if isinstance(cell, str) and (found := DATE.match(cell)):
        try:
            cell = date(*(int(part) for part in found.groups()))
        except ValueError:
            raise Unreadable("not_date") from None
    if not isinstance(cell, date) or cell.year not in YEARS:
        raise Unreadable("not_date")
    return cell


def _moment(column: Column, cell: Any) -> datetime:
    """Read a moment on the lab's clock; it has no zone yet."""
    if isinstance(cell, str):
        day, _, clock = cell.replace("T", " ").partition(" ")
        minute = _clock(column, clock) if clock else 0
        if minute == MINUTES_A_DAY:
            raise Unreadable("not_moment")
        return datetime.combine(_date(column, day), time(minute // 60, minute % 60))
    if isinstance(cell, datetime):
        if cell.year not in YEARS:
            raise Unreadable("not_moment")
        return cell.replace(second=0, microsecond=0, tzinfo=None)
    return datetime.combine(_date(column, cell), time())


def _clock(column: Column, cell: Any) -> int:
    """Read a clock time as minutes of the day; 24:00 is the end of the day."""
    del column
    if isinstance(cell, (time, datetime)):
        return cell.hour * 60 + cell.minute
    found = CLOCK.match(str(cell))
    minute = int(found[1]) * 60 + int(found[2]) if found and int(found[2]) < 60 else -1
    if not 0 <= minute <= MINUTES_A_DAY:
        raise Unreadable("not_clock")
    return minute


def _yes(column: Column, cell: Any) -> bool:
    del column
    said = str(int(cell) if isinstance(cell, float) and cell.is_integer() else cell).lower()
    if said not in YES | NO:
        raise Unreadable("not_yes")
    return said in YES


def _choice(column: Column, cell: Any) -> str:
    said = str(cell).lower()
    for value, words in column.choices.items():
        if said == value.lower() or said in (word.lower() for word in words):
            return value
    raise Unreadable("not_choice")


def _list(column: Column, cell: Any) -> list[Any]:
    parts = [part.strip() for part in SEPARATORS.split(str(cell)) if part.strip()]
    if not column.choices:
        return [_text(column, part) for part in parts]
    return [_choice(column, part) for part in parts]


def _pairs(column: Column, cell: Any) -> list[tuple[int, int]]:
    """Read `10: 90 %; 50: 80 %` as a number and basis points each."""
    del column
    found = []
    for part in SEPARATORS.split(str(cell)):
        if not part.strip():
            continue
        pair = PAIR.match(part.strip())
        if not pair:
            raise Unreadable("not_pairs")
        found.append((int(pair[1]), int(Decimal(pair[2]) * 100)))
    return found


def _shown(column: Column, cell: Any) -> Any:
    del column, cell
    return MISSING


READERS = {
    "text": _text, "int": _int, "decimal": _decimal, "yuan": _yuan, "percent": _yuan, "date": _date, "moment": _moment,
    "clock": _clock, "yes": _yes, "choice": _choice, "list": _list, "pairs": _pairs, "shown": _shown,
}  # fmt: skip


def write(column: Column, value: Any, *, english: bool) -> Any:
    """Return what stands in a cell for a value: a number, a date, a text; the words of the file's language."""
    if value is None or value is MISSING or value == "" or value == []:
        return None
    match column.kind:
        case "yuan" | "percent":
            return value / 100
        case "yes":
            return ("yes" if english else "是") if value else ("no" if english else "否")
        case "choice":
            return _word(column, value, english=english)
        case "list":
            return "; ".join(_word(column, each, english=english) for each in value)
        case "pairs":
            return "; ".join(f"{number}: {bp / 100:g} %" for number, bp in value)
        case "clock":
            return f"{value // 60:02d}:{value % 60:02d}"
        case _:
            return CONTROL.sub("", value) if isinstance(value, str) else value


def _word(column: Column, value: str, *, english: bool) -> str:
    words = column.choices.get(value)
    return words[1 if english else 0] if words else value
