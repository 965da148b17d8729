"""
The ledger: posting beside its own SQL, what the checks of the database cost, a month's end in bulk, the trial balance.

    make bench ARGS="ledger"
"""

import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from bench.database import server_process
from bench.measuring import Figure, Statement, one_by_one, recorded, replayed
from billing.ledger import operations, queries, rules
from billing.ledger.rules import Account, Happened
from tests.factories.accounts import OrganisationFactory
from tests.factories.labs import LabFactory

MONTHS_END = 100_000
"""So many postings are made in bulk: each lab's orders of a month are settled."""
LINES = 1_000_000
ROUNDS = 6
"""How often the checks are put on and off, so that a busy moment touches both."""
CHECKS = (
    ("billing_entry", "ledger_entry_is_balanced"),
    ("billing_line", "ledger_line_joins_its_own_entry"),
)


class World:
    """Customers, labs, and events that have not happened yet."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.customers = [each.pk for each in OrganisationFactory.create_batch(50)]
        self.labs = [each.pk for each in LabFactory.create_batch(20)]
        self.number = 0

    def settled(self) -> Happened:
        """The next order's settlement: four lines."""
        self.number += 1
        order, lab = f"R{self.number:014d}", self.labs[self.number % len(self.labs)]
        customer = self.customers[self.number % len(self.customers)]
        return Happened(
            event_id=f"settled:{order}",
            event="E7",
            legs=rules.settled(10_000 + self.number % 90_000, 500, lab, order),
            at=self.now,
            order_number=order,
            organisation_id=customer,
            lab_id=lab,
        )

    def post(self) -> None:
        """Post the next settlement through the operation."""
        happened = self.settled()
        operations.post(
            event_id=happened.event_id,
            event=happened.event,
            legs=happened.legs,
            at=happened.at,
            order_number=happened.order_number,
            organisation_id=happened.organisation_id,
            lab_id=happened.lab_id,
        )


def measure(now: datetime, *, acts: int) -> Iterator[str]:
    """Yield the lines of the table."""
    server, world = server_process(), World(now)
    yield from posting(world, acts, server)
    yield from checks(world, acts, server)
    yield from months_end(world)
    yield from reading(world, min(acts, 100), server)


def posting(world: World, acts: int, server: list[int]) -> Iterator[str]:
    """An entry of four lines through the operation, and its statements bare."""
    for _ in range(20):  # statements are prepared, the triggers' plans made
        world.post()
    bare = replayed("  its SQL, bare", statements(world, acts), pids=server)
    figure = one_by_one("post a settlement (4 lines)", [world.post] * acts, pids=server)
    figure.statements = bare.statements
    yield figure.row(bare)
    yield bare.row()


def statements(world: World, acts: int) -> list[list[Statement]]:
    """Return the statements of so many postings that have not been made."""
    log: list[list[Statement]] = []
    for _ in range(acts):
        log.append([])
        with recorded(log[-1]), transaction.atomic():
            world.post()
            transaction.set_rollback(True)
    return log


def checks(world: World, acts: int, server: list[int]) -> Iterator[str]:
    """The bare SQL of postings with the checks of balance and of the transaction, and without."""
    guarded, unguarded = Figure("  its SQL with the database's checks"), Figure("  its SQL without the checks")
    for _ in range(ROUNDS):
        for figure, state in ((guarded, "ENABLE ALWAYS"), (unguarded, "DISABLE")):
            with connection.cursor() as cursor:
                for table, trigger in CHECKS:
                    cursor.execute(f"ALTER TABLE {table} {state} TRIGGER {trigger}")
            replayed("", statements(world, 10), pids=server)  # plans are made anew after ALTER TABLE
            part = replayed("", statements(world, acts), pids=server)
            figure.each += part.each
            figure.wall += part.wall
            figure.cpu += part.cpu
            figure.statements = part.statements
    with connection.cursor() as cursor:
        for table, trigger in CHECKS:
            cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}")
    yield guarded.row()
    yield unguarded.row()
    yield f"  the checks are {100 * (1 - unguarded.cpu / guarded.cpu):.0f} % of the posting's SQL"


def months_end(world: World) -> Iterator[str]:
    """A month's settlements in one bulk; then as many again, until there are a million lines."""
    begun = time.perf_counter()
    operations.post_many([world.settled() for _ in range(MONTHS_END)])
    spent = time.perf_counter() - begun
    yield f"{MONTHS_END:,} postings in bulk: {spent:.1f} s ({MONTHS_END / spent:,.0f} a second)"
    while (there := count("billing_line")) < LINES:
        operations.post_many([world.settled() for _ in range(min(MONTHS_END, (LINES - there) // 4 + 1))])


def count(table: str) -> int:
    """Return how many rows a table has."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608 -- our own names
        many: int = cursor.fetchone()[0]
    return many


def reading(world: World, acts: int, server: list[int]) -> Iterator[str]:
    """The trial balance over a million lines, rolled up and not, beside the plain sum; and one lab's balance."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE billing_entry, billing_line, billing_rolled, billing_watermark")

    def plain() -> dict[str, int]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT account, sum(fen) FROM billing_line GROUP BY account")
            return {account: int(fen) for account, fen in cursor.fetchall()}

    many = count("billing_line")
    yield one_by_one(f"plain sum of {many:,} lines", [plain] * 5, pids=server).row()
    yield one_by_one("trial balance, nothing rolled up", [queries.trial_balance] * 5, pids=server).row()
    begun = time.perf_counter()
    operations.roll_up(now=world.now)
    yield f"  rolled up in {time.perf_counter() - begun:.1f} s"
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE billing_rolled, billing_watermark")
    operations.post_many([world.settled() for _ in range(1_000)])  # a busy minute's lines are not rolled up
    lab = world.labs[0]
    asked: list[tuple[str, Callable[[], Any]]] = [
        (f"trial balance over {many:,} lines", queries.trial_balance),
        ("client money (BL-35)", queries.client_money),
        ("balance of an account", lambda: queries.balance(Account.LAB_PAYABLE)),
        ("balance of one lab", lambda: queries.balance(Account.LAB_PAYABLE, lab_id=lab)),
    ]
    for name, ask in asked:
        for _ in range(6):
            ask()
        yield one_by_one(name, [ask] * acts, pids=server).row()
    told = {each.account.value: each.debit_fen - each.credit_fen for each in queries.trial_balance()}
    if {account: fen for account, fen in told.items() if fen} != plain():
        raise RuntimeError("the trial balance is not the sum of the lines")
