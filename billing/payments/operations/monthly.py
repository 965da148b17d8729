"""What is owed on account, month by month (月结): the statement, its reminders, and its money (E3c)."""

from datetime import date, datetime
from typing import Any

from django.db import transaction

from accounts.models import Membership
from billing.bills import operations as bills
from billing.bills.models import MonthlyStatement
from billing.ledger import operations as ledger
from billing.ledger import rules as books
from billing.payments import events, queries, rules
from billing.payments.operations.references import reference_for
from billing.payments.operations.refusals import StatementPaidAlready
from billing.vouchers.rules import local_day
from kernel.events import announce
from kernel.locks import lock
from kernel.numbering import next_number

NUMBERED = "MS"


def make_statements(*, month: date, now: datetime) -> int:
    """
    Make the statements of a month that is over, for every organisation whose account moved or is not at nothing.

    Returns how many are new. Each in a transaction of its own; safe to run late, twice, or at once.
    """
    there = set(MonthlyStatement.objects.filter(month=month).values_list("organisation_id", flat=True))
    moved = [sums for sums in queries.account_in_month(month) if sums.organisation_id not in there]
    return sum(_make(sums, month, now=now) for sums in moved)


@transaction.atomic
def _make(sums: queries.InMonth, month: date, *, now: datetime) -> int:
    account = bills.lock_account(sums.organisation_id)
    if MonthlyStatement.objects.filter(organisation=account, month=month).exists():
        return 0
    asked = sum(one.due_fen for one in MonthlyStatement.objects.filter(organisation=account).open())
    due = max(0, sums.closing_fen - asked)
    statement = MonthlyStatement.objects.create(
        number=next_number(NUMBERED, local_day(now)),
        organisation=account,
        month=month,
        opening_fen=sums.opening_fen,
        debit_fen=sums.debit_fen,
        credit_fen=sums.credit_fen,
        closing_fen=sums.closing_fen,
        due_fen=due,
        due_on=rules.due_on(month),
        state=MonthlyStatement.State.OPEN if due else MonthlyStatement.State.PAID,
        made_at=now,
        paid_at=None if due else now,
    )
    statement.refresh_from_db(fields=["number"])
    if due:
        reference_for(
            purpose=rules.STATEMENT, organisation_id=account.pk, number=statement.number, expected_fen=due, now=now
        )
    _tell(events.MonthlyStatementMade, statement, now=now)
    return 1


def remind(*, now: datetime) -> int:
    """
    Remind of statements that are soon to be paid, and each week of those overdue; return of how many.

    Each in a transaction of its own; safe to run late, twice, or at once.
    """
    today = local_day(now)
    near = MonthlyStatement.objects.open().filter(due_on__lte=today + rules.REMIND_BEFORE)
    return sum(_remind(statement, today, now=now) for statement in near)


@transaction.atomic
def _remind(statement: MonthlyStatement, today: date, *, now: datetime) -> int:
    (statement,) = lock(MonthlyStatement.objects.filter(pk=statement.pk))
    is_open = statement.state == MonthlyStatement.State.OPEN
    if not is_open or not rules.is_to_be_reminded(due=statement.due_on, today=today, reminded=statement.reminded_on):
        return 0
    statement.reminded_on = today
    statement.save(update_fields=["reminded_on"])
    _tell(events.MonthlyStatementUnpaid, statement, now=now, is_overdue=statement.due_on < today)
    return 1


def statement_paid(
    *, statement: MonthlyStatement, event_id: str, now: datetime, by: Membership | None = None
) -> MonthlyStatement:
    """
    Let an advance of the organisation pay a locked statement (E3c).

    Raises:
        StatementPaidAlready: another transfer did.
    """
    if statement.state != MonthlyStatement.State.OPEN:
        raise StatementPaidAlready(number=statement.number)
    ledger.post(
        event_id=event_id,
        event="E3c",
        legs=books.credit_paid(statement.due_fen, statement.organisation_id),
        at=now,
        organisation_id=statement.organisation_id,
        by=by,
    )
    statement.state, statement.paid_at = MonthlyStatement.State.PAID, now
    statement.save(update_fields=["state", "paid_at"])
    _tell(events.MonthlyStatementPaid, statement, now=now, by=by)
    return statement


def _tell(
    kind: type[events.MonthlyStatementEvent],
    statement: MonthlyStatement,
    *,
    now: datetime,
    by: Membership | None = None,
    **facts: Any,
) -> None:
    announce(
        kind(
            occurred_at=now,
            actor_id=by.user_id if by else None,
            organisation_id=statement.organisation_id,
            statement_id=statement.pk,
            number=statement.number,
            due_fen=statement.due_fen,
            **facts,
        )
    )
