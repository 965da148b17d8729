"""The platform as it really runs: granian's workers on a database, in processes of their own, asked over HTTP."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote

CHECKOUT = Path(__file__).resolve().parents[1]
PATIENCE_SECONDS = 60.0


def database_url(database: dict[str, Any]) -> str:
    """Return Django's connection settings as a URL, socket folders included."""
    host = quote(database["HOST"], safe="")
    return f"postgres://{quote(database['USER'])}@{host}:{database['PORT'] or 5432}/{quote(database['NAME'])}"


@contextmanager
def served(
    database: dict[str, Any], *, workers: int = 2, threads: int = 4, respawn: bool = False
) -> Iterator[tuple[str, int]]:
    """
    Serve the platform on a database, and give the host and port it answers at until the block ends.

    `respawn` has a worker that was killed replaced, as in production.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "DATABASE_URL": database_url(database),
        "GONGHENG_DEMO": "1",
        "GONGHENG_POOL": str(threads),
        "PYTHONPATH": os.pathsep.join([str(CHECKOUT), str(CHECKOUT / "platform")]),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--workers", str(workers), "--blocking-threads", str(threads)]
    command += ["--backlog", "1024", "--log-level", "warning", "config.wsgi:application"]
    command += ["--respawn-failed-workers", "--respawn-interval", "0.2"] if respawn else []
    server = subprocess.Popen(command, cwd=CHECKOUT, env=environment, start_new_session=True)
    try:
        _wait_for("127.0.0.1", port, server)
        yield "127.0.0.1", port
    finally:
        server.terminate()
        try:
            server.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, 9)
            server.wait()


def _wait_for(host: str, port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        connection = HTTPConnection(host, port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()
    raise RuntimeError("the platform was not served in time")
