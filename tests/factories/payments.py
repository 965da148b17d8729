"""Transfers for tests: what a bank writes, imported through the operations."""

from itertools import count
from typing import Any

from accounts.models import Membership
from billing.models import BankLine, BankStatement, ReferenceCode
from billing.payments import operations as payments
from bookings.models import Rental
from bookings.rentals import operations as rentals
from kernel.money import Money
from tests.factories.accounts import PlatformMembershipFactory
from tests.factories.bookings import MONDAY_9, held, hours

HEAD = "交易日期,交易流水号,收入金额,支出金额,对方户名,对方账号,附言"
_serials = count(1)


def bank_file(*rows: tuple[Any, ...]) -> bytes:
    """Return a bank's file: (serial, fen, payer, remark) each; what is below nothing went out."""
    lines = [HEAD]
    for serial, fen, payer, remark in rows:
        income, outgo = (Money(fen).yuan, "") if fen > 0 else ("", Money(-fen).yuan)
        lines.append(f"20261123,{serial},{income},{outgo},{payer},6222000011112222,{remark}")
    return "\n".join(lines).encode("gb18030")


def uploaded(*rows: tuple[Any, ...], by: Membership | None = None, name: str = "20261123.csv") -> BankStatement:
    """A bank's file that was handed in."""
    by = by or PlatformMembershipFactory()
    return payments.upload_statement(name=name, content=bank_file(*rows), by=by, now=MONDAY_9)


def arrived(fen: int, *, payer: str, remark: str, now: Any = MONDAY_9, by: Membership | None = None) -> BankLine:
    """A transfer that came and waits to be matched."""
    by = by or PlatformMembershipFactory()
    serial = f"S{next(_serials):06d}"
    statement = uploaded((serial, fen, payer, remark), by=by)
    payments.import_statement(statement=statement, by=by, now=now)
    return BankLine.objects.get(serial=serial)


def matched(fen: int, *, payer: str, remark: str, now: Any = MONDAY_9) -> BankLine:
    """A transfer that came and was looked at."""
    return payments.match(line=arrived(fen, payer=payer, remark=remark, now=now), now=now)


def unknown(fen: int = 12_300) -> BankLine:
    """A transfer that nobody knows."""
    return matched(fen, payer="某某公司", remark="货款")


def awaiting_transfer(by: Membership, **how: Any) -> tuple[Rental, ReferenceCode]:
    """A rental that waits for a bank transfer, and the code that belongs into its remark."""
    how.setdefault("period", hours(72, 74))
    rental = rentals.await_payment(rental=held(by=by, **how), pays_by="transfer", by=by, now=MONDAY_9)
    return rental, ReferenceCode.objects.get(number=rental.number)
