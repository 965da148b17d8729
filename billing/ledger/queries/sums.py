"""
Sums of the books: what is rolled up, and the lines since, read in one statement and so at one instant.

Note [The watermark]
    `Rolled` holds every line of the transactions below the watermark and no other, so a balance is the rolled sum and
    the lines from the watermark on. A watermark above every transaction there is was given by another cluster (a
    restored dump): the sums are then not asked, until they are rolled up anew. See docs/adr/0020.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from billing.ledger.chart import CHART, NAMED_BY, Account, Kept, party
from kernel.money import Money

MARK = """
mark AS MATERIALIZED (
    SELECT posted_before FROM billing_watermark WHERE posted_before <= pg_snapshot_xmax(pg_current_snapshot())
)
"""
FROM_THE_MARK = """
posted_in >= coalesce((SELECT posted_before FROM mark), '0') AND posted_in <= '18446744073709551615'
"""
"""The upper bound is no bound: with two the planner knows that they are few, with one it would read every line."""

BALANCE = f"""
WITH {MARK}
SELECT coalesce((
        SELECT debit_fen - credit_fen FROM billing_rolled
        WHERE account = %(account)s AND party = %(party)s AND EXISTS (SELECT FROM mark)
    ), 0) + coalesce((
        SELECT sum(fen) FROM billing_line WHERE account = %(account)s AND party = %(party)s AND {FROM_THE_MARK}
    ), 0)
"""  # noqa: S608 -- our own names

OF_ACCOUNT = f"""
WITH {MARK}
SELECT coalesce((
        SELECT debit_fen - credit_fen FROM billing_rolled
        WHERE account = %(account)s AND party = '' AND EXISTS (SELECT FROM mark)
    ), 0) + coalesce((SELECT sum(fen) FROM billing_line WHERE account = %(account)s AND {FROM_THE_MARK}), 0)
"""  # noqa: S608 -- our own names

NOW = f"""
    SELECT account, debit_fen, credit_fen FROM billing_rolled
    WHERE account = ANY (%(accounts)s) AND party = '' AND EXISTS (SELECT FROM mark)
    UNION ALL
    SELECT account, sum(fen) FILTER (WHERE fen > 0), -sum(fen) FILTER (WHERE fen < 0) FROM billing_line
    WHERE {FROM_THE_MARK} GROUP BY account
"""  # noqa: S608 -- our own names
SINCE = """
    UNION ALL  -- what happened at the instant or later is taken off again
    SELECT account, -sum(fen) FILTER (WHERE fen > 0), sum(fen) FILTER (WHERE fen < 0)
    FROM billing_entry JOIN billing_line ON billing_line.entry_id = billing_entry.id
    WHERE at >= %(until)s GROUP BY account
"""
TRIAL_BALANCE = f"""
WITH {MARK}, part AS ({NOW})
SELECT account, coalesce(sum(debit_fen), 0), coalesce(sum(credit_fen), 0) FROM part GROUP BY account
"""  # noqa: S608 -- our own names
TRIAL_BALANCE_UNTIL = TRIAL_BALANCE.replace(NOW, NOW + SINCE)

SUB_LEDGER = f"""
WITH {MARK}, part AS (
    SELECT party, debit_fen, credit_fen FROM billing_rolled
    WHERE account = %(account)s AND party <> '' AND EXISTS (SELECT FROM mark)
    UNION ALL
    SELECT party, sum(fen) FILTER (WHERE fen > 0), -sum(fen) FILTER (WHERE fen < 0) FROM billing_line
    WHERE account = %(account)s AND {FROM_THE_MARK} GROUP BY party
)
SELECT party, coalesce(sum(debit_fen), 0) AS debit, coalesce(sum(credit_fen), 0) AS credit FROM part
GROUP BY party
HAVING NOT %(open_only)s OR coalesce(sum(debit_fen), 0) <> coalesce(sum(credit_fen), 0)
ORDER BY party
"""  # noqa: S608 -- our own names


@dataclass(frozen=True, slots=True)
class Sum:
    """What was debited and credited on an account or to one party of it, in fen."""

    account: Account
    party: str
    debit_fen: int
    credit_fen: int

    @property
    def kept(self) -> Kept:
        """What the chart says of the account."""
        return CHART[self.account]

    @property
    def balance(self) -> Money:
        """Debits less credits."""
        return Money(self.debit_fen - self.credit_fen)

    @property
    def own(self) -> Money:
        """The balance as the account's type reads it: what is owed is above nothing on a liability."""
        return Money(self.kept.type.sign * self.balance.fen)


