"""What must be true of invoices, held against their lines, their credit notes and their bills."""

from kernel.invariants import Invariant

LINES = """
SELECT i.id AS key, format('invoice %%s: its lines come to %%s fen net and %%s tax, it says %%s and %%s', i.id,
    sum((line->>'net_fen')::bigint), sum((line->>'tax_fen')::bigint), i.net_fen, i.tax_fen) AS told
FROM billing_invoice i CROSS JOIN LATERAL jsonb_array_elements(i.lines) AS line
GROUP BY i.id
HAVING sum((line->>'net_fen')::bigint) <> i.net_fen OR sum((line->>'tax_fen')::bigint) <> i.tax_fen
ORDER BY i.id
"""

CREDITED = """
WITH taken AS (
    SELECT n.invoice_id, (line->>'line')::int AS at,
        -sum((line->>'net_fen')::bigint + (line->>'tax_fen')::bigint) AS fen,
        -coalesce(sum((line->>'net_fen')::bigint + (line->>'tax_fen')::bigint) FILTER (WHERE n.state = 'issued'), 0)
            AS written
    FROM billing_creditnote n CROSS JOIN LATERAL jsonb_array_elements(n.lines) AS line
    WHERE n.state <> 'dropped' GROUP BY 1, 2
), beyond AS (
    SELECT t.invoice_id, format('invoice %%s: %%s fen of its line %%s are taken back, it has %%s', i.id, t.fen, t.at,
        (i.lines->t.at->>'net_fen')::bigint + (i.lines->t.at->>'tax_fen')::bigint) AS told
    FROM taken t JOIN billing_invoice i ON i.id = t.invoice_id
    WHERE t.fen > (i.lines->t.at->>'net_fen')::bigint + (i.lines->t.at->>'tax_fen')::bigint
), differing AS (
    SELECT i.id AS invoice_id, format('invoice %%s: its credit notes took back %%s fen, it says %%s', i.id,
        coalesce(w.fen, 0), i.credited_fen) AS told
    FROM billing_invoice i
    LEFT JOIN (SELECT invoice_id, sum(written) AS fen FROM taken GROUP BY 1) AS w ON w.invoice_id = i.id
    WHERE coalesce(w.fen, 0) <> i.credited_fen
)
SELECT invoice_id AS key, told FROM beyond UNION ALL SELECT invoice_id, told FROM differing ORDER BY 1
"""

BILLS = """
SELECT i.id AS key, format('invoice %%s is over %%s fen, its order %%s came to %%s', i.id, i.total_fen,
    b.order_number, b.total_fen) AS told
FROM billing_invoice i JOIN billing_bill b ON b.id = i.bill_id
WHERE i.state IN ('asked', 'issued') AND (i.total_fen > b.total_fen OR b.state <> 'settled')
ORDER BY i.id
"""

INVOICES = (
    Invariant("invoice_lines_add_up", "The lines of an invoice come to what it says.", LINES),
    Invariant("credit_notes_within_their_invoice", "No line of an invoice is taken back beyond what it has.", CREDITED),
    Invariant("invoices_within_their_bill", "An invoice is over a settled order, and never over more.", BILLS),
)
