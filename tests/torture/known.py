"""What the clients know of the world that is tortured."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

GRID_MINUTES = 5
AFTER_MINUTES = 5
"""The buffer after each use."""


@dataclass(frozen=True, slots=True)
class World:
    """What the clients know of the world: instruments by code and capacity, the lab's zone, a token for each client."""

    instruments: dict[str, int]
    timezone: str
    buyers: list[str]
    lab: list[str]

    def write(self, path: Path) -> None:
        """Keep it for the clients."""
        path.write_text(json.dumps(asdict(self)))

    @classmethod
    def read(cls, path: Path) -> "World":
        """Return the world that was kept."""
        return cls(**json.loads(path.read_text()))
