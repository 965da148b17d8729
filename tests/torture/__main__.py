"""
Torture: many processes do random acts over HTTP, some are killed, the database crashes; then history is checked.

    make torture ARGS="--seconds 600 --clients 24"

A PostgreSQL of its own is made and thrown away; web server and job worker run as in production. Ends with an error
where history and database do not agree.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(CHECKOUT), str(CHECKOUT / "platform")]

from kernel import embedded_postgres  # noqa: E402 -- after the path

CATCHING_UP_SECONDS = 60
"""How long clients may take at the end to learn what they do not know yet."""


class Conductor:
    """Keeps the processes of a world alive, and kills them at random."""

    def __init__(self, folder: Path, arguments: argparse.Namespace) -> None:
        self.folder, self.arguments = folder, arguments
        self.random = random.Random(arguments.seed)
        self.clients: dict[str, subprocess.Popen[bytes]] = {}
        self.worker: subprocess.Popen[bytes] | None = None
        self.killed = {"clients": 0, "web workers": 0, "job workers": 0, "database servers": 0}
        self.address = ("", 0)
        self.until = 0.0

    @property
    def names(self) -> list[str]:
        """The names of all clients: two of three buy, the others work in the lab."""
        buyers = max(1, self.arguments.clients * 2 // 3)
        return [f"buyer-{n}" for n in range(buyers)] + [f"lab-{n}" for n in range(self.arguments.clients - buyers)]

    def history(self, name: str) -> Path:
        """The file of one client's history."""
        return self.folder / f"{name}.jsonl"

    def start_client(self, name: str) -> None:
        """Start a client, or start it again: it goes on from its history."""
        said = [self.folder / "world.json", self.history(name), *self.address, name, self.until]
        seed = self.random.randrange(10**9)
        command = [sys.executable, "-m", "tests.torture.client", *map(str, said), str(seed)]
        self.clients[name] = subprocess.Popen(command, cwd=CHECKOUT, env=_environment())

    def start_worker(self) -> None:
        """Start the job worker."""
        log = (self.folder / "worker.log").open("ab")
        command = [sys.executable, "manage.py", "procrastinate", "worker", "--concurrency", "2"]
        self.worker = subprocess.Popen(command, cwd=CHECKOUT, env=_environment(), stdout=log, stderr=log)

    def kill_client(self) -> None:
        """Kill a client in the midst of what it does, and let it live again."""
        name = self.random.choice(self.names)
        self.clients[name].kill()
        self.clients[name].wait()
        self.killed["clients"] += 1
        self.start_client(name)

    def kill_web_worker(self) -> None:
        """Kill one of the web server's workers; the server starts another."""
        workers = [pid for pid, command in _processes() if b"granian" in command and b"worker-" in command]
        if workers:
            _kill(self.random.choice(workers))
            self.killed["web workers"] += 1

    def kill_job_worker(self) -> None:
        """Kill the job worker, and start another."""
        if self.worker is not None:
            self.worker.kill()
            self.worker.wait()
            self.killed["job workers"] += 1
        self.start_worker()

    def crash_database(self) -> None:
        """Let PostgreSQL die at once, as in a power cut, and start it again: it recovers from its log."""
        pid = embedded_postgres.server_process(self.folder / "pg")
        os.kill(pid, signal.SIGQUIT)
        while _is_alive(pid):
            time.sleep(0.05)
        embedded_postgres.start(self.folder / "pg")
        self.killed["database servers"] += 1

    def conduct(self, seconds: float) -> None:
        """Let everything run for so many seconds, and kill what the dice say."""
        for name in self.names:
            self.start_client(name)
        self.start_worker()
        begun = time.time()
        crashes = [begun + seconds * (n + 1) / (self.arguments.crashes + 1) for n in range(self.arguments.crashes)]
        workers_die_at = begun + seconds / 3
        while time.time() < begun + seconds:
            time.sleep(self.random.uniform(0.5, 1.5) * self.arguments.kill_every)
            if crashes and time.time() > crashes[0]:
                crashes.pop(0)
                self.crash_database()
            elif time.time() > workers_die_at:
                workers_die_at = time.time() + seconds / 4
                self.kill_job_worker()
                self.kill_web_worker()
            else:
                self.kill_client()

    def settle(self) -> None:
        """Let every client come to its end, and learn what it does not know yet."""
        deadline = time.time() + CATCHING_UP_SECONDS
        for name in self.names:
            self.clients[name].wait(max(1.0, deadline - time.time()))
            self.start_client(name)  # its time is up: it only asks for what is unknown
        for name in self.names:
            self.clients[name].wait(CATCHING_UP_SECONDS)

    def end(self) -> None:
        """End all that is left."""
        for process in [*self.clients.values(), *([self.worker] if self.worker else [])]:
            if process.poll() is None:
                process.kill()
                process.wait()


