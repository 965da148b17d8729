"""What happens to people."""

from dataclasses import dataclass

from kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileEdited(Event):
    user_id: int
    changed: tuple[str, ...]
