"""
What the demo's labs have earned some weeks ago and were paid: a batch that the bank has made, and one that waits.

Everything is done by the platform's own steps, at the instants at which people would have done it. It is done once.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

from django.db import transaction

from accounts.models import Membership
from billing.models import BankLine, Payout
from billing.payments import operations as payments
from billing.payments.models import BankLineQuerySet
from billing.payouts import operations as payouts
from billing.payouts import queries, rules
from billing.vouchers.rules import ZONE, local_day
from bookings.models import Rental
from bookings.rentals import operations as rentals
from demo import lives
from demo import rentals as ahead
from kernel.money import Money
from kernel.refusals import Refusal
from labs.hours.operations import rebuild_open_time
from notices import operations as notices
from notices.models import Notice

KEEPERS = ("finance@gongheng.example", "platform@gongheng.example")
"""The two people who keep the platform's money."""

LOOKED_BACK = timedelta(days=50)
BEFORE_THE_TUESDAY = (16, 16, 17, 17)
"""How many days before a day of payment its orders were used: long enough to be accepted, not paid a week earlier."""

PAID_IN = Money(3_000_000)
"""What each of the customers has put on the prepaid balance before."""
CUSTOMERS = 2

IN_USE = (Rental.Status.CHECKED_IN, Rental.Status.INTERRUPTED)
HEADS = "交易日期,交易流水号,收入金额,支出金额,对方户名,对方账号,附言"


def load(folder: Path, now: datetime) -> dict[str, int]:
    """Let labs be paid where none was yet, and return how many payouts there are."""
    del folder  # made up here, from what the labs earned
    if not Payout.objects.exists():
        _pay(now)
    return {"payouts": Payout.objects.count()}


@transaction.atomic
def _pay(now: datetime) -> None:
    last = rules.tuesday_before(local_day(now))
    first = last - timedelta(days=7)
    finance, owner = _keepers()
    customers = ahead.buyers()[-CUSTOMERS:]
    _pay_in(customers, by=finance, on=first - timedelta(days=25))
    instruments = list(lives.instruments())
    rebuild_open_time(instruments, now - LOOKED_BACK)
    _use(customers, first, now)
    _use(customers, last, now)
    _use(customers, last + timedelta(days=14), now)
    rebuild_open_time(instruments, now)
    try:
        batch = payouts.prepare(by=finance, now=_at(first, 9))
    except Refusal:
        return  # the labs were closed on all those days
    made = payouts.approve(payouts=batch.payouts.all(), by=owner, now=_at(first, 10))
    payouts.send(payouts=made, by=finance, now=_at(first, 11))
    paid = [(-payout.fen, payout.payee, payout.account, f"实验室服务结算款 {payout.number}") for payout in made]
    paid.append((-2_500, "演示银行广州越秀支行", "", "账户管理费"))  # in no books: the reconciliation finds it
    payouts.confirm_by_bank(lines=_bank_file(paid, by=finance, on=first + timedelta(days=1)), now=_at(first, 34))
    payouts.prepare(by=finance, now=max(_at(last, 9), _at(first, 12)))
    if left := queries.fee_to_take().left.fen:
        payouts.propose_withdrawal(fen=left, note="上月平台服务费", by=finance, now=_at(last, 14))
    payouts.reconcile(by=None, now=now)
    notices.mark_read(notices=Notice.objects.filter(occurred_at__lt=now - ahead.READ_AFTER), now=now)


def _pay_in(customers: list[Membership], *, by: Membership, on: date) -> None:
    """Let customers fill their prepaid balances."""
    lines = []
    for customer in customers:
        whose = customer.organisation
        code = payments.top_up_code(organisation_id=whose.pk, now=_at(on, 8))
        lines.append((PAID_IN.fen, whose.name_zh, "6222020000009001", f"预存款 {code.shown}"))
    payments.match_all(_bank_file(lines, by=by, on=on).waiting(), now=_at(on, 10))


def _use(customers: list[Membership], due_on: date, now: datetime) -> None:
    """Let instruments be used so long before a day of payment that they are paid on it; the lab on show has most."""
    in_use = set(Rental.objects.filter(status__in=IN_USE).values_list("instrument_id", flat=True))
    idle = (each for each in lives.instruments() if each.pk not in in_use)
    for number, days in enumerate(BEFORE_THE_TUESDAY):
        ago = (local_day(now) - due_on).days + days
        story = lives.Story(lives.settled, ago, confirm=rentals.confirm_from_balance)
        member = customers[number % len(customers)]
        used = next((found for one in idle if (found := lives.booked(story, one, member, now))), None)
        if used is not None:
            story.happens(used)


def _keepers() -> Iterator[Membership]:
    for email in KEEPERS:
        yield Membership.objects.get(user__email=email, organisation__code="ORG-P01")


def _at(on: date, hour: int) -> datetime:
    return datetime.combine(on, time(), ZONE) + timedelta(hours=hour)


def _bank_file(rows: list[tuple[int, str, str, str]], *, by: Membership, on: date) -> BankLineQuerySet:
    """Take the bank's file of a day in, and return its lines: fen, whose, their account, remark; below nothing out."""
    lines, now = [HEADS], _at(on, 10)
    for number, (fen, whose, account, remark) in enumerate(rows, start=1):
        income, outgo = (Money(fen).yuan, "") if fen > 0 else ("", Money(-fen).yuan)
        lines.append(f"{on:%Y%m%d},CG{on:%y%m%d}{number:04d},{income},{outgo},{whose},{account},{remark}")
    content = "\n".join(lines).encode("gb18030")
    statement = payments.upload_statement(name=f"存管户-{on:%Y%m%d}.csv", content=content, by=by, now=now)
    payments.import_statement(statement=statement, by=by, now=now)
    return BankLine.objects.filter(statement=statement)