def balance(account: Account, **about: int | str) -> Money:
    """
    Return an account's balance as its type reads it, in all or of one of its sub-ledgers.

    `balance(Account.PREPAID, organisation_id=7)` is what the organisation has; own lines of the transaction count.

    Raises:
        ValueError: the account is not kept by what is named.
    """
    if about and set(about) != {NAMED_BY.get(CHART[account].per)}:
        raise ValueError(f"{account} is not kept by {', '.join(about)}")
    return balance_of(account, party(account, **about))


def balance_of(account: Account, whose: str) -> Money:
    """Return an account's balance of one party as the lines know it, or in all where that is ''."""
    with connection.cursor() as cursor:
        cursor.execute(BALANCE if whose else OF_ACCOUNT, {"account": account.value, "party": whose})
        return Money(CHART[account].type.sign * int(cursor.fetchone()[0]))


def trial_balance(*, until: datetime | None = None) -> list[Sum]:
    """Return each account's sums, in the order of the chart; of what happened before an instant where one is given."""
    accounts = [account.value for account in Account]
    with connection.cursor() as cursor:
        cursor.execute(TRIAL_BALANCE_UNTIL if until else TRIAL_BALANCE, {"accounts": accounts, "until": until})
        found = {account: (int(debit), int(credit)) for account, debit, credit in cursor.fetchall()}
    return [Sum(account, "", *found.get(account.value, (0, 0))) for account in Account]


def sub_ledger(account: Account, *, open_only: bool = False) -> list[Sum]:
    """Return the sums of an account by party, or only of those whose balance is not nothing."""
    with connection.cursor() as cursor:
        cursor.execute(SUB_LEDGER, {"account": account.value, "open_only": open_only})
        return [Sum(account, whose, int(debit), int(credit)) for whose, debit, credit in cursor.fetchall()]


HELD = (
    Account.CUSTODY_BANK,
    Account.PSP_CLEARING,
    Account.VOUCHER_RECEIVABLE,
    Account.RECEIVABLE,
    Account.DISPUTES,
)
OWED = (
    Account.ADVANCES,
    Account.PREPAID,
    Account.ESCROW,
    Account.DEPOSITS,
    Account.LAB_PAYABLE,
    Account.REFUNDS_PAYABLE,
    Account.VOUCHER_RETURNABLE,
    Account.SUSPENSE,
)


@dataclass(frozen=True, slots=True)
class ClientMoney:
    """What is held or coming for others, and what is owed to them (BL-35), in fen."""

    held_fen: int
    owed_fen: int
    owed_by_labs_fen: int

    @property
    def held(self) -> Money:
        """1002 + 1012 + 1123 + 1122 + 1131."""
        return Money(self.held_fen)

    @property
    def owed(self) -> Money:
        """2203 + 2204 + 2205 + 2206 + 2207 of the labs that are owed + 2208 + 2209 + 2299."""
        return Money(self.owed_fen)

    @property
    def over(self) -> Money:
        """What is held beyond what is owed; below nothing, money of others is missing."""
        return self.held - self.owed

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing."""
        return self.over.fen >= 0


CLIENT_MONEY = f"""
WITH {MARK}, part AS (
    SELECT account, '' AS party, debit_fen - credit_fen AS fen FROM billing_rolled
    WHERE account = ANY (%(client)s) AND account <> %(lab)s AND party = '' AND EXISTS (SELECT FROM mark)
    UNION ALL
    SELECT account, party, debit_fen - credit_fen FROM billing_rolled
    WHERE account = %(lab)s AND party <> '' AND EXISTS (SELECT FROM mark)
    UNION ALL
    SELECT account, CASE WHEN account = %(lab)s THEN party ELSE '' END, fen FROM billing_line
    WHERE account = ANY (%(client)s) AND {FROM_THE_MARK}
), kept AS (
    SELECT account, party, sum(fen) AS fen FROM part GROUP BY account, party
)
SELECT coalesce(sum(fen) FILTER (WHERE account = ANY (%(held)s)), 0),
    -coalesce(sum(fen) FILTER (WHERE account = ANY (%(owed)s) AND NOT (account = %(lab)s AND fen > 0)), 0),
    coalesce(sum(fen) FILTER (WHERE account = %(lab)s AND fen > 0), 0)
FROM kept
"""  # noqa: S608 -- our own names


def client_money() -> ClientMoney:
    """Return whether what is owed to others is there (BL-35): a lab that owes makes up for no other lab."""
    asked: dict[str, Any] = {
        "client": [account.value for account in (*HELD, *OWED)],
        "held": [account.value for account in HELD],
        "owed": [account.value for account in OWED],
        "lab": Account.LAB_PAYABLE.value,
    }
    with connection.cursor() as cursor:
        cursor.execute(CLIENT_MONEY, asked)
        return ClientMoney(*map(int, cursor.fetchone()))
