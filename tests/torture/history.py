"""
What a client asked and what it heard, line by line on disk: what a client that was killed still knows.

A line is written before a request is sent and another when its answer has come. A request without an answer is
*unknown*, never failed: its outcome is learnt by sending it again with its key.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it was sent: its key is its name; instants are seconds since 1970."""

    key: str
    act: str
    path: str
    body: dict[str, Any]
    at: float
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class Heard:
    """The answer to a request; `was_unknown` when it was learnt by asking again, `is_replay` when it was kept."""

    key: str
    status: int
    body: Any
    at: float
    was_unknown: bool
    is_replay: bool


@dataclass(frozen=True, slots=True)
class Failed:
    """A fault that a request was answered with; it is sent again."""

    key: str
    status: int
    at: float


type Line = Asked | Heard | Failed
KINDS: dict[str, type[Line]] = {kind.__name__: kind for kind in (Asked, Heard, Failed)}


class History:
    """One client's history, in one file that only it appends to."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.file = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY)

    def write(self, line: Line) -> None:
        """Append a line in one write: it is there whole, or not at all."""
        told = {name: getattr(line, name) for name in line.__dataclass_fields__}
        os.write(self.file, (json.dumps({type(line).__name__: told}) + "\n").encode())


def read(path: Path) -> Iterator[Line]:
    """Yield what a client wrote down, in order; a last line that was cut off is left out."""
    if not path.exists():
        return
    for line in path.read_text().splitlines():
        try:
            ((name, told),) = json.loads(line).items()
        except ValueError:
            continue
        yield KINDS[name](**told)


def unanswered(path: Path) -> list[Asked]:
    """Return the requests that no answer is known of, in order."""
    waiting: dict[str, Asked] = {}
    for line in read(path):
        if isinstance(line, Asked):
            waiting[line.key] = line
        elif isinstance(line, Heard):
            waiting.pop(line.key, None)
    return list(waiting.values())
