"""Timing, processor time, and the SQL of an act recorded and replayed bare."""

import gc
import os
import time
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import connection

TICKS = os.sysconf("SC_CLK_TCK")

type Statement = tuple[str, Any]


@dataclass
class Figure:
    """What was measured of one act, done many times: seconds of each, of all together, and of the processors."""

    name: str
    each: list[float] = field(default_factory=list)
    wall: float = 0.0
    cpu: float = 0.0
    statements: int = 0

    def percentile(self, share: float) -> float:
        """Milliseconds that so large a share of the acts stayed within."""
        ordered = sorted(self.each)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    @property
    def per_second(self) -> float:
        """Acts a second, all clients together."""
        return len(self.each) / self.wall

    @property
    def cpu_ms(self) -> float:
        """Processor milliseconds an act cost: platform, PostgreSQL, and what drove them in this process."""
        return 1000 * self.cpu / len(self.each)

    def row(self, bare: "Figure | None" = None) -> str:
        """The figure as a line of the table, beside its own SQL."""
        ratio = f"{self.cpu_ms / bare.cpu_ms:6.1f} x" if bare and bare.cpu_ms else "       -"
        return (
            f"{self.name:<58}{self.percentile(0.5):9.2f}{self.percentile(0.99):9.2f}{self.per_second:9.0f}"
            f"{self.cpu_ms:9.2f}{self.statements or '-':>7}{ratio:>10}"
        )


HEADING = f"{'':<58}{'p50 ms':>9}{'p99 ms':>9}{'per s':>9}{'CPU ms':>9}{'SQL':>7}{'CPU/SQL':>10}"


def one_by_one(name: str, acts: Iterable[Callable[[], Any]], *, pids: Iterable[int] = ()) -> Figure:
    """Do the acts in turn in this process, and measure each; what was loaded is kept from the collector, as served."""
    figure = Figure(name)
    gc.collect()
    gc.freeze()
    before, begun = cpu_of(pids) + time.process_time(), time.perf_counter()
    for act in acts:
        start = time.perf_counter()
        act()
        figure.each.append(time.perf_counter() - start)
    figure.wall = time.perf_counter() - begun
    figure.cpu = cpu_of(pids) + time.process_time() - before
    return figure


def cpu_of(pids: Iterable[int]) -> float:
    """Processor seconds that these processes and all below them have used so far."""
    children: dict[int, list[int]] = {}
    used: dict[int, float] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        pid = int(entry.name)
        children.setdefault(int(fields[1]), []).append(pid)
        used[pid] = sum(map(int, fields[11:15])) / TICKS
    total, waiting = 0.0, list(pids)
    while waiting:
        pid = waiting.pop()
        total += used.get(pid, 0.0)
        waiting.extend(children.get(pid, ()))
    return total


@contextmanager
def recorded(into: list[Statement]) -> Any:
    """Write down every statement of this connection with its parameters, transactions included."""

    def write_down(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        into.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(write_down):
        yield


def replayed(name: str, acts: list[list[Statement]], *, pids: Iterable[int] = ()) -> Figure:
    """Send the statements of each act bare, in one transaction, over the same connection, and measure."""

    def send(statements: list[Statement]) -> None:
        with bare.cursor() as cursor:
            cursor.execute("BEGIN")
            for sql, params in statements:
                cursor.execute(sql, params)
                if cursor.description:
                    cursor.fetchall()
            cursor.execute("COMMIT")

    connection.ensure_connection()
    bare = connection.connection
    was, bare.autocommit = bare.autocommit, True
    figure = one_by_one(name, [lambda act=act: send(act) for act in acts], pids=pids)
    bare.autocommit = was
    figure.statements = max((len(act) for act in acts), default=0)
    return figure