def _environment() -> dict[str, str]:
    path = os.pathsep.join([str(CHECKOUT), str(CHECKOUT / "platform")])
    return {**os.environ, "PYTHONPATH": path, "DJANGO_SETTINGS_MODULE": "config.settings", "GONGHENG_DEMO": "1"}


def _processes() -> Iterator[tuple[int, bytes]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                yield int(entry.name), (entry / "cmdline").read_bytes()
            except OSError:
                continue


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@contextmanager
def database(folder: Path) -> Iterator[dict[str, Any]]:
    """Give a PostgreSQL server of its own, which writes to disk before it answers, and throw it away at the end."""
    try:
        yield embedded_postgres.start(folder / "pg")
    finally:
        embedded_postgres.stop(folder / "pg")


def main() -> int:
    """Read the arguments, torture, and print the figures."""
    arguments = argparse.ArgumentParser(prog="make torture", description=__doc__)
    arguments.add_argument("--seconds", type=float, default=300)
    arguments.add_argument("--clients", type=int, default=12)
    arguments.add_argument("--crashes", type=int, default=2, help="how often the database dies")
    arguments.add_argument("--kill-every", type=float, default=2.0, help="seconds between two kills, on average")
    arguments.add_argument("--seed", type=int, default=1)
    chosen = arguments.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="gongheng-torture-"))
    folder.chmod(0o755)
    try:
        with database(folder) as settings:
            return tortured(folder, settings, chosen)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def tortured(folder: Path, settings: dict[str, Any], chosen: argparse.Namespace) -> int:
    """Torture a new world for as long as was chosen; return 0 where nothing is wrong with it."""
    from tests.serving import database_url, served

    os.environ |= {"DATABASE_URL": database_url(settings), "GONGHENG_DEMO": "1"}
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from tests.torture import checking, world

    call_command("migrate", verbosity=0)
    conductor = Conductor(folder, chosen)
    names = conductor.names
    buyers = sum(name.startswith("buyer") for name in names)
    made = world.made(buyers=buyers, lab_staff=len(names) - buyers)
    made.write(folder / "world.json")
    connection.close()
    connection.close_pool()  # its connections do not outlive the database's death
    with served(settings, respawn=True) as conductor.address:
        conductor.until = time.time() + chosen.seconds
        try:
            conductor.conduct(chosen.seconds)
            conductor.settle()
        finally:
            conductor.end()
    figures = checking.checked([conductor.history(name) for name in names], made.instruments)
    report(figures, conductor)
    return 1 if figures.anomalies or not figures.acknowledged else 0


def report(figures: Any, conductor: Conductor) -> None:
    """Print the figures."""
    print(f"{'':<20}{'asked':>9}{'acknowledged':>14}{'refused':>9}")
    for act in sorted(figures.asked, key=lambda act: (act.startswith("lab-"), -figures.asked[act])):
        codes = ", ".join(f"{code} {many:,}" for code, many in figures.codes[act].most_common())
        told = f"{figures.asked[act]:>9,}{figures.acknowledged[act]:>14,}{figures.refused[act]:>9,}"
        print(f"{act:<20}{told}   {codes}")
    counted = (figures.asked, figures.acknowledged, figures.refused)
    asked, done, refused = (sum(counter.values()) for counter in counted)
    print(f"{'all':<20}{asked:>9,}{done:>14,}{refused:>9,}")
    print(
        f"{figures.unknown:,} unknown at first: {figures.unknown_done:,} had been done, {figures.unknown_anew:,} were"
        f" done when asked again, {figures.unknown_refused:,} were refused; {figures.never_known:,} never known"
    )
    print("faults:", ", ".join(f"{many:,} times {status}" for status, many in figures.faults.most_common()) or "none")
    print("killed:", ", ".join(f"{many:,} {what}" for what, many in conductor.killed.items()))
    print(f"{len(figures.anomalies):,} anomalies")
    for anomaly in sorted(figures.anomalies, key=len)[:40]:
        print(f"    {anomaly}")


if __name__ == "__main__":
    sys.exit(main())
