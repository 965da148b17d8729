"""The demo's bank transfers: balances topped up, and what two people still have to decide; it may load twice."""

from datetime import datetime, timedelta
from pathlib import Path

from accounts.models import Membership, Organisation
from billing.models import BankLine, BankStatement, MonthlyStatement
from billing.payments import operations as payments
from billing.payments import rules
from billing.vouchers.rules import local_day
from kernel.money import Money

HEADS = "交易日期,交易流水号,收入金额,支出金额,对方户名,对方账号,附言"
FILE = "存管户流水_"
TOPPED_UP = (5_000_000, 2_000_000, 800_000)
"""What the first organisations with a buyer have put onto their balances, fen."""


def load(folder: Path, now: datetime) -> dict[str, int]:
    """Import two days of the custody account, unless that was done before; statements of the month that is over."""
    del folder
    if not BankStatement.objects.filter(name__startswith=FILE).exists():
        _import(now)
    payments.make_statements(month=rules.month_before(local_day(now)), now=now)
    return {"bank lines": BankLine.objects.count(), "monthly statements": MonthlyStatement.objects.count()}


def _import(now: datetime) -> None:
    operator = Membership.objects.filter(organisation__roles__contains=["platform_operator"]).order_by("pk").first()
    customers = Organisation.objects.filter(roles__contains=["customer"], verification="verified").order_by("code")
    chosen = list(customers[: len(TOPPED_UP) + 1])
    if operator is None or len(chosen) <= len(TOPPED_UP):
        return
    day = local_day(now)
    codes = [payments.top_up_code(organisation_id=one.pk, now=now).shown for one in chosen]
    came = [
        (fen, one.name_zh, f"预存款 {code}") for fen, one, code in zip(TOPPED_UP, chosen[:-1], codes[:-1], strict=True)
    ]
    came += [
        (350_000, "陈志明", f"代付预存款 {codes[-1]}"),
        (126_000, "佛山市南海区某五金制品厂", "检测费"),
        (88_000, "东莞市某模具有限公司", "货款，请尽快发货"),
    ]
    lines = [HEADS]
    for number, (fen, payer, remark) in enumerate(came, start=1):
        on = day - timedelta(days=len(came) - number)
        serial, account = f"DEMO{on:%y%m%d}{number:04d}", f"6222020000001{number:04d}"
        lines.append(f"{on:%Y-%m-%d},{serial},{Money(fen).yuan},,{payer},{account},{remark}")
    statement = payments.upload_statement(
        name=f"{FILE}{day:%Y%m%d}.csv", content="\n".join(lines).encode("gb18030"), by=operator, now=now
    )
    statement = payments.import_statement(statement=statement, by=operator, now=now)
    payments.match_all(BankLine.objects.waiting().filter(statement=statement), now=now)
