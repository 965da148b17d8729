"""Reading a bank's file: CSV in UTF-8 or GBK, whatever its bank calls the columns; pure. Faults are told by line."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from billing.payments.rules import plain

HEADS: dict[str, tuple[str, ...]] = {
    "on": (
        "交易日期", "记账日期", "入账日期", "交易时间", "记账时间", "入账时间", "日期", "起息日", "DATE", "VALUEDATE",
    ),
    "income": (
        "收入金额", "贷方发生额", "贷方金额", "收入", "存入金额", "转入金额", "贷方发生额收入", "贷方发生额元",
        "收入元", "CREDIT", "CREDITAMOUNT",
    ),
    "outgo": (
        "支出金额", "借方发生额", "借方金额", "支出", "支取金额", "转出金额", "借方发生额支取", "借方发生额元",
        "支出元", "DEBIT", "DEBITAMOUNT",
    ),
    "amount": ("交易金额", "发生额", "金额", "AMOUNT"),
    "direction": ("借贷标志", "借贷方向", "借贷", "收支标志", "收支方向", "DIRECTION", "DC"),
    "payer": (
        "对方户名", "对方账户名称", "对方单位名称", "对方名称", "对方单位", "付款人名称", "付款人户名", "对方账户名",
        "PAYER", "COUNTERPARTY",
    ),
    "account": ("对方账号", "对方账户", "对方账户账号", "付款人账号", "ACCOUNT", "COUNTERPARTYACCOUNT"),
    "remark": ("附言", "摘要", "用途", "备注", "交易附言", "客户附言", "交易摘要", "REMARK", "PURPOSE", "MEMO"),
    "serial": (
        "交易流水号", "流水号", "银行流水号", "核心流水号", "交易流水", "业务流水号", "账户明细编号交易流水号",
        "流水编号", "SERIAL", "BANKSERIAL", "TRANSACTIONID",
    ),
}  # fmt: skip
"""What banks call the columns (ICBC, ABC, BOC, CCB, BOCOM, CMB, ...), without spaces and brackets; the first wins."""

INCOMING = {"贷", "贷方", "收", "收入", "C", "CR", "CREDIT", "来账", "转入"}
OUTGOING = {"借", "借方", "支", "支出", "D", "DR", "DEBIT", "往账", "转出"}
ENCODINGS = ("utf-8-sig", "gb18030")
HEAD_WITHIN = 30
"""So many lines may stand above the heads of the columns: banks write account and period there."""
MOST_ROWS = 5_000
DATES = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y.%m.%d", "%Y年%m月%d日")
NOT_A_LINE = ("合计", "总计", "小计", "TOTAL")


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the file: its number there, and what it says; signed fen, above nothing what came in."""

    number: int
    serial: str
    on: date
    fen: int
    payer: str = ""
    account: str = ""
    remark: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return it as it is kept until it is imported."""
        return {**asdict(self), "on": self.on.isoformat()}


def row_of(kept: Mapping[str, Any]) -> Row:
    """Return a kept line."""
    return Row(**{**kept, "on": date.fromisoformat(kept["on"])})


@dataclass(frozen=True, slots=True)
class Fault:
    """What cannot be read: the line's number (0: the file), which rule, and what stands there."""

    number: int
    code: str
    value: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return it as it is kept."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Read:
    """What a file says, and what of it cannot be read."""

    rows: Sequence[Row]
    faults: Sequence[Fault]


class Unreadable(ValueError):  # noqa: N818 -- it says what is the matter
    """A value that is none: its rule and what stands there."""

    def __init__(self, code: str, value: str = "") -> None:
        super().__init__(code)
        self.code, self.value = code, value


def read(content: bytes) -> Read:
    """Read a bank's file; whatever cannot be read is told by its line, and the other lines are read all the same."""
    text = _text(content)
    if text is None:
        return Read([], [Fault(0, "encoding")])
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)))
    except csv.Error:
        return Read([], [Fault(0, "encoding")])
    for at, cells in enumerate(lines[:HEAD_WITHIN]):
        columns = _columns(cells)
        if columns is not None:
            return _rows(lines, at, columns)
    return Read([], [Fault(0, "heads")])


