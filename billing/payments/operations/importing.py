"""Taking a bank's file in: handed in and shown first, then all of it or nothing."""

import hashlib
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from accounts.models import Membership
from billing.payments import events, reading
from billing.payments.models import BankLine, BankStatement
from billing.payments.operations.refusals import SerialKnown, StatementFaulty, StatementImported
from kernel.events import announce
from kernel.locks import lock
from kernel.refusals import bounded_wait


@transaction.atomic
def upload_statement(*, name: str, content: bytes, by: Membership, now: datetime) -> BankStatement:
    """
    Read a bank's file and keep it to be checked; nothing of it counts before it is imported.

    The same file handed in again, or by two people at once, is the same statement.

    Raises:
        StatementImported: it was imported before.
        Busy: somebody else is handing it in.
    """
    read = reading.read(content)
    sha256 = hashlib.sha256(content).hexdigest()
    fresh = BankStatement(
        name=name[:200],
        sha256=sha256,
        rows=[row.as_json() for row in read.rows],
        faults=[fault.as_json() for fault in read.faults],
        uploaded_by_id=by.user_id,
        uploaded_at=now,
    )
    with bounded_wait():
        BankStatement.objects.bulk_create([fresh], ignore_conflicts=True)
    statement = BankStatement.objects.get(sha256=sha256)
    if statement.state == BankStatement.State.IMPORTED:
        raise StatementImported
    if statement.uploaded_at == now:
        announce(
            events.BankStatementUploaded(
                occurred_at=now,
                actor_id=by.user_id,
                organisation_id=by.organisation_id,
                statement_id=statement.pk,
                rows=len(read.rows),
            )
        )
    return statement


@transaction.atomic
def import_statement(*, statement: BankStatement, by: Membership, now: datetime) -> BankStatement:
    """
    Take the lines of a statement in, all or none; a line whose serial number is known already is not taken again.

    Money that came in waits to be matched (`match`), what went out is only kept. At once with another file that holds
    the same lines, each line is taken by one of them.

    Raises:
        StatementImported: it was imported before, or by somebody else just now.
        StatementFaulty: some of it cannot be read.
        SerialKnown: a serial number is known with another day or amount.
        Busy: somebody else is importing the same lines, for too long.
    """
    (statement,) = lock(BankStatement.objects.filter(pk=statement.pk))
    if statement.state == BankStatement.State.IMPORTED:
        raise StatementImported
    if statement.faults:
        raise StatementFaulty(faults=len(statement.faults))
    rows = sorted(map(reading.row_of, statement.rows), key=lambda row: row.serial)  # two imports wait in one order
    with bounded_wait():
        BankLine.objects.bulk_create((_line(statement, row) for row in rows), ignore_conflicts=True)
    kept = {line.serial: line for line in BankLine.objects.filter(serial__in=[row.serial for row in rows])}
    for row in rows:
        if differs(row, kept[row.serial]):
            raise SerialKnown(serial=row.serial)
    statement.taken = sum(line.statement_id == statement.pk for line in kept.values())
    statement.state, statement.imported_by_id, statement.imported_at = BankStatement.State.IMPORTED, by.user_id, now
    statement.save()
    announce(
        events.BankStatementImported(
            occurred_at=now,
            actor_id=by.user_id,
            organisation_id=by.organisation_id,
            statement_id=statement.pk,
            taken=statement.taken,
        )
    )
    return statement


def differs(row: reading.Row, line: BankLine) -> bool:
    """Whether a line that is known by its serial number says something else now."""
    return (row.on, row.fen) != (line.on, line.fen)


def _line(statement: BankStatement, row: reading.Row) -> BankLine:
    return BankLine(
        statement=statement,
        serial=row.serial,
        on=row.on,
        fen=row.fen,
        payer=row.payer,
        account=row.account,
        remark=row.remark,
        state=BankLine.State.WAITING if row.fen > 0 else BankLine.State.OUTGOING,
    )


def rows_of(statement: BankStatement) -> Iterable[reading.Row]:
    """Return what was read from a file, line by line."""
    return map(reading.row_of, statement.rows)
