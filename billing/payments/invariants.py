"""What must be true between the bank's lines, suspense, and the books (BL-33, BL-34)."""

from billing.ledger.chart import Account
from kernel.invariants import Invariant

SUSPENSE = f"""
SELECT 1 AS key, format('suspense holds %%s fen, the lines in it are %%s', held.fen, came.fen) AS told
FROM (
    SELECT coalesce(-sum(l.fen), 0) AS fen FROM billing_line l JOIN billing_entry e ON e.id = l.entry_id
    LEFT JOIN billing_entry undone ON undone.id = e.reverses_id
    WHERE l.account = '{Account.SUSPENSE.value}'
        AND (e.event_id LIKE 'transfer:%%' OR undone.event_id LIKE 'transfer:%%')
) held, (
    SELECT coalesce(sum(fen), 0) AS fen FROM billing_bankline WHERE state IN ('by_hand', 'suspense')
) came
WHERE held.fen <> came.fen
"""  # noqa: S608 -- our own names

POSTED = f"""
SELECT b.id AS key, format('%%s brought %%s fen, its entry says %%s', b.serial, b.fen, coalesce(sum(l.fen), 0)) AS told
FROM billing_bankline b
LEFT JOIN billing_entry e ON e.event_id = 'transfer:' || b.id
LEFT JOIN billing_line l ON l.entry_id = e.id AND l.account = '{Account.CUSTODY_BANK.value}'
WHERE b.fen > 0 AND b.state <> 'waiting'
GROUP BY b.id HAVING coalesce(sum(l.fen), 0) <> b.fen ORDER BY b.id
"""  # noqa: S608 -- our own names

STATEMENTS = f"""
SELECT s.id AS key, format('%%s is paid with %%s fen, the books say %%s', s.number, s.due_fen, coalesce(sum(l.fen), 0))
    AS told
FROM billing_monthlystatement s
JOIN billing_referencecode r ON r.purpose = 'statement' AND r.number = s.number
JOIN billing_bankline b ON b.paid = s.number
LEFT JOIN billing_entry e ON e.event_id = 'transfer:' || b.id || ':statement'
LEFT JOIN billing_line l ON l.entry_id = e.id AND l.account = '{Account.ADVANCES.value}'
WHERE s.state = 'paid'
GROUP BY s.id HAVING coalesce(sum(l.fen), 0) <> s.due_fen ORDER BY s.id
"""  # noqa: S608 -- our own names

OWED_BACK = """
SELECT a.id AS key, format('%%s fen of %%s go back, %%s fen came', a.fen, a.order_number, b.fen) AS told
FROM billing_advancerefund a JOIN billing_bankline b ON b.id = a.line_id WHERE a.fen <> b.fen ORDER BY a.id
"""

PAYMENTS = (
    Invariant("transfers_in_suspense_are_its_lines", "Suspense holds what waits for people (2299)", SUSPENSE),
    Invariant("transfers_that_came_are_posted", "What came in is in the books once (E2, E4)", POSTED),
    Invariant("statements_paid_are_posted", "A paid month is off the account (E3c)", STATEMENTS),
    Invariant("transfers_owed_back_are_whole", "What comes too late goes back whole", OWED_BACK),
)
