"""What clients choose to do: buyers book, wish, answer and use; the lab approves, lets in, breaks, mends and closes."""

import random
from abc import abstractmethod
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from typing import Any
from zoneinfo import ZoneInfo

from tests.torture.known import GRID_MINUTES, World

AHEAD_MINUTES = 240
CHECK_IN_BEFORE = timedelta(minutes=15)
TAKEN = 409
OFFERED_BEFORE = timedelta(minutes=60)
"""A freed time is offered to whoever waits until this long before it begins."""

type Act = tuple[str, str, dict[str, Any]]
"""What it is called, the path below /api/v1/, and what is sent there; one named `lift` deletes."""
type Ask = Callable[[str], Any]
"""Reads a path below /api/v1/; None where that did not succeed."""

OF_BUYERS = {
    "confirm": 6,
    "submit": 5,
    "cancel": 1,
    "reschedule": 3,
    "extend": 3,
    "resume": 1,
    "rebook": 1,
    "abandon": 2,
    "declare_unusable": 1,
    "settle": 1,
}
OF_LABS = {
    "approve": 6,
    "reject": 1,
    "cancel_by_lab": 1,
    "reschedule_by_lab": 2,
    "check_in": 12,
    "check_out": 8,
    "extend": 3,
    "interrupt": 2,
    "resume": 4,
    "object_to_unusable": 3,
}
"""How likely each event is, where the answer says that it may be brought about (`may`)."""


class Chooser:
    """Chooses acts at random, by what the platform says there is."""

    def __init__(self, world: World, ask: Ask, dice: random.Random) -> None:
        self.world, self.ask, self.random = world, ask, dice
        self.missed: list[dict[str, Any]] = []

    def hear(self, act: str, body: dict[str, Any], status: int) -> None:
        """Remember which times somebody else had."""
        if act == "hold" and status == TAKEN:
            self.missed.append(body)

    @abstractmethod
    def choose(self) -> Act | None:
        """Return a random act, or None where there is nothing to act on."""

    # --- What is there, and when -------------------------------------------------------------------------------------

    def read(self, path: str) -> Any:
        """Return what a path answers, or None where it does not."""
        with suppress(OSError, HTTPException, ValueError):
            return self.ask(path)
        return None

    def one_of(self, path: str) -> dict[str, Any] | None:
        """Return one of the newest that a list tells, or None where it is empty."""
        found = (self.read(path) or {}).get("results")
        chosen: dict[str, Any] | None = self.random.choice(found) if found else None
        return chosen

    def instrument(self) -> str:
        """The code of an instrument."""
        return self.random.choice(list(self.world.instruments))

    def start(self, *, near: float = 0.35) -> datetime:
        """A start on the grid in the next hours, the nearer the likelier: there the crowd is."""
        steps = int(self.random.betavariate(1, 3) * AHEAD_MINUTES) // GRID_MINUTES + 1
        ahead = GRID_MINUTES * (1 if self.random.random() < near else steps)
        ahead += self.random.choice([0, 0, 0, 2 * 24 * 60]) if ahead > GRID_MINUTES else 0  # some may still be moved
        now = datetime.now(UTC).replace(second=0, microsecond=0)
        return now - timedelta(minutes=now.minute % GRID_MINUTES) + timedelta(minutes=ahead)

    def minutes(self) -> int:
        """A length on the grid."""
        return GRID_MINUTES * self.random.randint(1, 6)

    def span(self) -> dict[str, str]:
        """A time to come."""
        return _span(self.start(), timedelta(minutes=self.minutes()))

    def event(self, path: str, weights: dict[str, int], told: dict[str, Any]) -> Act | None:
        """Return one of the events that may happen to a rental."""
        may = [event for event in told["may"] if event in weights]
        if not may:
            return None
        event = self.random.choices(may, [weights[one] for one in may])[0]
        act = event.removesuffix("_by_lab").removesuffix("_to_unusable").replace("_", "-")
        return act, f"{path}{told['number']}/{act}/", self.body(event, told)

    def body(self, event: str, told: dict[str, Any]) -> dict[str, Any]:
        """Return what is sent with an event."""
        length = datetime.fromisoformat(told["end"]) - datetime.fromisoformat(told["start"])
        match event:
            case "reject" | "cancel_by_lab" | "object_to_unusable":
                return {"reason": "torture"}
            case "reschedule":
                return _span(self.start(near=0.1), length)
            case "reschedule_by_lab":
                consent = self.random.random() < 0.5
                return {**_span(self.start(near=0.1), length), "reason": "torture", "consent": consent}
            case "extend":
                more = timedelta(minutes=self.random.choice([1, 1, 2]) * GRID_MINUTES)
                return {"until": (datetime.fromisoformat(told["end"]) + more).isoformat()}
            case "interrupt":
                return {"fault": "torture"}
            case "check_out":
                return {"condition": "good", "samples": 3}
            case "abandon":
                return {"unusable": self.random.random() < 0.5}
            case "rebook":
                return {"instrument": told["instrument"], **_span(self.start(), timedelta(minutes=GRID_MINUTES))}
        return {}


def _span(start: datetime, length: timedelta) -> dict[str, str]:
    return {"start": start.isoformat(), "end": (start + length).isoformat()}


