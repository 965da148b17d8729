"""
What must always be true of the stored data, asked of all of it at once, independently of the code that writes it.

An invariant is one statement that returns its offenders: a row (key, told) each, in a stable order. It reads the tables
alone, and repeats no rule's code: what a bug wrote is found by it, and not explained away.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter

from django.db import connection, transaction

WORK_MEM = "256MB"
"""What one sort may take: the sweeps sort every occupancy there is."""


@dataclass(frozen=True, slots=True)
class Invariant:
    """A sentence that holds, and the SQL of what breaks it; `%(now)s` is the instant of the question."""

    name: str
    says: str
    offenders: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many offenders an invariant has, the first of them as (key, told), and the seconds it took to know."""

    invariant: Invariant
    count: int
    first: tuple[tuple[str, str], ...]
    seconds: float


def verified(invariants: Iterable[Invariant], *, now: datetime, most: int = 5) -> Iterator[Verdict]:
    """Yield the verdict on each invariant, all over one snapshot; nothing is locked or changed."""
    with transaction.atomic(), connection.cursor() as cursor:
        if not connection.savepoint_ids:  # a test's transaction has begun already, with its own snapshot
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute(f"SET LOCAL work_mem = '{WORK_MEM}'")
        for invariant in invariants:
            begun = perf_counter()
            found = f"SELECT count(*) OVER (), key::text, told FROM ({invariant.offenders}) AS offenders LIMIT %(most)s"  # noqa: S608 -- our own names
            cursor.execute(found, {"now": now, "most": most})
            rows = cursor.fetchall()
            first = tuple((key, told) for _, key, told in rows)
            yield Verdict(invariant, rows[0][0] if rows else 0, first, perf_counter() - begun)
