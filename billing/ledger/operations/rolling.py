"""
Rolling up: the lines of all transactions that have ended are added to the sums, and the watermark follows.

Which have ended is asked of PostgreSQL's snapshot (`pg_snapshot_xmin`), never of ids or times: an entry with a lower id
may be committed later. See Note [The watermark] in `billing.ledger.queries.sums`, and docs/adr/0020.
"""

from datetime import datetime

from django.db import connection, transaction

from kernel.refusals import bounded_wait

BEGIN = """
INSERT INTO billing_watermark (id, posted_before, cluster)
SELECT 1, '0', system_identifier FROM pg_control_system() ON CONFLICT (id) DO NOTHING
"""

HOLD = """
SELECT cluster = (SELECT system_identifier FROM pg_control_system())
    AND posted_before <= pg_snapshot_xmax(pg_current_snapshot())
FROM billing_watermark FOR UPDATE
"""

BEGIN_ANEW = """
WITH gone AS (DELETE FROM billing_rolled)
UPDATE billing_watermark SET posted_before = '0', cluster = (SELECT system_identifier FROM pg_control_system())
"""

ROLL = """
WITH mark AS MATERIALIZED (
    SELECT posted_before AS low, pg_snapshot_xmin(pg_current_snapshot()) AS high FROM billing_watermark
), ended AS (
    SELECT account, party, fen FROM billing_line
    WHERE posted_in >= (SELECT low FROM mark) AND posted_in < (SELECT high FROM mark)
), summed AS (
    SELECT account, coalesce(party, '') AS party, coalesce(sum(fen) FILTER (WHERE fen > 0), 0) AS debit,
        -coalesce(sum(fen) FILTER (WHERE fen < 0), 0) AS credit, count(*) AS lines, grouping(party) AS is_total
    FROM ended GROUP BY GROUPING SETS ((account, party), (account))
    HAVING grouping(party) = 1 OR party <> ''
), kept AS (
    INSERT INTO billing_rolled (account, party, debit_fen, credit_fen)
    SELECT account, party, debit, credit FROM summed
    ON CONFLICT (account, party) DO UPDATE SET
        debit_fen = billing_rolled.debit_fen + excluded.debit_fen,
        credit_fen = billing_rolled.credit_fen + excluded.credit_fen
)
UPDATE billing_watermark SET posted_before = greatest(posted_before, (SELECT high FROM mark)), rolled_at = %s
RETURNING (SELECT coalesce(sum(lines), 0) FROM summed WHERE is_total = 1)
"""


@transaction.atomic
def roll_up(*, now: datetime) -> int:
    """
    Add what has been posted to the sums, and return how many lines were added; no posting waits for it.

    Sums that another cluster's watermark bounds (a dump was restored) are made anew from all lines.

    Raises:
        Busy: another roll-up is under way, for too long.
    """
    with bounded_wait(), connection.cursor() as cursor:
        cursor.execute(BEGIN)
        cursor.execute(HOLD)
        if not cursor.fetchone()[0]:
            cursor.execute(BEGIN_ANEW)
        cursor.execute(ROLL, [now])
        return int(cursor.fetchone()[0])
