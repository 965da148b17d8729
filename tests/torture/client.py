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
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from tests.torture.history import Asked, Heard, History, unanswered
from tests.torture.known import GRID_MINUTES, World

PATIENCE_SECONDS = 20.0
AHEAD_MINUTES = 240
FIRST_FAULT = 500

type Act = tuple[str, str, dict[str, Any]]


class Client:
    """Somebody with a token, who remembers nothing but the history file."""

    def __init__(self, world: World, history: Path, address: tuple[str, int], name: str, seed: int) -> None:
        self.world, self.address, self.name = world, address, name
        self.path = history
        self.history = History(history)
        self.random = random.Random(seed)
        kind, number = name.split("-")
        self.is_lab = kind == "lab"
        self.token = (world.lab if self.is_lab else world.buyers)[int(number)]
        self.count = sum(1 for _ in history.read_text().splitlines()) if history.exists() else 0

    def resolve(self) -> None:
        """Ask again, by its key, for each outcome that is unknown."""
        for asked in unanswered(self.path):
            self.send(asked, again=True)

    def live(self, until: float) -> None:
        """Do random acts until an instant; an act that finds nothing to act on is skipped."""
        while time.time() < until:
            act = self.choose()
            if act is None:
                time.sleep(0.05)
                continue
            self.count += 1
            asked = Asked(f"{self.name}-{self.count}", *act, at=time.time())
            self.history.write(asked)
            self.send(asked)

    def send(self, asked: Asked, *, again: bool = False) -> None:
        """Send a request until it is answered by other than a fault; what is never answered stays unknown."""
        deadline = time.time() + PATIENCE_SECONDS
        while time.time() < deadline:
            with suppress(OSError, HTTPException):
                status, body, is_replay = self.ask("POST", asked.path, asked.body, asked.key)
                if status < FIRST_FAULT:
                    self.history.write(Heard(asked.key, status, body, time.time(), again, is_replay))
                    return
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

    # --- What it may do ----------------------------------------------------------------------------------------------

    def choose(self) -> Act | None:
        """Return a random act: a new hold, or something about a rental that is there."""
        if self.is_lab:
            return self._of_the_lab()
        if self.random.random() < 0.55:
            return self._hold()
        rental = self._one_of("rentals/", "held", "awaiting_payment", "confirmed", "pending_approval")
        if rental is None:
            return self._hold()
        path = f"rentals/{rental['number']}/"
        acts = {
            "held": [("confirm", 5), ("submit", 4), ("cancel", 1)],
            "awaiting_payment": [("confirm", 4), ("cancel", 1)],
            "pending_approval": [("cancel", 1)],
            "confirmed": [("cancel", 2), ("reschedule", 3)],
        }[rental["status"]]
        act = self.random.choices([one for one, _ in acts], [weight for _, weight in acts])[0]
        body = self._moved(rental) if act == "reschedule" else {}
        return act, f"{path}{act}/", body

    def _of_the_lab(self) -> Act | None:
        rental = self._one_of("desk/rentals/", "pending_approval", "confirmed", "checked_in", "interrupted")
        if rental is None:
            return None
        path = f"desk/rentals/{rental['number']}/"
        match rental["status"]:
            case "pending_approval":
                act = self.random.choice(["approve", "approve", "approve", "reject"])
            case "checked_in":
                act = self.random.choice(["check-out", "check-out", "interrupt"])
            case "interrupted":
                act = "resume"
            case _:
                act = self.random.choice(["cancel", "check-in", "check-in", "check-in"])
        return f"lab-{act}", f"{path}{act}/", BODIES.get(act, dict)()

    def _hold(self) -> Act:
        code = self.random.choice(list(self.world.instruments))
        begins = self._start()
        body = {
            "instrument": code,
            "start": begins.isoformat(),
            "end": (begins + timedelta(minutes=GRID_MINUTES * self.random.randint(1, 6))).isoformat(),
            "mode": self.random.choice(["self", "assisted"]),
            "units": self.random.randint(1, self.world.instruments[code]),
        }
        return "hold", "rentals/", body

    def _moved(self, rental: dict[str, Any]) -> dict[str, Any]:
        length = datetime.fromisoformat(rental["end"]) - datetime.fromisoformat(rental["start"])
        begins = self._start()
        return {"start": begins.isoformat(), "end": (begins + length).isoformat()}

    def _start(self) -> datetime:
        """A start on the grid in the next hours, the nearer the likelier: there the crowd is."""
        ahead = int(self.random.betavariate(1, 3) * AHEAD_MINUTES) // GRID_MINUTES * GRID_MINUTES + GRID_MINUTES
        ahead += self.random.choice([0, 0, 0, 2 * 24 * 60])  # some so far ahead that they may still be moved
        now = datetime.now(UTC).replace(second=0, microsecond=0)
        return now - timedelta(minutes=now.minute % GRID_MINUTES) + timedelta(minutes=ahead)

    def _one_of(self, path: str, *states: str) -> dict[str, Any] | None:
        with suppress(OSError, HTTPException, ValueError):
            state = self.random.choice(states)
            status, body, _ = self.ask("GET", f"{path}?status={state}", None)
            if status < 300 and body["results"]:
                found: dict[str, Any] = self.random.choice(body["results"])
                return found
        return None


def usage() -> dict[str, Any]:
    """Return a complete usage record."""
    return {"condition": "good", "samples": 3}


BODIES: dict[str, Any] = {
    "reject": lambda: {"reason": "torture"},
    "cancel": lambda: {"reason": "torture"},
    "interrupt": lambda: {"fault": "torture"},
    "check-out": usage,
}


def main() -> None:
    """Live as the command line says."""
    world, history, host, port, name, until, seed = sys.argv[1:]
    client = Client(World.read(Path(world)), Path(history), (host, int(port)), name, int(seed))
    client.resolve()
    client.live(float(until))


if __name__ == "__main__":
    main()
