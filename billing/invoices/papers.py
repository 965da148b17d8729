"""
What documents say, as the data their template sets (BL-27): pro-forma, receipt, settlement sheet, statement.

They are written in Chinese, whatever the language of the page that asks for one.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import translation

from accounts.models import Organisation
from billing.bills.models import Bill, MonthlyStatement, Tender, Way
from billing.invoices.capitals import in_capitals
from billing.ledger.models import Line as Movement
from billing.pricing.vat import split
from billing.pricing.wording import lines_told
from billing.vouchers.rules import ZONE
from kernel.money import Money
from labs.models import Lab
from labs.tariffs.wording import percent
from web import moments

CHINESE = "zh-hans"
AMOUNT = 30
"""How wide a column of amounts is, in mm."""

type Content = dict[str, Any]
type Row = list[str]


@dataclass(frozen=True, slots=True)
class Quoted:
    """What a pro-forma is for: an order that is not confirmed yet, with its price; `facts` are in Chinese."""

    order_number: str
    organisation: Organisation
    lab: Lab
    lines: Sequence[dict[str, Any]]
    total_fen: int
    holds_until: datetime | None
    facts: Sequence[tuple[str, str]]


def digest(content: Content) -> str:
    """Return what tells one content from another."""
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _day(at: datetime) -> str:
    return f"{at.astimezone(ZONE):%Y-%m-%d}"


def _party(title: str, organisation: Organisation, more: Iterable[tuple[str, str]] = ()) -> Content:
    rows = [["名称", organisation.invoice_title or organisation.name_zh], ["税号", organisation.registration_number]]
    return {"title": title, "rows": [*rows, *([name, value] for name, value in more if value)]}


def _paper(
    title: str, english: str, *, left: Content, right: Content, parts: list[Content], total: int, label: str,
    notes: list[str], issuer: str,
) -> Content:  # fmt: skip
    return {
        "title": title,
        "english": english,
        "left": left,
        "right": right,
        "parts": parts,
        "total": {"label": label, "capitals": in_capitals(total), "figures": str(Money(total))},
        "notes": notes,
        "issuer": issuer,
        "footer": f"公衡 · {title} · 由平台根据账目生成",
    }


def _part(title: str, columns: list[list[Any]], rows: list[Row], sums: list[Row]) -> Content:
    return {"title": title, "columns": columns, "rows": rows, "sums": sums}


def _priced(lines: Iterable[dict[str, Any]]) -> tuple[list[list[Any]], list[Row]]:
    """Return the columns and rows of the lines of a price."""
    with translation.override(CHINESE):
        told = [
            [line.name, "；".join(part for part in (line.how, line.discount) if part), str(line.amount)]
            for line in lines_told(lines)
        ]
    return [["项目", "left", 45], ["计价依据", "left", 0], ["金额（含税）", "right", AMOUNT]], told


def quote(order: Quoted) -> Content:
    """Return the pro-forma (报价单) of an order."""
    columns, rows = _priced(order.lines)
    notes = ["价格含增值税；实际费用以结算为准。"]
    if order.holds_until is not None:
        with translation.override(CHINESE):
            notes.insert(0, f"为您保留至 {moments.instant(order.holds_until, ZONE)}，逾期需重新询价。")
    return _paper(
        "报价单",
        "Pro-forma",
        left=_party("客户", order.organisation),
        right=_party("服务方", order.lab.organisation, [("实验室", order.lab.name_zh), *_of_order(order)]),
        parts=[_part("费用明细", columns, rows, [])],
        total=order.total_fen,
        label="合计（大写）",
        notes=[*notes, "本报价单不是发票，也不是付款凭证。"],
        issuer=order.lab.organisation.name_zh,
    )


def _of_order(order: Quoted) -> list[tuple[str, str]]:
    return [("订单号", order.order_number), *order.facts]


def receipt(bill: Bill, tenders: Sequence[Tender]) -> Content:
    """Return the receipt (收据) for what was really paid towards an order: what is owed on account is not there."""
    kept = [tender for tender in tenders if tender.way != Way.ACCOUNT and tender.left.left_fen]
    total = sum(tender.left.left_fen for tender in kept)
    columns: list[list[Any]]
    if bill.state == Bill.State.CANCELLED:
        columns, rows = [["项目", "left", 0], ["金额", "right", AMOUNT]], [["取消订单的违约金", str(bill.fee)]]
        notes = ["未提供服务而收取的违约金，不属于增值税应税项目，凭本收据入账。"]
    else:
        columns, rows = _priced(bill.lines)
        notes = ["本收据为收款凭证，不能代替发票；发票请在“我的发票”中申请。"]
    sums = [["订单金额（含税）", str(bill.fee if bill.state == Bill.State.CANCELLED else bill.total)]]
    if bill.voucher_fen - bill.refunded_voucher_fen > 0 and bill.state != Bill.State.CANCELLED:
        sums.append(["其中创新券抵扣", str(Money(bill.voucher_fen - bill.refunded_voucher_fen))])
    if bill.refunded_fen:
        sums.append(["已退款", str(Money(bill.refunded_fen))])
    with translation.override(CHINESE):
        paid = [[_day(one.paid_at), str(one.get_way_display()), str(Money(one.left.left_fen))] for one in kept]
    return _paper(
        "收据",
        "Receipt",
        left=_party("付款方", bill.organisation),
        right=_party(
            "收款方", bill.lab.organisation, [("实验室", bill.lab.name_zh), ("订单号", bill.order_number),
                                        ("服务日期", bill.served_on.isoformat()), ("代收", "公衡平台")]
        ),
        parts=[
            _part("费用明细", columns, rows, sums),
            _part("收款记录", [["日期", "left", 30], ["方式", "left", 0], ["金额", "right", AMOUNT]], paid, []),
        ],
        total=total,
        label="实收（大写）",
        notes=notes,
        issuer=bill.lab.organisation.name_zh,
    )  # fmt: skip


def settlement(bill: Bill) -> Content:
    """Return the settlement sheet (结算单) of an order for its lab: earned, the platform's fee, what stays."""
    back = bill.refunded_fen + bill.refunded_voucher_fen
    fee = bill.platform_fee_fen - bill.platform_fee_back_fen
    stays = bill.total_fen - back - fee
    columns, rows = _priced(bill.lines)
    if bill.vat_bp is not None:
        rate = percent(bill.vat_bp)
        taxed = [split(line["amount_fen"], bill.vat_bp) for line in bill.lines]
        columns = [
            ["项目", "left", 45],
            ["计价依据", "left", 0],
            ["不含税", "right", 24],
            [f"税额 {rate}", "right", 24],
            ["含税", "right", 26],
        ]
        rows = [
            [*row[:2], str(Money(net)), str(Money(tax)), row[2]] for row, (net, tax) in zip(rows, taxed, strict=True)
        ]
    sums = [["服务收入（含税）", str(bill.total)], ["平台服务费", str(Money(-fee))]]
    if back:
        sums.insert(1, ["退款", str(Money(-back))])
    if bill.voucher_fen:
        sums.insert(1, ["其中创新券", str(bill.voucher)])
    settled = _day(bill.settled_at) if bill.settled_at else ""
    about = [("订单号", bill.order_number), ("服务日期", bill.served_on.isoformat()), ("结算日期", settled)]
    return _paper(
        "结算单",
        "Settlement sheet",
        left=_party("收款实验室", bill.lab.organisation, [("实验室", bill.lab.name_zh)]),
        right=_party("客户", bill.organisation, about),
        parts=[_part("结算明细", columns, rows, sums)],
        total=stays,
        label="应付实验室（大写）",
        notes=["平台服务费按结算金额计收；退款时按比例退还。"],
        issuer="公衡平台",
    )  # fmt: skip


