"""What must be true of bills, held against the books: every fen of an order is where its bill says."""

from kernel.invariants import Invariant

ESCROW = """
WITH held AS (
    SELECT party AS order_number, -sum(fen) AS fen FROM billing_line WHERE account = '2205' GROUP BY party
)
SELECT b.order_number AS key, format('%%s is %%s: its escrow holds %%s fen, its bill says %%s', b.order_number, b.state,
    coalesce(held.fen, 0), CASE b.state WHEN 'open' THEN b.total_fen - b.voucher_fen ELSE 0 END) AS told
FROM billing_bill b LEFT JOIN held USING (order_number)
WHERE coalesce(held.fen, 0) <> CASE b.state WHEN 'open' THEN b.total_fen - b.voucher_fen ELSE 0 END
ORDER BY b.order_number
"""

TENDERS = """
SELECT b.order_number AS key, format('%%s: its payments have %%s fen in it, it costs %%s of the customer''s own',
    b.order_number, coalesce(paid.fen, 0), kept.fen) AS told
FROM billing_bill b
CROSS JOIN LATERAL (SELECT CASE b.state WHEN 'cancelled' THEN b.fee_fen
    ELSE b.total_fen - b.voucher_fen - b.refunded_fen END AS fen) AS kept
LEFT JOIN LATERAL (SELECT sum(paid_fen - returned_fen) AS fen FROM billing_tender t WHERE t.bill_id = b.id) AS paid
    ON true
WHERE coalesce(paid.fen, 0) <> kept.fen AND (b.postings > 0 OR b.total_fen = 0)
ORDER BY b.order_number
"""

REFUNDS = """
SELECT o.id AS key, format('%%s: the books owe %%s fen of refunds, %%s are on their way', o.code,
    coalesce(owed.fen, 0), coalesce(waiting.fen, 0)) AS told
FROM accounts_organisation o
LEFT JOIN (SELECT party, -sum(fen) AS fen FROM billing_line WHERE account = '2208' GROUP BY party) AS owed
    ON owed.party = o.id::text
LEFT JOIN (
    SELECT b.organisation_id, sum(r.fen) AS fen FROM billing_refund r
    JOIN billing_tender t ON t.id = r.tender_id JOIN billing_bill b ON b.id = t.bill_id
    WHERE r.state <> 'succeeded' GROUP BY b.organisation_id
) AS waiting ON waiting.organisation_id = o.id
WHERE coalesce(owed.fen, 0) <> coalesce(waiting.fen, 0)
ORDER BY o.id
"""

POSTINGS = """
SELECT b.order_number AS key, format('%%s: %%s events were posted, its bill counts %%s', b.order_number,
    count(e.id), b.postings) AS told
FROM billing_bill b
LEFT JOIN billing_entry e ON e.order_number = b.order_number AND split_part(e.event_id, ':', 1) = 'bill'
GROUP BY b.id HAVING count(e.id) <> b.postings ORDER BY b.order_number
"""

BILLS = (
    Invariant(
        "escrow_follows_its_bill", "An open order's escrow holds the customer's own part; others hold nothing.", ESCROW
    ),
    Invariant("payments_cover_their_bill", "The payments of an order have in it what it costs its customer.", TENDERS),
    Invariant(
        "refunds_owed_are_on_their_way", "What the books owe back to a customer is on its way, fen for fen.", REFUNDS
    ),
    Invariant("bill_events_are_posted", "Every event of a bill stands in the books once.", POSTINGS),
)
