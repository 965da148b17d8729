"""Matching what came in: by the reference in its remark, each line in a transaction of its own (BL-33)."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from billing.bills import operations as bills
from billing.ledger import operations as ledger
from billing.ledger import rules as books
from billing.ledger.chart import Account
from billing.payments import events, queries, rules
from billing.payments.models import BankLine, ReferenceCode
from billing.payments.operations.spending import spend, tell_topped_up
from kernel.events import announce
from kernel.locks import lock
from kernel.refusals import Busy, Refusal


def match_all(lines: Iterable[BankLine], *, now: datetime) -> int:
    """
    Match lines that wait, each by itself, and return how many are dealt with; who is in the way is asked later.

    Raises:
        ExceptionGroup: the faults of single lines; the others are dealt with all the same.
    """
    dealt, faults = 0, []
    for line in lines:
        try:
            match(line=line, now=now)
        except Busy:
            continue
        except Exception as fault:
            faults.append(fault)
        else:
            dealt += 1
    if faults:
        raise ExceptionGroup("some transfers could not be matched", faults)
    return dealt


@transaction.atomic
def match(*, line: BankLine, now: datetime) -> BankLine:
    """
    Say what a line that came in is for, and let it pay that; what cannot be said stands in suspense (E2).

    An order confirms itself in this transaction, whatever it refuses; one that cannot take place any more gives the
    money back. Safe to run twice, or at once: the second finds it dealt with.

    Raises:
        Busy: somebody holds the organisation or the order for too long; the line waits as before.
    """
    (line,) = lock(BankLine.objects.filter(pk=line.pk))
    if line.state != BankLine.State.WAITING:
        return line
    found = queries.references_in(line.remark)
    if len(found) == 1:
        bills.lock_account(found[0].organisation_id)  # before the order, as every booking does
        found = queries.references_in(line.remark)
    verdict = rules.decide(fen=line.fen, payer=line.payer, found=[queries.known(each) for each in found])
    reference = next((each for each in found if each.pk == verdict.key), None)
    line.reference = reference
    if reference is None or verdict.why:
        return _unmatched(line, verdict.why, now=now)
    try:
        with transaction.atomic():
            _credit(line, reference, now=now)
    except Busy:
        raise
    except Refusal:
        return _unmatched(line, rules.NOT_PAYABLE, now=now)
    line.state, line.paid, line.dealt_at = BankLine.State.MATCHED, reference.number, now
    line.save()
    return line


def _credit(line: BankLine, reference: ReferenceCode, *, now: datetime) -> None:
    """Tell the books whose a line's money is, and use it."""
    organisation_id = reference.organisation_id
    if reference.purpose == rules.TOP_UP:
        legs = books.topped_up(line.fen, organisation_id, Account.CUSTODY_BANK)
        ledger.post(event_id=f"transfer:{line.pk}", event="E4", legs=legs, at=now, organisation_id=organisation_id)
        tell_topped_up(organisation_id, line.fen, now=now)
        return
    order_number = reference.number if reference.purpose == rules.ORDER else ""
    ledger.post(
        event_id=f"transfer:{line.pk}",
        event="E2",
        legs=books.bank_transfer(line.fen, organisation_id, order_number),
        at=now,
        order_number=order_number,
        organisation_id=organisation_id,
    )
    spend(line, reference, now=now)


def _unmatched(line: BankLine, why: str, *, now: datetime) -> BankLine:
    legs = books.unmatched_transfer(line.fen)
    ledger.post(event_id=f"transfer:{line.pk}", event="E2", legs=legs, at=now)
    line.state = BankLine.State.SUSPENSE if why == rules.UNKNOWN else BankLine.State.BY_HAND
    line.why, line.dealt_at = why, now
    line.save()
    announce(
        events.TransferUnmatched(
            occurred_at=now, actor_id=None, organisation_id=None, line_id=line.pk, fen=line.fen, why=why
        )
    )
    return line
