"""The books beside what is outside them: the bank's lines beside 1002, the bills beside the escrow (BL-37)."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Max

from billing.payments.models import BankLine
from billing.payouts import rules
from billing.payouts.models import Difference

LINES_WITHOUT_THEIR_ENTRY = """
SELECT l.id, l.serial, l."on", l.fen, l.payer, l.remark FROM billing_bankline l
LEFT JOIN billing_entry e ON e.event_id = 'transfer:' || l.id
    AND NOT EXISTS (SELECT FROM billing_entry r WHERE r.reverses_id = e.id)
LEFT JOIN LATERAL (
    SELECT sum(fen) AS fen FROM billing_line WHERE entry_id = e.id AND account = '1002'
) AS booked ON true
WHERE booked.fen IS DISTINCT FROM l.fen
ORDER BY l."on", l.id
"""
"""Lines of the bank but those that were matched or put into suspense, where the entry of the line says the same."""

ENTRIES_WITHOUT_THEIR_LINE = """
SELECT e.id, coalesce(p.reference, r.reference, a.reference, '') AS serial,
    (e.at AT TIME ZONE 'Asia/Shanghai')::date AS "on", moved.fen, e.event_id
FROM (SELECT entry_id, sum(fen) AS fen FROM billing_line WHERE account = '1002' GROUP BY entry_id) AS moved
JOIN billing_entry e ON e.id = moved.entry_id
LEFT JOIN billing_bankline l ON e.event_id = 'transfer:' || l.id AND l.fen = moved.fen
LEFT JOIN billing_payout p ON p.entry_id = e.id
LEFT JOIN billing_advancerefund a ON e.event_id = 'transfer:' || a.line_id || ':sent-back'
LEFT JOIN LATERAL (
    SELECT f.reference FROM billing_refund f
    JOIN billing_tender t ON t.id = f.tender_id JOIN billing_bill b ON b.id = t.bill_id
    WHERE e.event = 'E8b' AND b.order_number = e.order_number AND f.way = 'transfer' AND f.state = 'succeeded'
        AND f.fen = -moved.fen AND f.paid_at = e.at
    ORDER BY f.id LIMIT 1
) AS r ON true
WHERE l.id IS NULL AND moved.fen <> 0 AND e.reverses_id IS NULL
    AND NOT EXISTS (SELECT FROM billing_entry back WHERE back.reverses_id = e.id)
ORDER BY "on", e.id
"""
"""Entries on 1002 but those of a line of the bank, and those that were taken back, with the bank's serial they name."""

ESCROW = """
WITH held AS (
    SELECT party AS order_number, -sum(l.fen) AS fen, max(e.at) AS at
    FROM billing_line l JOIN billing_entry e ON e.id = l.entry_id WHERE l.account = '2205' GROUP BY party
), owed AS (
    SELECT order_number, changed_at AS at, state,
        CASE state WHEN 'open' THEN total_fen - voucher_fen ELSE 0 END AS fen FROM billing_bill
)
SELECT order_number, coalesce(owed.fen, 0), coalesce(held.fen, 0),
    (greatest(held.at, owed.at) AT TIME ZONE 'Asia/Shanghai')::date, coalesce(owed.state, '')
FROM held FULL JOIN owed USING (order_number)
WHERE coalesce(held.fen, 0) <> coalesce(owed.fen, 0)
ORDER BY order_number
"""


@dataclass(frozen=True, slots=True)
class Found:
    """A difference as it is found now: its kind and key, since which day, both sides in fen, what is known of it."""

    kind: str
    key: str
    on: date
    outside_fen: int
    books_fen: int
    told: str = ""


def covered_until() -> date | None:
    """Return the last day that the bank's files reach to; None where there is none yet."""
    last: date | None = BankLine.objects.aggregate(last=Max("on"))["last"]
    return last


def differences(*, today: date) -> list[Found]:
    """Return every difference there is now: bank lines and 1002, orders and escrow; a handful of statements."""
    return [*bank_differences(today=today), *escrow_differences()]


def bank_differences(*, today: date) -> list[Found]:
    """Return the bank's lines that the books do not know, and what the books moved and the bank does not show."""
    lines = {row[0]: row for row in _rows(LINES_WITHOUT_THEIR_ENTRY)}
    entries = {row[0]: row for row in _rows(ENTRIES_WITHOUT_THEIR_LINE)}
    bank = [rules.Moved(key, int(fen), on, serial) for key, serial, on, fen, *_ in lines.values()]
    books = [rules.Moved(key, int(fen), on, serial) for key, serial, on, fen, _ in entries.values()]
    lone, missing = rules.unpaired(bank, books)
    covered = covered_until()
    found = [
        Found(Difference.Kind.BANK, str(one.key), one.on, one.fen, 0, _told(one.serial, *lines[one.key][4:]))
        for one in lone
    ]
    found += [
        Found(Difference.Kind.BOOKS, str(one.key), one.on, 0, one.fen, entries[one.key][4])
        for one in missing
        if rules.is_missing(one.on, covered_until=covered, today=today)
    ]
    return found


def escrow_differences() -> list[Found]:
    """Return the orders whose escrow is not what their bill says, in either direction."""
    return [
        Found(Difference.Kind.ESCROW, number, on, int(owed), int(held), state)
        for number, owed, held, on, state in _rows(ESCROW)
    ]


def _told(*words: str) -> str:
    return " · ".join(word for word in words if word)[:300]


def _rows(statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())
