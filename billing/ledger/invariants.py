"""What must be true of the books (BL-34, BL-35), asked of every line there is and not of the sums that are kept."""

from billing.ledger.chart import Account
from kernel.invariants import Invariant

BALANCED = """
SELECT e.id AS key, format('%%s has %%s lines and is off by %%s fen', e.event_id, count(l.id), coalesce(sum(l.fen), 0))
    AS told
FROM billing_entry e LEFT JOIN billing_line l ON l.entry_id = e.id
GROUP BY e.id HAVING count(l.id) < 2 OR sum(l.fen) <> 0 ORDER BY e.id
"""

ALL = """
SELECT 'all' AS key, format('all lines together are off by %%s fen', sum(fen)) AS told
FROM billing_line HAVING sum(fen) <> 0
"""

OWN = """
SELECT l.id AS key, format('line %%s joined entry %%s later', l.id, l.entry_id) AS told
FROM billing_line l JOIN billing_entry e ON e.id = l.entry_id WHERE l.posted_in <> e.posted_in ORDER BY l.id
"""

REVERSED = """
SELECT back.id AS key, format('%%s does not take back what %%s posted', back.event_id, first.event_id) AS told
FROM billing_entry back JOIN billing_entry first ON first.id = back.reverses_id
WHERE EXISTS (
    SELECT FROM billing_line WHERE entry_id IN (back.id, first.id)
    GROUP BY account, party, abs(fen) HAVING sum(sign(fen)) <> 0)
ORDER BY back.id
"""

RUNNING = """
WITH mark AS (SELECT coalesce(max(posted_before), '0') AS high FROM billing_watermark), ended AS (
    SELECT l.account, coalesce(l.party, '') AS party, coalesce(sum(fen) FILTER (WHERE fen > 0), 0) AS debit_fen,
        -coalesce(sum(fen) FILTER (WHERE fen < 0), 0) AS credit_fen
    FROM billing_line l CROSS JOIN mark WHERE l.posted_in < mark.high
    GROUP BY GROUPING SETS ((l.account, l.party), (l.account)) HAVING grouping(l.party) = 1 OR l.party <> ''
)
SELECT concat_ws(' ', account, party) AS key, format('%%s: rolled up are %%s and %%s fen, the lines say %%s and %%s',
    concat_ws(' ', account, party), r.debit_fen, r.credit_fen, e.debit_fen, e.credit_fen) AS told
FROM billing_rolled r FULL JOIN ended e USING (account, party)
WHERE (r.debit_fen, r.credit_fen) IS DISTINCT FROM (e.debit_fen, e.credit_fen) ORDER BY 1
"""

CONTROL = """
SELECT account AS key, format('%%s is %%s fen, its sub-ledgers %%s', account, sum(fen) FILTER (WHERE party = ''),
    sum(fen) FILTER (WHERE party <> '')) AS told
FROM (SELECT account, party, debit_fen - credit_fen AS fen FROM billing_rolled) AS rolled
GROUP BY account
HAVING bool_or(party <> '') AND sum(fen) FILTER (WHERE party = '') IS DISTINCT FROM sum(fen) FILTER (WHERE party <> '')
ORDER BY account
"""


def _listed(*accounts: Account) -> str:
    return ", ".join(f"'{account.value}'" for account in accounts)


HELD = _listed(
    Account.CUSTODY_BANK, Account.PSP_CLEARING, Account.VOUCHER_RECEIVABLE, Account.RECEIVABLE, Account.DISPUTES
)
OWED = _listed(
    Account.ADVANCES,
    Account.PREPAID,
    Account.ESCROW,
    Account.DEPOSITS,
    Account.REFUNDS_PAYABLE,
    Account.VOUCHER_RETURNABLE,
    Account.SUSPENSE,
)
LAB = _listed(Account.LAB_PAYABLE)

CLIENT_MONEY = f"""
WITH kept AS (
    SELECT account, fen FROM billing_line WHERE account IN ({HELD}, {OWED})
    UNION ALL  -- a lab that owes makes up for no other lab
    SELECT account, least(sum(fen), 0) FROM billing_line WHERE account = {LAB} GROUP BY account, party
)
SELECT 'client money' AS key, format('%%s fen are held, %%s are owed',
    coalesce(sum(fen) FILTER (WHERE account IN ({HELD})), 0),
    -coalesce(sum(fen) FILTER (WHERE account NOT IN ({HELD})), 0)) AS told
FROM kept HAVING sum(fen) < 0
"""  # noqa: S608 -- our own names

LEDGER = (
    Invariant(
        "ledger_entry_is_balanced", "Each entry has two lines or more, and they come to nothing (BL-34).", BALANCED
    ),
    Invariant("ledger_comes_to_nothing", "All lines of the books together come to nothing (BL-34).", ALL),
    Invariant("ledger_line_is_of_its_entry", "A line was posted with its entry, and none later.", OWN),
    Invariant("ledger_reversal_is_the_opposite", "A reversal takes back what it reverses, to the fen.", REVERSED),
    Invariant("ledger_running_is_the_sum", "What is rolled up is the sum of the lines it stands for.", RUNNING),
    Invariant("ledger_control_is_its_sub_ledgers", "An account is what its sub-ledgers are together (BL-34).", CONTROL),
    Invariant("client_money_is_there", "What is owed to others is held or coming (BL-35).", CLIENT_MONEY),
)
