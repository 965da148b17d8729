"""Steps to a running platform: shown as they go, logged, left out when nothing changed, explained when they fail."""

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
RUN = CHECKOUT / ".run"
LOGS = RUN / "logs"
VENV = CHECKOUT / ".venv"
PYTHON = VENV / "bin" / "python"
SYSTEM_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
TAIL = 25
written: set[Path] = set()
"""The logs begun by this call; older ones are written over."""


class StepFailedError(Exception):
    """A step cannot be done; carries what went wrong and what to do about it."""

    def __init__(self, what: str, *, advice: str = "", log: Path | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.advice = advice
        self.log = log


class Steps:
    """The steps of one target, numbered and timed on the terminal."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.done = 0

    def do(self, name: str, work: Callable[[], str]) -> None:
        """Show a step while its work is done, and behind it what the work remarks."""
        self.begin(name)
        self.end(work())

    def begin(self, name: str) -> None:
        """Show that a step begins."""
        self.done += 1
        self.started = time.monotonic()
        print(f"[{self.done}/{self.total}] {name} ...", end="", flush=True)

    def end(self, remark: str = "") -> None:
        """Show that it ended, and how long it took."""
        took = time.monotonic() - self.started
        print(f" {took:.1f} s{f' ({remark})' if remark else ''}", flush=True)


def show_failure(failure: StepFailedError) -> None:
    """Say what failed, what the program itself said last, and what to do."""
    print(f"\n\nThat did not work: {failure.what}", file=sys.stderr)
    if failure.log and failure.log.exists():
        for line in failure.log.read_text(errors="replace").rstrip().splitlines()[-TAIL:]:
            print(f"  | {line}", file=sys.stderr)
        print(f"All of it: {failure.log.relative_to(CHECKOUT)}", file=sys.stderr)
    if failure.advice:
        print(f"What to do: {failure.advice}", file=sys.stderr)


def environment() -> dict[str, str]:
    """Return the environment of our children: our packages first, compiled modules kept for later."""
    chosen = {name: value for name, value in os.environ.items() if name not in LEFT_OUT}
    chosen["PYTHONPATH"] = os.pathsep.join([str(CHECKOUT), str(CHECKOUT / "platform")])
    chosen["PYTHONUNBUFFERED"] = "1"
    chosen.setdefault("GONGHENG_DEMO", "1")
    if SYSTEM_CERTIFICATES.exists():  # where a proxy opens TLS, only the system knows its certificate
        chosen.setdefault("UV_SYSTEM_CERTS", "1")
        chosen.setdefault("NODE_EXTRA_CA_CERTS", str(SYSTEM_CERTIFICATES))
    return chosen


LEFT_OUT = {
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONHOME",
    "PYTHONSTARTUP",
    "VIRTUAL_ENV",
    "DJANGO_SETTINGS_MODULE",
    "MAKEFLAGS",
}


def run(*command: object, log: str, failed: str, advice: str = "", seconds: float | None = None, **more: str) -> None:
    """
    Run a program into its log; more environment may be given by name.

    Raises:
        StepFailedError: it ended with an error, or took longer than the seconds it has.
    """
    path = LOGS / f"{log}.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab" if path in written else "wb") as output:
        written.add(path)
        output.write(f"\n$ {' '.join(str(part) for part in command)}\n".encode())
        output.flush()
        try:
            subprocess.run(
                [str(part) for part in command],
                cwd=CHECKOUT,
                env=environment() | more,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=True,
                timeout=seconds,
            )
        except (OSError, subprocess.SubprocessError) as error:
            if not isinstance(error, subprocess.CalledProcessError):  # which has said itself what is wrong
                output.write(f"{error}\n".encode())
                output.flush()
            raise StepFailedError(failed, advice=advice, log=path) from error


def fingerprint(paths: Iterable[Path], *more: str) -> str:
    """Return what a step was made from, in one word: the names and contents of files, and more texts."""
    digest = hashlib.sha256("\0".join(more).encode())
    for path in sorted(paths):
        digest.update(f"\0{path}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def is_stamped(stamp: Path, mark: str) -> bool:
    """Whether the step that leaves this stamp was done from the same inputs."""
    return stamp.exists() and stamp.read_text() == mark


def put_stamp(stamp: Path, mark: str) -> None:
    """Remember what the step was done from."""
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(mark)