def statement(monthly: MonthlyStatement, movements: Sequence[Movement]) -> Content:
    """Return the statement of account (对账单) of one month."""
    with translation.override(CHINESE):
        rows = [
            [_day(line.entry.at), line.order_number or line.entry.order_number, str(line.entry.told), _signed(line.fen)]
            for line in movements
        ]
    columns: list[list[Any]] = [["日期", "left", 26], ["订单号", "left", 38], ["事项", "left", 0],
                                ["金额", "right", AMOUNT]]  # fmt: skip
    sums = [
        ["期初余额", str(Money(monthly.opening_fen))],
        ["本期增加", str(Money(monthly.debit_fen))],
        ["本期减少", str(Money(-monthly.credit_fen))],
        ["期末余额", str(Money(monthly.closing_fen))],
    ]
    return _paper(
        "对账单",
        "Statement of account",
        left=_party("客户", monthly.organisation),
        right={
            "title": "账期",
            "rows": [
                ["月份", f"{monthly.month:%Y-%m}"],
                ["月结单号", monthly.number],
                ["付款期限", _until(monthly.due_on)],
            ],
        },
        parts=[_part("本期往来", columns, rows, sums)],
        total=monthly.due_fen,
        label="本期应付（大写）",
        notes=["如有异议，请在付款期限前与平台财务联系。"],
        issuer="公衡平台",
    )


def _signed(fen: int) -> str:
    return str(Money(fen)) if fen <= 0 else f"+{Money(fen)}"


def _until(day: date) -> str:
    return f"{day.isoformat()} 前"
