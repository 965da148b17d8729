"""
A client in a process of its own: it does random acts over HTTP until its time is up or it is killed.

    python -m tests.torture.client WORLD HISTORY HOST PORT NAME UNTIL SEED

It learns first what became of the requests that an earlier life left unanswered.
"""

import json
import random
import sys
import time
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from tests.torture.acts import Buyer, Chooser, Lab
from tests.torture.history import Asked, Failed, Heard, History, unanswered
from tests.torture.known import World

PATIENCE_SECONDS = 20.0
FIRST_REFUSAL, FIRST_FAULT = 400, 500


class Client:
    """Somebody with a token, who remembers nothing but the history file."""

    def __init__(self, world: World, history: Path, address: tuple[str, int], name: str, seed: int) -> None:
        self.address, self.name = address, name
        self.path = history
        self.history = History(history)
        kind, number = name.split("-")
        self.token = (world.lab if kind == "lab" else world.buyers)[int(number)]
        chooser: type[Chooser] = Lab if kind == "lab" else Buyer
        self.chooser = chooser(world, self.read, random.Random(seed))
        self.count = sum(1 for _ in history.read_text().splitlines()) if history.exists() else 0

    def resolve(self) -> None:
        """Ask again, by its key, for each outcome that is unknown."""
        for asked in unanswered(self.path):
            self.send(asked, again=True)

    def live(self, until: float) -> None:
        """Do random acts until an instant; an act that finds nothing to act on is skipped."""
        while time.time() < until:
            act = self.chooser.choose()
            if act is None:
                time.sleep(0.05)
                continue
            self.count += 1
            method = "DELETE" if act[0].endswith("lift") else "POST"
            asked = Asked(f"{self.name}-{self.count}", *act, at=time.time(), method=method)
            self.history.write(asked)
            self.send(asked)

    def send(self, asked: Asked, *, again: bool = False) -> None:
        """Send a request until it is answered by other than a fault; what is never answered stays unknown."""
        deadline = time.time() + PATIENCE_SECONDS
        while time.time() < deadline:
            with suppress(OSError, HTTPException):
                status, body, is_replay = self.ask(asked.method, asked.path, asked.body, asked.key)
                if status < FIRST_FAULT:
                    self.history.write(Heard(asked.key, status, body, time.time(), again, is_replay))
                    self.chooser.hear(asked.act, asked.body, status)
                    return
                self.history.write(Failed(asked.key, status, time.time()))
            again = True
            time.sleep(0.2)

    def ask(self, method: str, path: str, body: dict[str, Any] | None, key: str = "") -> tuple[int, Any, bool]:
        """Send one request over a connection of its own, and return status, answer, and whether it is a kept one."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", "Accept-Language": "en"}
        if key:
            headers["Idempotency-Key"] = key
        line = HTTPConnection(*self.address, timeout=10)
        try:
            line.request(method, f"/api/v1/{path}", None if body is None else json.dumps(body), headers)
            answer = line.getresponse()
            told = answer.read()
            return answer.status, json.loads(told or "null"), answer.headers.get("Idempotent-Replayed") == "true"
        finally:
            line.close()

    def read(self, path: str) -> Any:
        """Return what a path answers, or None where it refuses."""
        status, body, _ = self.ask("GET", path, None)
        return body if status < FIRST_REFUSAL else None


def main() -> None:
    """Live as the command line says."""
    world, history, host, port, name, until, seed = sys.argv[1:]
    client = Client(World.read(Path(world)), Path(history), (host, int(port)), name, int(seed))
    client.resolve()
    client.live(float(until))


if __name__ == "__main__":
    main()
