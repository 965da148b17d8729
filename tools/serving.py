"""The processes that `make demo` leaves running: the web server and the job worker, ended by later calls."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from steps import CHECKOUT, LOGS, PYTHON, RUN, StepFailedError, environment

HOST = os.environ.get("GONGHENG_HOST", "127.0.0.1")
FIRST_PORT = int(os.environ.get("GONGHENG_PORT") or 8000)
PORTS_TRIED = 100
START_SECONDS = 60.0
END_SECONDS = 15.0


@dataclass(frozen=True)
class Left:
    """A process left running in the background, remembered in .run/<name>.pid."""

    name: str

    @property
    def file(self) -> Path:
        """Where its number and the instant of its birth are written."""
        return RUN / f"{self.name}.pid"

    @property
    def log(self) -> Path:
        """Where it writes."""
        return LOGS / f"{self.name}.log"

    @property
    def pid(self) -> int:
        """Its process id, or 0 when it runs no more: its number may be another process's by now."""
        try:
            pid, born = self.file.read_text().split()
        except (OSError, ValueError):
            return 0
        return int(pid) if born == _born(int(pid)) else 0

    def start(self, *command: object, **more: str) -> None:
        """Start it in a session of its own, so that it outlives this call and its terminal."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as output:
            process = subprocess.Popen(
                [str(part) for part in command],
                cwd=CHECKOUT,
                env=environment() | more,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.file.write_text(f"{process.pid} {_born(process.pid)}\n")

    def stop(self) -> bool:
        """End it and all that it started, and wait for that. Return whether it ran."""
        return stop(self) == [self.name]


WEB = Left("web")
WORKER = Left("worker")


def stop(*chosen: Left) -> list[str]:
    """End web server and job worker, or the chosen ones, at the same time; return the names of those that ran."""
    running = {left: left.pid for left in chosen or (WEB, WORKER) if left.pid}
    for pid in running.values():
        os.killpg(pid, signal.SIGTERM)
    deadline = time.monotonic() + END_SECONDS
    for left, pid in running.items():
        while left.pid and time.monotonic() < deadline:
            time.sleep(0.02)
        with contextlib.suppress(OSError):  # all gone by themselves
            os.killpg(pid, signal.SIGKILL)
        left.file.unlink(missing_ok=True)
    return [left.name for left in running]


def _born(pid: int) -> str:
    """Return the instant of a process's birth, empty when there is none or only its remains."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        if Path("/proc/self").exists():
            return ""
        told = subprocess.run(
            ["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
        )
        fields = told.stdout.split()
        return "" if not fields or fields[0].startswith("Z") else "-".join(fields[1:])
    return "" if fields[0] == "Z" else fields[19]


def free_port() -> int:
    """
    Return the wished port, or the next one that nobody listens on.

    Raises:
        StepFailedError: a hundred ports in a row are taken.
    """
    for port in range(FIRST_PORT, FIRST_PORT + PORTS_TRIED):
        with socket.socket(socket.AF_INET6 if ":" in HOST else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    raise StepFailedError(f"No port from {FIRST_PORT} on is free.", advice="choose one: make demo GONGHENG_PORT=18000")


def start_worker(url: str) -> None:
    """Start the job worker, which is not waited for."""
    WORKER.start(PYTHON, CHECKOUT / "manage.py", "procrastinate", "worker", GONGHENG_URL=url)


def start_web(port: int, url: str) -> None:
    """Start the web server, which is waited for later."""
    WEB.start(
        *(PYTHON, "-m", "granian", "--interface", "wsgi", "--no-ws", "--workers", 2, "--blocking-threads", 4),
        *("--host", HOST, "--port", port, "--process-name", "gongheng", "config.wsgi:application"),
        GONGHENG_URL=url,
    )


def await_web(port: int) -> str:
    """
    Wait until pages are answered, and see that the job worker runs too.

    Raises:
        StepFailedError: one of them ended, or nothing is answered in time.
    """
    deadline = time.monotonic() + START_SECONDS
    while not _is_healthy(port):
        if not WEB.pid or time.monotonic() > deadline:
            raise StepFailedError("The web server does not answer.", log=WEB.log)
        time.sleep(0.05)
    if not WORKER.pid:
        raise StepFailedError("The job worker ended by itself.", log=WORKER.log)
    return ""


def _is_healthy(port: int) -> bool:
    address = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(HOST, HOST)  # noqa: S104 -- compared, not bound
    asked = http.client.HTTPConnection(address, port, timeout=5)
    try:
        asked.request("GET", "/healthz")
        return asked.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        asked.close()


def address(port: int) -> str:
    """Return the address a person opens."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(HOST, HOST)  # noqa: S104 -- compared, not bound
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"