class Buyer(Chooser):
    """Holds times, waits for others, books series, and does what may be done with them."""

    def choose(self) -> Act | None:
        kinds = [self._hold, self._rental, self._wish, self._waiting, self._series, self._of_series]
        return self.random.choices(kinds, [30, 42, 8, 10, 5, 5])[0]() or self._hold()

    def _hold(self) -> Act:
        code = self.instrument()
        return "hold", "rentals/", {
            "instrument": code,
            **self.span(),
            "mode": self.random.choice(["self", "assisted"]),
            "units": self.random.randint(1, self.world.instruments[code]),
        }  # fmt: skip

    def _rental(self) -> Act | None:
        status = self.random.choices(list(STATES), list(STATES.values()))[0]
        found = self.one_of(f"rentals/?status={status}")
        told = self.read(f"rentals/{found['number']}/") if found else None
        if told is None:
            return None
        if told["move_offer"]:
            act = self.random.choice(["accept-move", "decline-move"])
            return act, f"rentals/{told['number']}/{act}/", {}
        return self.event("rentals/", OF_BUYERS, told)

    def _wish(self) -> Act | None:
        soon = (datetime.now(UTC) + OFFERED_BEFORE).isoformat()
        late_enough = [one for one in self.missed if one["start"] > soon]
        if not late_enough:
            return None
        missed = self.random.choice(late_enough)
        window = {"since": missed["start"], "until": missed["end"], "minutes": GRID_MINUTES}
        return "wish", "waitlist/", {**window, "instrument": missed["instrument"], "units": missed["units"]}

    def _waiting(self) -> Act | None:
        found = (self.read("waitlist/") or {}).get("results") or []
        offers = [one["id"] for entry in found for one in entry["offers"] if one["outcome"] == "open"]
        if offers:
            act = self.random.choice(["take", "take", "decline"])
            return act, f"waitlist/offers/{self.random.choice(offers)}/{act}/", {}
        open_ones = [entry["id"] for entry in found if entry["state"] in ("waiting", "offered")]
        if open_ones and self.random.random() < 0.2:
            return "withdraw", f"waitlist/{self.random.choice(open_ones)}/withdraw/", {}
        return None

    def _series(self) -> Act:
        here = self.start().astimezone(ZoneInfo(self.world.timezone))
        return "series", "series/", {
            "instrument": self.instrument(),
            "rule": f"FREQ=DAILY;COUNT={self.random.randint(2, 5)}",
            "first_on": (here.date() + timedelta(days=self.random.randint(0, 2))).isoformat(),
            "starts_at": f"{here:%H:%M}",
            "minutes": self.minutes(),
            "mode": self.random.choice(["self", "assisted"]),
            "policy": self.random.choice(["skip_conflicts", "all_or_nothing"]),
            "then": self.random.choice(["confirm", "confirm", "hold"]),
        }  # fmt: skip

    def _of_series(self) -> Act | None:
        found = self.one_of("series/")
        told = self.read(f"series/{found['uuid']}/") if found else None
        if told is None:
            return None
        dates = [date for date in told["dates"] if date["status"] in ("held", "confirmed", "awaiting_payment")]
        path = f"series/{told['uuid']}/"
        if any(date["status"] != "confirmed" for date in dates) and self.random.random() < 0.6:
            return "series-confirm", f"{path}confirm/", {}
        if not dates:
            return None
        which = self.random.choice(["this", "this", "following", "all"])
        chosen = {"which": which} if which == "all" else {"which": which, "on": self.random.choice(dates)["on"]}
        if self.random.random() < 0.3:
            at = f"{self.start().astimezone(ZoneInfo(self.world.timezone)):%H:%M}"
            return "series-move", f"{path}move/", {**chosen, "starts_at": at}
        return "series-cancel", f"{path}cancel/", chosen


STATES = {"held": 5, "awaiting_payment": 1, "confirmed": 2, "checked_in": 3, "interrupted": 2, "checked_out": 1}
"""How likely a buyer looks for rentals in each state."""
DESK_STATES = {"pending_approval": 2, "confirmed": 5, "checked_in": 3, "interrupted": 3, "checked_out": 1}


class Lab(Chooser):
    """Does what a lab's managers do: with rentals, with series that wait for them, and with outages."""

    def choose(self) -> Act | None:
        act = self.random.choices([self._rental, self._series, self._outage, self._lift], [84, 6, 4, 6])[0]()
        return None if act is None else (f"lab-{act[0]}", *act[1:])

    def _rental(self) -> Act | None:
        status = self.random.choices(list(DESK_STATES), list(DESK_STATES.values()))[0]
        found = (self.read(f"desk/rentals/?status={status}") or {}).get("results") or []
        soon = datetime.now(UTC) + CHECK_IN_BEFORE
        here = [one for one in found if datetime.fromisoformat(one["start"]) <= soon]
        if status == "confirmed" and here and self.random.random() < 0.8:
            found = here  # they stand at the desk
        told = self.read(f"desk/rentals/{self.random.choice(found)['number']}/") if found else None
        return self.event("desk/rentals/", OF_LABS, told) if told else None

    def _series(self) -> Act | None:
        found = self.one_of("desk/series/")
        if found is None:
            return None
        act = self.random.choice(["approve", "approve", "reject", "cancel"])
        body = {"approve": {}, "reject": {"reason": "torture"}, "cancel": {"reason": "torture", "which": "all"}}[act]
        return f"series-{act}", f"desk/series/{found['uuid']}/{act}/", body

    def _outage(self) -> Act:
        span = _span(self.start(near=0), timedelta(minutes=GRID_MINUTES * self.random.randint(1, 4)))
        return "outage", "desk/outages/", {"instrument": self.instrument(), "kind": "maintenance", **span}

    def _lift(self) -> Act | None:
        found = self.one_of("desk/outages/")
        return ("lift", f"desk/outages/{found['id']}/", {}) if found else None
