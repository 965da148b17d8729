"""What must be true between budgets, grants, what vouchers paid, and what was claimed for it (BL-14, BL-16)."""

from billing.vouchers import rules
from kernel.invariants import Invariant

LIVE = ", ".join(f"'{state}'" for state in rules.LIVE)
HELD = f"CASE WHEN r.state IN ({LIVE}) THEN r.amount_fen - r.returned_fen ELSE 0 END"

BUDGET = f"""
SELECT p.id AS key, format('%%s has %%s fen taken out of its budget, its uses hold %%s', p.code, p.committed_fen,
    coalesce(sum({HELD}), 0)) AS told
FROM billing_programme p LEFT JOIN billing_redemption r ON r.programme_id = p.id
GROUP BY p.id HAVING p.committed_fen <> coalesce(sum({HELD}), 0) ORDER BY p.id
"""  # noqa: S608 -- our own names

GRANT = f"""
SELECT g.id AS key, format('grant %%s of %%s fen has %%s left, its uses hold %%s', g.id, g.face_fen, g.left_fen,
    coalesce(sum({HELD}), 0)) AS told
FROM billing_grant g LEFT JOIN billing_redemption r ON r.grant_id = g.id
GROUP BY g.id HAVING g.face_fen - g.left_fen <> coalesce(sum({HELD}), 0) ORDER BY g.id
"""  # noqa: S608 -- our own names

OF_ITS_GRANT = """
SELECT r.id AS key, format('%%s is paid by a grant of somebody else or of another programme', r.order_number) AS told
FROM billing_redemption r JOIN billing_grant g ON g.id = r.grant_id
WHERE g.programme_id <> r.programme_id OR g.organisation_id <> r.organisation_id ORDER BY r.id
"""

POSTED = f"""
SELECT r.id AS key, format('%%s used %%s fen, its entries of E6 say %%s', r.order_number, r.amount_fen,
    coalesce(sum(l.fen), 0)) AS told
FROM billing_redemption r
LEFT JOIN billing_entry e ON e.event_id = 'voucher-consumed:' || r.id
LEFT JOIN billing_line l ON l.entry_id = e.id AND l.fen > 0
GROUP BY r.id HAVING coalesce(sum(l.fen), 0)
    <> CASE WHEN r.state IN ('{rules.CONSUMED}', '{rules.REIMBURSED}', '{rules.RETURNED}') THEN r.amount_fen ELSE 0 END
ORDER BY r.id
"""  # noqa: S608 -- our own names

CLAIM = """
SELECT b.id AS key, format('%%s claims %%s fen, its items come to %%s', b.number, b.total_fen,
    coalesce(sum(i.amount_fen) FILTER (WHERE i.state <> 'dropped'), 0)) AS told
FROM billing_claimbatch b LEFT JOIN billing_claimitem i ON i.batch_id = b.id
WHERE b.state <> 'dropped'
GROUP BY b.id HAVING b.total_fen <> coalesce(sum(i.amount_fen) FILTER (WHERE i.state <> 'dropped'), 0)
    OR b.paid_fen <> coalesce(sum(i.amount_fen) FILTER (WHERE i.state = 'reimbursed'), 0)
ORDER BY b.id
"""

REIMBURSED = f"""
SELECT r.id AS key, format('%%s is reimbursed, and no claim says so', r.order_number) AS told
FROM billing_redemption r
WHERE r.state = '{rules.REIMBURSED}'
    AND NOT EXISTS (SELECT 1 FROM billing_claimitem i WHERE i.redemption_id = r.id AND i.state = 'reimbursed')
ORDER BY r.id
"""  # noqa: S608 -- our own names

VOUCHERS = (
    Invariant("voucher_budget_is_its_uses", "A budget is reduced by what its live uses hold", BUDGET),
    Invariant("voucher_grant_is_its_uses", "A voucher has left what its live uses do not hold", GRANT),
    Invariant("voucher_use_is_of_its_grant", "An order is paid by its organisation's own voucher", OF_ITS_GRANT),
    Invariant("voucher_use_is_posted", "What was used is in the books once, at settlement (E6)", POSTED),
    Invariant("voucher_claim_is_its_items", "A claim asks for the sum of its uses", CLAIM),
    Invariant("voucher_reimbursed_was_claimed", "What is reimbursed was claimed", REIMBURSED),
)