def _text(content: bytes) -> str | None:
    for encoding in ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if "\0" in text else text
    return None


def _delimiter(text: str) -> str:
    head = "\n".join(text.splitlines()[:HEAD_WITHIN])
    return max((",", "\t", ";"), key=head.count)


def _columns(cells: Sequence[str]) -> dict[str, list[int]] | None:
    """Return where the columns are, by what they hold; None where this is not the line of the heads."""
    told = [re.sub(r"[\s()\[\]_\-]+", "", plain(cell)) for cell in cells]
    found = {}
    for what, names in HEADS.items():
        places = [told.index(name) for name in names if name in told]
        if places:
            found[what] = places if what == "remark" else places[:1]
    has_amount = "income" in found or "amount" in found
    return found if has_amount and "on" in found and "serial" in found else None


def _rows(lines: Sequence[Sequence[str]], at: int, columns: Mapping[str, list[int]]) -> Read:
    rows: list[Row] = []
    faults: list[Fault] = []
    seen: dict[str, int] = {}
    for number, cells in enumerate(lines[at + 1 :], start=at + 2):
        first = plain("".join(cells[:2])).strip()
        if not any(cell.strip() for cell in cells) or first.startswith(NOT_A_LINE):
            continue
        try:
            row = _row(number, {what: _cell(cells, places) for what, places in columns.items()})
        except Unreadable as fault:
            faults.append(Fault(number, fault.code, fault.value))
            continue
        if row.serial in seen:
            faults.append(Fault(number, "twice", row.serial))
            continue
        seen[row.serial] = number
        rows.append(row)
    if len(rows) > MOST_ROWS:
        faults.append(Fault(0, "too_many", str(len(rows))))
    if not rows and not faults:
        faults.append(Fault(0, "empty"))
    return Read(rows, faults)


def _cell(cells: Sequence[str], places: Sequence[int]) -> str:
    told = (cells[place].strip().strip("\t'\"=").strip() for place in places if place < len(cells))
    return " ".join(dict.fromkeys(text for text in told if text))


def _row(number: int, told: Mapping[str, str]) -> Row:
    serial = told["serial"]
    if not serial or len(serial) > 64:
        raise Unreadable("serial", serial[:80])
    return Row(
        number=number,
        serial=serial,
        on=_date(told["on"]),
        fen=_signed(told),
        payer=told.get("payer", "")[:200],
        account=told.get("account", "")[:64],
        remark=told.get("remark", "")[:500],
    )


def _date(text: str) -> date:
    digits = plain(text).strip()
    for candidate in (digits, digits.split(" ")[0].split("T")[0], digits[:8]):
        for form in DATES:
            try:
                return datetime.strptime(candidate, form).date()  # noqa: DTZ007 -- a day of the bank, no instant
            except ValueError:
                continue
    raise Unreadable("date", text[:80])


def _signed(told: Mapping[str, str]) -> int:
    if "amount" in told and "income" not in told:
        fen = _fen(told["amount"])
        way = plain(told.get("direction", "")).strip()
        if way in OUTGOING:
            fen = -abs(fen)
        elif way in INCOMING:
            fen = abs(fen)
        elif "direction" in told:
            raise Unreadable("direction", way[:80])
    else:
        fen = _fen(told["income"]) - abs(_fen(told.get("outgo", "")))
    if not fen:
        raise Unreadable("nothing")
    return fen


def _fen(text: str) -> int:
    """Return an amount in yuan as whole fen; an empty cell or a dash is nothing."""
    told = re.sub(r"[,¥￥\s]|CNY|RMB", "", plain(text))
    if told in ("", "-", "--"):
        return 0
    try:
        fen = Decimal(told) * 100
    except InvalidOperation as fault:
        raise Unreadable("amount", text[:80]) from fault
    if not fen.is_finite() or fen != fen.to_integral_value() or abs(fen) >= 10**15:
        raise Unreadable("amount", text[:80])
    return int(fen)
