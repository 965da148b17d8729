"""What must be true of payouts, held against the books: nothing is paid twice, and nothing but what was earned."""

from kernel.invariants import Invariant

ONCE = """
SELECT i.line_id AS key, format('line %%s of %%s is in %%s payouts: %%s', i.line_id, l.order_number, count(*),
    string_agg(p.number, ', ' ORDER BY p.number)) AS told
FROM billing_payoutitem i JOIN billing_payout p ON p.id = i.payout_id JOIN billing_line l ON l.id = i.line_id
WHERE p.state <> 'failed' GROUP BY i.line_id, l.order_number HAVING count(*) > 1 ORDER BY i.line_id
"""

SUMS = """
SELECT p.number AS key, format('%%s pays %%s fen, its items come to %%s', p.number, p.fen, coalesce(sum(i.fen), 0))
    AS told
FROM billing_payout p LEFT JOIN billing_payoutitem i ON i.payout_id = p.id
GROUP BY p.id HAVING p.fen <> coalesce(sum(i.fen), 0) ORDER BY p.number
"""

ITEMS = """
SELECT i.id AS key, format('item %%s of %%s: %%s fen of line %%s (%%s fen on %%s, lab %%s)', i.id,
    p.number, i.fen, l.id, l.fen, l.account, l.lab_id) AS told
FROM billing_payoutitem i JOIN billing_payout p ON p.id = i.payout_id JOIN billing_line l ON l.id = i.line_id
WHERE l.account <> '2207' OR l.lab_id IS DISTINCT FROM p.lab_id OR i.fen <> -l.fen
    OR i.is_released <> (p.state = 'failed')
ORDER BY i.id
"""

POSTED = """
SELECT coalesce(p.number, e.event_id) AS key, CASE WHEN p.id IS NULL THEN e.event_id || ' is no payout''s'
    ELSE format('%%s is %%s, and the books say %%s fen', p.number, p.state, coalesce(paid.fen, 0)) END AS told
FROM (SELECT * FROM billing_payout WHERE state = 'confirmed') p
FULL JOIN (SELECT * FROM billing_entry WHERE event = 'E11') e ON e.event_id = 'payout:' || p.number
LEFT JOIN LATERAL (
    SELECT sum(fen) AS fen FROM billing_line l WHERE l.entry_id = e.id AND l.account = '2207' AND l.lab_id = p.lab_id
) AS paid ON true
WHERE p.id IS NULL OR e.id IS NULL OR p.entry_id <> e.id OR paid.fen IS DISTINCT FROM p.fen
ORDER BY 1
"""

PAYOUTS = (
    Invariant("payout_line_is_in_one_payout", "What a lab earned is in one payout at most that is not failed.", ONCE),
    Invariant("payout_is_the_sum_of_its_items", "A payout pays what its items come to.", SUMS),
    Invariant(
        "payout_items_are_the_labs_own", "An item is a line of what its lab is owed, and free once failed.", ITEMS
    ),
    Invariant(
        "payout_confirmed_is_posted_once", "Every confirmed payout is one E11 in the books, and no other is.", POSTED
    ),
)
